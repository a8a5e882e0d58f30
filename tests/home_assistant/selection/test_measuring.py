"""Measuring: every sensor with a state class is published, also one whose state class comes later, and nothing else."""

from typing import Any, Final

from homeassistant.const import EntityCategory
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from tests.emulator import Device

from .. import Home

MEASURING: Final = {"include": {"measuring": True}}
FAST: Final = {"rate": 10}
WATT: Final = {"unit_of_measurement": "W", "device_class": "power"}
MEASURED: Final = {**WATT, "state_class": "measurement"}
SOURCES: Final = {"input_number": {"a": {"min": 0, "max": 100, "initial": 10}, "b": {"min": 0, "max": 9, "initial": 4}}}
UNIT: Final = {"unit_of_measurement": "L"}
# Each helper with what a person types into the pages of its dialog.
HELPERS: Final[dict[str, list[dict[str, Any]]]] = {
    "template": [
        {"next_step_id": "sensor"},
        {"name": "Helper", "state": "{{ 20 + 1.5 }}", "state_class": "measurement", **UNIT},
    ],
    "min_max": [
        {"name": "Helper", "entity_ids": ["input_number.a", "input_number.b"], "type": "mean", "round_digits": 2}
    ],
    "utility_meter": [
        {"name": "Helper", "source": "sensor.source", "cycle": "none", "offset": 0, "tariffs": []}
        | {"net_consumption": False, "delta_values": False, "periodically_resetting": True, "always_available": True}
    ],
    "random": [{"next_step_id": "sensor"}, {"name": "Helper", "minimum": 7, "maximum": 7, **UNIT}],
}

# By hand, from sources of 10 and 4 on the one side, and of 10 and then 12.5 on the other.
VALUES: Final = {"template": 21.5, "min_max": 7.0, "utility_meter": 2.5}


async def make(home: Home, domain: str, pages: list[dict[str, Any]] | None = None) -> str:
    """Make a helper by its own dialog, and return its entity id."""
    assert await async_setup_component(home.hass, "input_number", SOURCES)
    home.hass.states.async_set("sensor.source", "10", UNIT)
    flows = home.hass.config_entries.flow
    page = await flows.async_init(domain, context={"source": "user"})
    for typed in pages or HELPERS[domain]:
        page = await flows.async_configure(page["flow_id"], typed)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    await home.hass.async_block_till_done()
    home.hass.states.async_set("sensor.source", "12.5", UNIT)
    await home.hass.async_block_till_done()
    (entry,) = er.async_entries_for_config_entry(er.async_get(home.hass), page["result"].entry_id)
    return entry.entity_id


@pytest.mark.parametrize(("domain", "value"), VALUES.items())
async def test_a_helper_that_measures_is_published(home: Home, domain: str, value: float) -> None:
    await make(home, domain)
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("helper")[-1:] == [value])


@pytest.mark.parametrize("state_class", ["measurement", "total", "total_increasing", "measurement_angle"])
async def test_a_sensor_of_any_state_class_without_a_registry_entry_is_published(home: Home, state_class: str) -> None:
    home.hass.states.async_set("sensor.a", "1.5", {**WATT, "state_class": state_class})
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("a") == [1.5])


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_by": er.RegistryEntryHider.USER},
        {"entity_category": EntityCategory.DIAGNOSTIC},
        {"entity_category": EntityCategory.CONFIG},
        {"disabled_by": er.RegistryEntryDisabler.USER},
    ],
)
async def test_a_helper_that_measures_is_left_out_where_a_person_does_not_see_it(
    home: Home, device: Device, changes: dict[str, Any]
) -> None:
    entity_id = await make(home, "template")
    er.async_get(home.hass).async_update_entity(entity_id, **changes)
    await home.hass.async_block_till_done()
    home.hass.states.async_set("sensor.other", "1", MEASURED)
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("other") == [1.0])
    await home.hass.async_block_till_done()
    assert device.properties.keys() == {"other"}


async def test_what_has_no_state_class_or_is_no_sensor_is_left_out(home: Home, device: Device) -> None:
    await make(home, "random")
    home.hass.states.async_set("sensor.text", "warm")
    home.hass.states.async_set("sensor.watt", "3", WATT)
    home.hass.states.async_set("number.setting", "3", MEASURED)
    home.hass.states.async_set("sensor.other", "1", MEASURED)
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("other") == [1.0])
    await home.hass.async_block_till_done()
    assert device.properties.keys() == {"other"}


@pytest.mark.parametrize("domain", VALUES)
async def test_a_helper_that_is_made_later_is_published_as_well(home: Home, domain: str) -> None:
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await make(home, domain)
    await home.emulator.wait_for(lambda: home.stored("helper")[-1:] == [VALUES[domain]])


async def test_a_state_class_that_comes_later_chooses_an_entity_without_a_registry_entry(home: Home) -> None:
    home.hass.states.async_set("sensor.a", "1", WATT)
    home.hass.states.async_set("sensor.other", "1", MEASURED)
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("other") == [1.0])
    home.hass.states.async_set("sensor.new", "1", MEASURED)
    await home.emulator.wait_for(lambda: home.stored("new") == [1.0])
    home.hass.states.async_set("sensor.a", "1", MEASURED)
    await home.emulator.wait_for(lambda: home.stored("a") == [1.0])


async def test_a_state_class_that_comes_later_chooses_a_sensor_of_the_registry(home: Home) -> None:
    registry = er.async_get(home.hass)
    entry = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="a")
    home.hass.states.async_set("sensor.a", "1", WATT)
    home.hass.states.async_set("sensor.other", "1", MEASURED)
    await home.add_entry(selection=MEASURING, delivery=FAST)
    # The looks that belong to the start are over when a new sensor is published.
    await home.emulator.wait_for(lambda: home.stored("other") == [1.0])
    home.hass.states.async_set("sensor.new", "1", MEASURED)
    await home.emulator.wait_for(lambda: home.stored("new") == [1.0])
    assert home.stored("a") == []
    registry.async_update_entity(entry.entity_id, capabilities={"state_class": "measurement"})
    await home.emulator.wait_for(lambda: home.stored("a") == [1.0])


async def test_a_state_class_that_comes_later_chooses_a_group_whose_members_have_one_by_now(home: Home) -> None:
    total = {"name": "Sum", "entities": ["sensor.a", "sensor.b"], "type": "sum", "hide_members": False}
    await make(home, "group", [{"next_step_id": "sensor"}, total])
    await home.add_entry(selection=MEASURING, delivery=FAST)
    assert home.stored("sum") == []
    home.hass.states.async_set("sensor.a", "1", MEASURED)
    home.hass.states.async_set("sensor.b", "2", MEASURED)
    await home.emulator.wait_for(lambda: home.stored("sum")[-1:] == [3.0])


async def test_a_sensor_that_measures_no_more_is_published_no_more(home: Home) -> None:
    for name in ("sensor.a", "sensor.b"):
        home.hass.states.async_set(name, "1", MEASURED)
    await home.add_entry(selection=MEASURING, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("a") == home.stored("b") == [1.0])
    home.hass.states.async_set("sensor.a", "1", WATT)
    home.hass.states.async_set("sensor.c", "1", MEASURED)
    # One look takes in the new sensor and leaves out the other.
    await home.emulator.wait_for(lambda: home.stored("c") == [1.0])
    home.hass.states.async_set("sensor.a", "5", WATT)
    home.hass.states.async_set("sensor.b", "2", MEASURED)
    await home.emulator.wait_for(lambda: home.stored("b") == [1.0, 2.0])
    assert home.stored("a") == [1.0]


@pytest.mark.parametrize("kept", [None, 0, "", "yes", ["measuring"], 1e300])
async def test_an_entry_loads_whatever_its_options_have_in_place_of_the_switch(home: Home, kept: Any) -> None:
    home.hass.states.async_set("sensor.a", "1", MEASURED)
    home.hass.states.async_set("switch.b", "on")
    selection = {"include": {"domains": ["switch"], "measuring": kept}}
    await home.add_entry(selection=selection, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("b") == [1])
