"""A recorder that is missing, not ready, broken or slow."""

from collections.abc import Callable
from datetime import timedelta
import logging
import threading
import time
from typing import Any

from homeassistant.components.recorder import Recorder, history, statistics
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy.exc import OperationalError

from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.recorder import database, seen, traffic
from custom_components.aliyun_iot.recorder.seen import Seen, async_seen
from custom_components.aliyun_iot.recorder.traffic import Traffic, async_traffic

from . import DAY, HOUR, WATT, extremes, keep_statistics, write

ALL = Pace()


async def test_without_a_recorder_nothing_is_known(hass: HomeAssistant) -> None:
    assert await async_seen(hass, ["sensor.t"]) == {}
    assert await async_traffic(hass, ["sensor.t"], ALL) is None


@pytest.mark.parametrize("hinder", ["migrating", "starting"])
async def test_a_recorder_that_is_not_ready_is_not_asked(
    recorder_mock: Recorder, hass: HomeAssistant, hinder: str
) -> None:
    write(hass, "sensor.t", [("1", time.time() - 2 * HOUR)])
    await async_wait_recording_done(hass)
    if hinder == "migrating":
        recorder_mock.migration_in_progress = True
    else:
        recorder_mock.async_recorder_ready.clear()
    assert await async_seen(hass, ["sensor.t"]) == {}
    assert await async_traffic(hass, ["sensor.t"], ALL) is None
    recorder_mock.migration_in_progress = False
    recorder_mock.async_recorder_ready.set()
    assert set(await async_seen(hass, ["sensor.t"])) == {"sensor.t"}
    assert await async_traffic(hass, ["sensor.t"], ALL) == Traffic(values=0, messages=0)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT", {}, Exception("disk I/O error")),
        RuntimeError("cannot schedule new futures after shutdown"),
    ],
)
@pytest.mark.parametrize("broken", [(history, "get_significant_states"), (statistics, "statistics_during_period")])
async def test_a_database_that_fails_is_named_without_a_traceback(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    broken: tuple[Any, str],
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    write(hass, "sensor.t", [("1", time.time() - 2 * HOUR)], WATT)
    keep_statistics(hass, "sensor.t", [(timedelta(days=3), extremes(1, 2))])
    await async_wait_recording_done(hass)
    monkeypatch.setattr(*broken, fail)
    assert await async_seen(hass, ["sensor.t"]) == {}
    is_about_states = broken[0] is history
    assert (await async_traffic(hass, ["sensor.t"], ALL) is None) is is_about_states
    said = [record for record in caplog.records if record.name == database.__name__]
    assert [record.levelno for record in said] == [logging.WARNING] * (1 + is_about_states)
    assert not any(record.exc_info for record in said)
    assert type(error).__name__ in said[0].message


def slow(real: Callable[..., Any], after: int, free: threading.Event) -> Callable[..., Any]:
    """Let a few queries pass and keep the others waiting."""
    asked = []

    def answer(*arguments: Any, **named: Any) -> Any:
        asked.append(arguments)
        if len(asked) > after:
            free.wait(10)
        return real(*arguments, **named)

    return answer


async def test_what_takes_too_long_leaves_what_was_found_up_to_then(
    recorder_mock: Recorder, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    states = [("1", now - 2 * DAY), ("2", now - 3 * HOUR), ("3", now - 100), ("4", now - 50)]
    write(hass, "sensor.t", states, WATT)
    keep_statistics(hass, "sensor.t", [(timedelta(days=3), extremes(-1, 2)), (timedelta(days=60), extremes(-9, 9))])
    await async_wait_recording_done(hass)
    for module in (seen, traffic):
        monkeypatch.setattr(module, "PATIENCE", 1.0)
    free = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(history, "get_significant_states", slow(history.get_significant_states, 2, free))
        during = statistics.statistics_during_period
        patch.setattr(statistics, "statistics_during_period", slow(during, 1, free))
        begun = time.monotonic()
        assert await async_seen(hass, ["sensor.t"]) == {"sensor.t": Seen(low=-1.0, high=4.0, decimals=0)}
        assert time.monotonic() - begun < 3
        free.set()
    free = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(history, "get_significant_states", slow(history.get_significant_states, 1, free))
        # Only the last hour was read, and it has two values.
        assert await async_traffic(hass, ["sensor.t"], ALL) == Traffic(values=48, messages=48)
        free.set()
    free = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(history, "get_significant_states", slow(history.get_significant_states, 0, free))
        assert await async_traffic(hass, ["sensor.t"], ALL) is None
        free.set()
