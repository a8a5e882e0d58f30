"""Units that the console lists, and how to get from one to another."""

from collections.abc import Callable
from itertools import product

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Unit
from custom_components.aliyun_iot.mapping.units import platform_unit, ratio


@pytest.mark.parametrize(
    ("unit", "symbol", "name"),
    [
        ("°C", "°C", "摄氏度"),
        ("°F", "℉", "华氏度"),
        ("%", "%", "百分比"),
        ("W", "W", "瓦特"),
        ("kWh", "kW·h", "千瓦时"),
        ("Wh", "Wh", "瓦时"),
        ("lx", "Lux", "照度"),
        ("ppm", "ppm", "百万分率"),
        ("hPa", "hPa", "百帕"),
        ("mbar", "hPa", "百帕"),
        ("m²", "㎡", "平方米"),
        ("m³", "m³", "立方米"),
        ("km/h", "km/h", "千米每小时"),
        ("mm/h", "mm/hour", "降雨量"),
        ("kB", "KB", "千字节"),
        ("d", "day", "日"),
        ("\u00b5g/m³", "\u03bcg/m³", "微克每立方米"),
        ("\u03bcg/m³", "\u03bcg/m³", "微克每立方米"),
        ("\u00b5S/cm", "uS/cm", "微西每厘米"),
    ],
)
def test_a_unit_is_written_as_the_console_lists_it(unit: str, symbol: str, name: str) -> None:
    assert platform_unit(unit) == Unit(symbol=symbol, name=name)


@pytest.mark.parametrize("unit", [None, "", "dBm", "VA", "gal", "MWh", "€/kWh", "UV index", "\ud800"])
def test_a_unit_that_the_console_does_not_list_is_none(unit: str | None) -> None:
    assert platform_unit(unit) is None


def converted(convert: Callable[[float], float] | None, value: float) -> float | None:
    return None if convert is None else convert(value)


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "device_class", "value", "expected"),
    [
        ("W", "kW", "power", 1500, 1.5),
        ("kWh", "Wh", None, 1.5, 1500),
        ("°C", "°F", None, 20, 68),
        ("°C", "°F", "temperature_delta", 20, 36),
        ("m/s", "km/h", "wind_speed", 10, 36),
        ("m/s", "Beaufort", None, 10, 5),
        ("\u00b5g/m³", "mg/m³", None, 1000, 1),
        ("ppm", "ppb", None, 1, 1000),
        (None, "%", "power_factor", 0.5, 50),
        ("ppb", "\u03bcg/m³", "ozone", 100, 199.53),
        ("\u00b5A", "\u03bcA", None, 3, 3),
        ("steps", "steps", None, 3, 3),
        (None, None, None, 3, 3),
    ],
)
def test_a_value_is_converted_as_home_assistant_does(
    from_unit: str | None, to_unit: str | None, device_class: str | None, value: float, expected: float
) -> None:
    assert converted(ratio(from_unit, to_unit, device_class), value) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "device_class"),
    [
        ("W", "kWh", "power"),
        ("ppm", "mg/m³", None),
        ("ppm", "mg/m³", "temperature"),
        ("km/kWh", "kWh/100km", "energy_distance"),
        ("steps", "m", None),
        ("Beaufort", "m/s", "wind_speed"),
        (None, "W", "no such device class"),
    ],
)
def test_without_a_way_between_two_units_there_is_none(
    from_unit: str | None, to_unit: str | None, device_class: str | None
) -> None:
    assert ratio(from_unit, to_unit, device_class) is None


@pytest.mark.parametrize(("device_class", "units"), list(DEVICE_CLASS_UNITS.items()))
def test_every_conversion_takes_any_number(device_class: str, units: set[str | None]) -> None:
    ways = [ratio(from_unit, to_unit, device_class) for from_unit, to_unit in product(units, repeat=2)]
    results = {type(converted(way, value)) for way in ways for value in (0.0, -1.5, 1e12)}
    assert results <= {float, int, type(None)}
