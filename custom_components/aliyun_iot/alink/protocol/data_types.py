"""The data types of the thing model, and the values that each takes ("Add a TSL feature", "What is TSL?")."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .limits import INT32_MAX, INT32_MIN


class NumberType(StrEnum):
    """The three kinds of number."""

    INT = "int"
    FLOAT = "float"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as the console lists it."""

    symbol: str  # as in "°C"
    name: str  # in the language of the console


@dataclass(frozen=True, slots=True, kw_only=True)
class Bool:
    """0 or 1 on the wire."""

    off: str  # name of 0
    on: str  # name of 1

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type."""
        return _is_int(value) and value in (0, 1)

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        return isinstance(other, Bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """A key on the wire."""

    names: Mapping[int, str]  # by key

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type."""
        return _is_int(value) and value in self.names

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        return isinstance(other, Enum) and other.names.keys() <= self.names.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in a range; `step` and `unit` are for people, and the platform checks neither."""

    type: NumberType
    low: float  # included
    high: float  # included
    step: float
    unit: Unit | None = None

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type; a float keeps its decimal point on the wire, an int has none."""
        if self.type is NumberType.INT:
            return _is_int(value) and self.low <= value <= self.high
        return isinstance(value, float) and self.low <= value <= self.high

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        if not isinstance(other, Number) or (self.type is NumberType.INT and other.type is not NumberType.INT):
            return False
        return self.low <= other.low and other.high <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of so many bytes at most."""

    length: int  # bytes of UTF-8

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type."""
        return isinstance(value, str) and len(value.encode()) <= self.length

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        return isinstance(other, Text) and other.length <= self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """A moment: milliseconds UTC, as a text on the wire."""

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type."""
        return isinstance(value, str) and value.isascii() and value.isdigit()

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        return isinstance(other, Date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One member of a struct; it has the rules of a property."""

    identifier: str
    name: str
    data_type: DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Struct:
    """Several values in one: a value has all fields and no others."""

    fields: tuple[Field, ...]

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type."""
        if not isinstance(value, Mapping) or len(value) != len(self.fields):
            return False
        return all(
            field.identifier in value and field.data_type.takes(value[field.identifier]) for field in self.fields
        )

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        if not isinstance(other, Struct):
            return False
        mine = {field.identifier: field.data_type for field in self.fields}
        theirs = {field.identifier: field.data_type for field in other.fields}
        return mine.keys() == theirs.keys() and all(mine[name].covers(theirs[name]) for name in mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """A list of values. Nothing here sends one, but a thing model that is read may have it."""

    def takes(self, value: Any) -> bool:
        """Tell if a value is one of this type."""
        return isinstance(value, list)

    def covers(self, other: DataType) -> bool:
        """Tell if every value of the other type is one of this type."""
        return isinstance(other, Array)


type DataType = Array | Bool | Date | Enum | Number | Struct | Text


def integer_type(low: float = INT32_MIN, high: float = INT32_MAX, unit: Unit | None = None) -> Number:
    """Return the type of a whole number; all of int32 unless a range is given."""
    return Number(type=NumberType.INT, low=low, high=high, step=1, unit=unit)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
