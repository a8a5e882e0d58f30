"""Units: Home Assistant's and those of the platform's console."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS, UNIT_CONVERTERS
from homeassistant.util.unit_conversion import (
    ApparentPowerConverter,
    AreaConverter,
    BaseUnitConverter,
    ConductivityConverter,
    DataRateConverter,
    DistanceConverter,
    DurationConverter,
    ElectricCurrentConverter,
    ElectricPotentialConverter,
    EnergyConverter,
    FrequencyConverter,
    InformationConverter,
    MassConverter,
    MassVolumeConcentrationConverter,
    PowerConverter,
    PressureConverter,
    ReactiveEnergyConverter,
    ReactivePowerConverter,
    SpeedConverter,
    UnitlessRatioConverter,
    VolumeConverter,
    VolumeFlowRateConverter,
)

from ..alink import Unit
from .spelling import folded

# The console's own list, symbol and name, without the units that no home measures.
_LISTED: Final = {
    "%": "百分比",
    "%RH": "相对湿度",
    "A": "安培",
    "B": "字节",
    "F": "法拉",
    "GB": "吉字节",
    "Hz": "赫兹",
    "J": "焦耳",
    "K": "开尔文",
    "KB": "千字节",
    "KCL/h": "千卡每小时",
    "L": "升",
    "L/min": "升每分钟",
    "L/s": "升每秒",
    "Lux": "照度",
    "MB": "兆字节",
    "Mpa": "兆帕",
    "N": "牛",
    "NTU": "浊度",
    "Nm3/h": "标准立方米每小时",
    "Pa": "帕斯卡",
    "V": "伏特",
    "V/m": "伏特每米",
    "W": "瓦特",
    "W/㎡": "太阳总辐射",
    "Wh": "瓦时",
    "aw": "饱和度",
    "bar": "巴",
    "bit": "比特",
    "c㎡": "平方厘米",
    "cal": "卡路里",
    "cm": "厘米",
    "cm³": "立方厘米",
    "dB": "分贝",
    "dS/m": "土壤EC值",
    "day": "日",
    "dm": "分米",
    "eV": "电子伏",
    "g": "克",
    "g/L": "克每升",
    "g/mL": "克每毫升",
    "g/m³": "克每立方米",
    "grav": "重力加速度",
    "h": "小时",
    "hPa": "百帕",
    "h㎡": "公顷",
    "kA": "千安",
    "kJ": "千焦",
    "kPa": "千帕",
    "kV": "千伏",
    "kVA": "千伏安",
    "kVar": "千乏",
    "kW": "千瓦特",
    "kW·h": "千瓦时",
    "kcal": "千卡路里",
    "kg": "千克",
    "kg/m³": "千克每立方米",
    "kg/s": "公斤每秒",
    "km": "千米",
    "km/h": "千米每小时",
    "kn": "节",
    "kvarh": "千乏时",
    "k㎡": "平方千米",
    "lm": "流明",
    "m": "米",
    "m/s": "米每秒",
    "mA": "毫安",
    "mL": "毫升",
    "mPa": "毫帕",
    "mV": "毫伏",
    "mW": "毫瓦",
    "mg": "毫克",
    "mg/L": "毫克每升",
    "mg/kg": "毫克每千克",
    "mg/m³": "毫克每立方米",
    "min": "分钟",
    "ml/min": "滴速",
    "mm": "毫米",
    "mm/hour": "降雨量",
    "mm/s": "毫米每秒",
    "mmHg": "血压",
    "mmol/L": "血糖",
    "mm³": "立方毫米",
    "month": "月",
    "ms": "毫秒",
    "m³": "立方米",
    "m³/h": "立方米每小时",
    "m³/s": "立方米每秒",
    "m㎡": "平方毫米",
    "nm": "纳米",
    "pH": "PH值",
    "pcs": "个",
    "pixel": "像素",
    "ppb": "微克每升",
    "ppm": "百万分率",
    "r/min": "转每分钟",
    "rad": "弧度",
    "s": "秒",
    "t": "吨",
    "t/h": "吨每小时",
    "uS/cm": "微西每厘米",
    "var": "乏",
    "week": "周",
    "year": "年",
    "°": "度",
    "°C": "摄氏度",
    "Ω": "欧姆",
    "μA": "微安",
    "μF": "微法",
    "μW": "微瓦",
    "μg/L": "微克每升",
    "μg/m³": "微克每立方米",
    "μm": "微米",
    "℉": "华氏度",
    "㎡": "平方米",
}
# Home Assistant's spelling where it differs, and the console's symbol for exactly the same unit
_SPELLED: Final = {
    "MPa": "Mpa",
    "W/m²": "W/㎡",
    "cm²": "c㎡",
    "d": "day",
    "ha": "h㎡",
    "hm²": "h㎡",
    "kB": "KB",
    "kWh": "kW·h",
    "km²": "k㎡",
    "kvar": "kVar",
    "lx": "Lux",
    "mL/min": "ml/min",
    "mbar": "hPa",
    "mm/h": "mm/hour",
    "mm²": "m㎡",
    "m²": "㎡",
    "px": "pixel",
    "rpm": "r/min",
    "w": "week",
    "y": "year",
    "°F": "℉",
    "μS/cm": "uS/cm",
}
# These convert alike whatever was measured, so they serve also where no device class tells it. Left out are
# temperatures (a difference of 9 °C is no point on the scale), concentrations of one substance (ppm to μg/m³ depends
# on the gas, mg/dL to mmol/L on the molecule) and distances for an energy, where the meaning is turned round.
_CONVERTERS: Final[tuple[type[BaseUnitConverter], ...]] = (
    ApparentPowerConverter,
    AreaConverter,
    ConductivityConverter,
    DataRateConverter,
    DistanceConverter,
    DurationConverter,
    ElectricCurrentConverter,
    ElectricPotentialConverter,
    EnergyConverter,
    FrequencyConverter,
    InformationConverter,
    MassConverter,
    MassVolumeConcentrationConverter,
    PowerConverter,
    PressureConverter,
    ReactiveEnergyConverter,
    ReactivePowerConverter,
    SpeedConverter,
    UnitlessRatioConverter,
    VolumeConverter,
    VolumeFlowRateConverter,
)

_UNITS: Final[Mapping[str | None, Collection[object]]] = {key.value: units for key, units in DEVICE_CLASS_UNITS.items()}


def platform_unit(unit: str | None) -> Unit | None:
    """Return a unit of Home Assistant's as the console lists it; None if it is not listed."""
    spelled = folded(unit or "")
    symbol = _SPELLED.get(spelled, spelled)
    name = _LISTED.get(symbol)
    return None if name is None else Unit(symbol=symbol, name=name)


def ratio(from_unit: str | None, to_unit: str | None, device_class: str | None) -> Callable[[float], float] | None:
    """Return the conversion between two of Home Assistant's units; None where there is none.

    The converter of the device class comes first. None is a unit only where the device class says so: a power factor
    of 0.98 is one of 98 %, while a voltage without a unit can be anything.
    """
    from_unit, to_unit = (None if unit is None else folded(unit) for unit in (from_unit, to_unit))
    if from_unit == to_unit:
        return same
    own = UNIT_CONVERTERS.get(device_class)
    of_class = () if own is None else (own,)
    if None in (from_unit, to_unit) and None not in _UNITS.get(device_class, ()):
        return None
    for converter in of_class if None in (from_unit, to_unit) else (*of_class, *_CONVERTERS):
        if from_unit in converter.VALID_UNITS and to_unit in converter.VALID_UNITS:
            convert: Callable[[float], float] = converter.converter_factory(from_unit, to_unit)
            return convert
    return None


def same(number: float) -> float:
    """Return the number unchanged: the ratio between a unit and itself."""
    return number
