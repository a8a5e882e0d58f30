"""Entities: the states that the device's entities show, and the button."""

from datetime import datetime, timedelta
import logging
import time
from typing import Any

from homeassistant.core import State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.aliyun_iot.alink.transport import supervision
from tests.emulator import Device, Emulator

from . import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, VALUES_LOST, Home

VALUES_REJECTED = "sensor.ha_gateway_01_values_rejected"
WAITING = "sensor.ha_gateway_01_values_waiting"
OLDEST_WAITING = "sensor.ha_gateway_01_oldest_value_waiting"
MESSAGES_TODAY = "sensor.ha_gateway_01_messages_today"
SEND_NOW = "button.ha_gateway_01_send_everything_now"
WATT = {"unit_of_measurement": "W"}


@pytest.fixture
def _all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the entities that a user has to enable."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.fixture
def _quick_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_FIRST", 1.0)
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.5)


def state_of(home: Home, entity_id: str) -> State:
    state = home.hass.states.get(entity_id)
    assert state is not None
    return state


async def test_all_entities_are_about_the_connection_and_the_noisy_ones_have_to_be_asked_for(home: Home) -> None:
    entry = await home.add_entry()
    entities = er.async_entries_for_config_entry(er.async_get(home.hass), entry.entry_id)
    categories = {entity.entity_id: entity.entity_category for entity in entities}
    assert categories.pop("switch.ha_gateway_01_control_from_the_cloud") == "config"
    assert set(categories.values()) == {"diagnostic"}
    assert all(entity.has_entity_name and entity.translation_key for entity in entities)
    assert {entity.entity_id for entity in entities if entity.disabled_by is not None} == {
        WAITING,
        OLDEST_WAITING,
        MESSAGES_TODAY,
    }


@pytest.mark.parametrize(
    ("data", "url"),
    [
        ({"region": "eu-central-1"}, "https://iot.console.aliyun.com/product/region/eu-central-1"),
        (
            {"region": "cn-shanghai", "instance_id": "iot-06z00abc"},
            "https://iot.console.aliyun.com/product/region/cn-shanghai?instanceId=iot-06z00abc",
        ),
    ],
)
async def test_the_device_leads_to_the_console_of_its_region_and_instance(
    home: Home, data: dict[str, Any], url: str
) -> None:
    entry = await home.add_entry(**data)
    (device,) = dr.async_entries_for_config_entry(dr.async_get(home.hass), entry.entry_id)
    assert (device.name, device.configuration_url) == (DEVICE_NAME, url)


# Rejected and lost values


def model(*identifiers: str) -> dict[str, Any]:
    """Return a thing model with these properties."""
    return {
        "properties": [
            {"identifier": name, "name": name, "accessMode": "r", "dataType": {"type": "float", "specs": {}}}
            for name in identifiers
        ],
        "events": [],
        "services": [],
    }


def rejections(home: Home) -> dict[str, Any]:
    properties: dict[str, Any] = state_of(home, VALUES_REJECTED).attributes["properties"]
    return properties


async def test_rejected_values_are_counted_and_each_property_says_why(home: Home, emulator: Emulator) -> None:
    emulator.import_thing_model(PRODUCT_KEY, model("good"))
    for name in ("good", "stray"):
        home.hass.states.async_set(f"sensor.{name}", "1", WATT)
    await home.add_entry(["sensor.good", "sensor.stray"])
    await home.until_state(VALUES_REJECTED, "1")
    assert rejections(home) == {
        "stray": {"count": 1, "code": None, "text": "tsl parse: params not exist -> stray", "is_over": False}
    }
    home.hass.states.async_set("sensor.stray", "2", WATT)
    await home.until_state(VALUES_REJECTED, "2")
    assert rejections(home)["stray"]["count"] == 2
    emulator.import_thing_model(PRODUCT_KEY, model("good", "stray"))
    home.hass.states.async_set("sensor.stray", "3", WATT)
    await home.until(VALUES_REJECTED, lambda state: state.attributes["properties"]["stray"]["is_over"])
    assert state_of(home, VALUES_REJECTED).state == "2"
    assert home.stored("stray") == [3.0]


@pytest.mark.usefixtures("_quick_to_connect_again")
async def test_values_that_nobody_could_keep_are_counted_also_over_a_restart(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    entry = await home.add_entry(["sensor.t"], delivery={"rate": 8})
    assert state_of(home, VALUES_LOST).state == "0"
    now = time.time()
    for value in range(10_001):
        home.hass.states.async_set("sensor.t", str(value), WATT, timestamp=now + value / 1000)
    emulator.faults.clear()
    await home.until(VALUES_LOST, lambda state: state.state != "0")
    lost = state_of(home, VALUES_LOST).state
    await home.emulator.wait_for(lambda: len(home.stored("t")) == 10_001 - int(lost))
    assert home.stored("t")[-1] == 10_000.0
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert state_of(home, VALUES_LOST).state == lost


# Waiting values


@pytest.mark.usefixtures("_all_enabled", "_quick_to_connect_again")
async def test_what_waits_is_counted_and_how_long_it_waits(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    home.hass.states.async_set("sensor.t", "1", WATT, timestamp=1_795_219_200.0)
    home.hass.states.async_set("sensor.u", "1", WATT, timestamp=1_795_219_201.0)
    await home.add_entry(["sensor.t", "sensor.u"])
    await home.until_state(WAITING, "2")
    assert state_of(home, OLDEST_WAITING).state == "2026-11-21T00:00:00+00:00"
    home.hass.states.async_set("sensor.u", "2", WATT)
    await home.until_state(WAITING, "3")
    emulator.faults.clear()
    await home.until_state(WAITING, "0")
    assert state_of(home, OLDEST_WAITING).state == "unknown"


# Messages today


def restored(home: Home, count: int, at: datetime) -> None:
    """Have Home Assistant restore the counter of messages from an earlier state."""
    state = State(MESSAGES_TODAY, str(count), last_changed=at, last_reported=at, last_updated=at)
    extra = {"native_value": count, "native_unit_of_measurement": None}
    mock_restore_cache_with_extra_data(home.hass, [(state, extra)])


@pytest.mark.usefixtures("_all_enabled")
async def test_messages_of_a_day_are_counted_over_a_restart(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    await home.until_state(MESSAGES_TODAY, "2")  # the first asks for the time
    home.hass.states.async_set("sensor.t", "2", WATT)
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert device.messages["thing/event/property/post"] >= 2
    await home.until_state(MESSAGES_TODAY, "5")
    home.hass.states.async_set("sensor.t", "3", WATT)
    await home.until_state(MESSAGES_TODAY, "6")
    await home.emulator.wait_for(lambda: device.messages.total() == 6)


@pytest.mark.usefixtures("_all_enabled")
async def test_a_new_day_begins_to_count_messages_anew(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    restored(home, 7, dt_util.now())
    await home.add_entry()
    assert state_of(home, MESSAGES_TODAY).state == "7"
    async_fire_time_changed(home.hass, dt_util.start_of_local_day() + timedelta(days=1))
    await home.until_state(MESSAGES_TODAY, "0")


@pytest.mark.usefixtures("_all_enabled")
async def test_messages_of_yesterday_do_not_count(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    restored(home, 7, dt_util.start_of_local_day() - timedelta(seconds=1))
    await home.add_entry()
    assert state_of(home, MESSAGES_TODAY).state == "0"


# The button


async def test_the_button_sends_also_what_has_not_changed(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    home.hass.states.async_set("sensor.u", "unavailable", WATT)
    await home.add_entry(["sensor.t", "sensor.u"])
    await home.until_state(VALUES_CONFIRMED, "1")
    await home.hass.services.async_call("button", "press", {"entity_id": SEND_NOW}, blocking=True)
    await home.until_state(VALUES_CONFIRMED, "2")
    assert home.stored("t") == [1.0, 1.0]
    assert home.stored("u") == []
    first, second = device.history_of("t")
    assert first.time < second.time


async def test_entities_stay_there_when_the_platform_is_away(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    await home.add_entry()
    assert state_of(home, CONNECTION).state == "off"
    assert {state_of(home, name).state for name in (VALUES_CONFIRMED, VALUES_REJECTED, VALUES_LOST)} == {"0"}
    assert state_of(home, SEND_NOW).state == "unknown"


async def test_the_log_says_once_that_the_platform_is_away_and_once_that_it_is_back(
    home: Home, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.aliyun_iot")
    await home.add_entry()
    await home.until_state(CONNECTION, "on")
    emulator.faults.set(refuse_tcp=True)
    await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
    await home.until_state(CONNECTION, "off")
    emulator.faults.set(refuse_tcp=False)
    await home.until_state(CONNECTION, "on")
    said = [record.getMessage() for record in caplog.records if record.name.endswith("aliyun_iot.coordinator")]
    assert [message.partition(":")[0] for message in said] == [
        "No connection to the platform",
        "Connected to the platform again",
    ]
