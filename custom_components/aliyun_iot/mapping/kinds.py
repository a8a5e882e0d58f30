"""Kinds: the types that a state or an attribute can have, and how one is decided on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import (
    ATTR_LATITUDE,
    ATTR_LONGITUDE,
    PERCENTAGE,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.util.unit_system import UnitSystem

from ..alink import ENUM_ITEMS_MAX, Bool, DataType, Date, Enum, Number, NumberType, Text, integer_type
from .ranges import Range, number_range
from .units import platform_unit

STATE: Final = "state"
AVAILABLE: Final = "available"
LOCATION: Final = "location"
ATTRIBUTE: Final = "attribute."  # prefix of an attribute's key
COLOUR: Final = f"{ATTRIBUTE}hs_color"
COLOUR_MEMBERS: Final = ("hue", "saturation")

# The recorder writes an empty text when an entity is removed; only for a text entity it can be a value.
ABSENT: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN, ""})
TEXT: Final = Text(length=1024)  # bytes; a state has at most 255 characters, each of at most four
SWITCH: Final = Bool(off=STATE_OFF, on=STATE_ON)
FLAG: Final = Bool(off="false", on="true")  # the keys of an attribute's values in Home Assistant's translations


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One aspect of an entity that can be a property."""

    key: str  # STATE, AVAILABLE, LOCATION, or ATTRIBUTE with the attribute's name
    data_type: DataType  # names in it are Home Assistant's own words
    options: tuple[str, ...] = ()  # of an enum: Home Assistant's own states, in the order of their keys
    unit: str | None = None  # of a number, as Home Assistant writes it
    device_class: str | None = None  # of a number
    is_default: bool = True  # whether it is sent unless a person leaves it out
    is_guess: bool = False  # whether the entity has not told its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A facet without its key."""

    data_type: DataType
    options: tuple[str, ...] = ()
    unit: str | None = None
    device_class: str | None = None
    is_guess: bool = False  # whether the entity has not told it: a text by lack of anything better, or without unit

    def facet(self, key: str, *, is_default: bool = True) -> Facet:
        """Return the facet with this key."""
        return Facet(
            key=key,
            data_type=self.data_type,
            options=self.options,
            unit=self.unit,
            device_class=self.device_class,
            is_default=is_default,
            is_guess=self.is_guess,
        )


def attributes_of(key: str) -> tuple[str, ...]:
    """Return the attributes that a facet's value is made of."""
    if key == LOCATION:
        return ATTR_LATITUDE, ATTR_LONGITUDE
    return (key.removeprefix(ATTRIBUTE),) if key.startswith(ATTRIBUTE) else ()


type Decide = Callable[[Mapping[str, Any], UnitSystem], Kind | None]


def enum_kind(options: tuple[str, ...]) -> Kind:
    """Return an enum; its keys are the places of its options."""
    return Kind(data_type=Enum(names=dict(enumerate(options))), options=options)


def number_kind(limits: Range, unit: str | None, device_class: str | None = None, *, is_guess: bool = False) -> Kind:
    """Return a double with limits."""
    return Kind(data_type=double(limits, unit), unit=unit, device_class=device_class, is_guess=is_guess)


def double(limits: Range, unit: str | None = None) -> Number:
    """Return the type of a double with limits."""
    low, high, step = limits
    return Number(type=NumberType.DOUBLE, low=low, high=high, step=step, unit=platform_unit(unit))


def whole(low: int, high: int, unit: str | None = None) -> Decide:
    """Decide on a whole number in a range."""
    return fixed(Kind(data_type=integer_type(low, high, platform_unit(unit)), unit=unit))


def measured(device_class: str | None, unit: str | None = None) -> Decide:
    """Decide on a double in the range of a device class."""
    return fixed(number_kind(number_range(device_class, unit), unit, device_class))


def in_unit_of(key: str, device_class: str) -> Decide:
    """Decide on a double in the unit that another attribute names."""

    def decide(attributes: Mapping[str, Any], units: UnitSystem) -> Kind:
        unit = word(attributes, key)
        return number_kind(number_range(device_class, unit), unit, device_class, is_guess=unit is None)

    return decide


def temperature(attributes: Mapping[str, Any], units: UnitSystem) -> Kind:
    """Decide on a temperature in the unit of the house."""
    unit = units.temperature_unit
    return number_kind(number_range("temperature", unit), unit, "temperature")


def one_of(key: str) -> Decide:
    """Decide on an enum with the options that another attribute lists."""

    def decide(attributes: Mapping[str, Any], units: UnitSystem) -> Kind | None:
        options = options_of(attributes.get(key))
        if options is not None:
            return enum_kind(options)
        return None if attributes.get(key) is None else GUESS

    return decide


def fixed(kind: Kind) -> Decide:
    """Decide on one kind whatever the attributes are."""

    def decide(attributes: Mapping[str, Any], units: UnitSystem) -> Kind:
        return kind

    return decide


def options_of(listed: Any) -> tuple[str, ...] | None:
    """Return the options of an enum; None if they make none."""
    if not isinstance(listed, list | tuple) or not 1 <= len(listed) <= ENUM_ITEMS_MAX:
        return None
    if not all(isinstance(option, str) and option and _is_whole(option) for option in listed):
        return None
    if len(set(listed)) != len(listed):
        return None
    return tuple(map(str, listed))


def word(attributes: Mapping[str, Any], key: str) -> str | None:
    """Return an attribute that is a text and not empty."""
    value = attributes.get(key)
    return str(value) if isinstance(value, str) and value and _is_whole(value) else None


def _is_whole(text: str) -> bool:
    # Half of a surrogate pair cannot be encoded, neither for the disk nor for the file.
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def words(listed: str) -> tuple[str, ...]:
    """Split a list of words."""
    return tuple(listed.split())


GUESS: Final = Kind(data_type=TEXT, is_guess=True)
AS_TEXT: Final = fixed(Kind(data_type=TEXT))
AS_FLAG: Final = fixed(Kind(data_type=FLAG))
AS_DATE: Final = fixed(Kind(data_type=Date()))
PERCENT: Final = whole(0, 100, PERCENTAGE)
HUMIDITY: Final = measured("humidity", PERCENTAGE)
SHARE: Final = fixed(number_kind((0, 1, 0.01), None))
