"""The value that a state has on the platform."""

from datetime import datetime
from enum import StrEnum
import math
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from ..alink.protocol.messages import Value

_ABSENT: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_NUMBERS: Final = frozenset({"counter", "input_number", "number"})
_CHOICES: Final = frozenset({"input_select", "select"})
# Their state is a moment: a set one, or when it last happened
_MOMENTS: Final = frozenset({"button", "date", "datetime", "event", "image", "input_button", "scene"})
_SWITCHES: Final = frozenset(
    {
        "automation",
        "binary_sensor",
        "fan",
        "humidifier",
        "input_boolean",
        "light",
        "remote",
        "schedule",
        "script",
        "siren",
        "switch",
        "update",
    }
)


class PropertyType(StrEnum):
    """Data types of the thing model ("Add a TSL feature")."""

    BOOL = "bool"
    DATE = "date"
    ENUM = "enum"
    FLOAT = "float"
    TEXT = "text"


class NotConvertibleError(Exception):
    """A state that is no value of its property's type."""


def property_type(state: State) -> PropertyType:
    """Decide on a data type by what Home Assistant says of the entity."""
    if state.domain in _SWITCHES or (state.domain == "group" and state.state in (STATE_ON, STATE_OFF)):
        return PropertyType.BOOL
    if state.domain in _NUMBERS:
        return PropertyType.FLOAT
    if state.domain in _CHOICES:
        return PropertyType.ENUM
    if state.domain in _MOMENTS:
        return PropertyType.DATE
    if state.domain == "sensor":
        return _sensor_type(state)
    return PropertyType.TEXT


def _sensor_type(state: State) -> PropertyType:
    match state.attributes.get(ATTR_DEVICE_CLASS):
        case SensorDeviceClass.ENUM:
            return PropertyType.ENUM
        case SensorDeviceClass.TIMESTAMP | SensorDeviceClass.DATE | "uptime":
            return PropertyType.DATE
    # Home Assistant's own sign of a number: the frontend and the statistics look at the same two.
    if ATTR_UNIT_OF_MEASUREMENT in state.attributes or "state_class" in state.attributes:
        return PropertyType.FLOAT
    return PropertyType.TEXT


def property_value(state: State) -> Value | None:
    """Convert a state, or return None for one that says nothing; raises NotConvertibleError."""
    if state.state in _ABSENT:
        return None
    match property_type(state):
        case PropertyType.BOOL:
            return _bool(state.state)
        case PropertyType.FLOAT:
            return _float(state.state)
        case PropertyType.ENUM:
            return _enum(state)
        case PropertyType.DATE:
            return _date(state.state)
        case _:
            return _text(state.state)


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        raise NotConvertibleError from None
    return text


def _bool(text: str) -> int:
    if text not in (STATE_ON, STATE_OFF):
        raise NotConvertibleError
    return int(text == STATE_ON)


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise NotConvertibleError from None
    if not math.isfinite(number):  # JSON has neither NaN nor infinity
        raise NotConvertibleError
    return number


def _enum(state: State) -> int:
    options = state.attributes.get("options")
    if not isinstance(options, list) or state.state not in options:
        raise NotConvertibleError
    return options.index(state.state)


def _date(text: str) -> str:
    moment: datetime | None
    if (day := dt_util.parse_date(text)) is not None:
        moment = dt_util.start_of_local_day(day)
    else:
        moment = dt_util.parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise NotConvertibleError
    return str(int(moment.timestamp() * 1000))
