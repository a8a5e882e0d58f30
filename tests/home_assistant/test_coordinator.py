"""Coordinator: the entities write a state once a minute, and rejections one line of the log."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.aliyun_iot import _wire, coordinator, gathered_log
from custom_components.aliyun_iot.access.credentials import async_make_trust
from custom_components.aliyun_iot.alink import Connection, Refusal, Rejection, Status
from custom_components.aliyun_iot.control.permission import async_permission
from custom_components.aliyun_iot.coordinator import AliyunIotCoordinator
from custom_components.aliyun_iot.delivery.mark import Mark, MarkFile
from custom_components.aliyun_iot.thing_model.store import async_model


async def _watched(hass: HomeAssistant) -> AliyunIotCoordinator:
    """Make the coordinator of an entry that is not set up; the test is its device."""
    data = {"product_key": "a1B2c3D4e5F", "device_name": "ha-gateway-01", "region": "cn-shanghai"}
    data |= {"device_secret": "0123456789abcdef0123456789abcdef"}
    entry = MockConfigEntry(domain="aliyun_iot", data=data)
    entry.add_to_hass(hass)
    wire = partial(
        _wire,
        file=MarkFile(hass, entry.entry_id),
        mark=Mark(until=0),
        model=await async_model(hass, entry.entry_id),
        permission=await async_permission(hass),
        trust=await async_make_trust(hass),
    )
    return AliyunIotCoordinator(hass, entry, wire)


async def test_counters_are_told_at_once_and_then_once_a_minute(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "QUIET", 60.0)
    watched = await _watched(hass)
    told: list[tuple[Connection, int]] = []
    stop = watched.async_add_listener(lambda: told.append((watched.data.connection, watched.data.confirmed)))
    for confirmed in (0, 1, 2, 3):
        watched.async_set_status(Status(connection=Connection.CONNECTED, confirmed=confirmed))
    assert told == [(Connection.CONNECTED, 0), (Connection.CONNECTED, 1)]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    assert told[2:] == [(Connection.CONNECTED, 3)]
    watched.async_set_status(Status(connection=Connection.CONNECTED, confirmed=4))
    watched.async_set_status(Status(connection=Connection.WAITING, confirmed=4))
    assert told[3:] == [(Connection.WAITING, 4)]
    stop()
    await hass.async_block_till_done()


def _rejected(code: int, text: str, *names: str) -> Mapping[str, Rejection]:
    return {name: Rejection(count=1, latest=Refusal(code=code, text=text)) for name in names}


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelname == "WARNING"]


@pytest.fixture
def pass_seconds(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let rejections wait for each other, and return the way to end that."""
    monkeypatch.setattr(gathered_log, "TOGETHER", 10.0)
    return lambda: async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=11))


async def test_a_missing_model_is_one_line_of_the_log(
    hass: HomeAssistant, pass_seconds: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    watched = await _watched(hass)
    names = [f"property_{index:03}" for index in range(125)]
    for count in (50, 100, 125):  # as the platform answers one message after the other
        watched.async_set_status(Status(rejections=_rejected(5092, "property not found", *names[:count])))
    assert _warnings(caplog) == []
    pass_seconds()
    named = "; ".join(f"{name}: property not found (5092)" for name in names[:5])
    assert _warnings(caplog) == [f"The platform does not take 125 properties: {named}; and 120 more"]
    pass_seconds()
    assert len(_warnings(caplog)) == 1


async def test_a_rejection_is_logged_once_for_each_reason_however_often_it_comes(
    hass: HomeAssistant, pass_seconds: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    watched = await _watched(hass)
    lines: list[str] = []
    for reason in ("value 101 is too large", "value 102 is too large"):
        watched.async_set_status(Status(rejections=_rejected(6306, reason, "a")))
        pass_seconds()
    lines.append("The platform does not take property a: value 101 is too large (6306)")
    assert _warnings(caplog) == lines
    watched.async_set_status(Status(rejections=_rejected(6288, "not an int", "a")))
    pass_seconds()
    lines.append("The platform does not take property a: not an int (6288)")
    assert _warnings(caplog) == lines
    rejection = watched.data.rejections["a"]
    watched.async_set_status(Status(rejections={"a": replace(rejection, is_over=True)}))
    watched.async_set_status(Status(rejections={"a": rejection, **_rejected(5092, "not found", "b")}))
    pass_seconds()
    lines.append("The platform does not take property b: not found (5092)")
    assert _warnings(caplog) == lines


async def test_a_rejection_is_logged_when_the_entry_is_unloaded_before_its_time(
    hass: HomeAssistant, pass_seconds: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    watched = await _watched(hass)
    watched.async_set_status(Status(rejections=_rejected(5092, "not found", "a")))
    watched._async_end()
    assert _warnings(caplog) == ["The platform does not take property a: not found (5092)"]
    pass_seconds()
    assert len(_warnings(caplog)) == 1
