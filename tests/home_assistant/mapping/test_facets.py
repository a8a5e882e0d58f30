"""Facets of every domain, and their types."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from homeassistant.components.alarm_control_panel.const import AlarmControlPanelState
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.components.climate.const import HVACAction, HVACMode
from homeassistant.components.cover import CoverState
from homeassistant.components.humidifier.const import HumidifierAction
from homeassistant.components.lawn_mower.const import LawnMowerActivity
from homeassistant.components.lock.const import LockState
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS
from homeassistant.components.vacuum.const import VacuumActivity
from homeassistant.components.valve.const import ValveState
from homeassistant.core import State
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import (
    Bool,
    DataType,
    Date,
    Enum,
    Number,
    NumberType,
    Struct,
    Text,
    Unit,
    integer_type,
)
from custom_components.aliyun_iot.mapping.facets import AVAILABILITY, facets
from custom_components.aliyun_iot.mapping.kinds import ATTRIBUTE, LOCATION, STATE, Facet

from . import check, facets_of, facets_with

ON_OFF = Bool(off="off", on="on")
FLAG = Bool(off="false", on="true")
TEXT = Text(length=1024)
CELSIUS = Unit(symbol="°C", name="摄氏度")
PERCENT = Unit(symbol="%", name="百分比")
NAN = float("nan")
SWITCHES = (
    "automation", "binary_sensor", "calendar", "fan", "humidifier", "input_boolean", "light", "remote", "schedule",
    "script", "siren", "switch", "update",
)  # fmt: skip
BOOKKEEPING = (
    "access_token", "assumed_state", "attribution", "device_class", "editable", "entity_picture", "friendly_name",
    "icon", "id", "options", "restored", "state_class", "supported_color_modes", "supported_features",
    "temperature_unit", "unit_of_measurement", "min", "max", "step",
)  # fmt: skip
MOMENTS = ("button", "date", "datetime", "event", "image", "input_button", "notify", "scene", "tag", "tts")


def choice(*options: str) -> Enum:
    return Enum(names=dict(enumerate(options)))


def double(low: float, high: float, step: float = 0.01, unit: Unit | None = None) -> Number:
    return Number(type=NumberType.DOUBLE, low=low, high=high, step=step, unit=unit)


GENERAL = double(-1e15, 1e15)


def defaults(found: dict[str, Facet]) -> dict[str, DataType]:
    """Return the types of the attributes that are sent by default."""
    return {
        key.removeprefix(ATTRIBUTE): facet.data_type
        for key, facet in found.items()
        if facet.is_default and key != STATE
    }


@pytest.mark.parametrize(
    ("entity_id", "attributes", "expected"),
    [
        *((f"{domain}.it", {}, ON_OFF) for domain in SWITCHES),
        *((f"{domain}.it", {}, Date()) for domain in MOMENTS),
        *(
            (f"{domain}.it", {}, TEXT)
            for domain in ("camera", "device_tracker", "input_text", "person", "text", "time")
        ),
        ("made_up.it", {}, TEXT),
        ("made_up.it", {"unit_of_measurement": "W"}, double(-1e15, 1e15, 0.01, Unit(symbol="W", name="瓦特"))),
        ("sensor.it", {}, TEXT),
        ("sensor.it", {"state_class": "total"}, GENERAL),
        ("sensor.it", {"unit_of_measurement": None}, GENERAL),
        (
            "sensor.it",
            {"unit_of_measurement": "°C", "device_class": "temperature"},
            double(-273.15, 5000, unit=CELSIUS),
        ),
        ("sensor.it", {"device_class": "timestamp"}, Date()),
        ("sensor.it", {"device_class": "date"}, Date()),
        ("sensor.it", {"device_class": "uptime"}, Date()),
        ("sensor.it", {"device_class": "enum", "options": ["b", "a"]}, choice("b", "a")),
        ("sensor.it", {"device_class": "enum", "options": ["a", "a"]}, TEXT),
        ("sensor.it", {"device_class": "enum", "options": [str(key) for key in range(101)]}, TEXT),
        ("select.it", {"options": ["slow", "fast"]}, choice("slow", "fast")),
        ("select.it", {"options": []}, TEXT),
        ("input_select.it", {"options": ["one", ""]}, TEXT),
        ("input_select.it", {"options": ["one", 2]}, TEXT),
        ("number.it", {"min": 5, "max": 35, "step": 0.5}, double(5, 35, 0.5)),
        ("number.it", {"min": 35, "max": 5, "step": 0.5}, double(-1e15, 1e15, 0.5)),
        (
            "number.it",
            {"min": NAN, "max": 5, "device_class": "humidity", "unit_of_measurement": "%"},
            double(-10, 110, unit=PERCENT),
        ),
        ("input_number.it", {"min": 0.0, "max": 1.0, "step": 0.1}, double(0, 1, 0.1)),
        ("counter.it", {"step": 1}, integer_type()),
        (
            "counter.it",
            {"minimum": 0, "maximum": 10, "step": 5},
            Number(type=NumberType.INT, low=0, high=10, step=5),
        ),
        ("counter.it", {"minimum": 0, "maximum": 10, "step": 50}, integer_type(0, 10)),
        ("counter.it", {"minimum": 10, "maximum": 0, "step": 1}, integer_type()),
        ("counter.it", {"minimum": "0", "maximum": 2**40, "step": 1}, integer_type()),
        ("todo.it", {}, integer_type(0)),
        ("zone.it", {}, integer_type(0)),
        ("climate.it", {"hvac_modes": ["heat", "off"]}, choice(*HVACMode)),
        ("sun.it", {}, choice("above_horizon", "below_horizon")),
        ("timer.it", {}, choice("idle", "active", "paused")),
        ("input_datetime.it", {"has_date": True, "has_time": True}, Date()),
        ("input_datetime.it", {"has_date": True, "has_time": False}, Date()),
        ("input_datetime.it", {"has_date": False, "has_time": True}, TEXT),
        (
            "water_heater.it",
            {"operation_list": ["eco", "Legionella", "off"]},
            choice("off", "on", "eco", "electric", "performance", "high_demand", "heat_pump", "gas", "Legionella"),
        ),
    ],
)
def test_a_domain_has_its_type(entity_id: str, attributes: dict[str, object], expected: DataType) -> None:
    found = facets_with(entity_id, "on", attributes)
    assert found[STATE].data_type == expected
    assert next(iter(found)) == STATE


# States that the oldest supported Home Assistant does not have yet
ADDED: Final = {"lawn_mower": {"idle"}}


def states_of(domain: str) -> tuple[str, ...]:
    return facets_of(f"{domain}.it")[STATE].options


@pytest.mark.parametrize(
    ("domain", "states"),
    [
        ("alarm_control_panel", AlarmControlPanelState),
        ("assist_satellite", AssistSatelliteState),
        ("climate", HVACMode),
        ("cover", CoverState),
        ("lawn_mower", LawnMowerActivity),
        ("lock", LockState),
        ("media_player", MediaPlayerState),
        ("vacuum", VacuumActivity),
        ("valve", ValveState),
    ],
)
def test_the_states_of_a_domain_are_all_of_home_assistants(domain: str, states: Iterable[str]) -> None:
    known = {*map(str, states), *ADDED.get(domain, ())}
    assert sorted(states_of(domain)) == sorted(known)  # the order is our own: it gives the keys
    assert facets_of(f"{domain}.it")[STATE].data_type == choice(*states_of(domain))


def test_the_actions_are_home_assistants() -> None:
    assert facets_of("climate.it", hvac_action=None)["attribute.hvac_action"].options == tuple(HVACAction)
    assert facets_of("humidifier.it", action=None)["attribute.action"].options == tuple(HumidifierAction)


@pytest.mark.parametrize(
    ("state", "expected"), [("on", ON_OFF), ("off", ON_OFF), ("home", TEXT), ("locked", TEXT), ("12", TEXT)]
)
def test_a_group_is_what_its_members_are(state: str, expected: DataType) -> None:
    assert facets_of("group.it", state)[STATE].data_type == expected


@pytest.mark.parametrize("state", ["unknown", "unavailable", ""])
def test_nothing_is_decided_before_it_can_be(state: str) -> None:
    assert facets_of("group.it", state) == {}
    assert facets_of("select.it", state) == {}
    assert facets_of("sensor.it", state, device_class="enum") == {}


def test_a_choice_without_options_that_has_a_state_is_a_text() -> None:
    assert facets_of("select.it", "one")[STATE].data_type == TEXT


@pytest.mark.parametrize(
    ("device_class", "unit"),
    [(device_class, unit) for device_class, units in DEVICE_CLASS_UNITS.items() for unit in sorted(units, key=str)],
)
def test_every_device_class_is_a_number_in_each_of_its_units(device_class: str, unit: str | None) -> None:
    given = {"unit_of_measurement": unit, "device_class": device_class, "state_class": "measurement"}
    for domain in ("sensor", "number"):
        facet = facets_of(f"{domain}.it", "1", **given)[STATE]
        check(facet.data_type)
        assert isinstance(facet.data_type, Number)
        assert (facet.data_type.type, facet.unit) == (NumberType.DOUBLE, unit)


@pytest.mark.parametrize(
    ("entity_id", "attributes", "expected"),
    [
        (
            "climate.it",
            {
                "current_temperature": None,
                "temperature": 21,
                "humidity": 40,
                "hvac_action": "idle",
                "fan_mode": "low",
                "fan_modes": ["low", "high"],
                "preset_mode": "none",
                "min_temp": 7,
                "target_temp_step": 0.5,
                "hvac_modes": ["off"],
            },
            {
                "current_temperature": double(-273.15, 5000, unit=CELSIUS),
                "temperature": double(-273.15, 5000, unit=CELSIUS),
                "humidity": double(-10, 110, unit=PERCENT),
                "hvac_action": choice(*HVACAction),
                "fan_mode": choice("low", "high"),
                "preset_mode": TEXT,
            },
        ),
        (
            "light.it",
            {"brightness": None, "color_temp_kelvin": 4000, "rgb_color": (1, 2, 3), "color_mode": "rgb"},
            {
                "brightness": integer_type(0, 255),
                "color_temp_kelvin": integer_type(0, 100_000, Unit(symbol="K", name="开尔文")),
            },
        ),
        (
            "cover.it",
            {"current_position": 3, "current_tilt_position": 4, "is_closed": False},
            {
                "current_position": integer_type(0, 100, PERCENT),
                "current_tilt_position": integer_type(0, 100, PERCENT),
            },
        ),
        ("valve.it", {"current_position": 3}, {"current_position": integer_type(0, 100, PERCENT)}),
        (
            "fan.it",
            {"percentage": 33, "percentage_step": 1, "preset_mode": None, "preset_modes": ["a"], "oscillating": True},
            {"percentage": integer_type(0, 100, PERCENT), "preset_mode": choice("a"), "oscillating": FLAG},
        ),
        (
            "humidifier.it",
            {"humidity": 50, "mode": "auto", "available_modes": ["auto", "baby"]},
            {"humidity": double(-10, 110, unit=PERCENT), "mode": choice("auto", "baby")},
        ),
        (
            "media_player.it",
            {"volume_level": 0.5, "is_volume_muted": False, "media_title": "x", "source": None, "app_name": "y"},
            {"volume_level": double(0, 1), "is_volume_muted": FLAG, "media_title": TEXT, "source": TEXT},
        ),
        ("update.it", {"installed_version": "1", "latest_version": None, "title": "x"}, {
            "installed_version": TEXT, "latest_version": TEXT,
        }),
        ("automation.it", {"last_triggered": None, "mode": "single", "current": 0}, {"last_triggered": Date()}),
        ("script.it", {"last_triggered": datetime.now(UTC)}, {"last_triggered": Date()}),
        ("event.it", {"event_type": None, "event_types": ["ring"]}, {"event_type": choice("ring")}),
        ("fan.it", {"preset_mode": None, "preset_modes": None}, {}),
        ("fan.it", {"preset_mode": "auto"}, {"preset_mode": TEXT}),
        ("fan.it", {"preset_mode": None, "preset_modes": ["a", "a"]}, {"preset_mode": TEXT}),
        (
            "sun.it",
            {"elevation": -12.5, "azimuth": 270, "next_dawn": "2026-01-01T00:00:00+00:00"},
            {
                "elevation": double(-90, 90, unit=Unit(symbol="°", name="度")),
                "azimuth": double(-360, 720, unit=Unit(symbol="°", name="度")),
            },
        ),
        (
            "water_heater.it",
            {"current_temperature": 50, "away_mode": "off", "operation_mode": "eco"},
            {"current_temperature": double(-273.15, 5000, unit=CELSIUS), "away_mode": choice("off", "on")},
        ),
        (
            "vacuum.it",
            {"fan_speed": "max", "fan_speed_list": ["max"], "battery_level": 90},
            {"fan_speed": choice("max"), "battery_level": double(-10, 300, unit=PERCENT)},
        ),
        (
            "device_tracker.it",
            {"gps_accuracy": 3, "battery_level": 90, "source_type": "gps"},
            {"gps_accuracy": double(-1e15, 1e15, unit=Unit(symbol="m", name="米"))},
        ),
        ("counter.it", {"step": 1, "initial": 0}, {}),
        ("sensor.it", {"battery_level": 3, "voltage": 2.9}, {}),
        ("zone.it", {"latitude": 1.0, "longitude": 2.0, "radius": 100}, {}),
        (
            "weather.it",
            {"temperature": 70, "temperature_unit": "°F", "pressure": 99, "pressure_unit": "hPa", "wind_bearing": 3.5},
            {
                "temperature": double(-459.67, 10_000, unit=Unit(symbol="℉", name="华氏度")),
                "pressure": double(-1e15, 1e15, unit=Unit(symbol="hPa", name="百帕")),
                "wind_bearing": double(-360, 720, unit=Unit(symbol="°", name="度")),
            },
        ),
        ("weather.it", {"wind_bearing": "NNE", "uv_index": 3, "visibility": 3, "visibility_unit": ["km"]}, {
            "wind_bearing": TEXT, "uv_index": GENERAL, "visibility": GENERAL,
        }),
    ],
)  # fmt: skip
def test_a_domain_has_its_attributes(
    entity_id: str, attributes: dict[str, object], expected: dict[str, DataType]
) -> None:
    assert defaults(facets_of(entity_id, "on", **attributes)) == expected


def test_a_thermostat_is_in_the_units_of_the_home() -> None:
    state = State("climate.it", "heat", {"temperature": 70})
    assert [facet.unit for facet in facets(state, US_CUSTOMARY_SYSTEM)] == [None, "°F"]


@pytest.mark.parametrize(
    ("domain", "is_default"), [("device_tracker", True), ("person", True), ("geo_location", True), ("zone", False)]
)
def test_a_place_is_one_struct(domain: str, is_default: bool) -> None:
    found = facets_of(f"{domain}.it", latitude=None, longitude=2.0)
    assert [key for key in found if "itude" in key] == []
    location = found[LOCATION]
    assert location.is_default is is_default
    assert isinstance(location.data_type, Struct)
    assert [(field.identifier, field.data_type) for field in location.data_type.fields] == [
        ("latitude", double(-90, 90, 0.000001, Unit(symbol="°", name="度"))),
        ("longitude", double(-180, 180, 0.000001, Unit(symbol="°", name="度"))),
    ]


def test_a_colour_is_one_struct_for_who_asks() -> None:
    colour = facets_of("light.it", hs_color=None)["attribute.hs_color"]
    assert not colour.is_default
    assert isinstance(colour.data_type, Struct)
    assert [(field.identifier, field.data_type) for field in colour.data_type.fields] == [
        ("hue", double(0, 360, 0.001)),
        ("saturation", double(0, 100, 0.001)),
    ]


def test_half_a_place_is_none() -> None:
    assert LOCATION not in facets_of("person.it", latitude=1.0)


def test_other_attributes_are_there_for_who_asks() -> None:
    found = facets_of(
        "sensor.it", "1", b=1, a="x", c=True, d=2.5, e=datetime.now(UTC), f=None, g=[1], h={}, i=(1, 2), j=1e300
    )
    assert {key.removeprefix(ATTRIBUTE): facet.data_type for key, facet in found.items() if key != STATE} == {
        "a": TEXT,
        "b": GENERAL,
        "c": FLAG,
        "d": GENERAL,
        "e": Date(),
        "j": double(-1e15, 1e300),
    }
    assert not any(facet.is_default for facet in list(found.values())[1:])


def test_a_well_known_attribute_of_any_domain_is_more_than_its_value() -> None:
    found = facets_of("sensor.it", "1", battery_level="90", last_reset="2026-01-01T00:00:00+00:00", next_dawn=None)
    assert {key: (facet.data_type, facet.unit) for key, facet in found.items() if key != STATE} == {
        "attribute.battery_level": (double(-10, 300, unit=PERCENT), "%"),
        "attribute.last_reset": (Date(), None),
        "attribute.next_dawn": (Date(), None),
    }


def test_other_attributes_are_at_most_fifty_and_sorted() -> None:
    found = facets_of("sensor.it", "1", **{f"a{number:03}": number for number in reversed(range(200))})
    assert list(found) == [STATE, *(f"attribute.a{number:03}" for number in range(50))]


def test_the_bookkeeping_of_home_assistant_is_no_facet() -> None:
    assert list(facets_of("camera.it", "idle", **dict.fromkeys(BOOKKEEPING, "x"))) == [STATE]


HOSTILE = [
    None, True, "", "\ud800", "x" * 100_000, 10**400, -(10**400), 2**63, NAN, float("inf"), -0.0, 1e308, [], [[]],
    ["a", []], [None], ["\ud800"], {}, {"a": {}}, (), set(), object(), b"x", Ellipsis, datetime.now(UTC),
]  # fmt: skip
DOMAINS = (
    "alarm_control_panel", "automation", "calendar", "camera", "climate", "counter", "cover", "device_tracker",
    "event", "fan", "geo_location", "group", "humidifier", "input_datetime", "input_number", "input_select",
    "light", "lock", "media_player", "number", "person", "remote", "select", "sensor", "sun", "todo", "update",
    "vacuum", "valve", "water_heater", "weather", "zone", "made_up",
)  # fmt: skip
NAMES = (
    "action", "activity_list", "available_modes", "battery_level", "brightness", "current_position", "device_class",
    "event_type", "event_types", "fan_mode", "fan_modes", "has_date", "humidity", "latitude", "longitude", "max",
    "maximum", "min", "minimum", "operation_list", "options", "percentage", "preset_modes", "pressure_unit",
    "state_class", "step", "temperature", "temperature_unit", "unit_of_measurement", "visibility_unit",
    "wind_bearing", "anything", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("domain", DOMAINS)
def test_whatever_is_in_the_attributes_the_facets_are_ones_that_the_console_takes(domain: str) -> None:
    odd_keys = {None: 1, 5: 2, ("a",): 3, "": 4, "\x00": 5, "a\nb": 6}
    for value in HOSTILE:
        found = facets_with(f"{domain}.it", "on", odd_keys | dict.fromkeys(NAMES, value))
        for facet in found.values():
            check(Enum(names=dict(enumerate(facet.options))) if facet.options else facet.data_type)
            assert "\ud800" not in facet.key
            assert isinstance(facet.unit, str | None)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("state", ["unknown", "unavailable", "", "on", "\ud800", "9" * 255])
def test_whatever_the_state_is_the_facets_are_ones_that_the_console_takes(domain: str, state: str) -> None:
    for facet in facets(State(f"{domain}.it", state), US_CUSTOMARY_SYSTEM):
        check(facet.data_type)


def test_availability_is_a_bool() -> None:
    check(AVAILABILITY.data_type)
    assert (AVAILABILITY.key, AVAILABILITY.data_type) == ("available", Bool(off="unavailable", on="available"))
