"""The rules for data types and their specs, in which all numbers are texts."""

from collections.abc import Mapping
from decimal import Decimal
import math
import re
import struct
from typing import Any

from . import tsl_names
from .tsl_problems import Place, quote
from .tsl_shapes import Check, Unique, anything, check_fields, check_items, one_of, text

LONGEST_TEXT = 10240
LARGEST_ARRAY = 512
MOST_FIELDS = 50
MOST_CHOICES = 100
LONGEST_NUMBER = 400

_INT32 = range(-(2**31), 2**31)
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_SIMPLE = ("int", "float", "double", "bool", "enum", "text", "date")
_ELEMENTS = ("int", "float", "double", "text", "struct")

_label = text(1, 20)
_unit = text(0, 60)


def data_type(place: Place, value: Any) -> None:
    _data_type(place, value, (*_SIMPLE, "struct", "array"))


def _data_type(place: Place, value: Any, kinds: tuple[str, ...]) -> None:
    kind = _kind(value, kinds)
    check_fields(place, value, {"type": one_of(*kinds), "specs": _SPECS[kind] if kind else anything})


def _kind(value: Any, kinds: tuple[str, ...]) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in kinds else None


# Numbers


def _read(kind: str, value: Any) -> Decimal:
    """Return a number of a type; ValueError says what is wrong with it."""
    if not isinstance(value, str):
        raise ValueError(f"must be a number written as a text, is {quote(value)}")  # noqa: TRY004  # a rule of the file
    pattern = _WHOLE if kind == "int" else _DECIMAL
    if len(value) > LONGEST_NUMBER or not pattern.fullmatch(value):
        raise ValueError(f"must be a {'whole ' if kind == 'int' else ''}number, is {quote(value)}")
    number = Decimal(value)
    if not _holds(kind, number):
        raise ValueError(f"must be within the range of {kind}, is {quote(value)}")
    return number


def _holds(kind: str, number: Decimal) -> bool:
    if kind == "int":
        return _INT32.start <= number < _INT32.stop
    if kind == "double":
        return math.isfinite(float(number))
    try:
        struct.pack("f", float(number))
    except OverflowError:
        return False
    return math.isfinite(float(number))


def _number(kind: str) -> Check:
    def check(place: Place, value: Any) -> None:
        try:
            _read(kind, value)
        except ValueError as error:
            place.note(str(error))

    return check


def _range(kind: str) -> Check:
    number = _number(kind)

    def check(place: Place, value: Any) -> None:
        bounds = {"min": number, "max": number, "step": number}
        check_fields(place, value, bounds, {"unit": _unit, "unitName": _unit})
        if not isinstance(value, dict):
            return
        low, high, step = (_read_or_none(kind, value.get(key)) for key in bounds)
        span = None if low is None or high is None else high - low
        if span is not None and span <= 0:
            place.key("max").note("must be greater than min")
        if step is not None and step <= 0:
            place.key("step").note("must be greater than 0")
        elif step is not None and span is not None and step > span > 0:
            place.key("step").note("must not be greater than max - min")

    return check


def _read_or_none(kind: str, value: Any) -> Decimal | None:
    try:
        return _read(kind, value)
    except ValueError:
        return None


def _whole_from_1_to(most: int) -> Check:
    def check(place: Place, value: Any) -> None:
        try:
            number = _read("int", value)
        except ValueError as error:
            place.note(str(error))
        else:
            if not 1 <= number <= most:
                place.note(f"must be 1 to {most}, is {quote(value)}")

    return check


# Choices


def _bool(place: Place, value: Any) -> None:
    check_fields(place, value, {"0": _label, "1": _label})


def _enum(place: Place, value: Any) -> None:
    label = Unique(_label)
    check_fields(place, value, {}, dict.fromkeys(value, label) if isinstance(value, dict) else {})
    if not isinstance(value, dict):
        return
    if not 1 <= len(value) <= MOST_CHOICES:
        place.note(f"must have 1 to {MOST_CHOICES} items, has {len(value)}")
    for key in value:
        _number("int")(place.key(key), key)


# What is neither


def _text(place: Place, value: Any) -> None:
    check_fields(place, value, {"length": _whole_from_1_to(LONGEST_TEXT)})


def _date(place: Place, value: Any) -> None:
    check_fields(place, value, {})


def _struct(place: Place, value: Any) -> None:
    identifier, name = Unique(tsl_names.identifier), Unique(tsl_names.name)

    def simple(place: Place, value: Any) -> None:
        _data_type(place, value, _SIMPLE)

    def field(place: Place, value: Any) -> None:
        check_fields(place, value, {"identifier": identifier, "name": name, "dataType": simple})

    check_items(place, value, field, least=1, most=MOST_FIELDS)


def _array(place: Place, value: Any) -> None:
    check_fields(place, value, {"size": _whole_from_1_to(LARGEST_ARRAY), "item": _element})


def _element(place: Place, value: Any) -> None:
    kind = _kind(value, _ELEMENTS)
    specs = {"specs": _SPECS[kind] if kind else anything}
    # Exports have no specs for elements that are no structs.
    required = specs if kind == "struct" else {}
    check_fields(place, value, {"type": one_of(*_ELEMENTS), **required}, specs)


_SPECS: Mapping[str, Check] = {
    "int": _range("int"),
    "float": _range("float"),
    "double": _range("double"),
    "bool": _bool,
    "enum": _enum,
    "text": _text,
    "date": _date,
    "struct": _struct,
    "array": _array,
}
