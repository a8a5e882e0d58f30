"""The rules of the console's import, at their borders."""

from dataclasses import replace

import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import (
    Bool,
    DataType,
    Enum,
    Field,
    Number,
    NumberType,
    Struct,
    Text,
    integer_type,
)
from custom_components.aliyun_iot.alink.protocol.rules import BrokenRuleError, Rule, check_property
from custom_components.aliyun_iot.alink.protocol.thing_model import ModelProperty

SWITCH = Bool(off="off", on="on")
DEGREES = Number(type=NumberType.DOUBLE, low=-40.0, high=85.0, step=0.1)


@pytest.mark.parametrize(
    "data_type",
    [
        Text(length=1),
        Text(length=10240),
        Enum(names={number: f"n{number}" for number in range(100)}),
        Enum(names={-(2**31): "lowest", 2**31 - 1: "highest"}),
        Enum(names={0: "a" * 20, 1: "b"}),
        Bool(off="a", on="b" * 20),
        integer_type(-(2**31), 2**31 - 1),
        replace(DEGREES, type=NumberType.FLOAT, low=-3.4028234663852886e38, high=3.4028234663852886e38),
        replace(DEGREES, low=-1.7976931348623157e308, high=1.7976931348623157e308),
        Struct(fields=tuple(Field(identifier=f"f{number}", name="F", data_type=SWITCH) for number in range(50))),
    ],
)
def test_the_outermost_that_the_rules_allow_is_taken(data_type: DataType) -> None:
    check_property(ModelProperty(identifier="t", name="T", data_type=data_type))


@pytest.mark.parametrize(
    ("data_type", "rule"),
    [
        (Enum(names={-(2**31) - 1: "a"}), Rule.ENUM_ITEMS),
        (Enum(names={0: ""}), Rule.ITEM_NAME),
        (Bool(off="", on="b"), Rule.ITEM_NAME),
        (Bool(off="a", on="b" * 21), Rule.ITEM_NAME),
        (integer_type(-(2**31) - 1, 0), Rule.RANGE_INT),
        (replace(DEGREES, type=NumberType.FLOAT, low=-1e39), Rule.RANGE_FLOAT),
        (replace(DEGREES, low=float("-inf")), Rule.RANGE_FLOAT),
        (
            Struct(fields=tuple(Field(identifier=f"f{number}", name="F", data_type=SWITCH) for number in range(51))),
            Rule.STRUCT_FIELDS,
        ),
        (Struct(fields=(Field(identifier="f", name="F", data_type=Text(length=0)),)), Rule.TEXT_LENGTH),
        (Struct(fields=(Field(identifier="f", name="_", data_type=SWITCH),)), Rule.NAME_FORM),
    ],
)
def test_what_is_just_beyond_the_rules_is_refused(data_type: DataType, rule: Rule) -> None:
    with pytest.raises(BrokenRuleError) as refused:
        check_property(ModelProperty(identifier="t", name="T", data_type=data_type))
    assert refused.value.rule is rule
