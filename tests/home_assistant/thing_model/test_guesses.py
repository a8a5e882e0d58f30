"""Properties of entities that tell their kind late: helpers of quiet sources, and states without attributes."""

import json
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.control.model_files import async_packed
from custom_components.aliyun_iot.thing_model import store
from tests.emulator import Device, Emulator, ReplyFault

from .. import DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, VALUES_LOST, Home

FAST = {"rate": 10}
POWER = {"unit_of_measurement": "W", "device_class": "power", "state_class": "measurement"}
ENERGY = {"unit_of_measurement": "Wh", "device_class": "energy", "state_class": "total"}
WATT = {"unit_of_measurement": "W"}

# Each with its options as its own dialog keeps them; and by hand: two states of the source, the unit that the console
# lists (None where it lists none), and what is stored.
HELPERS: dict[str, tuple[dict[str, Any], tuple[Any, ...], tuple[str, list[float]]]] = {
    "group": (
        {
            "group_type": "sensor",
            "entities": ["sensor.source"],
            "type": "mean",
            "hide_members": False,
            "ignore_non_numeric": False,
        },
        (POWER, "1500", "1600"),
        ("W", [1500.0, 1600.0]),
    ),
    "min_max": (
        {"entity_ids": ["sensor.source"], "type": "max", "round_digits": 2},
        (POWER, "1500", "1600"),
        ("W", [1500.0, 1600.0]),
    ),
    "statistics": (
        {
            "entity_id": "sensor.source",
            "state_characteristic": "mean",
            "sampling_size": 20,
            "keep_last_sample": False,
            "percentile": 50,
            "precision": 2,
        },
        (POWER, "1500", "1600"),
        ("W", [1500.0, 1550.0]),
    ),
    "integration": (
        {"source": "sensor.source", "method": "left", "unit_time": "h", "round": 2},
        (POWER, "0", "1"),
        ("Wh", [0.0]),
    ),
    "derivative": (
        {
            "source": "sensor.source",
            "round": 2,
            "unit_time": "h",
            "time_window": {"seconds": 0},
            "max_sub_interval": {"minutes": 0},
        },
        (ENERGY, "1500", "1500.0"),
        ("W", [0.0]),
    ),
    "utility_meter": (
        {
            "source": "sensor.source",
            "cycle": "none",
            "tariffs": [],
            "offset": 0,
            "net_consumption": False,
            "delta_values": False,
            "periodically_resetting": True,
            "always_available": False,
        },
        (ENERGY, "1500", "1600"),
        ("Wh", [0.0, 100.0]),
    ),
    "template": (
        {
            "template_type": "sensor",
            "state": "{{ states('sensor.source') }}",
            "unit_of_measurement": "W",
            "device_class": "power",
        },
        (POWER, "1500", "1600"),
        ("W", [1500.0, 1600.0]),
    ),
}


@pytest.fixture(autouse=True)
def _quick_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.2)


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


async def fixed(home: Home, entry: MockConfigEntry, identifier: str) -> tuple[str, Any] | None:
    """Return type and unit of a property in the file; None if it is not there."""
    document = json.loads((await async_packed(home.hass, entry)).body)
    for one in document["properties"]:
        if one["identifier"] == identifier:
            specs = one["dataType"]["specs"]
            return one["dataType"]["type"], specs.get("unit") if isinstance(specs, dict) else None
    return None


async def until_stored(home: Home, expected: list[float]) -> None:
    """Return as soon as the platform has stored these values, or more."""
    await home.emulator.wait_for(lambda: home.stored("it")[: len(expected)] == expected)


async def restart(home: Home, entry: MockConfigEntry) -> None:
    """Unload the entry, drop the models from memory, and set the entry up from its files."""
    await home.hass.config_entries.async_unload(entry.entry_id)
    home.hass.data.pop(store._MODELS)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done()


@pytest.mark.parametrize("quiet", [None, "unknown", "unavailable"])
@pytest.mark.parametrize("helper", HELPERS)
async def test_a_helper_of_a_quiet_source_becomes_a_number_in_its_unit(
    home: Home, device: Device, helper: str, quiet: str | None
) -> None:
    options, (attributes, *states), (unit, expected) = HELPERS[helper]
    if quiet is not None:
        home.hass.states.async_set("sensor.source", quiet)
    helping = MockConfigEntry(domain=helper, title="It", options={"name": "It", **options})
    await home.set_up(helping)
    entry = await home.add_entry(["sensor.it"], delivery=FAST)
    for number, state in enumerate(states, 1):
        home.hass.states.async_set("sensor.source", state, attributes)
        if len(expected) == len(states):  # one value for each: apart from each other, for they go by their times
            await until_stored(home, expected[:number])
        await home.hass.async_block_till_done()
    await until_stored(home, expected)
    assert await fixed(home, entry, "it") == ("double", unit)
    assert entry.runtime_data.bridge.misfits.total == 0
    assert device.rejected == {}


@pytest.mark.parametrize("state", ["unknown", "unavailable"])
async def test_a_state_that_says_nothing_waits_for_one_that_does(home: Home, state: str) -> None:
    home.hass.states.async_set("sensor.it", state)
    entry = await home.add_entry(["sensor.it"], delivery=FAST)
    assert await fixed(home, entry, "it") is None
    home.hass.states.async_set("sensor.it", "1500", WATT)
    await home.emulator.wait_for(lambda: home.stored("it") == [1500.0])
    assert await fixed(home, entry, "it") == ("double", "W")


async def test_an_entity_of_which_only_the_availability_is_known_gets_its_state_later(home: Home) -> None:
    home.hass.states.async_set("sensor.it", "unknown")
    selection = {"include": {"entities": {"sensor.it": "sensor.it"}}, "availability": True}
    await home.add_entry(selection=selection, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("it_available") == [1])
    home.hass.states.async_set("sensor.it", "1500", WATT)
    await home.emulator.wait_for(lambda: home.stored("it") == [1500.0])


async def test_options_that_are_listed_later_make_an_enum_of_what_was_a_text(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    home.hass.states.async_set("climate.it", "heat", {"fan_mode": "low"})
    entry = await home.add_entry(["climate.it"], delivery=FAST)
    assert await fixed(home, entry, "it_fan_mode") == ("text", None)
    home.hass.states.async_set("climate.it", "heat", {"fan_mode": "high", "fan_modes": ["low", "high"]})
    emulator.faults.set(refuse_tcp=False)
    await emulator.wait_for(lambda: home.stored("it_fan_mode") == [1])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"unit_of_measurement": "W"}, ("double", "W")),
        ({"original_device_class": "power", "unit_of_measurement": "kW"}, ("double", "kW")),
        ({"original_device_class": "timestamp"}, ("date", None)),
        ({"original_device_class": "enum", "capabilities": {"options": ["a", "b"]}}, ("enum", None)),
        ({"original_device_class": "ph"}, ("double", None)),
    ],
)
async def test_a_quiet_entity_has_the_kind_that_the_registry_knows(
    home: Home, told: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    er.async_get(home.hass).async_get_or_create("sensor", "test", "1", suggested_object_id="it", **told)
    home.hass.states.async_set("sensor.it", "unknown")
    entry = await home.add_entry(["sensor.it"], delivery=FAST)
    found = await fixed(home, entry, "it")
    assert found is not None
    assert (found[0], expected[1] and found[1]) == expected


async def test_what_is_fixed_of_a_quiet_entity_is_fixed_anew_by_its_first_state(home: Home) -> None:
    home.hass.states.async_set("sensor.it", "unavailable", {"unit_of_measurement": "/h"})
    entry = await home.add_entry(["sensor.it"], delivery=FAST)
    home.hass.states.async_set("sensor.it", "1.5", {"unit_of_measurement": "kW"})
    await home.emulator.wait_for(lambda: home.stored("it") == [1.5])
    assert await fixed(home, entry, "it") == ("double", "kW")
    home.hass.states.async_set("sensor.it", "2500", WATT)
    await home.emulator.wait_for(lambda: home.stored("it") == [1.5, 2.5])
    assert entry.runtime_data.bridge.misfits.total == 0


@pytest.mark.parametrize(
    ("first", "attributes", "then", "expected", "kind"),
    [
        ("1400", {}, WATT, 1500.0, ("double", "W")),
        ("1400", {"state_class": "measurement"}, WATT, 1500.0, ("double", "W")),
        ("1400", {}, {"device_class": "aqi"}, 1500.0, ("double", None)),
        ("1400", {}, {"device_class": "enum", "options": ["1400", "1500"]}, 1, ("enum", None)),
    ],
)
async def test_what_waits_for_the_platform_is_made_anew_in_the_kind_that_is_told_later(
    kept: Home,
    emulator: Emulator,
    device: Device,
    first: str,
    attributes: dict[str, Any],
    then: dict[str, Any],
    expected: float,
    kind: tuple[str, str | None],
) -> None:
    emulator.faults.set(refuse_tcp=True)
    kept.hass.states.async_set("sensor.it", first, attributes)
    entry = await kept.add_entry(["sensor.it"], delivery=FAST)
    kept.hass.states.async_set("sensor.it", "1500", then)
    await async_wait_recording_done(kept.hass)
    await kept.hass.async_block_till_done()
    emulator.faults.set(refuse_tcp=False)
    await emulator.wait_for(lambda: expected in kept.stored("it"))
    found = await fixed(kept, entry, "it")
    assert found is not None
    assert (found[0], kind[1] and found[1]) == kind
    assert all(isinstance(value, float | int) for value in kept.stored("it"))
    assert device.rejected == {}


async def test_a_text_that_the_platform_has_stays_one_also_over_a_restart(home: Home) -> None:
    home.hass.states.async_set("sensor.it", "1400")
    entry = await home.add_entry(["sensor.it"], delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.it", "1500", WATT)
    await home.emulator.wait_for(lambda: home.stored("it") == ["1400", "1500"])
    await restart(home, entry)
    assert await fixed(home, entry, "it") == ("text", None)


async def test_a_guess_is_kept_on_the_disk_until_the_platform_has_values(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    home.hass.states.async_set("sensor.it", "1400")
    entry = await home.add_entry(["sensor.it"], delivery=FAST)
    assert await fixed(home, entry, "it") == ("text", None)
    await restart(home, entry)
    home.hass.states.async_set("sensor.it", "1500", WATT)
    emulator.faults.set(refuse_tcp=False)
    await emulator.wait_for(lambda: home.stored("it") == [1500.0])
    assert await fixed(home, entry, "it") == ("double", "W")
    assert emulator.device(PRODUCT_KEY, DEVICE_NAME).rejected == {}


async def test_a_guess_stays_while_a_value_of_it_is_on_its_way(home: Home, emulator: Emulator, device: Device) -> None:
    emulator.faults.set(reply=ReplyFault(delay=1.0))
    home.hass.states.async_set("sensor.it", "2.5", {"state_class": "measurement"})
    await home.add_entry(["sensor.it"], delivery=FAST)
    await emulator.wait_for(lambda: device.messages["thing/event/property/post"] == 1)
    home.hass.states.async_set("sensor.it", "2600", {"state_class": "measurement", **WATT})
    emulator.faults.set(reply=None)
    await home.until_state("sensor.ha_gateway_01_values_that_fit_no_type", "1")
    await home.until_state(VALUES_CONFIRMED, "1")
    assert home.stored("it") == [2.5]


async def test_a_value_in_an_unknown_unit_that_waited_is_lost_once(kept: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    kept.hass.states.async_set("sensor.it", "0", {"state_class": "measurement"})
    await kept.add_entry(["sensor.it"], delivery=FAST)
    kept.hass.states.async_set("sensor.it", "1", {"state_class": "measurement"})
    await async_wait_recording_done(kept.hass)
    kept.hass.states.async_set("sensor.it", "2500", {"state_class": "measurement", **WATT})
    await async_wait_recording_done(kept.hass)
    emulator.faults.set(refuse_tcp=False)
    await emulator.wait_for(lambda: kept.stored("it") == [2500.0])
    await kept.until(VALUES_LOST, lambda state: state.state != "0")
    lost = kept.hass.states.get(VALUES_LOST)
    assert lost is not None
    assert (lost.attributes["unfit"], lost.attributes["not_found"]) == (1, 0)


@pytest.mark.parametrize("unit", [["W"], {"a": 1}, 5, True])
async def test_a_unit_that_is_no_text_harms_nobody(kept: Home, caplog: pytest.LogCaptureFixture, unit: Any) -> None:
    kept.hass.states.async_set("sensor.odd", "1", {"state_class": "measurement", "unit_of_measurement": unit})
    kept.hass.states.async_set("sensor.it", "1500", {"state_class": "measurement", **WATT})
    await async_wait_recording_done(kept.hass)
    entry = await kept.add_entry(["sensor.odd", "sensor.it"], delivery=FAST)
    await kept.emulator.wait_for(lambda: kept.stored("it") == [1500.0])
    found = await fixed(kept, entry, "it")
    assert found == ("double", "W")
    assert "Traceback" not in caplog.text
