"""Attributes: the kind of each, and which are sent by default."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.const import DEGREE, PERCENTAGE, STATE_OFF, STATE_ON
from homeassistant.util.unit_system import UnitSystem

from ..alink import Date, Field, Struct
from .kinds import (
    ABSENT,
    AS_DATE,
    AS_FLAG,
    AS_TEXT,
    ATTRIBUTE,
    COLOUR,
    COLOUR_MEMBERS,
    FLAG,
    GUESS,
    HUMIDITY,
    LOCATION,
    PERCENT,
    SHARE,
    TEXT,
    Decide,
    Facet,
    Kind,
    double,
    enum_kind,
    fixed,
    in_unit_of,
    measured,
    number_kind,
    one_of,
    temperature,
    whole,
    words,
)
from .ranges import finite, number_range, widened

_COLOUR_NAME: Final = COLOUR.removeprefix(ATTRIBUTE)
_OTHERS_MAX: Final = 50  # facets; a dialog lists them all, and an entity may have hundreds of attributes


def _bearing(attributes: Mapping[str, Any], units: UnitSystem) -> Kind:
    if isinstance(attributes["wind_bearing"], str):  # a point of the compass
        return Kind(data_type=TEXT)
    return number_kind(number_range("wind_direction", DEGREE), DEGREE)


_DEFAULT: Final[Mapping[str, Mapping[str, Decide]]] = {
    "alarm_control_panel": {"changed_by": AS_TEXT},
    "automation": {"last_triggered": AS_DATE},
    "calendar": {"message": AS_TEXT},
    "climate": {
        "current_temperature": temperature,
        "temperature": temperature,
        "target_temp_high": temperature,
        "target_temp_low": temperature,
        "current_humidity": HUMIDITY,
        "humidity": HUMIDITY,
        "hvac_action": fixed(enum_kind(words("cooling defrosting drying fan heating idle off preheating"))),
        "fan_mode": one_of("fan_modes"),
        "preset_mode": one_of("preset_modes"),
        "swing_mode": one_of("swing_modes"),
        "swing_horizontal_mode": one_of("swing_horizontal_modes"),
    },
    "cover": {"current_position": PERCENT, "current_tilt_position": PERCENT},
    "device_tracker": {"gps_accuracy": measured(None, "m")},
    "event": {"event_type": one_of("event_types")},
    "fan": {
        "percentage": PERCENT,
        "preset_mode": one_of("preset_modes"),
        "oscillating": AS_FLAG,
        "direction": fixed(enum_kind(("forward", "reverse"))),
    },
    "humidifier": {
        "humidity": HUMIDITY,
        "current_humidity": HUMIDITY,
        "mode": one_of("available_modes"),
        "action": fixed(enum_kind(("humidifying", "drying", "idle", "off"))),
    },
    "light": {"brightness": whole(0, 255), "color_temp_kelvin": whole(0, 100_000, "K")},
    "lock": {"changed_by": AS_TEXT},
    "media_player": {
        "volume_level": SHARE,
        "is_volume_muted": AS_FLAG,
        "media_title": AS_TEXT,
        "media_artist": AS_TEXT,
        "source": AS_TEXT,
    },
    "person": {"gps_accuracy": measured(None, "m")},
    "remote": {"current_activity": one_of("activity_list")},
    "script": {"last_triggered": AS_DATE},
    "sun": {
        "elevation": fixed(number_kind((-90, 90, 0.01), DEGREE)),
        "azimuth": measured("wind_direction", DEGREE),
    },
    "update": {"installed_version": AS_TEXT, "latest_version": AS_TEXT},
    "vacuum": {"fan_speed": one_of("fan_speed_list"), "battery_level": measured("battery", PERCENTAGE)},
    "valve": {"current_position": PERCENT},
    "water_heater": {
        "current_temperature": temperature,
        "temperature": temperature,
        "target_temp_high": temperature,
        "target_temp_low": temperature,
        "away_mode": fixed(enum_kind((STATE_OFF, STATE_ON))),
    },
    "weather": {
        "temperature": in_unit_of("temperature_unit", "temperature"),
        "apparent_temperature": in_unit_of("temperature_unit", "temperature"),
        "dew_point": in_unit_of("temperature_unit", "temperature"),
        "humidity": HUMIDITY,
        "pressure": in_unit_of("pressure_unit", "pressure"),
        "wind_speed": in_unit_of("wind_speed_unit", "wind_speed"),
        "wind_gust_speed": in_unit_of("wind_speed_unit", "wind_speed"),
        "wind_bearing": _bearing,
        "visibility": in_unit_of("visibility_unit", "distance"),
        "cloud_coverage": HUMIDITY,
        "uv_index": measured(None),
        "ozone": measured(None),
    },
}
# Their kind is known better than a value tells it; sent only when a person chooses them
_ON_REQUEST: Final[Mapping[str, Decide]] = {
    "battery_level": measured("battery", PERCENTAGE),
    "finishes_at": AS_DATE,
    "last_reset": AS_DATE,
    "latitude": fixed(number_kind((-90, 90, 0.000001), DEGREE)),
    "longitude": fixed(number_kind((-180, 180, 0.000001), DEGREE)),
    "media_duration": measured(None, "s"),
    "media_position": measured(None, "s"),
    "media_position_updated_at": AS_DATE,
    "next_dawn": AS_DATE,
    "next_dusk": AS_DATE,
    "next_event": AS_DATE,
    "next_midnight": AS_DATE,
    "next_noon": AS_DATE,
    "next_rising": AS_DATE,
    "next_setting": AS_DATE,
}
_LOCATED: Final = frozenset({"device_tracker", "geo_location", "person"})  # these move, while a zone stays where it is
_POSITION: Final = ("latitude", "longitude")
_LOCATION_KIND: Final = Kind(
    data_type=Struct(
        fields=tuple(
            Field(
                identifier=name,
                name=name,
                data_type=double((-most, most, 0.000001), DEGREE),
            )
            for name, most in zip(_POSITION, (90, 180), strict=True)
        )
    )
)
_COLOUR_KIND: Final = Kind(
    data_type=Struct(
        fields=tuple(
            Field(identifier=name, name=name, data_type=double((0, most, 0.001)))
            for name, most in zip(COLOUR_MEMBERS, (360, 100), strict=True)
        )
    )
)
# Home Assistant's own bookkeeping: the abilities of an entity, its access tokens, the address of its picture
_BOOKKEEPING: Final = frozenset(
    words("""access_token assumed_state attribution auto code_arm_required code_format device_class editable entity_id
    entity_picture entity_picture_local friendly_name has_date has_time icon id initial max max_color_temp_kelvin
    max_humidity max_mireds max_temp maximum min min_color_temp_kelvin min_humidity min_mireds min_temp minimum options
    order pattern percentage_step restored state_class step supported_color_modes supported_features
    target_humidity_step target_temp_step token unit_of_measurement user_id""")
)


_KEYS: Final = {
    domain: frozenset(f"{ATTRIBUTE}{name}" for name in _DEFAULT.get(domain, ()))
    | frozenset({LOCATION} if domain in _LOCATED else ())
    for domain in {*_DEFAULT, *_LOCATED}
}
_NO_KEYS: Final[frozenset[str]] = frozenset()


def default_keys(domain: str) -> frozenset[str]:
    """Return the keys of the facets, beside the state, that are sent by default of entities that have them."""
    return _KEYS.get(domain, _NO_KEYS)


def attribute_facets(domain: str, attributes: Mapping[str, Any], units: UnitSystem) -> Iterator[Facet]:
    """Yield the facets of an entity beside its state; those that are sent by default come first."""
    known = _DEFAULT.get(domain, {})
    for name, decide in known.items():
        kind = decide(attributes, units) if name in attributes else None
        if kind is None and attributes.get(name) is not None:  # an enum whose options are not listed
            kind = GUESS
        if kind is not None:
            yield kind.facet(f"{ATTRIBUTE}{name}")
    is_located = all(name in attributes for name in _POSITION)
    if is_located:
        yield _LOCATION_KIND.facet(LOCATION, is_default=domain in _LOCATED)
    done = {*known, *_BOOKKEEPING, *(_POSITION if is_located else ())}
    others = (
        (name, kind)
        for name in sorted(name for name in attributes if _is_name_of_other(name) and name not in done)
        if (kind := _other_kind(name, attributes, units)) is not None
    )
    for _, (name, kind) in zip(range(_OTHERS_MAX), others, strict=False):
        yield kind.facet(f"{ATTRIBUTE}{name}", is_default=False)


def _is_name_of_other(name: Any) -> bool:
    # Half of a surrogate pair cannot be encoded for the disk or the file; for isprintable() it is not printable.
    return isinstance(name, str) and name != "" and not name.endswith("_unit") and name.isprintable()


def _other_kind(name: str, attributes: Mapping[str, Any], units: UnitSystem) -> Kind | None:
    """Decide by the present value, unless the attribute is known by its name."""
    if name == _COLOUR_NAME:
        return _COLOUR_KIND
    if name in _ON_REQUEST:
        return _ON_REQUEST[name](attributes, units)
    match attributes[name]:
        case bool():
            return Kind(data_type=FLAG)
        case int() | float() as value if finite(value) is not None:
            return Kind(data_type=widened(double(number_range(None, None)), value, value))
        case datetime():
            return Kind(data_type=Date())
        case str() as text:
            return GUESS if text in ABSENT else Kind(data_type=TEXT)
    return None
