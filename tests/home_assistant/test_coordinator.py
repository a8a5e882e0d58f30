"""Coordinator: the entities write a state once a minute, because every state ends up on the disk."""

from datetime import timedelta
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.aliyun_iot import _wire, coordinator
from custom_components.aliyun_iot.access.credentials import async_make_trust
from custom_components.aliyun_iot.alink.status import Connection, Status
from custom_components.aliyun_iot.coordinator import AliyunIotCoordinator
from custom_components.aliyun_iot.delivery.mark import Mark, MarkFile
from custom_components.aliyun_iot.thing_model.store import async_model


async def test_counters_are_told_at_once_and_then_once_a_minute(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "QUIET", 60.0)
    data = {"product_key": "a1B2c3D4e5F", "device_name": "ha-gateway-01", "region": "cn-shanghai"}
    data |= {"device_secret": "0123456789abcdef0123456789abcdef"}
    entry = MockConfigEntry(domain="aliyun_iot", data=data)
    entry.add_to_hass(hass)
    model, trust = await async_model(hass, entry.entry_id), await async_make_trust(hass)
    wire = partial(_wire, file=MarkFile(hass, entry.entry_id), mark=Mark(until=0), model=model, trust=trust)
    watched = AliyunIotCoordinator(hass, entry, wire)
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
