"""Ranges of numbers: wide enough for every real value, narrow enough to be of use in the console."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
import math
from typing import Any, Final

from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.const import PERCENTAGE, UnitOfTemperature

from ..alink import FLOAT32_MAX, INT32_MAX, INT32_MIN, Number, NumberType, integer_type
from .spelling import folded
from .units import ratio

type Range = tuple[float, float, float]  # low, high, step

_STEP: Final = 0.01  # informative: the platform has no error for a value between two steps
_GENERAL: Final = 10.0**15  # beyond it, neighbouring doubles are more than 0.1 apart
# In the largest unit that can be converted: a meter in TWh has a past in TWh also after it was changed to J.
_IN_LARGEST: Final = 1000.0
# The platform drops a value outside the range, and a range that is too wide costs nothing. These leave room for a
# sensor that is a bit off (a humidity of 101 %), and for numbers that stand for "unknown" (a battery of -1 or 255).
_OF_DEVICE_CLASS: Final[Mapping[tuple[str, str | None], Range]] = {
    ("aqi", None): (-10, 10_000, _STEP),
    ("battery", PERCENTAGE): (-10, 300, _STEP),
    ("humidity", PERCENTAGE): (-10, 110, _STEP),
    ("moisture", PERCENTAGE): (-100, 200, _STEP),  # a probe in the ground is rarely calibrated
    ("ph", None): (-10, 20, _STEP),
    ("power_factor", None): (-110, 110, 0.001),  # some send percent here as well
    ("power_factor", PERCENTAGE): (-110, 110, _STEP),
    ("signal_strength", "dB"): (-300, 300, _STEP),
    ("signal_strength", "dBm"): (-300, 300, _STEP),
    ("temperature", UnitOfTemperature.CELSIUS): (-273.15, 5_000, _STEP),  # up to an oven for ceramics, twice
    ("temperature", UnitOfTemperature.FAHRENHEIT): (-459.67, 10_000, _STEP),
    ("temperature", UnitOfTemperature.KELVIN): (0, 6_000, _STEP),
    ("wind_direction", "°"): (-360, 720, _STEP),
}
_LIMITS: Final[Mapping[NumberType, tuple[float, float]]] = {
    NumberType.INT: (INT32_MIN, INT32_MAX),
    NumberType.FLOAT: (-FLOAT32_MAX, FLOAT32_MAX),
    NumberType.DOUBLE: (-1.7976931348623157e308, 1.7976931348623157e308),
}
_DECIMALS_MAX: Final = 15  # a double holds no more


def number_range(device_class: str | None, unit: str | None) -> Range:
    """Return low, high and step of a double that measures something."""
    if (known := _OF_DEVICE_CLASS.get((device_class or "", None if unit is None else folded(unit)))) is not None:
        return known
    most = _most(device_class, unit)
    return -most, most, _STEP


def stated_range(attributes: Mapping[str, Any], keys: tuple[str, str, str], otherwise: Range) -> Range:
    """Return the range that an entity's attributes state; missing and senseless parts are replaced."""
    low, high = (finite(attributes.get(key)) for key in keys[:2])
    if low is None or high is None or not math.isfinite(high - low) or low >= high:
        low, high = otherwise[:2]
    step, most = finite(attributes.get(keys[2])), _span(low, high)
    return low, high, min(otherwise[2], most) if step is None or not 0 < step <= most else step


def stated_whole_range(attributes: Mapping[str, Any], keys: tuple[str, str, str]) -> Number:
    """Return the int that an entity's attributes state; either end may be missing."""
    low, high, step = (_whole(attributes.get(key)) for key in keys)
    low, high = INT32_MIN if low is None else low, INT32_MAX if high is None else high
    if low >= high:
        low, high = INT32_MIN, INT32_MAX
    number = integer_type(low, high)
    return number if step is None or not 0 < step <= high - low else replace(number, step=step)


def widened(number: Number, low: float, high: float) -> Number:
    """Return the same type with a range that holds these values too, within the limits of the type."""
    least, most = _LIMITS[number.type]
    lows = [_readable(value, ROUND_FLOOR) for value in _known((low, high)) if value < number.low]
    highs = [_readable(value, ROUND_CEILING) for value in _known((low, high)) if value > number.high]
    as_type = int if number.type is NumberType.INT else float
    return replace(
        number,
        low=as_type(max(least, min(lows))) if lows and number.low > least else number.low,
        high=as_type(min(most, max(highs))) if highs and number.high < most else number.high,
    )


def with_decimals(number: Number, decimals: int) -> Number:
    """Return the same type with a step of so many decimals; a whole number has none."""
    if number.type is NumberType.INT:
        return number
    step = float(f"1e-{max(0, min(decimals, _DECIMALS_MAX))}")
    return replace(number, step=min(step, _span(number.low, number.high)))


def finite(value: Any) -> float | None:
    """Return a number that JSON and a double can both hold; None for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


@cache
def _most(device_class: str | None, unit: str | None) -> float:
    """Return the largest number of a device class in a unit, whatever unit it was in before."""
    convertible = {None} if (own := UNIT_CONVERTERS.get(device_class)) is None else own.VALID_UNITS
    ways = (ratio(other, unit, device_class) for other in convertible)
    largest = max((convert(_IN_LARGEST) for convert in ways if convert is not None), default=0.0)
    return max(_GENERAL, _readable(largest, ROUND_CEILING))


def _span(low: float, high: float) -> float:
    """Return the largest step of a range. Rounding to a double may exceed the difference of the written decimals."""
    exact = Decimal(repr(high)) - Decimal(repr(low))
    span = float(exact)
    return span if Decimal(repr(span)) <= exact else math.nextafter(span, 0)


def _whole(value: Any) -> int | None:
    number = finite(value)
    if number is None or not number.is_integer() or not INT32_MIN <= number <= INT32_MAX:
        return None
    return int(number)


def _known(values: Iterable[float]) -> list[float]:
    return [number for value in values if (number := finite(value)) is not None]


def _readable(value: float, rounding: str) -> float:
    """Round to one digit that is not zero."""
    exact = Decimal(repr(value))
    rounded = exact.quantize(Decimal((0, (1,), exact.adjusted())), rounding=rounding) if exact else exact
    return float(rounded)
