"""Values: convert a state or an attribute into a value for the platform."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum
import math
from typing import Any

from homeassistant.const import ATTR_LATITUDE, ATTR_LONGITUDE, STATE_OFF, STATE_ON
from homeassistant.util import dt as dt_util

from ..alink import Bool, Date, Enum, Number, NumberType, Struct, Text, Value
from .definition import Definition
from .kinds import ABSENT, COLOUR_MEMBERS
from .ranges import finite
from .units import same


class Misfit(StrEnum):
    """The reason why a state is no value of its property."""

    TYPE = "type"
    RANGE = "range"
    OPTION = "option"
    LENGTH = "length"
    UNIT = "unit"


class NotFittingError(Exception):
    """A state that is no value of its property."""

    def __init__(self, misfit: Misfit, number: float | None = None) -> None:
        """Keep the reason, and the number that was out of range."""
        super().__init__(misfit.value)
        self.misfit = misfit
        self.number = number


type Converter = Callable[[Any], Value | None]
type Ratio = Callable[[float], float]


def converter(definition: Definition, ratio: Ratio | None) -> Converter:
    """Return a converter of states or attributes into values; it returns None for an absent one.

    The converter raises NotFittingError. `ratio` converts a number into the definition's unit; it is None where no
    conversion exists.
    """
    match definition.data_type:
        case Bool():
            return _bool
        case Enum():
            return _enum(definition.options)
        case Number() as number:
            return _no_unit if ratio is None else _number(number, ratio)
        case Text(length=length):
            return _text(length)
        case Date():
            return _date
        case Struct() as struct:
            is_colour = tuple(field.identifier for field in struct.fields) == COLOUR_MEMBERS
            return _colour(struct) if is_colour else _location(struct)
        case _:
            raise NotFittingError(Misfit.TYPE)


def _bool(raw: Any) -> int | None:
    if isinstance(raw, bool):
        return int(raw)
    if raw in (STATE_ON, STATE_OFF):
        return int(raw == STATE_ON)
    if _is_absent(raw):
        return None
    raise NotFittingError(Misfit.TYPE)


def _is_absent(raw: Any) -> bool:
    return isinstance(raw, str) and raw in ABSENT  # a value of another type may have no hash


def _enum(options: Mapping[str, int]) -> Converter:
    def convert(raw: Any) -> int | None:
        key = options.get(raw if isinstance(raw, str) else written(raw) or "")
        if key is None:
            if _is_absent(raw):
                return None
            raise NotFittingError(Misfit.OPTION)
        return key

    return convert


def _number(number: Number, ratio: Ratio) -> Converter:
    convert = _float(number, ratio)
    if number.type is not NumberType.INT:
        return convert

    def convert_whole(raw: Any) -> int | None:
        value = convert(raw)
        if value is None:
            return None
        if not value.is_integer():
            raise NotFittingError(Misfit.TYPE)
        return int(value)

    return convert_whole


def _float(number: Number, ratio: Ratio) -> Callable[[Any], float | None]:
    low, high = number.low, number.high

    def convert(raw: Any) -> float | None:
        # Hot path: every change in the house passes here. NaN and infinity, which JSON cannot write, are in no range.
        try:
            value = float(raw)
            if ratio is not same:
                # Beaufort has no class for NaN and infinity, and no wind for a class below zero.
                value = ratio(value)
        except ZeroDivisionError:  # zero kilometres for a kilowatt hour are no kilowatt hours for a kilometre
            raise NotFittingError(Misfit.RANGE) from None
        except ValueError, TypeError, OverflowError:
            if _is_absent(raw):
                return None
            raise NotFittingError(Misfit.TYPE) from None
        if low <= value <= high:
            if raw.__class__ is bool or (raw.__class__ is str and "_" in raw):
                raise NotFittingError(Misfit.TYPE)  # only Python takes these for numbers
            return value
        raise NotFittingError(Misfit.RANGE, value)

    return convert


def _no_unit(raw: Any) -> None:
    """Refuse a value whose unit is not known, or cannot be converted."""
    if _is_absent(raw):
        return
    try:
        float(raw)
    except ValueError, TypeError, OverflowError:
        raise NotFittingError(Misfit.TYPE) from None
    raise NotFittingError(Misfit.UNIT)


def _text(length: int) -> Converter:
    def convert(raw: Any) -> str | None:
        if _is_nothing(raw):
            return None
        text = raw if isinstance(raw, str) else written(raw)
        if text is None:
            raise NotFittingError(Misfit.TYPE)
        if text in ABSENT and text:
            return None
        try:
            size = len(text.encode())
        except UnicodeEncodeError:  # half of a surrogate pair
            raise NotFittingError(Misfit.TYPE) from None
        if size > length:
            raise NotFittingError(Misfit.LENGTH)
        return text

    return convert


def written(raw: Any) -> str | None:
    """Return a scalar as Home Assistant writes it for its recorder and its API, in JSON; None for anything else.

    So a value is the same whether it comes live or from a row: a flag is `true`, and not Python's `True`.
    """
    match raw:
        case bool():
            return "true" if raw else "false"
        case int() | float() if not _is_nothing(raw):
            try:
                return str(raw)
            except ValueError:  # Python writes no integer of more than 4,300 digits
                return None
        case date() | time():
            return str(raw.isoformat())
    return None


def _is_nothing(raw: Any) -> bool:
    """Tell whether JSON has no number for it, so that Home Assistant writes null."""
    return isinstance(raw, float) and not math.isfinite(raw)


def _date(raw: Any) -> str | None:
    if _is_absent(raw):
        return None
    moment = _moment(raw)
    if moment is None:
        raise NotFittingError(Misfit.TYPE)
    if moment.tzinfo is None:  # set by a person, in the time zone of the house
        moment = moment.replace(tzinfo=dt_util.get_default_time_zone())
    time = int(moment.timestamp() * 1000)
    if time < 0:  # the platform's dates have no sign
        raise NotFittingError(Misfit.RANGE)
    return str(time)


def _moment(raw: Any) -> datetime | None:
    try:
        if isinstance(raw, str):
            if not raw.isascii():  # the parser crashes the process at half of a surrogate pair
                return None
            day = dt_util.parse_date(raw)
            return dt_util.parse_datetime(raw) if day is None else dt_util.start_of_local_day(day)
        if isinstance(raw, datetime):
            return raw
        return dt_util.start_of_local_day(raw) if isinstance(raw, date) else None
    except ValueError, OverflowError:  # it has the form of a date, but there is no such day
        raise NotFittingError(Misfit.TYPE) from None


def _location(struct: Struct) -> Converter:
    """Convert both attributes together: a place is one value, or its halves would arrive apart."""
    names = [field.identifier for field in struct.fields]

    def convert(attributes: Any) -> dict[str, Any] | None:
        if not isinstance(attributes, Mapping):
            raise NotFittingError(Misfit.TYPE)
        ends = attributes.get(ATTR_LATITUDE), attributes.get(ATTR_LONGITUDE)
        if any(end is None or _is_absent(end) for end in ends):
            return None
        return _members(struct, [_coordinate(attributes.get(name)) for name in names])

    return convert


def _colour(struct: Struct) -> Converter:
    """Convert hue and saturation, which are a list in a row and a tuple in a state."""

    def convert(raw: Any) -> dict[str, Any] | None:
        if _is_absent(raw):
            return None
        if not isinstance(raw, list | tuple) or len(raw) != len(struct.fields):
            raise NotFittingError(Misfit.TYPE)
        return _members(struct, list(map(finite, raw)))

    return convert


def _members(struct: Struct, values: Sequence[float | None]) -> dict[str, Any]:
    for field, value in zip(struct.fields, values, strict=True):
        if not field.data_type.takes(value):
            raise NotFittingError(Misfit.TYPE if value is None else Misfit.RANGE)
    return {field.identifier: value for field, value in zip(struct.fields, values, strict=True)}


def _coordinate(raw: Any) -> float | None:
    """Return a number that may be given as text."""
    if not isinstance(raw, str) or "_" in raw:
        return finite(raw)
    try:
        return finite(float(raw))
    except ValueError:
        return None
