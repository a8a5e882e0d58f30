"""Units that the console lists, and how to get from one to another."""

from collections.abc import Callable
from contextlib import suppress
from itertools import product

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS
from homeassistant.core import State
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Number, NumberType, Unit
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.kinds import STATE
from custom_components.aliyun_iot.mapping.property import Property
from custom_components.aliyun_iot.mapping.spelling import exact
from custom_components.aliyun_iot.mapping.units import platform_unit, ratio, same
from custom_components.aliyun_iot.mapping.values import NotFittingError


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
        ("\u2103", "°C", "摄氏度"),
        ("\u2109", "\u2109", "华氏度"),
        ("\u33a1", "\u33a1", "平方米"),
        ("h\u33a1", "h\u33a1", "公顷"),
        ("\u33a5", "m³", "立方米"),
        ("\u2126", "\u03a9", "欧姆"),
        ("VAr", "var", "乏"),
        ("kVAr", "kVar", "千乏"),
        ("\uff2b", "K", "开尔文"),
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
        ("°C", "°F", "temperature", 20, 68),
        ("°C", "°F", "temperature_delta", 20, 36),
        ("m/s", "km/h", "wind_speed", 10, 36),
        ("m/s", "Beaufort", None, 10, 5),
        ("\u00b5g/m³", "mg/m³", None, 1000, 1),
        ("ppm", "ppb", None, 1, 1000),
        (None, "%", "power_factor", 0.5, 50),
        ("ppb", "\u03bcg/m³", "ozone", 100, 199.53),
        ("\u00b5A", "\u03bcA", None, 3, 3),
        ("\u2103", "°F", "temperature", 20, 68),
        ("°C", "\u2109", "temperature", 20, 68),
        ("\u212a", "°C", "temperature", 300, 26.85),
        ("\u338f", "g", None, 2, 2000),
        ("\u33a1", "ft²", None, 9.290304, 100),
        ("m³", "\u33a5", "water", 3, 3),
        ("\u338d/m³", "mg/m³", None, 1000, 1),
        ("m\u2215s", "km\u2044h", None, 10, 36),
        ("\u33a7", "km/h", None, 10, 36),
        ("\u2126", "\u03a9", None, 47, 47),
        ("k\u2126", "k\u03a9", None, 47, 47),
        ("VAr", "kvar", "reactive_power", 1500, 1.5),
        ("varh", "kVArh", "reactive_energy", 1500, 1.5),
        ("\uff05", "%", None, 40, 40),
        ("\uff4b\uff37\uff48", "Wh", None, 40, 40_000),
        ("\u00a0°C", "°C", None, 21, 21),
        ("steps", "steps", None, 3, 3),
        (None, None, None, 3, 3),
    ],
)
def test_a_value_is_converted_as_home_assistant_does(
    from_unit: str | None, to_unit: str | None, device_class: str | None, value: float, expected: float
) -> None:
    assert converted(ratio(from_unit, to_unit, device_class), value) == pytest.approx(expected, rel=1e-4)


# One of each unit, by definition: the international inch, pound and nautical mile, the thermochemical calorie,
# the gallon of the United States, and the conventional millimetre of mercury.
@pytest.mark.parametrize(
    ("unit", "other", "expected"),
    [
        ("kVA", "VA", 1000),
        ("ha", "m²", 10_000),
        ("ft²", "m²", 0.09290304),
        ("mi²", "km²", 2.589988110336),
        ("mS/cm", "\u00b5S/cm", 1000),
        ("MB/s", "Mbit/s", 8),
        ("KiB/s", "B/s", 1024),
        ("in", "mm", 25.4),
        ("ft", "m", 0.3048),
        ("mi", "m", 1609.344),
        ("nmi", "km", 1.852),
        ("h", "min", 60),
        ("w", "d", 7),
        ("A", "mA", 1000),
        ("kV", "V", 1000),
        ("mV", "\u00b5V", 1000),
        ("kWh", "MJ", 3.6),
        ("cal", "J", 4.184),
        ("MWh", "kWh", 1000),
        ("GHz", "kHz", 1_000_000),
        ("B", "bit", 8),
        ("GiB", "MiB", 1024),
        ("GB", "MB", 1000),
        ("lb", "kg", 0.45359237),
        ("oz", "g", 28.349523125),
        ("mg/m³", "\u03bcg/m³", 1000),
        ("kW", "W", 1000),
        ("BTU/h", "W", 0.29307107),
        ("bar", "kPa", 100),
        ("hPa", "mbar", 1),
        ("psi", "Pa", 6894.757293),
        ("mmHg", "Pa", 133.322387),
        ("kvarh", "varh", 1000),
        ("kvar", "var", 1000),
        ("m/s", "km/h", 3.6),
        ("kn", "km/h", 1.852),
        ("mph", "km/h", 1.609344),
        ("in/h", "mm/h", 25.4),
        ("%", "ppm", 10_000),
        ("m³", "L", 1000),
        ("gal", "L", 3.785411784),
        ("fl. oz.", "mL", 29.5735295625),
        ("ft³", "L", 28.316846592),
        ("m³/h", "L/min", 16.6666667),
    ],
)
def test_units_that_are_alike_convert_whatever_was_measured(unit: str | None, other: str, expected: float) -> None:
    for device_class in (None, "temperature", "no such device class"):
        assert converted(ratio(unit, other, device_class), 1) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("metres_per_second", "force"), [(0.2, 0), (1, 1), (5, 3), (10, 5), (15, 7), (25, 10), (33, 12)]
)
def test_a_wind_has_the_force_of_the_table_of_beaufort(metres_per_second: float, force: int) -> None:
    assert converted(ratio("m/s", "Beaufort", None), metres_per_second) == force


@pytest.mark.parametrize("unit", ["W", "\u00b5g/m³", "steps", "", None])
def test_a_number_that_keeps_its_unit_is_the_very_same(unit: str | None) -> None:
    assert ratio(unit, unit, None) is same


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "device_class"),
    [
        ("W", "kWh", "power"),
        ("ppm", "mg/m³", None),
        ("ppm", "mg/m³", "temperature"),
        ("°C", "°F", None),
        ("K", "°C", "power"),
        ("mg/dL", "mmol/L", None),
        ("km/kWh", "kWh/100km", None),
        ("steps", "m", None),
        (None, "%", None),
        (None, "ppm", "volatile_organic_compounds_parts"),
        (None, "V", "voltage"),
        ("V", None, "voltage"),
        ("m3", "m³", "water"),
        ("m2", "\u33a1", None),
        ("C", "°C", "temperature"),
        ("\u00b2", "2", None),
        (None, "W", "no such device class"),
    ],
)
def test_without_a_way_between_two_units_there_is_none(
    from_unit: str | None, to_unit: str | None, device_class: str | None
) -> None:
    assert ratio(from_unit, to_unit, device_class) is None


@pytest.mark.parametrize(("device_class", "units"), list(DEVICE_CLASS_UNITS.items()))
def test_any_number_is_converted_or_refused(device_class: str, units: set[str | None]) -> None:
    for unit, other in product(units, repeat=2):
        definition = Definition(
            identifier="t",
            name="t",
            data_type=Number(type=NumberType.DOUBLE, low=-1e300, high=1e300, step=1),
            unit=unit,
            device_class=device_class,
        )
        for state in ("0", "-1.5", "1e12", "nan", "inf"):
            row = State("sensor.t", state, {"unit_of_measurement": other})
            with suppress(NotFittingError):
                assert isinstance(Property(definition, STATE).value(row), float)


@pytest.mark.parametrize(
    ("loose", "unit"),
    [
        ("C", "°C"),
        ("\u00baC", "°C"),
        ("\u02daF", "°F"),
        ("deg C", "°C"),
        ("kwh", "kWh"),
        ("KWH", "kWh"),
        ("m3", "m³"),
        ("m^3", "m³"),
        ("m**2", "m²"),
        ("M3/H", "m³/h"),
        ("ft3/min", "ft³/min"),
        ("lux", "lx"),
        ("Lux", "lx"),
        ("ug/m3", "\u03bcg/m³"),
        ("\u00b5g/m3", "\u03bcg/m³"),
        ("us", "\u03bcs"),
        ("uS/cm", "\u03bcS/cm"),
        ("%RH", "%"),
        ("% rh", "%"),
        ("KW", "kW"),
        ("hpa", "hPa"),
        ("DBM", "dBm"),
        ("VAR", "var"),
        ("Ohm", "\u03a9"),
        ("kmh", "km/h"),
        ("Mbps", "Mbit/s"),
    ],
)
def test_a_loose_spelling_means_a_unit(loose: str, unit: str) -> None:
    assert exact(loose) == unit


@pytest.mark.parametrize(
    "unit",
    [
        *("", "W", "w", "m³", "\u2103", "VAr", "mw", "Mv", "mhz", "steps", "pm2.5", "2", "m4", "kg/m3", "\ud800"),
        # The case of a letter makes another unit of these.
        *("MPa", "MVA", "mJ", "Mg", "ML", "MVAR", "Mbar", "MA", "mcal", "mbit", "Mb/s", "kb/s", "Gb", "b", "mB"),
    ],
)
def test_an_exact_unit_and_what_may_mean_two_or_none_is_no_loose_spelling(unit: str) -> None:
    assert exact(unit) is None
