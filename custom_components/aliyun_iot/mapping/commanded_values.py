"""Commanded values: read the raw JSON value of a property by the property's definition."""

from collections.abc import Iterable, Mapping
import re
from typing import Any, Final
import unicodedata

from ..alink import Bool, DataType, Enum, Field, Number, NumberType, Struct, Text, number_text
from .definition import Definition
from .ranges import finite
from .refusals import NotCommandableError, Refusal

type Reading = bool | float | str | Mapping[str, Any]

# Python's own reader also takes blanks, an exponent, "_", full-width digits, NaN and infinity. The platform writes none
# of these, so a text that has them was meant as something else.
_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FLAGS: Final[Mapping[int | str, bool]] = {0: False, 1: True, "0": False, "1": True}


def read(definition: Definition, key: str, raw: Any) -> Reading:
    """Return the value in the property's own unit, an enum's as Home Assistant's word; raises NotCommandableError.

    The range of a number is left to the entity's limits of now, which are narrower and tell a person more.
    """
    if isinstance(definition.data_type, Enum):
        return _option(definition, key, raw)
    return _read(definition.data_type, key, raw)


def limits_text(low: float, high: float, unit: str | None = None) -> str:
    """Return a range as text, in a unit that Home Assistant writes."""
    text = f"{number_text(low)}..{number_text(high)}"
    return text if unit is None else f"{text} {unit}"


def keys_text(keys: Iterable[int]) -> str:
    """Return the keys of an enum or a bool as text."""
    return ", ".join(map(str, sorted(set(keys))))


def _read(data_type: DataType, key: str, raw: Any) -> Reading:
    match data_type:
        case Bool():
            return _flag(key, raw)
        case Number():
            return _number(data_type, key, raw)
        case Text(length=length):
            return _text(length, key, raw)
        case Struct():
            return _struct(data_type, key, raw)
    raise NotCommandableError(Refusal.NOT_SETTABLE, key)


def _flag(key: str, raw: Any) -> bool:
    flag = _FLAGS.get(raw) if isinstance(raw, int | str) else None  # `true` is 1 for Python
    if flag is None:
        raise NotCommandableError(Refusal.TYPE, key, keys_text((0, 1)))
    return flag


def _option(definition: Definition, key: str, raw: Any) -> str:
    options = {wire: option for option, wire in definition.options.items()}
    if not isinstance(raw, int | str) or isinstance(raw, bool):
        raise NotCommandableError(Refusal.TYPE, key, keys_text(options))
    number = raw if isinstance(raw, int) else {str(wire): wire for wire in options}.get(raw)
    if number not in options:
        raise NotCommandableError(Refusal.OPTION, key, keys_text(options))
    return options[number]


def _number(data_type: Number, key: str, raw: Any) -> float:
    number = finite(float(raw)) if isinstance(raw, str) and _DECIMAL.fullmatch(raw) else finite(raw)
    if number is None or (data_type.type is NumberType.INT and not number.is_integer()):
        raise NotCommandableError(Refusal.TYPE, key)
    return number + 0.0  # no minus zero


def _text(length: int, key: str, raw: Any) -> str:
    if not isinstance(raw, str):
        raise NotCommandableError(Refusal.TYPE, key)
    # Half of a surrogate pair (Cs) can be written nowhere, and a database may not take a control (Cc).
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in raw[: length + 1]):
        raise NotCommandableError(Refusal.TYPE, key)
    if len(raw) > length or len(raw.encode()) > length:
        raise NotCommandableError(Refusal.LENGTH, key, f"0..{length}")
    return raw


def _struct(data_type: Struct, key: str, raw: Any) -> Mapping[str, Any]:
    names = [field.identifier for field in data_type.fields]
    if not isinstance(raw, Mapping) or raw.keys() != set(names):
        raise NotCommandableError(Refusal.TYPE, key, ", ".join(names))
    values = {field.identifier: _read(field.data_type, key, raw[field.identifier]) for field in data_type.fields}
    for field in data_type.fields:
        if not field.data_type.takes(values[field.identifier]):
            raise NotCommandableError(Refusal.RANGE, key, _member_limits(field))
    return values


def _member_limits(field: Field) -> str:
    kind = field.data_type
    return f"{field.identifier} {limits_text(kind.low, kind.high)}" if isinstance(kind, Number) else field.identifier
