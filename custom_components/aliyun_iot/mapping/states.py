"""States: the kind of each, by domain and attributes."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS, NON_NUMERIC_DEVICE_CLASSES, SensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
)

from ..alink import ENUM_ITEMS_MAX, Date, integer_type
from .kinds import ABSENT, GUESS, SWITCH, TEXT, Kind, enum_kind, number_kind, options_of, word, words
from .ranges import number_range, stated_range, stated_whole_range

_SWITCHES: Final = frozenset(
    words("""automation binary_sensor calendar fan humidifier input_boolean light remote schedule script siren switch
    update""")
)
# Their state is a moment: one that was set, or the latest time that something happened
_MOMENTS: Final = frozenset(
    words("""ai_task button conversation date datetime event image infrared input_button notify radio_frequency scene
    stt tag tts wake_word""")
)
_MOMENT_SENSORS: Final = frozenset({"date", "timestamp", "uptime"})
_NUMBERS: Final = frozenset({"input_number", "number"})
# Home Assistant takes only numbers as states of these, also where they have neither a unit nor a state class
_NUMERIC: Final = frozenset(SensorDeviceClass) - NON_NUMERIC_DEVICE_CLASSES
_UNITLESS: Final = frozenset(device_class for device_class, units in DEVICE_CLASS_UNITS.items() if None in units)
_TEXTS: Final = frozenset({"camera", "device_tracker", "input_datetime", "input_text", "person", "text", "time"})
_AMOUNTS: Final = frozenset({"todo", "zone"})
_CHOICES: Final = frozenset({"input_select", "select"})
# Listed here rather than read from Home Assistant: the order gives the keys, so that a new state must go to the end.
_STATES: Final[Mapping[str, tuple[str, ...]]] = {
    domain: words(states)
    for domain, states in {
        "alarm_control_panel": """disarmed armed_home armed_away armed_night armed_vacation armed_custom_bypass pending
            arming disarming triggered""",
        "assist_satellite": "idle listening processing responding",
        "climate": "off heat cool heat_cool auto dry fan_only",
        "cover": "closed closing open opening",
        "lawn_mower": "error paused mowing docked returning idle",
        "lock": "jammed opening locking open unlocking locked unlocked",
        "media_player": "off on idle playing paused standby buffering",
        "plant": "ok problem",
        "sun": "above_horizon below_horizon",
        "timer": "idle active paused",
        "vacuum": "cleaning docked idle paused returning error",
        "valve": "opening closing closed open",
        "weather": """clear-night cloudy exceptional fog hail lightning lightning-rainy partlycloudy pouring rainy snowy
            snowy-rainy sunny windy windy-variant""",
    }.items()
}
_WATER_HEATER: Final = words("off on eco electric performance high_demand heat_pump gas")


def state_kind(domain: str, state: str, attributes: Mapping[str, Any]) -> Kind | None:
    """Decide on the kind of an entity's state; None while the state does not tell it."""
    if domain in _SWITCHES:
        return Kind(data_type=SWITCH)
    if domain in _STATES:
        return enum_kind(_STATES[domain])
    if domain in _MOMENTS:
        return Kind(data_type=Date())
    if domain in _AMOUNTS:
        return Kind(data_type=integer_type(0))
    if domain == "counter":
        return Kind(data_type=stated_whole_range(attributes, ("minimum", "maximum", "step")))
    match domain:
        case "group":  # its states are those of its members, and unknown before they have one
            return None if state in ABSENT else Kind(data_type=SWITCH if state in (STATE_OFF, STATE_ON) else TEXT)
        case "input_datetime" if attributes.get("has_date") is True:
            return Kind(data_type=Date())
        case "water_heater":
            listed = options_of(attributes.get("operation_list")) or ()
            return enum_kind((*_WATER_HEATER, *(mode for mode in listed if mode not in _WATER_HEATER))[:ENUM_ITEMS_MAX])
    return Kind(data_type=TEXT) if domain in _TEXTS else _measured_kind(domain, state, attributes)


def _measured_kind(domain: str, state: str, attributes: Mapping[str, Any]) -> Kind | None:
    """Decide by the attributes: a choice, a moment, a number, or otherwise a text."""
    device_class, unit = word(attributes, ATTR_DEVICE_CLASS), word(attributes, ATTR_UNIT_OF_MEASUREMENT)
    is_silent = state in ABSENT
    if domain in _CHOICES or (domain == "sensor" and device_class == SensorDeviceClass.ENUM):
        options = options_of(attributes.get("options"))
        if options is not None:
            return enum_kind(options)
        return None if "options" not in attributes and is_silent else GUESS
    if domain == "sensor" and device_class in _MOMENT_SENSORS:
        return Kind(data_type=Date())
    limits = number_range(device_class, unit)
    # A helper has no unit while its source is silent, or half of one: a derivative is then in "/h".
    is_guess = is_silent or (unit is None and device_class not in _UNITLESS)
    if domain == "geo_location":  # a distance
        return number_kind(limits, unit, device_class or SensorDeviceClass.DISTANCE.value, is_guess=is_guess)
    if domain in _NUMBERS:
        return number_kind(
            stated_range(attributes, ("min", "max", "step"), limits), unit, device_class, is_guess=is_guess
        )
    if is_silent and unit is None and device_class not in _UNITLESS:
        return None
    # Home Assistant's own signs of a number: its statistics look at the same three attributes.
    is_number = ATTR_UNIT_OF_MEASUREMENT in attributes or "state_class" in attributes
    if is_number or (domain == "sensor" and device_class in _NUMERIC):
        return number_kind(limits, unit, device_class, is_guess=is_guess)
    return GUESS
