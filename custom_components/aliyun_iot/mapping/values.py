"""The value that a state has on the platform."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
import math
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.util import dt as dt_util

from ..alink.protocol.messages import Value

# The empty text is how the recorder writes that an entity was removed; only for a text it may be a value.
_ABSENT: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN, ""})
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


type Converter = Callable[[str], Value | None]


def property_type(domain: str, attributes: Mapping[str, Any]) -> PropertyType:
    """Decide on a data type by what Home Assistant says of the entity."""
    if domain in _SWITCHES:
        return PropertyType.BOOL
    if domain in _NUMBERS:
        return PropertyType.FLOAT
    if domain in _CHOICES:
        return PropertyType.ENUM
    if domain in _MOMENTS:
        return PropertyType.DATE
    if domain == "sensor":
        return _sensor_type(attributes)
    return PropertyType.TEXT


def _sensor_type(attributes: Mapping[str, Any]) -> PropertyType:
    match attributes.get(ATTR_DEVICE_CLASS):
        case SensorDeviceClass.ENUM:
            return PropertyType.ENUM
        case SensorDeviceClass.TIMESTAMP | SensorDeviceClass.DATE | "uptime":
            return PropertyType.DATE
    # Home Assistant's own sign of a number: the frontend and the statistics look at the same two.
    if ATTR_UNIT_OF_MEASUREMENT in attributes or "state_class" in attributes:
        return PropertyType.FLOAT
    return PropertyType.TEXT


def converter(domain: str, attributes: Mapping[str, Any]) -> Converter:
    """Return what turns a state into a value, or into None if it says nothing; it raises NotConvertibleError."""
    if domain == "group":
        return _group
    match property_type(domain, attributes):
        case PropertyType.BOOL:
            return _bool
        case PropertyType.FLOAT:
            return _float
        case PropertyType.ENUM:
            return _enum(attributes.get("options"))
        case PropertyType.DATE:
            return _date
        case _:
            return _text


def _text(text: str) -> str | None:
    if text in _ABSENT and text:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        raise NotConvertibleError from None
    return text


def _bool(text: str) -> int | None:
    if text in _ABSENT:
        return None
    if text not in (STATE_ON, STATE_OFF):
        raise NotConvertibleError
    return int(text == STATE_ON)


def _float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        if text in _ABSENT:
            return None
        raise NotConvertibleError from None
    if not math.isfinite(number):  # JSON has neither NaN nor infinity
        raise NotConvertibleError
    return number


def _enum(options: Any) -> Converter:
    named = list(enumerate(options)) if isinstance(options, list) else []
    keys: dict[str, int] = {option: key for key, option in reversed(named) if isinstance(option, str)}

    def convert(text: str) -> int | None:
        if text in _ABSENT:
            return None
        if text not in keys:
            raise NotConvertibleError
        return keys[text]

    return convert


def _moment(text: str) -> datetime | None:
    try:
        return dt_util.parse_datetime(text)
    except ValueError:  # the form of a date, but there is no such day
        raise NotConvertibleError from None


def _group(text: str) -> int | str | None:
    """Convert the state of a group, which is what its members are: on and off, home, locked."""
    return _bool(text) if text in (STATE_ON, STATE_OFF) else _text(text)


def _date(text: str) -> str | None:
    if text in _ABSENT:
        return None
    day = dt_util.parse_date(text)
    moment = _moment(text) if day is None else dt_util.start_of_local_day(day)
    if moment is None or moment.tzinfo is None:
        raise NotConvertibleError
    return str(int(moment.timestamp() * 1000))
