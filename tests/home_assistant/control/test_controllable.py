"""Agreement: a command runs only where the platform means by a property what we mean."""

from dataclasses import replace

import pytest

from custom_components.aliyun_iot.alink import (
    Bool,
    DataType,
    Date,
    Enum,
    Field,
    Number,
    NumberType,
    Status,
    Struct,
    Text,
    Unit,
)
from custom_components.aliyun_iot.control.controllable import agrees, fingerprint, means
from custom_components.aliyun_iot.mapping.definition import Definition

CELSIUS, FAHRENHEIT = Unit(symbol="°C", name="°C"), Unit(symbol="°F", name="°F")
WARM = Number(type=NumberType.DOUBLE, low=5, high=30, step=0.5, unit=CELSIUS)
MODES = Enum(names={0: "off", 1: "heat", 2: "cool"})
MODE = Definition(identifier="mode", name="Mode", data_type=MODES, options={"off": 0, "heat": 1, "cool": 2})
TOLD = Status(model={"mode": MODES}, access={"mode": "rw"}, is_model_current=True)


def struct(**fields: DataType) -> Struct:
    return Struct(fields=tuple(Field(identifier=name, name=name, data_type=one) for name, one in fields.items()))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (MODES, MODES),
        (Enum(names={**MODES.names, 3: "dry"}), MODES),  # ours has not got that option, so its value is refused
        (replace(WARM, low=-100, high=100, step=1), WARM),
        (replace(WARM, unit=Unit(symbol="°C", name="摄氏度")), WARM),
        (Bool(off="Off", on="On"), Bool(off="Off", on="On")),
        (Text(length=5), Text(length=1024)),
        (struct(hue=WARM, saturation=WARM, more=Date()), struct(saturation=WARM, hue=WARM)),
    ],
)
def test_types_that_mean_the_same_agree(theirs: DataType, ours: DataType) -> None:
    assert means(theirs, ours)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (None, MODES),
        (Enum(names={0: "off", 1: "cool", 2: "heat"}), MODES),
        (Enum(names={0: "off", 1: "heat"}), MODES),
        (replace(WARM, unit=FAHRENHEIT), WARM),
        (replace(WARM, unit=None), WARM),
        (replace(WARM, type=NumberType.INT), WARM),
        (Text(length=5), MODES),
        (Bool(off="On", on="Off"), Bool(off="Off", on="On")),
        (Bool(off="Off", on="Open"), Bool(off="Off", on="On")),
        (MODES, Bool(off="off", on="heat")),
        (struct(hue=WARM), struct(hue=WARM, saturation=WARM)),
        (struct(hue=WARM, saturation=Date()), struct(hue=WARM, saturation=WARM)),
    ],
)
def test_types_that_mean_something_else_do_not(theirs: DataType | None, ours: DataType) -> None:
    assert not means(theirs, ours)


@pytest.mark.parametrize(
    "status",
    [
        replace(TOLD, is_model_current=False),
        replace(TOLD, access={"mode": "r"}),
        replace(TOLD, access={}),
        replace(TOLD, model={}),
        replace(TOLD, model={"mode": Enum(names={0: "off", 1: "cool", 2: "heat"})}),
    ],
)
def test_a_model_of_another_link_or_of_another_content_does_not_agree_whatever_the_owner_said(status: Status) -> None:
    assert agrees(MODE, TOLD)
    assert not agrees(MODE, status)
    assert not agrees(MODE, status, is_confirmed=True)


def test_where_no_model_was_ever_told_the_owners_word_decides() -> None:
    assert not agrees(MODE, Status())
    assert agrees(MODE, Status(), is_confirmed=True)


def test_the_fingerprint_changes_with_each_thing_that_a_value_means() -> None:
    warm = replace(MODE, identifier="warm", data_type=WARM, options={}, unit="°C")
    assert fingerprint(warm) == fingerprint(replace(warm, name="Warmth"))
    others = [
        MODE,
        replace(warm, unit="°F"),
        replace(warm, data_type=replace(WARM, high=31)),
        replace(MODE, data_type=Enum(names={0: "off", 1: "cool", 2: "heat"})),
        replace(MODE, identifier="mode_2"),
    ]
    assert len({fingerprint(one) for one in (warm, *others)}) == 6
