"""Publishing: from a state in Home Assistant to a value on the platform."""

import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from tests.emulator import Device, Emulator, Product, Rejection

from .. import CONNECTION, DEVICE_NAME, LAST_CONFIRMED, PRODUCT_KEY, VALUES_CONFIRMED, Home


@pytest.mark.parametrize(
    ("entity_id", "state", "attributes", "value"),
    [
        ("sensor.t", "21.5", {"unit_of_measurement": "°C"}, 21.5),
        ("sensor.t", "21", {"state_class": "measurement"}, 21.0),
        ("sensor.t", "-1e-7", {"unit_of_measurement": "V"}, -1e-7),
        ("sensor.t", "晴", {}, "晴"),
        ("sensor.t", "42", {}, "42"),
        ("sensor.t", "rinsing", {"device_class": "enum", "options": ["idle", "washing", "rinsing"]}, 2),
        ("sensor.t", "2026-11-21T08:00:00+08:00", {"device_class": "timestamp"}, "1795219200000"),
        ("sensor.t", "2026-11-21", {"device_class": "date"}, "1795190400000"),
        ("binary_sensor.t", "on", {"device_class": "door"}, 1),
        ("binary_sensor.t", "off", {}, 0),
        ("light.t", "on", {"brightness": 255}, 1),
        ("switch.t", "off", {}, 0),
        ("number.t", "7", {}, 7.0),
        ("input_number.t", "0.5", {}, 0.5),
        ("counter.t", "3", {}, 3),
        ("select.t", "b", {"options": ["a", "b"]}, 1),
        ("input_select.t", "家", {"options": ["家", "out"]}, 0),
        ("button.t", "2026-11-21T00:00:00.250+00:00", {}, "1795219200250"),
        ("lock.t", "locked", {}, 5),
        ("group.t", "on", {}, 1),
        ("group.t", "home", {}, "home"),
        ("select.t", "a", {"options": [["a"], "a", "a"]}, "a"),
        ("sensor.t", "2026-11-21T08:00:00+08:00", {"device_class": "uptime"}, "1795219200000"),
        ("text.t", "hello", {}, "hello"),
    ],
)
async def test_a_state_becomes_a_value_of_its_type(
    home: Home, entity_id: str, state: str, attributes: dict[str, Any], value: Any
) -> None:
    await home.hass.config.async_set_time_zone("Asia/Shanghai")
    home.hass.states.async_set(entity_id, state, attributes)
    await home.add_entry([entity_id])
    await home.emulator.wait_for(lambda: home.stored("t") == [value])
    assert type(home.stored("t")[0]) is type(value)


async def test_a_value_carries_the_time_of_its_state(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"}, timestamp=1795219200.25)
    await home.add_entry(["sensor.t"])
    await home.emulator.wait_for(lambda: "t" in device.properties)
    assert device.properties["t"].time == 1795219200250


async def test_all_chosen_entities_come_in_one_message_and_then_every_change(home: Home, device: Device) -> None:
    for number in range(150):
        home.hass.states.async_set(f"sensor.n{number}", str(number), {"unit_of_measurement": "W"})
    home.hass.states.async_set("sensor.not_chosen", "1", {"unit_of_measurement": "W"})
    await home.add_entry([f"sensor.n{number}" for number in range(150)])
    await home.emulator.wait_for(lambda: len(device.properties) == 150)
    assert device.messages["thing/event/property/post"] == 1
    for value in ("-1", "-1", "-2"):
        home.hass.states.async_set("sensor.n0", value, {"unit_of_measurement": "W"})
    home.hass.states.async_set("sensor.not_chosen", "2", {"unit_of_measurement": "W"})
    await home.emulator.wait_for(lambda: home.stored("n0") == [0.0, -1.0, -2.0])
    assert len(device.properties) == 150


async def test_unknown_and_unavailable_are_left_out(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "unknown", {"unit_of_measurement": "W"})
    await home.add_entry(["sensor.t", "sensor.missing"])
    for second, state in enumerate(("1", "unavailable", "2")):
        home.hass.states.async_set("sensor.t", state, {"unit_of_measurement": "W"}, timestamp=1_795_219_200.0 + second)
    home.hass.states.async_remove("sensor.t")
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0])
    assert set(device.properties) == {"t"}


@pytest.mark.parametrize(
    ("entity_id", "good", "bad", "attributes"),
    [
        ("sensor.t", "1", "warm", {"unit_of_measurement": "W"}),
        ("sensor.t", "1", "nan", {"unit_of_measurement": "W"}),
        ("sensor.t", "1", "inf", {"unit_of_measurement": "W"}),
        ("sensor.t", "a", "z", {"device_class": "enum", "options": ["a", "b"]}),
        ("sensor.t", "2026-11-21T08:00:00+08:00", "soon", {"device_class": "timestamp"}),
        ("sensor.t", "2026-11-21T08:00:00+08:00", "1969-11-21T08:00:00+08:00", {"device_class": "timestamp"}),
        ("counter.t", "1", "1.5", {}),
        ("lock.t", "locked", "welded", {}),
        ("binary_sensor.t", "on", "perhaps", {}),
        ("input_text.t", "good", "half \ud83d", {}),
    ],
)
async def test_a_state_that_fits_no_type_is_named_once_and_loses_nothing(
    home: Home,
    caplog: pytest.LogCaptureFixture,
    entity_id: str,
    good: str,
    bad: str,
    attributes: dict[str, Any],
) -> None:
    home.hass.states.async_set(entity_id, bad, attributes)
    await home.add_entry([entity_id])
    for state in (good, bad):
        home.hass.states.async_set(entity_id, state, attributes)
    await home.emulator.wait_for(lambda: len(home.stored("t")) == 1)
    await home.hass.async_block_till_done()
    assert sum(f"t: {entity_id}, " in record.message for record in caplog.records) == 1
    assert "Traceback" not in caplog.text


async def test_entities_that_come_later_are_published_when_they_come(home: Home, hass: HomeAssistant) -> None:
    hass.set_state(CoreState.starting)
    await home.add_entry(["sensor.t", "sensor.late"])
    hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    hass.states.async_set("sensor.late", "2", {"unit_of_measurement": "W"})
    await home.emulator.wait_for(lambda: home.stored("late") == [2.0])


async def test_a_group_that_was_unknown_at_first_is_on_and_off_all_the_same(home: Home) -> None:
    home.hass.states.async_set("group.t", "unknown", {"entity_id": []})
    await home.add_entry(["group.t"])
    home.hass.states.async_set("group.t", "on", {"entity_id": []})
    await home.emulator.wait_for(lambda: home.stored("t") == [1])


async def test_a_rename_does_not_split_the_series(home: Home) -> None:
    registry = er.async_get(home.hass)
    entity = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="kitchen")
    home.hass.states.async_set("sensor.kitchen", "1", {"unit_of_measurement": "W"})
    await home.add_entry([entity.id])
    await home.emulator.wait_for(lambda: home.stored("kitchen") == [1.0])
    registry.async_update_entity("sensor.kitchen", new_entity_id="sensor.cellar")
    await home.hass.async_block_till_done()
    home.hass.states.async_set("sensor.cellar", "2", {"unit_of_measurement": "W"})
    await home.emulator.wait_for(lambda: home.stored("kitchen") == [1.0, 2.0])


async def test_a_property_that_the_platform_does_not_take_is_named_once_and_the_others_arrive(
    hass: HomeAssistant,
    socket_enabled: None,
    enable_custom_integrations: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = {"identifier": "good", "name": "Good", "accessMode": "r", "dataType": {"type": "float", "specs": {}}}
    product = Product(product_key=PRODUCT_KEY, thing_model={"properties": [good], "events": [], "services": []})
    async with Emulator(products=[product], devices=[(PRODUCT_KEY, DEVICE_NAME)]) as emulator:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(emulator.ca_file))
        home = Home(hass=hass, emulator=emulator)
        device = emulator.device(PRODUCT_KEY, DEVICE_NAME)
        for name in ("good", "stray"):
            hass.states.async_set(f"sensor.{name}", "1", {"unit_of_measurement": "W"})
        await home.add_entry(["sensor.good", "sensor.stray"])
        await home.until_state(VALUES_CONFIRMED, "1")
        hass.states.async_set("sensor.stray", "2", {"unit_of_measurement": "W"})
        await emulator.wait_for(lambda: device.rejected["stray"].count == 2)
        hass.states.async_set("sensor.good", "2", {"unit_of_measurement": "W"})
        await home.until_state(VALUES_CONFIRMED, "2")
        assert isinstance(device.rejected["stray"], Rejection)
        assert home.stored("good") == [1.0, 2.0]
        assert sum("does not take property stray" in record.message for record in caplog.records) == 1


async def test_the_entities_tell_what_arrived(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    home.hass.states.async_set("sensor.u", "1", {"unit_of_measurement": "W"})
    await home.add_entry(["sensor.t", "sensor.u"])
    await home.until_state(VALUES_CONFIRMED, "2")
    connection, last = home.hass.states.get(CONNECTION), home.hass.states.get(LAST_CONFIRMED)
    assert connection is not None
    assert (connection.state, connection.attributes["connection"], connection.attributes["problem"]) == (
        "on",
        "connected",
        "none",
    )
    assert last is not None
    assert last.attributes["device_class"] == "timestamp"
    assert last.state != "unknown"


async def test_a_cut_link_comes_back_and_what_changed_meanwhile_arrives(
    home: Home, emulator: Emulator, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="custom_components.aliyun_iot")
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
    await home.until_state(CONNECTION, "off")
    for second, value in enumerate(("2", "3", "4")):
        timestamp = time.time() + second
        home.hass.states.async_set("sensor.t", value, {"unit_of_measurement": "W"}, timestamp=timestamp)
    await emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0, 3.0, 4.0])
    await home.until_state(CONNECTION, "on")
    assert [record.message for record in caplog.records if record.name.endswith("coordinator")] == [
        f"No connection to the platform: 127.0.0.1:{emulator.mqtts_port} unreachable (closed)",
        "Connected to the platform again",
    ]


async def test_a_platform_that_is_away_at_start_does_not_hold_up_home_assistant(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"])
    assert entry.state is ConfigEntryState.LOADED
    connection = home.hass.states.get(CONNECTION)
    assert connection is not None
    assert (connection.state, connection.attributes["problem"]) == ("off", "unreachable_refused")
    emulator.faults.clear()
    home.hass.states.async_set("sensor.t", "2", {"unit_of_measurement": "W"})
    await emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0])


async def test_unloading_disconnects_and_stops_listening(home: Home, emulator: Emulator, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    assert await home.hass.config_entries.async_unload(entry.entry_id)
    await emulator.wait_for(lambda: not device.online)
    assert entry.state is ConfigEntryState.NOT_LOADED
    home.hass.states.async_set("sensor.t", "2", {"unit_of_measurement": "W"})
    await home.hass.async_block_till_done()
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0])


async def test_updating_an_entity_by_hand_changes_nothing(home: Home) -> None:
    await async_setup_component(home.hass, "homeassistant", {})
    await home.add_entry()
    await home.until_state(CONNECTION, "on")
    await home.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": [CONNECTION, VALUES_CONFIRMED]}, blocking=True
    )
    await home.hass.async_block_till_done()
    await home.until_state(CONNECTION, "on")
