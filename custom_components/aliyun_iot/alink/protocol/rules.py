"""The rules of the console's import ("Add a TSL feature", "Limits"), checked before a file is written."""

from decimal import Decimal
from enum import StrEnum
import re
from typing import Final

from .data_types import Bool, DataType, Enum, Number, NumberType, Struct, Text
from .errors import AlinkError
from .limits import (
    ENUM_ITEMS_MAX,
    FLOAT32_MAX,
    IDENTIFIER_LENGTH_MAX,
    INT32_MAX,
    INT32_MIN,
    ITEM_NAME_LENGTH_MAX,
    NAME_LENGTH_MAX,
    RESERVED_IDENTIFIERS,
    STRUCT_FIELDS_MAX,
    TEXT_LENGTH_MAX,
)
from .thing_model import ModelProperty

# The letters that the console takes in a name: Latin ones, digits, kana with their signs of repetition and length, and
# Chinese characters. One beyond these, such as a rare character of a place name, and it refuses the whole file.
_KANA: Final = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe"
_CHINESE: Final = "\u3005\u4e00-\u9fa5"
_LETTERS: Final = f"A-Za-z0-9{_KANA}{_CHINESE}"
_IDENTIFIER: Final = re.compile(rf"[A-Za-z0-9_]{{1,{IDENTIFIER_LENGTH_MAX}}}")
_NAME: Final = re.compile(rf"[{_LETTERS}][{_LETTERS}_/.-]{{0,{NAME_LENGTH_MAX - 1}}}")
_DOUBLE_MAX: Final = 1.7976931348623157e308


class Rule(StrEnum):
    """The rules that a property can break."""

    IDENTIFIER_FORM = "identifier_form"
    IDENTIFIER_RESERVED = "identifier_reserved"
    IDENTIFIER_TAKEN = "identifier_taken"
    NAME_FORM = "name_form"
    NAME_TAKEN = "name_taken"
    RANGE_EMPTY = "range_empty"
    RANGE_INT = "range_int"
    RANGE_FLOAT = "range_float"
    STEP = "step"
    TEXT_LENGTH = "text_length"
    ENUM_ITEMS = "enum_items"
    ITEM_NAME = "item_name"
    STRUCT_FIELDS = "struct_fields"


class BrokenRuleError(AlinkError):
    """A property that the console would not take."""

    def __init__(self, rule: Rule) -> None:
        """Keep the rule that it breaks."""
        super().__init__(rule.value)
        self.rule = rule


def is_name(text: str) -> bool:
    """Tell if the console takes a text as the name of a property."""
    return _NAME.fullmatch(text) is not None


def check_property(property_: ModelProperty) -> None:
    """Raise BrokenRuleError for the first rule that a property breaks on its own."""
    _require(Rule.IDENTIFIER_FORM, _IDENTIFIER.fullmatch(property_.identifier) is not None)
    _require(Rule.IDENTIFIER_RESERVED, property_.identifier not in RESERVED_IDENTIFIERS)
    _require(Rule.NAME_FORM, is_name(property_.name))
    _check_type(property_.data_type)


def _check_type(data_type: DataType) -> None:
    match data_type:
        case Number():
            _check_number(data_type)
        case Text(length=length):
            _require(Rule.TEXT_LENGTH, 1 <= length <= TEXT_LENGTH_MAX)
        case Enum(names=names):
            _require(Rule.ENUM_ITEMS, 1 <= len(names) <= ENUM_ITEMS_MAX)
            _require(Rule.ENUM_ITEMS, all(INT32_MIN <= key <= INT32_MAX for key in names))
            _require(Rule.ITEM_NAME, all(1 <= len(name) <= ITEM_NAME_LENGTH_MAX for name in names.values()))
            _require(Rule.ITEM_NAME, len(set(names.values())) == len(names))
        case Bool(off=off, on=on):
            _require(Rule.ITEM_NAME, all(1 <= len(name) <= ITEM_NAME_LENGTH_MAX for name in (off, on)) and off != on)
        case Struct(fields=fields):
            _require(Rule.STRUCT_FIELDS, 1 <= len(fields) <= STRUCT_FIELDS_MAX)
            for field in fields:
                check_property(ModelProperty(identifier=field.identifier, name=field.name, data_type=field.data_type))


def _check_number(number: Number) -> None:
    _require(Rule.RANGE_EMPTY, number.low < number.high)
    match number.type:
        case NumberType.INT:
            limits = (number.low, number.high, number.step)
            _require(Rule.RANGE_INT, all(INT32_MIN <= limit <= INT32_MAX for limit in limits))
            _require(Rule.RANGE_INT, all(float(limit).is_integer() for limit in limits))
        case NumberType.FLOAT:
            _require(Rule.RANGE_FLOAT, number.low >= -FLOAT32_MAX and number.high <= FLOAT32_MAX)
        case NumberType.DOUBLE:
            _require(Rule.RANGE_FLOAT, number.low >= -_DOUBLE_MAX and number.high <= _DOUBLE_MAX)
    _require(Rule.STEP, number.step > 0 and _exact(number.step) <= _exact(number.high) - _exact(number.low))


def _exact(number: float) -> Decimal:
    """Return a number as it is written in the file: 0.3 - 0.1 is less than 0.2 with doubles."""
    return Decimal(repr(number))


def _require(rule: Rule, is_kept: bool) -> None:
    if not is_kept:
        raise BrokenRuleError(rule)
