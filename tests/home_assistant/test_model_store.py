"""The thing model on the disk, also one that somebody has broken."""

import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryState
import pytest

from tests.emulator import Device

from . import VALUES_CONFIRMED, Home

WATT = {"unit_of_measurement": "W"}


def kept(storage: dict[str, Any], entry_id: str, data: Any, *, version: int = 1) -> None:
    """Put something where the model of an entry is kept."""
    key = f"aliyun_iot.thing_model_{entry_id}"
    storage[key] = {"version": version, "minor_version": 1, "key": key, "data": data}


PROPERTY = {
    "identifier": "mine",
    "name": "Mine",
    "data_type": {"type": "double", "specs": {"min": "0", "max": "10", "step": "1"}},
    "module": None,
    "options": {},
    "unit": "W",
    "is_left_out": False,
}


async def test_what_was_kept_is_what_is_sent(home: Home, device: Device, hass_storage: dict[str, Any]) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    kept(
        hass_storage,
        entry.entry_id,
        {"entities": {"sensor.t": {"entity_id": "sensor.t", "properties": {"state": PROPERTY}}}},
    )
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored("mine") == [1.0])
    assert device.properties.keys() == {"mine"}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": {"type": "?"}}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "options": []}}},
        {"entity_id": "sensor.t", "properties": []},
    ],
)
async def test_of_a_model_that_was_broken_by_hand_the_rest_is_read(
    home: Home, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture, broken: Any
) -> None:
    for name in ("t", "u"):
        home.hass.states.async_set(f"sensor.{name}", "1", WATT)
    entry = home.entry(["sensor.t", "sensor.u"], home=await home.instance_id())
    good = {"entity_id": "sensor.u", "properties": {"state": PROPERTY}}
    kept(hass_storage, entry.entry_id, {"entities": {"sensor.t": broken, "sensor.u": good}})
    await home.set_up(entry)
    await home.until_state(VALUES_CONFIRMED, "2")
    assert (home.stored("t"), home.stored("mine")) == ([1.0], [1.0])
    assert "The properties of 1 entities cannot be read from the disk" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_model_of_a_later_version_is_read_by_nobody_and_kept(
    home: Home, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    kept(hass_storage, entry.entry_id, {"of": "tomorrow"}, version=99)
    await home.set_up(entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "model_not_read"
    assert hass_storage[f"aliyun_iot.thing_model_{entry.entry_id}"]["data"] == {"of": "tomorrow"}
    assert not [record for record in caplog.records if record.exc_info and record.levelno >= logging.INFO]


async def test_what_was_fixed_is_kept(home: Home, hass_storage: dict[str, Any]) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    document = hass_storage[f"aliyun_iot.thing_model_{entry.entry_id}"]["data"]
    (entity,) = document["entities"].values()
    assert entity["entity_id"] == "sensor.t"
    assert entity["properties"]["state"]["identifier"] == "t"
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert f"aliyun_iot.thing_model_{entry.entry_id}" not in hass_storage
