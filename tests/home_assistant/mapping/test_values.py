"""Values of states and attributes, by types, and the reasons why others do not fit."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import (
    Array,
    Bool,
    DataType,
    Date,
    Enum,
    Field,
    Number,
    NumberType,
    Struct,
    Text,
)
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.units import same
from custom_components.aliyun_iot.mapping.values import Misfit, NotFittingError, converter

ABSENT = ("unknown", "unavailable", "")
NAN = float("nan")
INFINITY = float("inf")
BOOL = Bool(off="Off", on="On")
ENUM = Enum(names={0: "Slow", 1: "Fast", 7: "Unknown"})
OPTIONS = {"slow": 0, "fast": 1}
INT = Number(type=NumberType.INT, low=-10, high=50, step=1)
FLOAT = Number(type=NumberType.FLOAT, low=-10.0, high=50.0, step=0.1)
DOUBLE = Number(type=NumberType.DOUBLE, low=-10.0, high=50.0, step=0.1)
WIDE = Number(type=NumberType.DOUBLE, low=-1e15, high=1e15, step=0.1)
TEXT = Text(length=8)
WIDE_TEXT = Text(length=40)
DATE = Date()
PLACE = Struct(
    fields=tuple(
        Field(
            identifier=name,
            name=name,
            data_type=Number(type=NumberType.DOUBLE, low=-most, high=most, step=0.1),
        )
        for name, most in (("latitude", 90.0), ("longitude", 180.0))
    )
)


@pytest.fixture(autouse=True)
def _berlin() -> Iterator[None]:
    """Put the house into Berlin: two hours before UTC in summer, and one in winter."""
    dt_util.set_default_time_zone(ZoneInfo("Europe/Berlin"))
    yield
    dt_util.set_default_time_zone(UTC)


def value_of(data_type: DataType, raw: Any, ratio: Callable[[float], float] | None = same) -> Any:
    definition = Definition(identifier="it", name="it", data_type=data_type, options=OPTIONS)
    return converter(definition, ratio)(raw)


def misfit_of(data_type: DataType, raw: Any, ratio: Callable[[float], float] | None = same) -> NotFittingError:
    with pytest.raises(NotFittingError) as refused:
        value_of(data_type, raw, ratio)
    return refused.value


@pytest.mark.parametrize(
    ("data_type", "raw", "expected"),
    [
        (BOOL, "on", 1),
        (BOOL, "off", 0),
        (BOOL, True, 1),
        (BOOL, False, 0),
        (ENUM, "slow", 0),
        (ENUM, "fast", 1),
        (INT, "21", 21),
        (INT, "21.0", 21),
        (INT, 21, 21),
        (INT, "-10", -10),
        (INT, "50", 50),
        (FLOAT, "21", 21.0),
        (FLOAT, 0.5, 0.5),
        (DOUBLE, "21.5", 21.5),
        (DOUBLE, " 21.5 ", 21.5),
        (DOUBLE, "2e1", 20.0),
        (DOUBLE, 21, 21.0),
        (DOUBLE, -10, -10.0),
        (DOUBLE, 50, 50.0),
        (TEXT, "heat", "heat"),
        (TEXT, "", ""),
        (TEXT, "12345678", "12345678"),
        (TEXT, "家家ab", "家家ab"),
        (TEXT, 3, "3"),
        (TEXT, 1984, "1984"),
        (TEXT, 21.0, "21.0"),
        (TEXT, -0.25, "-0.25"),
        (TEXT, True, "true"),
        (TEXT, False, "false"),
        (WIDE_TEXT, datetime(2026, 11, 21, 4, tzinfo=UTC), "2026-11-21T04:00:00+00:00"),
        (WIDE_TEXT, date(2026, 7, 1), "2026-07-01"),
        (TEXT, time(7, 30), "07:30:00"),
        (DATE, "2026-11-21T04:00:00+00:00", "1795233600000"),
        (DATE, "2026-11-21T05:00:00.250+01:00", "1795233600250"),
        (DATE, "2026-11-21 05:00:00", "1795233600000"),
        (DATE, "2026-11-21", "1795215600000"),
        (DATE, "2026-7-1", "1782856800000"),
        (DATE, "1970-01-01T00:00:00+00:00", "0"),
        (DATE, datetime(2026, 11, 21, 4, tzinfo=UTC), "1795233600000"),
        (DATE, datetime(2026, 11, 21, 5, tzinfo=timezone(timedelta(hours=1))), "1795233600000"),
        (DATE, datetime(2026, 7, 1), "1782856800000"),  # noqa: DTZ001  # an attribute may be one without a time zone
        (DATE, date(2026, 7, 1), "1782856800000"),
        (PLACE, {"latitude": 48.14, "longitude": 11.58, "radius": 3}, {"latitude": 48.14, "longitude": 11.58}),
        (PLACE, {"latitude": -90, "longitude": 180}, {"latitude": -90.0, "longitude": 180.0}),
        (PLACE, {"latitude": "48.14", "longitude": " -11.58"}, {"latitude": 48.14, "longitude": -11.58}),
    ],
)
def test_a_state_of_its_type_has_a_value(data_type: DataType, raw: Any, expected: Any) -> None:
    found = value_of(data_type, raw)
    assert found == expected
    assert data_type.takes(found)


@pytest.mark.parametrize("raw", ABSENT)
@pytest.mark.parametrize("data_type", [BOOL, ENUM, INT, FLOAT, DOUBLE, DATE])
def test_an_absent_state_has_no_value(data_type: DataType, raw: str) -> None:
    assert value_of(data_type, raw) is None
    assert value_of(data_type, raw, None) is None


@pytest.mark.parametrize("raw", ["unknown", "unavailable"])
def test_an_absent_text_has_no_value_and_an_empty_one_has(raw: str) -> None:
    assert value_of(TEXT, raw) is None


@pytest.mark.parametrize("raw", [NAN, INFINITY, -INFINITY])
def test_a_text_of_a_number_that_json_lacks_has_no_value(raw: float) -> None:
    assert value_of(TEXT, raw) is None  # Home Assistant writes null into its recorder


@pytest.mark.parametrize(("raw", "key"), [(3, 0), (2.5, 1), (True, 2)])
def test_an_option_that_is_no_text_counts_as_it_is_written(raw: Any, key: int) -> None:
    definition = Definition(identifier="it", name="it", data_type=ENUM, options={"3": 0, "2.5": 1, "true": 2})
    assert converter(definition, same)(raw) == key


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"latitude": 48.14},
        {"longitude": 11.58},
        {"latitude": None, "longitude": 11.58},
        {"latitude": "unknown", "longitude": "unknown"},
        {"latitude": 48.14, "longitude": ""},
    ],
)
def test_half_a_place_has_no_value(raw: Any) -> None:
    assert value_of(PLACE, raw) is None


def test_an_option_may_be_called_like_an_absent_state() -> None:
    definition = Definition(identifier="it", name="it", data_type=ENUM, options={"unknown": 7})
    assert converter(definition, same)("unknown") == 7


@pytest.mark.parametrize(
    ("data_type", "raw", "misfit"),
    [
        (BOOL, "On", Misfit.TYPE),
        (BOOL, "1", Misfit.TYPE),
        (BOOL, 1, Misfit.TYPE),
        (BOOL, None, Misfit.TYPE),
        (BOOL, [], Misfit.TYPE),
        (ENUM, "Slow", Misfit.OPTION),
        (ENUM, 0, Misfit.OPTION),
        (ENUM, ["slow"], Misfit.OPTION),
        (INT, "21.5", Misfit.TYPE),
        (INT, "warm", Misfit.TYPE),
        (DOUBLE, "warm", Misfit.TYPE),
        (DOUBLE, "on", Misfit.TYPE),
        (DOUBLE, None, Misfit.TYPE),
        (DOUBLE, [], Misfit.TYPE),
        (DOUBLE, True, Misfit.TYPE),
        (DOUBLE, "1_0", Misfit.TYPE),
        (DOUBLE, 10**400, Misfit.TYPE),
        (TEXT, 123456789, Misfit.LENGTH),
        pytest.param(TEXT, 10**5000, Misfit.TYPE, id="more digits than Python writes"),
        (TEXT, ["a"], Misfit.TYPE),
        (TEXT, {"a": 1}, Misfit.TYPE),
        (TEXT, None, Misfit.TYPE),
        (TEXT, "half \ud83d", Misfit.TYPE),
        (TEXT, "123456789", Misfit.LENGTH),
        (TEXT, "家家家", Misfit.LENGTH),
        (DATE, "soon", Misfit.TYPE),
        (DATE, 1795233600, Misfit.TYPE),
        (DATE, "2026-02-30", Misfit.TYPE),
        (DATE, "2026-02-20T25:00:00+00:00", Misfit.TYPE),
        (DATE, "2026-11-21T\ud83d", Misfit.TYPE),
        (DATE, "\uff12\uff10\uff12\uff16-11-21", Misfit.TYPE),
        (DATE, "1969-12-31T23:59:59+00:00", Misfit.RANGE),
        (DATE, "1970-01-01", Misfit.RANGE),  # in Berlin it began an hour before that in UTC
        (PLACE, {"latitude": "north", "longitude": 11.58}, Misfit.TYPE),
        (PLACE, {"latitude": "4_8", "longitude": 11.58}, Misfit.TYPE),
        (PLACE, {"latitude": [48.14], "longitude": 11.58}, Misfit.TYPE),
        (PLACE, {"latitude": "91", "longitude": 11.58}, Misfit.RANGE),
        (PLACE, {"latitude": 48.14, "longitude": True}, Misfit.TYPE),
        (PLACE, {"latitude": NAN, "longitude": 11.58}, Misfit.TYPE),
        (PLACE, {"latitude": 90.5, "longitude": 11.58}, Misfit.RANGE),
        (PLACE, {"latitude": 48.14, "longitude": -180.5}, Misfit.RANGE),
    ],
)
def test_a_state_that_does_not_fit_is_refused_with_the_reason(data_type: DataType, raw: Any, misfit: Misfit) -> None:
    refused = misfit_of(data_type, raw)
    assert (refused.misfit, refused.number, str(refused)) == (misfit, None, misfit.value)


@pytest.mark.parametrize("data_type", [INT, FLOAT, DOUBLE])
@pytest.mark.parametrize(
    ("raw", "number"),
    [("-11", -11.0), ("51", 51.0), (1e300, 1e300), ("nan", NAN), ("inf", INFINITY), ("-inf", -INFINITY)],
)
def test_a_number_out_of_range_is_refused_with_the_number(data_type: DataType, raw: Any, number: float) -> None:
    refused = misfit_of(data_type, raw)
    assert refused.misfit is Misfit.RANGE
    assert refused.number == pytest.approx(number, nan_ok=True)


def fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


@pytest.mark.parametrize(
    ("data_type", "raw", "expected"), [(DOUBLE, "-20", -4.0), (WIDE, "37.5", 99.5), (INT, -10, 14)]
)
def test_a_number_is_converted_before_its_range_is_looked_at(data_type: DataType, raw: Any, expected: float) -> None:
    assert value_of(data_type, raw, fahrenheit) == expected


def test_a_number_that_is_out_of_range_when_it_is_converted_is_refused() -> None:
    refused = misfit_of(DOUBLE, "20", fahrenheit)
    assert (refused.misfit, refused.number) == (Misfit.RANGE, 68.0)


def test_a_conversion_that_fails_is_a_misfit() -> None:
    assert misfit_of(WIDE, "nan", int).misfit is Misfit.TYPE


@pytest.mark.parametrize("data_type", [INT, DOUBLE])
def test_without_a_conversion_no_number_fits(data_type: DataType) -> None:
    assert misfit_of(data_type, "21", None).misfit is Misfit.UNIT


def test_a_type_that_no_state_has_takes_none() -> None:
    definition = Definition(identifier="it", name="it", data_type=Array())
    with pytest.raises(NotFittingError) as refused:
        converter(definition, same)
    assert refused.value.misfit is Misfit.TYPE
