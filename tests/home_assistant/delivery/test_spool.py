"""Spool: values that only the recorder has, after a restart, an outage longer than the queue, or a crash."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
import json
from pathlib import Path
import threading
import time
from typing import Any

from homeassistant.components.recorder import Recorder, history
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy.exc import OperationalError

from custom_components.aliyun_iot.alink.transport import platform_clock, supervision
from custom_components.aliyun_iot.delivery import spool
from tests.emulator import Device, Emulator, ReplyFault
from tests.emulator.device import Kind

from .. import CONNECTION, VALUES_CONFIRMED, VALUES_LOST, Home

UNIT = {"unit_of_measurement": "W"}


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    return {"exclude": {"entities": ["sensor.secret"]}, "commit_interval": 1}


@pytest.fixture(autouse=True)
def _quick_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.5)


def stored(device: Device, identifier: str, kind: Kind | None = None) -> list[tuple[Any, int]]:
    return [(s.value, s.time) for s in device.history_of(identifier) if kind is None or s.kind is kind]


def has(device: Device, pair: tuple[float, int]) -> bool:
    return pair in stored(device, "t")


def change(
    home: Home, values: Sequence[float], *, start: float, step: float = 0.01, entity_id: str = "sensor.t"
) -> list[tuple[float, int]]:
    """Set a sensor to one value after the other, and return the values that the platform should have."""
    expected = []
    for number, value in enumerate(values):
        moment = start + number * step
        home.hass.states.async_set(entity_id, str(value), UNIT, timestamp=moment)
        expected.append((float(value), int(moment * 1000)))
    return expected


async def test_what_was_recorded_while_nobody_listened_arrives_once_in_its_order(kept: Home, device: Device) -> None:
    start = time.time()
    first = change(kept, [1], start=start)
    entry = await kept.add_entry(["sensor.t"])
    await kept.until_state(VALUES_CONFIRMED, "1")
    await kept.hass.config_entries.async_unload(entry.entry_id)
    meanwhile = change(kept, [2, 3, 2, 2, 5], start=time.time())
    await kept.hass.config_entries.async_setup(entry.entry_id)
    expected = sorted({*first, *meanwhile} - {meanwhile[3]}, key=lambda pair: pair[1])
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t"), key=lambda pair: pair[1]) == expected)
    assert stored(device, "t", Kind.HISTORY) == meanwhile[:3]


async def test_a_value_that_did_not_change_over_a_restart_is_not_history(kept: Home, device: Device) -> None:
    change(kept, [7], start=time.time())
    change(kept, [1], start=time.time(), entity_id="sensor.u")
    entry = await kept.add_entry(["sensor.t", "sensor.u"])
    await kept.until_state(VALUES_CONFIRMED, "2")
    await kept.hass.config_entries.async_unload(entry.entry_id)
    kept.hass.states.async_set("sensor.t", "unavailable", UNIT)
    change(kept, [7, 7], start=time.time() + 0.01)
    kept.hass.states.async_set("sensor.t", "7", {**UNIT, "icon": "mdi:flash"}, timestamp=time.time() + 0.1)
    others = change(kept, [2, 3], start=time.time() + 0.01, entity_id="sensor.u")
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await kept.emulator.wait_for(lambda: others[0] in stored(device, "u", Kind.HISTORY))
    assert stored(device, "t", Kind.HISTORY) == []


async def test_an_outage_longer_than_the_queue_loses_nothing(kept: Home, emulator: Emulator, device: Device) -> None:
    kept.hass.states.async_set("sensor.idle", "1", UNIT)
    many = {f"sensor.n{number}": f"n{number}" for number in range(100)}
    await kept.add_entry([*many, "sensor.idle"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    start = time.time()
    expected = {
        identifier: change(kept, range(120), start=start + number * 0.0001, entity_id=entity_id)
        for number, (entity_id, identifier) in enumerate(many.items())
    }
    await emulator.wait_for(lambda: len(device.history) >= 12_001, timeout=60)
    await kept.until_state(VALUES_CONFIRMED, "12001")
    for identifier, pairs in expected.items():
        past = stored(device, identifier, Kind.HISTORY)
        assert [*past, *stored(device, identifier, Kind.PROPERTY)] == pairs
    assert len(stored(device, "idle")) == 1
    assert state_of(kept.hass, VALUES_LOST) == "0"


async def test_what_the_recorder_leaves_out_is_lost_when_memory_is_full_and_counted(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    many = {f"sensor.n{number}": f"n{number}" for number in range(100)}
    await kept.add_entry([*many, "sensor.secret"], delivery={"rate": 10})
    await kept.until_state(CONNECTION, "on")
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    start = time.time()
    secret = change(kept, range(10), start=start, entity_id="sensor.secret")
    for number, entity_id in enumerate(many):
        change(kept, range(101), start=start + number * 0.0001, entity_id=entity_id)
    await emulator.wait_for(lambda: len(device.history) >= 10_101, timeout=60)
    await kept.until_state(VALUES_LOST, "9")
    assert stored(device, "secret") == secret[-1:]


async def test_what_was_purged_before_it_could_be_sent_is_lost_and_counted(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    many = {f"sensor.n{number}": f"n{number}" for number in range(100)}
    emulator.faults.set(refuse_tcp=True)
    await kept.add_entry(many, delivery={"rate": 10})
    start = time.time()
    for number, entity_id in enumerate(many):
        change(kept, range(101), start=start + number * 0.0001, entity_id=entity_id)
    await async_wait_recording_done(kept.hass)
    await kept.hass.services.async_call(
        "recorder", "purge_entities", {"entity_id": ["sensor.n0"], "keep_days": 0}, blocking=True
    )
    await async_wait_recording_done(kept.hass)
    emulator.faults.clear()
    await kept.until_state(VALUES_LOST, "100")
    assert [value for value, _ in stored(device, "n0")] == [100.0]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"until": "soon"}', '{"until": 1e400}', "\udce4"])
async def test_a_broken_mark_sends_the_last_day_again(
    kept: Home, device: Device, hass_config_dir: str, content: str
) -> None:
    expected = change(kept, [1, 2, 3], start=time.time() - 3600)
    await async_wait_recording_done(kept.hass)
    entry = kept.entry(["sensor.t"], home=await kept.instance_id())
    mark_file(hass_config_dir, entry.entry_id).write_text(content, "utf-8", "surrogateescape")
    await kept.set_up(entry)
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == expected)
    assert stored(device, "t", Kind.HISTORY) == expected[:2]


async def test_a_mark_from_a_clock_that_was_ahead_loses_nothing(
    kept: Home, device: Device, hass_config_dir: str
) -> None:
    ahead = time.time() + 3600
    before = change(kept, [1, 2], start=ahead + 1)
    after = change(kept, [3, 4], start=time.time() - 30)
    await async_wait_recording_done(kept.hass)
    entry = kept.entry(["sensor.t"], home=await kept.instance_id())
    mark_file(hass_config_dir, entry.entry_id).write_text(json.dumps({"until": int(ahead * 1000)}))
    await kept.set_up(entry)
    await kept.emulator.wait_for(lambda: {*before, *after} <= {*stored(device, "t")})


async def test_after_a_crash_what_the_mark_does_not_cover_comes_again(
    kept: Home, device: Device, hass_config_dir: str
) -> None:
    expected = change(kept, [1, 2, 3, 4], start=time.time() - 100, step=10)
    await async_wait_recording_done(kept.hass)
    entry = kept.entry(["sensor.t"], home=await kept.instance_id())
    mark_file(hass_config_dir, entry.entry_id).write_text(json.dumps({"until": expected[1][1], "lost": 3}))
    await kept.set_up(entry)
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == expected[1:])
    assert state_of(kept.hass, VALUES_LOST) == "3"


async def test_a_stop_of_home_assistant_sends_what_waits_and_keeps_the_mark(
    kept: Home, device: Device, hass_config_dir: str
) -> None:
    change(kept, [1], start=time.time())
    entry = await kept.add_entry(["sensor.t"])
    await kept.until_state(VALUES_CONFIRMED, "1")
    expected = change(kept, [2, 3], start=time.time() - 1)
    await kept.hass.async_stop()
    assert stored(device, "t")[1:] == expected
    assert not device.online
    kept_mark = json.loads(mark_file(hass_config_dir, entry.entry_id).read_text())
    assert kept_mark["until"] > expected[-1][1]


async def test_a_deleted_entry_leaves_no_mark(kept: Home, hass_config_dir: str) -> None:
    entry = await kept.add_entry(["sensor.t"])
    assert mark_file(hass_config_dir, entry.entry_id).exists()
    await kept.hass.config_entries.async_remove(entry.entry_id)
    assert not mark_file(hass_config_dir, entry.entry_id).exists()


async def test_only_the_last_value_of_each_interval_is_sent_now_and_from_the_recorder(
    kept: Home, device: Device
) -> None:
    second = float(int(time.time()))
    meanwhile = change(kept, [1, 2, 3, 4, 5, 6], start=second - 600, step=5)
    await async_wait_recording_done(kept.hass)
    entry = kept.entry(
        ["sensor.t"],
        delivery={"mode": "latest", "interval": 10, "rate": 10},
        home=await kept.instance_id(),
        history_days=1,
    )
    await kept.set_up(entry)
    last = {time // 10_000: (value, time) for value, time in meanwhile}
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == sorted(last.values()))


async def test_a_recorder_that_is_far_behind_is_waited_for(recorder_mock: Recorder, kept: Home, device: Device) -> None:
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(CONNECTION, "on")
    await kept.hass.config_entries.async_unload(entry.entry_id)
    async with database_locked(recorder_mock):
        expected = change(kept, range(50), start=time.time() - 300)
        kept.hass.config_entries.async_update_entry(entry, data={**entry.data, "history_days": 1})
        mark_file(kept.hass.config.config_dir, entry.entry_id).unlink()
        await kept.hass.config_entries.async_setup(entry.entry_id)
        await kept.emulator.wait_for(lambda: stored(device, "t") == expected[-1:])
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == expected)


async def test_what_changes_while_an_entry_stops_arrives_after_the_next_start(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    change(kept, [1], start=time.time())
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    emulator.faults.set(reply=ReplyFault(delay=0.5))
    posted = device.messages["thing/event/property/post"]
    first = change(kept, [2], start=time.time())
    unload = asyncio.ensure_future(kept.hass.config_entries.async_unload(entry.entry_id))
    await emulator.wait_for(lambda: device.messages["thing/event/property/post"] > posted)
    later = change(kept, [3, 4, 5], start=time.time(), step=0.001)
    await unload
    emulator.faults.clear()
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await emulator.wait_for(lambda: {*first, *later} <= {*stored(device, "t")})


async def test_a_reload_during_an_outage_sends_nothing_twice(
    kept: Home, emulator: Emulator, device: Device, hass_config_dir: str
) -> None:
    old = change(kept, [1, 2, 3], start=time.time() - 7200, step=10)
    change(kept, [1], start=time.time() - 7200, entity_id="sensor.u")
    await async_wait_recording_done(kept.hass)
    entry = await kept.add_entry(["sensor.t", "sensor.u"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "2")
    emulator.faults.set(refuse_tcp=True)
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    for _ in range(2):
        await kept.hass.config_entries.async_reload(entry.entry_id)
    assert json.loads(mark_file(hass_config_dir, entry.entry_id).read_text())["until"] > old[-1][1] + 60_000


async def test_an_entity_that_is_removed_while_its_history_waits_keeps_it(
    kept: Home, emulator: Emulator, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    registry = er.async_get(kept.hass)
    gone = registry.async_get_or_create("sensor", "demo", "1", suggested_object_id="gone")
    others = change(kept, [1, 2, 3], start=time.time() - 3000, entity_id="sensor.u")
    its_own = change(kept, [1, 2, 3], start=time.time() - 3000, entity_id="sensor.gone")
    await async_wait_recording_done(kept.hass)
    emulator.faults.set(refuse_tcp=True)
    await kept.add_entry([gone.id, "sensor.u"], history_days=1, delivery={"rate": 10})
    registry.async_remove("sensor.gone")
    await kept.hass.async_block_till_done()
    emulator.faults.clear()
    await emulator.wait_for(lambda: {*others} <= {*stored(device, "u")})
    await emulator.wait_for(lambda: {*its_own} <= {*stored(device, "gone")})
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("persistent_database", [True])
async def test_a_rename_that_the_recorder_has_not_heard_of_yet_loses_nothing(
    kept: Home, device: Device, recorder_mock: Recorder
) -> None:
    registry = er.async_get(kept.hass)
    entity = registry.async_get_or_create("sensor", "demo", "1", suggested_object_id="t")
    expected = change(kept, [1, 2, 3, 4], start=time.time() - 3000, step=10)
    await async_wait_recording_done(kept.hass)
    entry = await kept.add_entry([entity.id], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    async with database_locked(recorder_mock):
        registry.async_update_entity("sensor.t", new_entity_id="sensor.renamed")
        await kept.hass.async_block_till_done()
        call = {"config_entry_id": entry.entry_id, "days": 0.1}
        await kept.hass.services.async_call("aliyun_iot", "send_history", call, blocking=True)
        await kept.until(CONNECTION, lambda state: state.state == "on")
    await kept.emulator.wait_for(lambda: stored(device, "t", Kind.HISTORY) == expected)


async def test_what_the_recorder_leaves_out_arrives_also_while_its_database_fails(
    kept: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("malformed"))

    monkeypatch.setattr(history, "get_significant_states", broken)
    monkeypatch.setattr(spool, "_PAUSE", 0.1)
    monkeypatch.setattr(spool, "_HOLD", 1.0)
    change(kept, [1], start=time.time() - 10, entity_id="sensor.t")
    await kept.add_entry(["sensor.secret", "sensor.t"], delivery={"rate": 10}, history_days=1)
    await kept.until_state(CONNECTION, "on")
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    expected = change(kept, [1, 2, 3], start=time.time(), entity_id="sensor.secret")
    await emulator.wait_for(lambda: {*expected} <= {*stored(device, "secret")})


async def test_values_in_memory_wait_for_older_ones_of_a_database_that_fails_for_a_moment(
    kept: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_PAUSE", 0.1)
    older = change(kept, [1, 2], start=time.time() - 1000, step=10)
    await async_wait_recording_done(kept.hass)
    is_broken, real = asyncio.Event(), history.get_significant_states
    is_broken.set()

    def flaky(*arguments: Any, **named: Any) -> Any:
        if is_broken.is_set():
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        return real(*arguments, **named)

    monkeypatch.setattr(history, "get_significant_states", flaky)
    await kept.add_entry(["sensor.t"], delivery={"rate": 10}, history_days=1)
    await kept.until_state(VALUES_CONFIRMED, "1")
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    younger = change(kept, [3, 4, 5], start=time.time(), step=0.01)
    await emulator.wait_for(lambda: younger[-1] in stored(device, "t"))
    for value in (6, 7):  # where nothing else waited for it, the past would go between these
        (later,) = change(kept, [value], start=time.time())
        await emulator.wait_for(partial(has, device, later))
    is_broken.clear()
    await emulator.wait_for(lambda: stored(device, "t", Kind.HISTORY) == [*older[:1], *younger[:-1]])


async def test_a_date_that_there_is_not_ends_nothing(
    kept: Home, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    clock = {"device_class": "timestamp"}
    kept.hass.states.async_set("sensor.d", "2026-02-30 10:00:00", clock, timestamp=time.time() - 3000)
    kept.hass.states.async_set("sensor.d", "2026-02-20T25:00:00+00:00", clock)
    expected = change(kept, [1, 2, 3], start=time.time() - 3500)
    await async_wait_recording_done(kept.hass)
    await kept.add_entry(["sensor.d", "sensor.t"], delivery={"rate": 10}, history_days=1)
    await kept.emulator.wait_for(lambda: {*expected} <= {*stored(device, "t")})
    assert "Traceback" not in caplog.text


async def test_repetitions_that_memory_has_no_room_for_are_no_loss(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    many = {f"sensor.n{number}": f"n{number}" for number in range(100)}
    for entity_id in many:
        change(kept, [1], start=time.time() - 60, entity_id=entity_id)
    await kept.add_entry(many, delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "100")
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    button = {"entity_id": "button.ha_gateway_01_send_everything_now"}
    await kept.hass.services.async_call("button", "press", button, blocking=True)
    start = time.time() + 0.01
    for number, entity_id in enumerate(many):
        change(kept, range(2, 112), start=start + number * 0.0001, step=0.001, entity_id=entity_id)
    await emulator.wait_for(lambda: len(device.history) >= 11_100, timeout=40)
    assert state_of(kept.hass, VALUES_LOST) == "0"


async def test_an_interval_that_lasts_longer_than_a_page_still_has_one_value(kept: Home, device: Device) -> None:
    meanwhile = change(kept, range(30), start=float(int(time.time()) - 3600), step=60)
    await async_wait_recording_done(kept.hass)
    entry = kept.entry(
        ["sensor.t"],
        delivery={"mode": "latest", "interval": 600, "rate": 10},
        home=await kept.instance_id(),
        history_days=1,
    )
    await kept.set_up(entry)
    last = {time // 600_000: (value, time) for value, time in meanwhile}
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == sorted(last.values()))


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT", {}, Exception("disk I/O error")),
        RuntimeError("cannot schedule new futures after shutdown"),
    ],
)
async def test_a_database_that_cannot_be_read_is_named_once_and_tried_again(
    kept: Home, device: Device, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    monkeypatch.setattr(spool, "_PAUSE", 0.05)
    expected = change(kept, [1, 2], start=time.time() - 100)
    await async_wait_recording_done(kept.hass)
    answers = [error] * 2
    real = history.get_significant_states

    def flaky(*arguments: Any, **named: Any) -> Any:
        if answers:
            raise answers.pop()
        return real(*arguments, **named)

    monkeypatch.setattr(history, "get_significant_states", flaky)
    await kept.set_up(kept.entry(["sensor.t"], home=await kept.instance_id(), history_days=1))
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == expected)
    assert caplog.text.count("trying again") == 1


async def test_a_recorder_that_migrates_is_waited_for(
    recorder_mock: Recorder, kept: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_PAUSE", 0.05)
    expected = change(kept, [1, 2], start=time.time() - 100)
    await async_wait_recording_done(kept.hass)
    recorder_mock.migration_in_progress = True
    await kept.set_up(kept.entry(["sensor.t"], home=await kept.instance_id(), history_days=1))
    await kept.until_state(VALUES_CONFIRMED, "1")
    assert stored(device, "t") == expected[1:]
    recorder_mock.migration_in_progress = False
    await kept.emulator.wait_for(lambda: sorted(stored(device, "t")) == expected)


async def test_without_a_recorder_what_memory_cannot_hold_is_lost_and_counted(
    home: Home, emulator: Emulator, device: Device
) -> None:
    await home.add_entry(["sensor.t"], delivery={"rate": 10})
    await home.until_state(CONNECTION, "on")
    await emulator.cut()
    await home.until_state(CONNECTION, "off")
    expected = change(home, range(10_001), start=time.time(), step=0.001)
    await home.until_state(VALUES_LOST, "5001")
    await emulator.wait_for(lambda: len(device.history) >= 5_000, timeout=30)
    assert sorted(stored(device, "t")) == expected[5_001:]


async def test_a_value_that_does_not_change_is_sent_again_if_that_is_wanted(home: Home, device: Device) -> None:
    change(home, [1], start=time.time())
    await home.add_entry(["sensor.t"], delivery={"rate": 10, "repeat": 0.005})
    await home.emulator.wait_for(lambda: len(stored(device, "t")) >= 3)
    assert {value for value, _ in stored(device, "t")} == {1.0}
    assert len(set(stored(device, "t"))) == len(stored(device, "t"))


async def test_the_past_of_an_entity_that_is_gone_is_read_by_what_its_property_was(kept: Home, device: Device) -> None:
    kept.hass.states.async_set("sensor.t", "0", UNIT)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.emulator.wait_for(lambda: len(stored(device, "t")) == 1)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    expected = change(kept, [1, 2], start=time.time())
    kept.hass.states.async_remove("sensor.t")
    await async_wait_recording_done(kept.hass)
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await kept.emulator.wait_for(lambda: stored(device, "t", Kind.HISTORY) == expected)


class SteppedClock:
    """The clocks of the integration, of which the wall clock can be set."""

    def __init__(self) -> None:
        self._gone = 0.0
        self._step = 0.0

    def set_and_go_on(self, step: float, seconds: float) -> None:
        self._step += step
        self._gone += seconds

    def time(self) -> float:
        return time.time() + self._step + self._gone

    def monotonic(self) -> float:
        return time.monotonic() + self._gone


async def test_of_a_time_that_the_clock_went_through_twice_every_change_is_sent(
    kept: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SteppedClock()
    monkeypatch.setattr(platform_clock, "time", clock)
    twice = time.time() - 3600 + 30

    def record(text: str, after: float, **attributes: str) -> None:
        kept.hass.states.async_set("sensor.t", text, attributes, timestamp=twice + after)

    record("on", 0.0)
    record("off", 0.1)
    record("on", 0.2)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    clock.set_and_go_on(-3600, 60)
    record("off", 0.05)
    record("on", 0.15)
    record("on", 0.25, icon="mdi:flash")
    sent = await history_sent(kept, entry.entry_id, device, 5)
    assert [value for value, _ in sent] == ["on", "off", "off", "on", "on"]
    assert [round((at - sent[0][1]) / 50) for _, at in sent] == [0, 1, 2, 3, 4]


async def test_the_first_value_after_the_clock_was_set_is_sent_also_if_the_row_before_has_the_same(
    kept: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SteppedClock()
    monkeypatch.setattr(platform_clock, "time", clock)

    def record(text: str, moment: float) -> None:
        kept.hass.states.async_set("sensor.t", text, timestamp=moment)

    record("off", time.time() - 3000)
    record("on", time.time() - 30)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    clock.set_and_go_on(3600, 10)
    await kept.hass.services.async_call(
        "button", "press", {"entity_id": "button.ha_gateway_01_send_everything_now"}, blocking=True
    )
    await kept.until_state(VALUES_CONFIRMED, "2")
    record("off", clock.time())
    clock.set_and_go_on(-3600, 60)
    record("on", clock.time())
    sent = await history_sent(kept, entry.entry_id, device, 3)
    assert [value for value, _ in sent] == ["off", "on", "on"]


async def history_sent(home: Home, entry_id: str, device: Device, count: int) -> list[tuple[Any, int]]:
    """Ask for the last hours, and return what has arrived when that is as many values as expected."""
    await async_wait_recording_done(home.hass)
    call = {"config_entry_id": entry_id, "days": 0.1}
    await home.hass.services.async_call("aliyun_iot", "send_history", call, blocking=True)
    await home.emulator.wait_for(lambda: len(stored(device, "t", Kind.HISTORY)) >= count)
    return stored(device, "t", Kind.HISTORY)


@asynccontextmanager
async def database_locked(recorder: Recorder) -> AsyncGenerator[None]:
    """Keep the recorder from writing, as a backup does."""
    free = threading.Event()

    class Busy(RecorderTask):
        def run(self, instance: Recorder) -> None:
            assert instance is recorder
            free.wait(30)

    recorder.queue_task(Busy())
    try:
        yield
    finally:
        free.set()


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


def mark_file(config: str, entry_id: str) -> Path:
    folder = Path(config, ".storage")
    folder.mkdir(exist_ok=True)
    return folder / f"aliyun_iot.delivery_{entry_id}"
