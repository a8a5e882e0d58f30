"""Commanded: what one command asks of one entity, and the numbers in it as the entity takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_SUPPORTED_FEATURES
from homeassistant.core import State
from homeassistant.util.unit_system import UnitSystem

from ..alink import Bool, Enum, Number
from .commanded_values import Reading, keys_text, limits_text
from .definition import Definition
from .kinds import STATE, word
from .ranges import finite
from .refusals import NotCommandableError, Refusal
from .units import ratio, same
from .values import Ratio

_TEMPERATURE: Final = "temperature"
_LIMIT_DECIMALS: Final = 3  # of a converted limit; more of them are only noise
_GRID_DECIMALS: Final = 9  # finer than any step, and coarser than the noise of a double


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The numbers that an entity takes, in its own unit."""

    low: float | None
    high: float | None
    step: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """The values of one command for one entity, each read by its definition; by the facet's key."""

    state: State
    units: UnitSystem
    definitions: Mapping[str, Definition]
    readings: Mapping[str, Reading]

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes of the present state."""
        return self.state.attributes

    def has(self, key: str) -> bool:
        """Tell whether the command has a value for a facet."""
        return key in self.readings

    def flag(self, key: str) -> bool:
        """Return a value that is yes or no."""
        value = self.readings[key]
        if not isinstance(value, bool):
            raise NotCommandableError(Refusal.TYPE, key)
        return value

    def text(self, key: str) -> str:
        """Return a text or an option."""
        value = self.readings[key]
        if not isinstance(value, str):
            raise NotCommandableError(Refusal.TYPE, key)
        return value

    def mode(self) -> str:
        """Return the state that is asked for, as Home Assistant writes it."""
        value = self.readings[STATE]
        return ("on" if value else "off") if isinstance(value, bool) else self.text(STATE)

    def pair(self, key: str, names: tuple[str, str]) -> tuple[float, float]:
        """Return the two numbers of a struct."""
        value = self.readings[key]
        if not isinstance(value, Mapping) or value.keys() != set(names):
            raise NotCommandableError(Refusal.TYPE, key)
        return value[names[0]], value[names[1]]

    def number(self, key: str, unit: str | None, span: Span) -> float:
        """Return a number in the entity's unit, within the limits of now.

        A number in another unit goes to the next step of the entity: 22 °C are 71.6 °F, which a thermostat with whole
        degrees takes as 72. So one that misses a limit by less than half a step is that limit.
        """
        definition, value = self.definitions[key], self.readings[key]
        data_type = definition.data_type
        if not isinstance(data_type, Number) or not isinstance(value, float):
            raise NotCommandableError(Refusal.TYPE, key)
        if key == STATE:  # only one that tells its device class can be a number without a unit
            declared = None if unit is None else definition.device_class
            device_class = word(self.attributes, ATTR_DEVICE_CLASS) or declared
        else:
            device_class = definition.device_class or _TEMPERATURE  # of a model that was written without
        there, back = ratio(definition.unit, unit, device_class), ratio(unit, definition.unit, device_class)
        if there is None or back is None:
            raise NotCommandableError(Refusal.UNIT, key)
        try:
            number = there(value)
            nearest = _within(number, span) if there is same else _nearest(number, span)
            low, high = _limits(span, back, data_type)
        except ArithmeticError, ValueError:  # zero kWh for 100 km are no km for a kWh, and a converted one may overflow
            raise NotCommandableError(Refusal.RANGE, key) from None
        if nearest is None or not data_type.low <= value <= data_type.high:
            raise NotCommandableError(Refusal.RANGE, key, limits_text(low, high, definition.unit))
        return nearest

    def whole(self, key: str, unit: str | None, span: Span) -> int:
        """Return a number for an action that takes whole ones and would cut off the rest."""
        number = self.number(key, unit, span)
        if not number.is_integer():
            raise NotCommandableError(Refusal.TYPE, key)
        return int(number)

    def no_option(self, key: str, allowed: tuple[str, ...]) -> NotCommandableError:
        """Return the refusal of an option; it tells those that would be taken."""
        definition = self.definitions[key]
        limits = ""
        if isinstance(definition.data_type, Enum):
            limits = keys_text(definition.options[option] for option in allowed if option in definition.options)
        elif isinstance(definition.data_type, Bool):
            limits = keys_text(int(option == "on") for option in allowed)
        return NotCommandableError(Refusal.OPTION, key, limits)


def features(attributes: Mapping[str, Any]) -> int:
    """Return the features that an entity supports now."""
    number = attributes.get(ATTR_SUPPORTED_FEATURES)
    return number if isinstance(number, int) else 0


def options(attributes: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the options that an attribute lists."""
    listed = attributes.get(name)
    if not isinstance(listed, list | tuple):
        return ()
    return tuple(str(option) for option in listed if isinstance(option, str))


def span(attributes: Mapping[str, Any], low: str, high: str, step: str) -> Span:
    """Return the numbers that attributes of these names allow."""
    return Span(low=finite(attributes.get(low)), high=finite(attributes.get(high)), step=finite(attributes.get(step)))


def _limits(span: Span, back: Ratio, data_type: Number) -> tuple[float, float]:
    """Return the limits of now in the property's unit, as far as the property goes."""
    if span.low is None or span.high is None:
        return data_type.low, data_type.high
    low, high = sorted((back(span.low), back(span.high)))
    if back is not same:
        low, high = round(low, _LIMIT_DECIMALS), round(high, _LIMIT_DECIMALS)
    return max(low, data_type.low), min(high, data_type.high)


def _within(number: float, limits: Span) -> float | None:
    is_low = limits.low is not None and number < limits.low
    is_high = limits.high is not None and number > limits.high
    return None if is_low or is_high or not math.isfinite(number) else number


def _nearest(number: float, limits: Span) -> float | None:
    step = limits.step
    if step is None or step <= 0:
        return _within(number, limits)
    first = limits.low or 0.0
    stepped = round(first + round((number - first) / step) * step, _GRID_DECIMALS)
    if _within(stepped, limits) is not None:
        return stepped
    # The highest number is not always a whole count of steps above the lowest.
    ends = (end for end in (number, limits.low, limits.high) if end is not None and abs(end - number) <= step / 2)
    return next((end for end in ends if _within(end, limits) is not None), None)
