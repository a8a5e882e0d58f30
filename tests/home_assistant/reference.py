"""Reference: the value of each state and attribute on the platform, by tables that are written by hand.

It imports nothing of the integration. The order of the words below is a promise to those who read the values in the
cloud: the place of a word is its key.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.core import State

AVAILABLE: Final = "available"
LOCATION: Final = "location"
STATE: Final = "state"

ABSENT: Final = ("unknown", "unavailable", "")
_SWITCHES: Final = (
    "automation", "binary_sensor", "calendar", "fan", "group", "humidifier", "input_boolean", "light", "remote",
    "schedule", "script", "siren", "switch",
)  # fmt: skip
_MOMENTS: Final = (
    "button", "conversation", "date", "datetime", "event", "image", "input_button", "notify", "scene", "stt", "tts",
)  # fmt: skip
_TEXTS: Final = ("camera", "device_tracker", "input_text", "person", "text", "time")
_NUMBERS: Final = ("air_quality", "counter", "geo_location", "input_number", "number", "todo", "zone")
_CHOICES: Final = ("input_select", "select")
_KEYS: Final = {
    domain: words.split()
    for domain, words in {
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
        "water_heater": "off on eco electric performance high_demand heat_pump gas",
        "weather": """clear-night cloudy exceptional fog hail lightning lightning-rainy partlycloudy pouring rainy snowy
            snowy-rainy sunny windy windy-variant""",
    }.items()
}
_KEYS_OF_ATTRIBUTES: Final = {
    "action": ["humidifying", "drying", "idle", "off"],
    "away_mode": ["off", "on"],
    "direction": ["forward", "reverse"],
    "hvac_action": ["cooling", "defrosting", "drying", "fan", "heating", "idle", "off", "preheating"],
}
# The attribute that lists the words of another one
_LISTS: Final = {
    "event_type": "event_types",
    "fan_mode": "fan_modes",
    "fan_speed": "fan_speed_list",
    "mode": "available_modes",
    "preset_mode": "preset_modes",
    "swing_horizontal_mode": "swing_horizontal_modes",
    "swing_mode": "swing_modes",
}
_FLAGS: Final = ("is_volume_muted", "oscillating")
_MOMENTS_OF_ATTRIBUTES: Final = ("last_triggered",)
_TEXTS_OF_ATTRIBUTES: Final = ("changed_by", "media_artist", "media_title", "message", "source")
_NUMBERS_OF_ATTRIBUTES: Final = (
    "azimuth", "brightness", "color_temp_kelvin", "current_humidity", "current_position", "current_temperature",
    "current_tilt_position", "elevation", "gps_accuracy", "humidity", "percentage", "pressure", "target_temp_high",
    "target_temp_low", "temperature", "volume_level", "wind_speed",
)  # fmt: skip


def raw(state: State, facet: str) -> Any:
    """Return the text or the attribute that a property is made of."""
    if facet in (STATE, AVAILABLE):
        return state.state
    if facet == LOCATION:
        return {name: state.attributes[name] for name in ("latitude", "longitude")}
    return state.attributes.get(facet)


def value(state: State, facet: str, time_zone: str) -> Any:
    """Return the value of a facet, which keeps its unit; None for one without a value."""
    found = raw(state, facet)
    if facet == AVAILABLE:
        return int(found != "unavailable")
    if found is None or found in ABSENT:
        return None
    if facet == LOCATION:
        return found
    if facet == STATE:
        return _of_state(state, time_zone)(found)
    return _of_attribute(facet, state.attributes, time_zone)(found)


def _of_state(state: State, time_zone: str) -> Callable[[str], Any]:
    domain, attributes = state.domain, state.attributes
    device_class = attributes.get("device_class")
    if domain in _SWITCHES:
        return ("off", "on").index
    if domain in _KEYS:
        return _KEYS[domain].index
    if domain in _TEXTS or (domain == "input_datetime" and not attributes["has_date"]):
        return str
    if domain in (*_MOMENTS, "input_datetime") or device_class in ("date", "timestamp", "uptime"):
        return lambda text: _milliseconds(datetime.fromisoformat(text), time_zone)
    if domain in _CHOICES or device_class == "enum":
        return list(attributes["options"]).index
    if domain in _NUMBERS or "unit_of_measurement" in attributes or "state_class" in attributes:
        return float
    assert domain == "sensor", f"no line in the tables for {domain}"
    return str if device_class is None else float  # all other device classes of sensors are of numbers


def _of_attribute(name: str, attributes: Mapping[str, Any], time_zone: str) -> Callable[[Any], Any]:
    if name in _LISTS:
        return list(attributes[_LISTS[name]]).index
    if name in _KEYS_OF_ATTRIBUTES:
        return _KEYS_OF_ATTRIBUTES[name].index
    if name in _MOMENTS_OF_ATTRIBUTES:
        return lambda moment: _milliseconds(moment, time_zone)
    if name in _FLAGS:
        return int
    if name in _TEXTS_OF_ATTRIBUTES:
        return str
    assert name in _NUMBERS_OF_ATTRIBUTES, f"no line in the tables for {name}"
    return float


def _milliseconds(moment: datetime, time_zone: str) -> str:
    """Return milliseconds since 1970 as a text; a moment without a time zone is in that of the house."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(time_zone))
    return str(round(moment.timestamp() * 1000))
