"""The unit of the past: each value arrives in the property's unit, whatever unit it was recorded in.

`UNIT_PAIRS=all` tries every pair of units of every device class; without it, each unit changes to the next of its
device class.
"""

from collections.abc import Iterator, Sequence
from itertools import batched, groupby, pairwise, permutations
import os
import time
from typing import Any, Final, NamedTuple

from homeassistant.components.recorder import Recorder
from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .. import VALUES_LOST, Home
from ..mapping.quantities import DEVICE_CLASSES, in_unit, units

_AT_ONCE: Final = 300  # series of one house
_PATIENCE: Final = 60.0  # s, for some hundred series on a busy machine
_NEVER: Final = {("volatile_organic_compounds_parts", None)}  # its converter has None, and the device class has not
FAST: Final = {"rate": 10}


class Change(NamedTuple):
    """A unit that changes to another."""

    device_class: str
    unit: str | None
    other: str | None


def changes() -> Iterator[Change]:
    """Yield pairs of units."""
    for device_class in DEVICE_CLASSES:
        of_class = [unit for unit in units(device_class) if unit in UNIT_CONVERTERS[device_class].VALID_UNITS]
        pairs = permutations(of_class, 2) if os.environ.get("UNIT_PAIRS") == "all" else pairwise(of_class)
        yield from (Change(device_class, *pair) for pair in pairs)


def parts() -> list[Sequence[Change]]:
    return list(batched(changes(), _AT_ONCE, strict=False))


def said(change: Change, value: float) -> float:
    """Return a value that a device class can have: a power factor is 1 at most."""
    return value / 100 if change.device_class == "power_factor" else value


def values(change: Change) -> Iterator[float]:
    """Yield the values that arrive; of those that are alike in the other unit, as winds of one force are, the first."""
    device_class, unit, other = change
    told = ((12.5, unit), (7.25, other), (33, unit), (41.5, unit), (3.5, other), (17.75, unit))
    converted = (in_unit(said(change, value), its_unit, other, device_class) for value, its_unit in told)
    yield from (value for value, _ in groupby(converted))


def say(home: Home, number: int, change: Change, value: float, unit: str | None) -> None:
    attributes: dict[str, Any] = {"device_class": change.device_class, "state_class": "measurement"}
    if unit is not None:
        attributes["unit_of_measurement"] = unit
    home.hass.states.async_set(f"sensor.s{number}", str(said(change, value)), attributes)


def test_every_unit_that_home_assistant_converts_is_tried() -> None:
    known = {(str(key), unit) for key, converter in UNIT_CONVERTERS.items() for unit in converter.VALID_UNITS}
    assert known - {(key, unit) for key in DEVICE_CLASSES for unit in units(key)} == _NEVER


@pytest.mark.parametrize("part", parts(), ids=lambda part: f"{part[0].device_class}-{part[-1].device_class}")
async def test_a_value_of_the_past_is_converted_from_its_own_unit(
    recorder_mock: Recorder, home: Home, part: Sequence[Change]
) -> None:
    for number, change in enumerate(part):
        say(home, number, change, 12.5, change.unit)
    await home.hass.async_block_till_done()
    for number, change in enumerate(part):
        say(home, number, change, 7.25, change.other)
    await home.hass.async_block_till_done()
    names = [f"sensor.s{number}" for number in range(len(part))]
    entry = await home.add_entry(names, delivery=FAST, history_days=1.0)
    await home.emulator.wait_for(
        lambda: all(len(home.stored(f"s{number}")) == 2 for number in range(len(part))), _PATIENCE
    )
    for number, change in enumerate(part):
        say(home, number, change, 33, change.unit)  # live, in the unit of before
    await home.hass.async_block_till_done()
    await home.hass.config_entries.async_unload(entry.entry_id)
    for value, is_other in ((41.5, False), (3.5, True), (17.75, False)):  # while nobody listens
        for number, change in enumerate(part):
            say(home, number, change, value, change.other if is_other else change.unit)
        await home.hass.async_block_till_done()
    await home.hass.config_entries.async_setup(entry.entry_id)
    wanted = {f"s{number}": list(values(change)) for number, change in enumerate(part)}
    await home.emulator.wait_for(lambda: all(len(home.stored(name)) >= len(wanted[name]) for name in wanted), _PATIENCE)
    wrong = {
        part[int(name[1:])]: (home.stored(name), expected)
        for name, expected in wanted.items()
        if home.stored(name) != pytest.approx(expected, rel=1e-9)
    }
    assert wrong == {}


# With a helper of Home Assistant's, whose unit a person changes in its settings


async def helper(home: Home, device_class: str, unit: str) -> str:
    """Make a sensor that shows a number in a unit, and can be shown in others; returns its entity id."""
    numbers = {"raw": {"min": -1000, "max": 10_000, "step": 0.01, "initial": 0}}
    assert await async_setup_component(home.hass, "input_number", {"input_number": numbers})
    entry = MockConfigEntry(
        domain="template",
        title="T",
        options={
            "template_type": "sensor",
            "name": "T",
            "state": "{{ states('input_number.raw') }}",
            "device_class": device_class,
            "unit_of_measurement": unit,
            "state_class": "measurement",
        },
    )
    entry.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done()
    return "sensor.t"


async def measure(home: Home, *values: float) -> None:
    for value in values:
        await home.hass.services.async_call(
            "input_number", "set_value", {"entity_id": "input_number.raw", "value": value}, blocking=True
        )
        await home.hass.async_block_till_done()


async def show_in(home: Home, unit: str) -> None:
    """Change the unit in the settings of the entity."""
    er.async_get(home.hass).async_update_entity_options("sensor.t", "sensor", {"unit_of_measurement": unit})
    await home.hass.async_block_till_done()


@pytest.mark.parametrize(
    ("device_class", "native", "shown", "measured", "wanted"),
    [
        ("power", "kW", "W", [2.5, 0.75], [0.0, 2500.0, 750.0]),
        ("temperature", "°C", "°F", [21.5, -4], [32.0, 70.7, 24.8]),
        ("energy", "kWh", "MJ", [1.25, 100], [0.0, 4.5, 360.0]),
        ("pressure", "bar", "hPa", [1.013, 0.98], [0.0, 1013.0, 980.0]),
        ("wind_speed", "km/h", "m/s", [36, 9], [0.0, 10.0, 2.5]),
        ("data_size", "GiB", "MB", [1, 0.5], [0.0, 1073.741824, 536.870912]),
    ],
)
async def test_what_was_recorded_before_a_unit_was_changed_is_sent_in_the_new_one(
    recorder_mock: Recorder,
    home: Home,
    device_class: str,
    native: str,
    shown: str,
    measured: list[float],
    wanted: list[float],
) -> None:
    entity_id = await helper(home, device_class, native)
    await measure(home, *measured)
    await show_in(home, shown)
    await home.add_entry([entity_id], delivery=FAST, history_days=1.0)
    # The last one comes twice: as it was recorded, and as the state in the new unit.
    await home.emulator.wait_for(lambda: home.stored("t") == pytest.approx([*wanted, wanted[-1]], rel=1e-9))


@pytest.mark.parametrize(
    ("device_class", "native", "shown", "measured", "wanted"),
    [
        ("power", "W", "kW", [2500, 40, 7], [0.0, 2500.0, 40.0, 7.0]),
        ("temperature", "°C", "°F", [21.5, 30, -4], [0.0, 21.5, 30.0, -4.0]),
        ("distance", "m", "mi", [100, 5, 12], [0.0, 100.0, 5.0, 12.0]),
    ],
)
@pytest.mark.parametrize("is_unloaded", [True, False])
async def test_a_unit_that_came_and_went_leaves_no_wrong_number(
    recorder_mock: Recorder,
    home: Home,
    device_class: str,
    native: str,
    shown: str,
    measured: list[float],
    wanted: list[float],
    is_unloaded: bool,
) -> None:
    entity_id = await helper(home, device_class, native)
    entry = await home.add_entry([entity_id], delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("t") == wanted[:1])
    if is_unloaded:
        await home.hass.config_entries.async_unload(entry.entry_id)
    await measure(home, measured[0])
    await show_in(home, shown)
    await measure(home, measured[1])
    await show_in(home, native)
    await measure(home, measured[2])
    if is_unloaded:
        await home.hass.config_entries.async_setup(entry.entry_id)
    else:
        await home.hass.config_entries.async_reload(entry.entry_id)
        request = {"config_entry_id": entry.entry_id, "days": 1}
        await home.hass.services.async_call("aliyun_iot", "send_history", request, blocking=True)
    await home.emulator.wait_for(lambda: {round(value, 6) for value in home.stored("t")} >= set(wanted))
    assert {round(value, 6) for value in home.stored("t")} == set(wanted)


# Rows that do not tell their unit


@pytest.mark.parametrize(
    "attributes",
    [
        {"unit_of_measurement": "W", "letter": "x" * 17_000},  # the recorder keeps no attributes of such a size
        {"friendly_name": "T"},
        {"unit_of_measurement": None, "device_class": "power"},
        {"unit_of_measurement": "W/m", "device_class": "power"},
    ],
)
async def test_a_number_of_the_past_in_an_unknown_unit_is_counted_and_not_sent(
    recorder_mock: Recorder, home: Home, attributes: dict[str, Any]
) -> None:
    told: dict[str, Any] = {"unit_of_measurement": "W", "device_class": "power"}
    states: Sequence[tuple[str, dict[str, Any]]] = (("1", told), ("2000", attributes), ("unavailable", {}), ("3", told))
    for seconds, (state, its_attributes) in enumerate(states, int(time.time()) - len(states)):
        home.hass.states.async_set("sensor.t", state, its_attributes, timestamp=seconds)
    await home.hass.async_block_till_done()
    await home.add_entry(["sensor.t"], delivery=FAST, history_days=1.0)
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0, 3.0])
    await home.until(VALUES_LOST, lambda state: state.attributes["unfit"] == 1)
    assert home.stored("t") == [1.0, 3.0]


async def test_a_power_factor_without_attributes_is_no_share_of_one(recorder_mock: Recorder, home: Home) -> None:
    # The recorder keeps no attributes of this size, so the row does not tell if 90 is the hundredfold of 0.9.
    told: dict[str, Any] = {"unit_of_measurement": "%", "device_class": "power_factor", "letter": "x" * 17_000}
    now = int(time.time())
    for seconds, state in ((now - 3, "90"), (now - 2, "80"), (now - 1, "70")):
        home.hass.states.async_set("sensor.t", state, told, timestamp=seconds)
    await home.hass.async_block_till_done()
    await home.add_entry(["sensor.t"], delivery=FAST, history_days=1.0)
    await home.until(VALUES_LOST, lambda state: state.attributes["unfit"] == 2)
    assert home.stored("t") == [70.0]
