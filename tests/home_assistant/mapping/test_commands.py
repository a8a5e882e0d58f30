"""The way back: from raw values of an entity's properties to actions, and to what is seen of them in the state."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
import json
from typing import Any, Final

from homeassistant.components.kitchen_sink.lawn_mower import DemoLawnMower
from homeassistant.components.lawn_mower import LawnMowerActivity, LawnMowerEntityFeature
from homeassistant.core import HomeAssistant, State
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_system import METRIC_SYSTEM, US_CUSTOMARY_SYSTEM, UnitSystem
from hypothesis import given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    setup_test_component_platform,
)

from custom_components.aliyun_iot.alink import Bool, DataType, Date, Enum, Text, integer_type
from custom_components.aliyun_iot.mapping.commands import NotCommandableError, plan, settable
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.facets import facets
from custom_components.aliyun_iot.mapping.property import Property

from .commanded import CONFIGURATION, ROWS, STATE, Row

MOWER: Final = ((2, "mowing"), (1, "paused"), (3, "docked"))
SECONDS: Final = 40  # the demo's vacuum takes 30 s to its dock, and its covers move by ten percent a second

BRIGHTNESS, KELVIN, COLOUR = "attribute.brightness", "attribute.color_temp_kelvin", "attribute.hs_color"
TARGET, LOW, HIGH = "attribute.temperature", "attribute.target_temp_low", "attribute.target_temp_high"
HUMIDITY, PRESET, SPEED = "attribute.humidity", "attribute.preset_mode", "attribute.percentage"
POSITION = "attribute.current_position"
LAMP: Final = State(
    "light.lamp",
    "on",
    {
        "supported_color_modes": ["color_temp", "hs"],
        "min_color_temp_kelvin": 2000,
        "max_color_temp_kelvin": 6500,
        "brightness": 100,
        "color_temp_kelvin": None,
        "hs_color": (10.5, 20),
    },
)
THERMOSTAT: Final = State(
    "climate.hall",
    "heat",
    {
        "supported_features": 1 | 2 | 4 | 8 | 16 | 32 | 128 | 256 | 512,
        "hvac_modes": ["off", "heat", "cool", "heat_cool"],
        "min_temp": 7,
        "max_temp": 35,
        "target_temp_step": 0.5,
        "min_humidity": 30,
        "max_humidity": 80,
        "temperature": 21,
        "target_temp_low": 19,
        "target_temp_high": 24,
        "humidity": 50,
        "preset_mode": "home",
        "preset_modes": ["home", "away"],
        "fan_mode": "low",
        "fan_modes": ["low", "high"],
        "swing_mode": "off",
        "swing_modes": ["off", "on"],
        "swing_horizontal_mode": "off",
        "swing_horizontal_modes": ["off", "on"],
    },
)
FAN: Final = State(
    "fan.hall",
    "on",
    {
        "supported_features": 1 | 2 | 8 | 16 | 32,
        "percentage": 50,
        "preset_mode": None,
        "preset_modes": ["auto", "sleep"],
        "oscillating": False,
    },
)
BLIND: Final = State("cover.blind", "open", {"supported_features": 15, "current_position": 40})
GATE: Final = State("cover.gate", "open", {"supported_features": 3})
NOTE: Final = State("input_text.note", "milk", {"min": 2, "max": 10, "pattern": "[a-z]+", "mode": "text"})
NOISE: Final = State("number.noise", "3", {"min": 0, "max": 10, "step": 0.5, "unit_of_measurement": "dB"})
PLAYER: Final = State("media_player.tv", "on", {"supported_features": 4 | 128 | 256 | 2048, "source_list": ["dvd"]})


quick = settings(deadline=None, derandomize=True, database=None)  # a busy machine may be slow


def definition_of(state: State, key: str, units: UnitSystem = METRIC_SYSTEM) -> Definition:
    """Return the definition of a facet as it is fixed when it is first chosen."""
    facet = {facet.key: facet for facet in facets(state, units)}[key]
    return Definition(
        identifier="it",
        name="it",
        data_type=facet.data_type,
        options={option: number for number, option in enumerate(facet.options)},
        unit=facet.unit,
        device_class=facet.device_class,
    )


def planned(state: State, values: Mapping[str, Any], units: UnitSystem = METRIC_SYSTEM) -> list[tuple[str, Any]]:
    """Return service and data of the actions for values whose model was made in metric units."""
    commanded = {key: (definition_of(state, key), raw) for key, raw in values.items()}
    actions = plan(state, commanded, units)
    assert {action.domain for action in actions} <= {state.domain}
    return [(action.service, dict(action.data)) for action in actions]


def changed(state: State, now: str | None = None, **attributes: Any) -> State:
    """Return a state with other attributes."""
    return State(state.entity_id, now or state.state, {**state.attributes, **attributes})


def refusal(state: State, values: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return reason, key and limits of a refusal."""
    with pytest.raises(NotCommandableError) as caught:
        planned(state, values)
    return caught.value.reason.value, caught.value.key, caught.value.limits


# In a house


async def test_every_kind_of_control_is_set_and_seen_in_the_state(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeassistant.components.demo.valve.OPEN_CLOSE_DELAY", 0)
    await async_build(hass)
    definitions = [definition_of(now(hass, row.entity_id), row.key) for row in ROWS]
    missed = [row for row, definition in zip(ROWS, definitions, strict=True) if not await is_set(hass, row, definition)]
    assert missed == []


async def test_a_lawn_mower_mows_pauses_and_docks(hass: HomeAssistant) -> None:
    does_all = LawnMowerEntityFeature.START_MOWING | LawnMowerEntityFeature.PAUSE | LawnMowerEntityFeature.DOCK
    mower = DemoLawnMower("it", "It", LawnMowerActivity.DOCKED, does_all)
    setup_test_component_platform(hass, "lawn_mower", [mower])
    assert await async_setup_component(hass, "lawn_mower", {"lawn_mower": [{"platform": "test"}]})
    await hass.async_block_till_done()
    definition = definition_of(now(hass, "lawn_mower.it"), STATE)
    rows = [Row(entity_id="lawn_mower.it", key=STATE, raw=raw, seen=state) for raw, state in MOWER]
    assert [row for row in rows if not await is_set(hass, row, definition)] == []


async def test_whatever_can_be_set_is_a_property_of_the_entity(hass: HomeAssistant) -> None:
    await async_build(hass)
    states = hass.states.async_all()
    lacking = {
        state.entity_id: settable(state) - {facet.key for facet in facets(state, METRIC_SYSTEM)} for state in states
    }
    # A group of players takes a volume and never tells one.
    silent = {"media_player.all_players": {"attribute.is_volume_muted", "attribute.volume_level"}}
    assert {entity_id: keys for entity_id, keys in lacking.items() if keys} == silent


async def test_a_thermostat_of_a_house_in_fahrenheit_takes_a_model_in_celsius(hass: HomeAssistant) -> None:
    hass.config.units = US_CUSTOMARY_SYSTEM
    await async_build(hass)
    for raw, seen in ((22, 72), (22.2222, 72), (7, 45), (35, 95)):
        definition = definition_of(now(hass, "climate.hvac"), TARGET)
        row = Row(entity_id="climate.hvac", key=TARGET, raw=raw, seen=seen)
        assert await is_set(hass, row, definition)


async def async_build(hass: HomeAssistant) -> None:
    """Set up the demo, and what is configured beside it."""
    assert await async_setup_component(hass, "homeassistant", {})
    for domain in CONFIGURATION:
        assert await async_setup_component(hass, domain, CONFIGURATION), domain
    entry = MockConfigEntry(domain="demo", title="Demo")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def now(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


async def is_set(hass: HomeAssistant, row: Row, definition: Definition) -> bool:
    """Carry out the plan for a row, and let time pass until its value is seen."""
    for action in plan(now(hass, row.entity_id), {row.key: (definition, row.raw)}, hass.config.units):
        data = {"entity_id": row.entity_id, **action.data}
        await hass.services.async_call(action.domain, action.service, data, blocking=True)
    for second in range(SECONDS):
        await hass.async_block_till_done()
        if row.is_seen(now(hass, row.entity_id)):
            return True
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=second))
    return False


# Plans


@pytest.mark.parametrize(
    ("state", "values", "actions"),
    [
        (LAMP, {}, []),
        (LAMP, {STATE: 0, BRIGHTNESS: 0}, [("turn_off", {})]),
        (LAMP, {STATE: 1, BRIGHTNESS: 9, KELVIN: 3000}, [("turn_on", {"brightness": 9, "color_temp_kelvin": 3000})]),
        (LAMP, {COLOUR: {"hue": 1, "saturation": 2}, STATE: 1}, [("turn_on", {"hs_color": (1, 2)})]),
        (
            THERMOSTAT,
            {
                HUMIDITY: 60,
                "attribute.swing_horizontal_mode": 1,
                "attribute.swing_mode": 1,
                "attribute.fan_mode": 1,
                HIGH: 25,
                LOW: 20,
                PRESET: 1,
                STATE: 3,
            },
            [
                ("set_hvac_mode", {"hvac_mode": "heat_cool"}),
                ("set_preset_mode", {"preset_mode": "away"}),
                ("set_temperature", {"target_temp_low": 20, "target_temp_high": 25}),
                ("set_fan_mode", {"fan_mode": "high"}),
                ("set_swing_mode", {"swing_mode": "on"}),
                ("set_swing_horizontal_mode", {"swing_horizontal_mode": "on"}),
                ("set_humidity", {"humidity": 60}),
            ],
        ),
        (THERMOSTAT, {LOW: 24}, [("set_temperature", {"target_temp_low": 24, "target_temp_high": 24})]),
        (THERMOSTAT, {HIGH: 30}, [("set_temperature", {"target_temp_low": 19, "target_temp_high": 30})]),
        (changed(THERMOSTAT, "off"), {TARGET: 22}, [("set_temperature", {"temperature": 22})]),
        (changed(THERMOSTAT, hvac_modes=["heat"]), {STATE: 0}, [("turn_off", {})]),
        (FAN, {SPEED: 0, STATE: 0}, [("turn_off", {})]),
        (FAN, {SPEED: 70, STATE: 1}, [("set_percentage", {"percentage": 70})]),
        (changed(FAN, "off"), {SPEED: 70}, [("turn_on", {"percentage": 70})]),
        (changed(FAN, supported_features=1), {SPEED: 0}, [("set_percentage", {"percentage": 0})]),
        (FAN, {"attribute.oscillating": 1, STATE: 1}, [("turn_on", {}), ("oscillate", {"oscillating": True})]),
        (BLIND, {POSITION: 100}, [("set_cover_position", {"position": 100})]),
        (GATE, {STATE: 0}, [("close_cover", {})]),
        (State("lawn_mower.it", "mowing", {"supported_features": 8}), {STATE: 5}, [("stop", {})]),
        (State("water_heater.it", "off", {"supported_features": 8}), {STATE: 1}, [("turn_on", {})]),
        (NOTE, {STATE: "bread"}, [("set_value", {"value": "bread"})]),
        (changed(NOISE, "unknown"), {STATE: "0.25"}, [("set_value", {"value": 0.25})]),
    ],
)
def test_values_become_actions_in_their_order(
    state: State, values: dict[str, Any], actions: list[tuple[str, Any]]
) -> None:
    assert planned(state, values) == actions


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        (State("light.it", "off"), {STATE}),
        (State("light.it", "off", {"supported_color_modes": ["onoff"]}), {STATE}),
        (State("light.it", "off", {"supported_color_modes": ["brightness"]}), {STATE, BRIGHTNESS}),
        (State("light.it", "off", {"supported_color_modes": ["rgbww"]}), {STATE, BRIGHTNESS, COLOUR}),
        (State("light.it", "off", {"supported_color_modes": "hs"}), {STATE}),
        (LAMP, {STATE, BRIGHTNESS, KELVIN, COLOUR}),
        (BLIND, {POSITION}),
        (GATE, {STATE}),
        (changed(BLIND, current_position=None), {STATE, POSITION}),
        (State("cover.it", "open", {"supported_features": 8 | 128}), set()),
        (State("climate.it", "heat", {"supported_features": 0, "hvac_modes": ["heat"]}), {STATE}),
        (State("climate.it", "heat", {"supported_features": "7", "hvac_modes": None}), set()),
        (State("fan.it", "on", {"supported_features": 8, "preset_modes": []}), set()),
        (State("media_player.it", "on", {"supported_features": 1024}), set()),
        (State("vacuum.it", "docked", {"supported_features": 0}), set()),
        (State("lock.it", "locked", {"supported_features": 1}), set()),
        (State("alarm_control_panel.it", "disarmed", {"supported_features": 63}), set()),
        (State("script.it", "off"), set()),
        (State("group.it", "off"), set()),
    ],
)
def test_what_can_be_set_comes_from_the_capabilities(state: State, keys: set[str]) -> None:
    assert settable(state) == keys


@pytest.mark.parametrize(
    ("domain", "services"),
    [
        ("cover", {"open": "open_cover", "closed": "close_cover"}),
        ("valve", {"open": "open_valve", "closed": "close_valve"}),
        ("lawn_mower", {"mowing": "start_mowing", "paused": "pause", "docked": "dock", "idle": "stop"}),
        ("vacuum", {"cleaning": "start", "paused": "pause", "docked": "return_to_base", "idle": "stop"}),
        (
            "media_player",
            {
                "on": "turn_on",
                "off": "turn_off",
                "playing": "media_play",
                "paused": "media_pause",
                "idle": "media_stop",
            },
        ),
        ("climate", {"off": "turn_off"}),
        ("water_heater", {"off": "turn_off", "on": "turn_on"}),
        ("alarm_control_panel", {}),
        ("lock", {}),
    ],
)
def test_each_state_has_its_action_or_none(domain: str, services: dict[str, str]) -> None:
    state = State(f"{domain}.it", "unknown", {"supported_features": 0xFFFF})
    definition = definition_of(state, STATE)
    found = {}
    for option, raw in definition.options.items():
        with suppress(NotCommandableError):
            (action,) = plan(state, {STATE: (definition, raw)}, METRIC_SYSTEM)
            found[option] = action.service
    assert found == services


# Refusals


@pytest.mark.parametrize(
    ("state", "values", "reason", "key", "limits"),
    [
        (changed(LAMP, "unavailable"), {STATE: 1}, "unavailable", "", ""),
        (changed(LAMP, restored=True), {STATE: 1}, "restored", "", ""),
        (State("lock.it", "locked", {"supported_features": 1}), {STATE: 5}, "not_settable", STATE, ""),
        (BLIND, {STATE: 0}, "not_settable", STATE, ""),
        (State("light.it", "on", {"brightness": 1}), {BRIGHTNESS: 1}, "not_settable", BRIGHTNESS, ""),
        (GATE, {STATE: 1}, "option", STATE, "0, 2"),  # closing
        (GATE, {STATE: 3}, "option", STATE, "0, 2"),  # opening
        (changed(GATE, supported_features=2), {STATE: 2}, "option", STATE, "0"),
        (changed(FAN, supported_features=16), {STATE: 1}, "option", STATE, "0"),
        (PLAYER, {STATE: 6}, "option", STATE, "0, 1"),  # buffering
        (State("vacuum.it", "docked", {"supported_features": 8192}), {STATE: 5}, "option", STATE, "0"),  # error
        (THERMOSTAT, {STATE: 5}, "option", STATE, "0, 1, 2, 3"),  # dry, which this one lacks
        (THERMOSTAT, {STATE: 7}, "option", STATE, "0, 1, 2, 3, 4, 5, 6"),  # no state of any thermostat
        (changed(PLAYER, source="dvd"), {"attribute.source": "vcr"}, "option", "attribute.source", ""),
        (LAMP, {BRIGHTNESS: 256}, "range", BRIGHTNESS, "0..255"),
        (LAMP, {BRIGHTNESS: -1}, "range", BRIGHTNESS, "0..255"),
        (LAMP, {BRIGHTNESS: 1.5}, "type", BRIGHTNESS, ""),
        (LAMP, {KELVIN: 1999}, "range", KELVIN, "2000..6500 K"),
        (LAMP, {COLOUR: {"hue": 361, "saturation": 1}}, "range", COLOUR, "hue 0..360"),
        (LAMP, {COLOUR: {"hue": 1}}, "type", COLOUR, "hue, saturation"),
        (LAMP, {COLOUR: {"hue": 1, "saturation": 1, "value": 1}}, "type", COLOUR, "hue, saturation"),
        (LAMP, {COLOUR: [1, 1]}, "type", COLOUR, "hue, saturation"),
        (THERMOSTAT, {TARGET: 35.1}, "range", TARGET, "7..35 °C"),
        (THERMOSTAT, {TARGET: 9999}, "range", TARGET, "7..35 °C"),
        (changed(THERMOSTAT, min_temp=None), {TARGET: -300}, "range", TARGET, "-273.15..5000 °C"),
        (THERMOSTAT, {TARGET: 6.9}, "range", TARGET, "7..35 °C"),
        (THERMOSTAT, {HUMIDITY: 29}, "range", HUMIDITY, "30..80 %"),
        (THERMOSTAT, {HUMIDITY: 45.5}, "type", HUMIDITY, ""),
        (NOISE, {STATE: 10.5}, "range", STATE, "0..10 dB"),
        (NOTE, {STATE: "a"}, "length", STATE, "2..10"),
        (NOTE, {STATE: "a" * 11}, "length", STATE, "2..10"),
        (NOTE, {STATE: "ÄÖÜ"}, "pattern", STATE, ""),
        (NOTE, {STATE: "unknown"}, "option", STATE, ""),
        (NOTE, {STATE: "two\nlines"}, "type", STATE, ""),
        (changed(NOTE, pattern="("), {STATE: "bread"}, "pattern", STATE, ""),
        (LAMP, {STATE: 0, BRIGHTNESS: 1}, "contradiction", BRIGHTNESS, ""),
        (LAMP, {STATE: 1, BRIGHTNESS: 0}, "contradiction", STATE, ""),
        (LAMP, {STATE: 0, KELVIN: 3000}, "contradiction", KELVIN, ""),
        (LAMP, {BRIGHTNESS: 0, KELVIN: 3000}, "contradiction", KELVIN, ""),
        (LAMP, {COLOUR: {"hue": 1, "saturation": 1}, KELVIN: 3000}, "contradiction", COLOUR, ""),
        (FAN, {SPEED: 0, "attribute.oscillating": 1}, "contradiction", "attribute.oscillating", ""),
        (FAN, {SPEED: 9, PRESET: 0}, "contradiction", SPEED, ""),
        (THERMOSTAT, {STATE: 0, TARGET: 20}, "contradiction", TARGET, ""),
        (THERMOSTAT, {LOW: 20, TARGET: 20}, "contradiction", LOW, ""),
        (THERMOSTAT, {HIGH: 20, TARGET: 20}, "contradiction", HIGH, ""),
        (THERMOSTAT, {HIGH: 20, LOW: 20.5}, "contradiction", LOW, ""),
        (THERMOSTAT, {LOW: 24.5}, "contradiction", LOW, ""),
        (THERMOSTAT, {HIGH: 18.5}, "contradiction", HIGH, ""),
        (changed(THERMOSTAT, target_temp_low=None), {HIGH: 22}, "incomplete", LOW, ""),
        (changed(THERMOSTAT, target_temp_high="hot"), {LOW: 22}, "incomplete", HIGH, ""),
    ],
)
def test_a_value_that_leads_nowhere_is_refused(
    state: State, values: dict[str, Any], reason: str, key: str, limits: str
) -> None:
    assert refusal(state, values) == (reason, key, limits)


@pytest.mark.parametrize(("now", "reason"), [("", "unit"), ("lx", "unit")])
def test_a_number_whose_unit_is_not_known_or_is_of_something_else_is_refused(now: str, reason: str) -> None:
    definition = definition_of(NOISE, STATE)
    state = changed(NOISE, unit_of_measurement=now)
    with pytest.raises(NotCommandableError) as caught:
        plan(state, {STATE: (definition, 3)}, METRIC_SYSTEM)
    assert (caught.value.reason, caught.value.key) == (reason, STATE)


def test_an_option_that_the_entity_has_no_more_is_refused() -> None:
    definition = definition_of(State("select.it", "a", {"options": ["a", "b"]}), STATE)
    with pytest.raises(NotCommandableError) as caught:
        plan(State("select.it", "c", {"options": ["b", "c"]}), {STATE: (definition, 0)}, METRIC_SYSTEM)
    assert (caught.value.reason, caught.value.limits) == ("option", "1")


@pytest.mark.parametrize(
    ("state", "key", "data_type"),
    [
        (NOISE, STATE, Bool(off="a", on="b")),
        (NOISE, STATE, Text(length=9)),
        (NOTE, STATE, Bool(off="a", on="b")),
        (NOTE, STATE, integer_type()),
        (GATE, STATE, integer_type()),
        (THERMOSTAT, PRESET, integer_type()),
        (THERMOSTAT, LOW, Text(length=9)),
        (LAMP, COLOUR, Text(length=9)),
        (LAMP, STATE, integer_type()),
        (FAN, "attribute.oscillating", Text(length=9)),
    ],
)
def test_a_definition_of_another_type_than_the_control_is_refused(state: State, key: str, data_type: DataType) -> None:
    definition = Definition(identifier="it", name="it", data_type=data_type, unit="dB")
    with pytest.raises(NotCommandableError) as caught:
        plan(state, {key: (definition, "1")}, METRIC_SYSTEM)
    assert (caught.value.reason, caught.value.key) == ("type", key)


def test_a_definition_of_a_type_that_nothing_sets_is_refused() -> None:
    definition = Definition(identifier="it", name="it", data_type=Date())
    with pytest.raises(NotCommandableError) as caught:
        plan(NOTE, {STATE: (definition, "1")}, METRIC_SYSTEM)
    assert caught.value.reason == "not_settable"


# Units


@pytest.mark.parametrize("step", [0.1, 0.5, 1, 2])
def test_each_temperature_of_a_house_in_fahrenheit_comes_back_from_a_model_in_celsius(step: float) -> None:
    for count in range(round(50 / step) + 1):
        degrees = round(45 + count * step, 9)
        state = changed(THERMOSTAT, min_temp=45, max_temp=95, target_temp_step=step, temperature=degrees)
        celsius = (degrees - 32) * 5 / 9
        written = json.loads(json.dumps(round(celsius, 2)))
        for raw in (celsius, written, f"{celsius:.2f}"):
            assert planned(state, {TARGET: raw}, US_CUSTOMARY_SYSTEM) == [("set_temperature", {"temperature": degrees})]


@pytest.mark.parametrize(
    ("raw", "degrees"),
    [
        (22, 72),  # 71.6
        (7.0, 45),  # 44.6, less than half a step below the lowest
        (35.2, 95),  # 95.36
    ],
)
def test_a_converted_temperature_goes_to_the_next_step_of_the_entity(raw: float, degrees: float) -> None:
    state = changed(THERMOSTAT, min_temp=45, max_temp=95, target_temp_step=1)
    assert planned(state, {TARGET: raw}, US_CUSTOMARY_SYSTEM) == [("set_temperature", {"temperature": degrees})]


def test_the_limits_of_a_refused_temperature_are_in_the_units_of_the_model() -> None:
    state = changed(THERMOSTAT, min_temp=45, max_temp=95, target_temp_step=1)
    for raw in (6.9, 35.3):
        with pytest.raises(NotCommandableError) as caught:
            planned(state, {TARGET: raw}, US_CUSTOMARY_SYSTEM)
        assert caught.value.limits == "7.222..35 °C"


def test_a_thermostat_without_a_step_takes_whole_degrees_fahrenheit() -> None:
    state = changed(THERMOSTAT, min_temp=45, max_temp=95, target_temp_step=None)
    assert planned(state, {TARGET: 22}, US_CUSTOMARY_SYSTEM) == [("set_temperature", {"temperature": 72})]


def test_the_highest_number_can_be_set_although_it_is_no_whole_count_of_steps_above_the_lowest() -> None:
    state = changed(THERMOSTAT, min_temp=44.6, max_temp=95, target_temp_step=0.5)
    assert planned(state, {TARGET: 35}, US_CUSTOMARY_SYSTEM) == [("set_temperature", {"temperature": 95})]


def test_a_number_that_is_in_another_unit_now_is_converted() -> None:
    definition = definition_of(
        State("number.it", "2", {"unit_of_measurement": "km", "device_class": "distance", "min": 0, "max": 9}), STATE
    )
    state = State(
        "number.it",
        "2000",
        {"unit_of_measurement": "m", "device_class": "distance", "min": 0, "max": 9000, "step": 100},
    )
    (action,) = plan(state, {STATE: (definition, "2.04")}, METRIC_SYSTEM)
    assert action.data == {"value": 2000}
    with pytest.raises(NotCommandableError) as caught:
        plan(changed(state, max=5000), {STATE: (definition, 6)}, METRIC_SYSTEM)
    assert caught.value.limits == "0..5 km"


def test_a_number_that_its_unit_cannot_say_is_refused() -> None:
    said = {"device_class": "energy_distance", "min": 1, "max": 50}
    definition = definition_of(State("number.it", "20", {**said, "unit_of_measurement": "kWh/100km"}), STATE)
    state = State("number.it", "5", {"device_class": "energy_distance", "unit_of_measurement": "km/kWh"})
    for raw, reason in ((0, "range"), (51, "range"), (20, "")):
        assert reason_of(state, definition, raw) == reason


def test_a_loose_spelling_of_a_unit_is_the_one_that_a_person_took_it_for() -> None:
    definition = replace(definition_of(NOISE, STATE), same_units={"decibel": "dB"})
    state = changed(NOISE, unit_of_measurement="decibel")
    assert plan(state, {STATE: (definition, 4)}, METRIC_SYSTEM)[0].data == {"value": 4}


def test_a_number_without_limits_has_those_of_its_definition() -> None:
    said = {"device_class": "distance", "unit_of_measurement": "km", "min": 1, "max": 5}
    definition = definition_of(State("number.it", "2", said), STATE)
    state = State("number.it", "2000", {"device_class": "distance", "unit_of_measurement": "m"})
    with pytest.raises(NotCommandableError) as caught:
        plan(state, {STATE: (definition, 5.1)}, METRIC_SYSTEM)
    assert caught.value.limits == "1..5 km"
    assert plan(state, {STATE: (definition, 5)}, METRIC_SYSTEM)[0].data == {"value": 5000}


def reason_of(state: State, definition: Definition, raw: Any) -> str:
    try:
        plan(state, {STATE: (definition, raw)}, METRIC_SYSTEM)
    except NotCommandableError as err:
        return err.reason.value
    return ""


# The colour of a light as a value


def test_a_colour_is_offered_only_on_request_and_sent_as_hue_and_saturation() -> None:
    facet = {facet.key: facet for facet in facets(LAMP, METRIC_SYSTEM)}[COLOUR]
    assert not facet.is_default
    assert Property(definition_of(LAMP, COLOUR), COLOUR).value(LAMP) == {"hue": 10.5, "saturation": 20.0}


@quick
@given(hue=st.floats(0, 360), saturation=st.floats(0, 100))
def test_a_colour_that_was_sent_can_be_set(hue: float, saturation: float) -> None:
    state = changed(LAMP, hs_color=[hue, saturation])
    sent = Property(definition_of(LAMP, COLOUR), COLOUR).value(state)
    assert planned(state, {COLOUR: sent}) == [("turn_on", {"hs_color": (hue, saturation)})]


# Raw values

HUGE: Final = pytest.param(10**5000, id="huge")
NINES: Final = pytest.param("9" * 5000, id="nines")

ANY_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["0", "1", "2.50", "1e3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["hue", "saturation", "x"]), inner),
)


@pytest.mark.parametrize(
    "state", [LAMP, THERMOSTAT, FAN, BLIND, GATE, NOTE, NOISE, PLAYER], ids=lambda state: state.entity_id
)
@quick
@given(data=st.data())
def test_any_json_is_an_action_or_refused(state: State, data: st.DataObject) -> None:
    keys = sorted(settable(state) & {facet.key for facet in facets(state, METRIC_SYSTEM)})
    values = data.draw(st.dictionaries(st.sampled_from(keys), ANY_JSON))
    try:
        actions = planned(state, values)
    except NotCommandableError:
        return
    assert json.dumps(actions, allow_nan=False)


@pytest.mark.parametrize(
    "raw",
    [
        "1e1", "1E1", "0x1", "1_0", " 1", "1 ", "1\n", "", "+1", ".5", "5.", "\uff11", "\u0663", "nan", "NaN", "inf",
        "-Infinity", "1,5", "1.5.1", "--1", None, True, False, [], {}, float("nan"), float("inf"), -float("inf"), HUGE,
        NINES,
    ],
)  # fmt: skip
def test_what_is_no_plain_decimal_is_no_number(raw: Any) -> None:
    assert refusal(NOISE, {STATE: raw})[0] == "type"


@pytest.mark.parametrize("raw", [2, "2", True, False, "true", "on", 1.0, 0.0, "1.0", "", " 1", None, [], {}, HUGE])
def test_only_a_few_values_are_yes_or_no(raw: Any) -> None:
    good = isinstance(raw, bool)
    switch = State("switch.it", "on")
    if good:
        assert planned(switch, {STATE: raw}) == [("turn_on" if raw else "turn_off", {})]
    else:
        assert refusal(switch, {STATE: raw}) == ("type", STATE, "0, 1")


@pytest.mark.parametrize("raw", [True, 1.0, None, [], {}])
def test_a_key_of_an_enum_is_a_whole_number(raw: Any) -> None:
    assert refusal(THERMOSTAT, {STATE: raw})[0] == "type"


@pytest.mark.parametrize("raw", ["heat", "01", "1.0", " 1", "-1", "\uff11", -1, 99, HUGE, NINES])
def test_a_key_that_the_definition_lacks_is_refused(raw: Any) -> None:
    assert refusal(THERMOSTAT, {STATE: raw})[0] == "option"


@pytest.mark.parametrize("raw", ["a\x00b", "a\tb", "\ud800", 1, None, ["a"]])
def test_what_no_text_may_be_is_refused(raw: Any) -> None:
    assert refusal(changed(NOTE, pattern=None), {STATE: raw})[0] == "type"


def test_a_text_is_bounded_by_the_bytes_of_its_definition() -> None:
    definition = Definition(identifier="it", name="it", data_type=Text(length=5))
    with pytest.raises(NotCommandableError) as caught:
        plan(NOTE, {STATE: (definition, "面包")}, METRIC_SYSTEM)
    assert (caught.value.reason, caught.value.limits) == ("length", "0..5")


def test_an_enum_that_has_no_option_for_a_key_refuses_it() -> None:
    definition = Definition(identifier="it", name="it", data_type=Enum(names={0: "a", 1: "b"}), options={"heat": 1})
    with pytest.raises(NotCommandableError) as caught:
        plan(THERMOSTAT, {STATE: (definition, 0)}, METRIC_SYSTEM)
    assert caught.value.limits == "1"
