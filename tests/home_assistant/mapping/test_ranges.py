"""Ranges that hold every real value, and that the console takes."""

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Number, NumberType, integer_type
from custom_components.aliyun_iot.mapping.ranges import number_range, stated_range, widened, with_decimals

from . import check

GENERAL = (-(10.0**15), 10.0**15, 0.01)
KEYS = ("min", "max", "step")


def double(low: float, high: float, step: float = 0.01) -> Number:
    return Number(type=NumberType.DOUBLE, low=low, high=high, step=step)


@pytest.mark.parametrize(
    ("device_class", "unit"),
    [(device_class, unit) for device_class, units in DEVICE_CLASS_UNITS.items() for unit in sorted(units, key=str)],
)
def test_every_device_class_has_a_range_that_the_console_takes(device_class: str, unit: str | None) -> None:
    check(double(*number_range(device_class, unit)))


@pytest.mark.parametrize(
    ("device_class", "unit", "real"),
    [
        ("temperature", "°C", (-273.15, 1300)),
        ("temperature", "°F", (-459.67, 2400)),
        ("temperature", "\u2109", (-459.67, 2400)),
        ("temperature", "K", (0, 1600)),
        ("humidity", "%", (-0.5, 101)),
        ("battery", "%", (-1, 255)),
        ("moisture", "%", (-20, 130)),
        ("power_factor", "%", (-100, 100)),
        ("power_factor", None, (-1, 100)),
        ("signal_strength", "dBm", (-127, 20)),
        ("wind_direction", "°", (0, 360)),
        ("energy", "kWh", (-1e9, 1e12)),
        (None, None, (-1e15, 1e15)),
        ("humidity", "no such unit", (-1e15, 1e15)),
    ],
)
def test_what_a_real_sensor_says_is_in_the_range(
    device_class: str | None, unit: str | None, real: tuple[float, float]
) -> None:
    low, high, _ = number_range(device_class, unit)
    assert low <= real[0]
    assert real[1] <= high


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"min": 5, "max": 35, "step": 0.5}, (5, 35, 0.5)),
        ({"min": 5, "max": 35}, (5, 35, 0.01)),
        ({"min": 5, "max": 35, "step": 40}, (5, 35, 0.01)),
        ({"min": 5, "max": 35, "step": 0}, (5, 35, 0.01)),
        ({"min": 5, "max": 35, "step": "1"}, (5, 35, 0.01)),
        ({"min": 0, "max": 0.001, "step": 1}, (0, 0.001, 0.001)),
        ({"min": 5, "max": 5, "step": 1}, (*GENERAL[:2], 1)),
        ({"min": 35, "max": 5, "step": 1}, (*GENERAL[:2], 1)),
        ({"min": None, "max": 5, "step": 1}, (*GENERAL[:2], 1)),
        ({"min": float("nan"), "max": 5, "step": 1}, (*GENERAL[:2], 1)),
        ({"min": -1e308, "max": 1e308, "step": float("inf")}, GENERAL),
        ({"min": -(10**400), "max": True, "step": []}, GENERAL),
    ],
)
def test_a_stated_range_that_makes_no_sense_is_replaced(
    stated: dict[str, object], expected: tuple[float, float, float]
) -> None:
    found = stated_range(stated, KEYS, GENERAL)
    assert found == expected
    check(double(*found))


@pytest.mark.parametrize(
    ("number", "values", "expected"),
    [
        (double(0, 100), (20, 30), (0, 100)),
        (double(0, 100), (-3.2, 1234.5), (-4, 2000)),
        (double(0, 1), (0.5, 1.01), (0, 2)),
        (double(0, 1), (-0.00123, 0.5), (-0.002, 1)),
        (double(-10, 10), (20, -20), (-20, 20)),
        (double(10, 20), (0, 15), (0, 20)),
        (double(-20, -10), (-15, 0), (-20, 0)),
        (double(0, 1), (float("nan"), float("inf")), (0, 1)),
        (double(0, 1), (0, 1.7976931348623157e308), (0, 1.7976931348623157e308)),
        (integer_type(0, 10), (-1, 11), (-1, 20)),
        (integer_type(0, 10), (-1.5, 99), (-2, 100)),
        (integer_type(0, 10), (-(10**12), 10**12), (-(2**31), 2**31 - 1)),
        (
            Number(type=NumberType.FLOAT, low=0, high=1, step=0.1),
            (-1e300, 1e300),
            (-3.4028234663852886e38, 3.4028234663852886e38),
        ),
        (double(float("-inf"), float("inf")), (-1, 1), (float("-inf"), float("inf"))),
    ],
)
def test_a_widened_range_holds_the_values_as_far_as_the_type_goes(
    number: Number, values: tuple[float, float], expected: tuple[float, float]
) -> None:
    found = widened(number, *values)
    assert found.type is number.type
    assert found.covers(number)
    assert (found.low, found.high) == expected


def test_a_whole_number_has_whole_limits_when_it_is_wider() -> None:
    found = widened(integer_type(0, 10), -1.5, 123)
    check(found)
    assert (str(found.low), str(found.high)) == ("-2", "200")


@pytest.mark.parametrize(
    ("number", "decimals", "step"),
    [
        (double(0, 100), 0, 1),
        (double(0, 100), 1, 0.1),
        (double(0, 100), 5, 0.00001),
        (double(0, 100), -3, 1),
        (double(0, 100), 400, 1e-15),
        (double(0, 0.5), 0, 0.5),
        (integer_type(0, 10), 2, 1),
    ],
)
def test_decimals_are_the_step(number: Number, decimals: int, step: float) -> None:
    found = with_decimals(number, decimals)
    assert found.step == step
    check(found)
