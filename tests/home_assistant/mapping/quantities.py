"""Quantities: the size of every unit that Home Assistant converts, by definition and not by Home Assistant's numbers.

Sources: the international yard and pound of 1959, the SI brochure (9th edition), NIST SP 811 (therm, BTU, conventional
millimetre of mercury and inch of water), the gallon of the United States; for gases the ideal gas at 20 °C and
101 325 Pa, as the European Union has the limits of its air quality directive converted.
"""

from collections.abc import Callable, Mapping
from typing import Final

type Sizes = Mapping[str | None, float]

_LITRES_OF_A_MOLE: Final = 8.31446261815324 * 293.15 / 101.325


def _gas(grams_of_a_mole: float, *others: str) -> Sizes:
    """Return the sizes in parts per million."""
    milligram = _LITRES_OF_A_MOLE / grams_of_a_mole
    sizes = {"ppm": 1.0, "mg/m³": milligram}
    return {"ppb": 1e-3, "μg/m³": milligram / 1000, **{unit: sizes[unit] for unit in others}}


_AREA: Sizes = {"m²": 1, "cm²": 1e-4, "mm²": 1e-6, "km²": 1e6, "in²": 0.00064516, "ft²": 0.09290304, "yd²": 0.83612736}
_LENGTH: Sizes = {"m": 1, "cm": 0.01, "mm": 0.001, "km": 1000, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344}
_VOLUME: Sizes = {"m³": 1000, "L": 1, "mL": 0.001, "gal": 3.785411784, "fl. oz.": 0.0295735295625, "ft³": 28.316846592}
_SPEED: Sizes = {
    "m/s": 1,
    "km/h": 1 / 3.6,
    "kn": 1852 / 3600,
    "mph": 0.44704,
    "ft/s": 0.3048,
    "in/s": 0.0254,
    "mm/s": 0.001,
}
_RAIN: Sizes = {
    "mm/h": 0.001 / 3600,
    "mm/d": 0.001 / 86400,
    "in/h": 0.0254 / 3600,
    "in/d": 0.0254 / 86400,
    "m/min": 1 / 60,
}
_ENERGY: Sizes = {
    "J": 1,
    "kJ": 1e3,
    "MJ": 1e6,
    "GJ": 1e9,
    "mWh": 3.6,
    "Wh": 3600,
    "kWh": 3.6e6,
    "MWh": 3.6e9,
    "GWh": 3.6e12,
}
_HEAT: Sizes = {"TWh": 3.6e15, "cal": 4.184, "kcal": 4184, "Mcal": 4.184e6, "Gcal": 4.184e9, "thm": 105_480_400}
_PRESSURE: Sizes = {
    "Pa": 1,
    "mPa": 0.001,
    "hPa": 100,
    "mbar": 100,
    "cbar": 1000,
    "kPa": 1000,
    "bar": 1e5,
    "atm": 101_325,
}
# Home Assistant rounds two of them, and shows what comes of that: by definition an inch of water is 249.08891 Pa, and a
# pound of force on a square inch 6894.757293 Pa.
_COLUMN: Sizes = {"mmHg": 133.322387415, "inHg": 3386.388640341, "inH₂O": 249.0889083333348, "psi": 6894.757}
_PER_HOUR: Sizes = {"m³/h": 1000, "m³/min": 60_000, "m³/s": 3.6e6, "L/h": 1, "L/min": 60, "L/s": 3600, "mL/s": 3.6}
_AMERICAN: Sizes = {"ft³/min": 1699.01079552, "gal/d": 3.785411784 / 24, "gal/h": 3.785411784, "gal/min": 227.12470704}
_BITS: Sizes = {"bit": 1, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9, "B": 8, "kB": 8e3, "MB": 8e6, "GB": 8e9}
_BINARY: Sizes = {"KiB": 8 * 2**10, "MiB": 8 * 2**20, "GiB": 8 * 2**30}
_LARGE: Sizes = {"TB": 8e12, "PB": 8e15, "EB": 8e18, "ZB": 8e21, "YB": 8e24, "TiB": 2**43, "PiB": 2**53, "EiB": 2**63}

SIZES: Final[Mapping[str, Sizes]] = {
    "apparent_power": {"mVA": 0.001, "VA": 1, "kVA": 1000},
    "absolute_humidity": {"g/m³": 1, "mg/m³": 1e-3, "μg/m³": 1e-6},
    "area": {**_AREA, "ac": 4046.8564224, "ha": 10_000, "mi²": 2_589_988.110336},
    "atmospheric_pressure": {**_PRESSURE, **_COLUMN},
    "blood_glucose_concentration": {"mmol/L": 1, "mg/dL": 1 / 18.016},
    "carbon_monoxide": _gas(28.01, "ppm", "mg/m³"),
    "conductivity": {"S/cm": 1, "mS/cm": 1e-3, "μS/cm": 1e-6},
    "current": {"A": 1, "mA": 1e-3, "μA": 1e-6},
    "data_rate": {f"{unit}/s": size for unit, size in {**_BITS, **_BINARY}.items()},
    "data_size": {**_BITS, **_BINARY, **_LARGE, "ZiB": 2**73, "YiB": 2**83},
    "distance": {**_LENGTH, "nmi": 1852},
    "duration": {"w": 604_800, "d": 86_400, "h": 3600, "min": 60, "s": 1, "ms": 1e-3, "μs": 1e-6},
    "energy": {**_ENERGY, **_HEAT},
    "frequency": {"mHz": 1e-3, "Hz": 1, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9},
    "gas": {**_VOLUME, "CCF": 2831.6846592, "MCF": 28_316.846592},
    "nitrogen_dioxide": _gas(46.0055, "ppm"),
    "nitrogen_monoxide": _gas(30.0061),
    "ozone": _gas(48.0, "ppm"),
    "power": {"mW": 1e-3, "W": 1, "kW": 1e3, "MW": 1e6, "GW": 1e9, "TW": 1e12, "BTU/h": 1055.05585262 / 3600},
    "power_factor": {None: 1, "%": 0.01, "ppm": 1e-6, "ppb": 1e-9},
    "radon": {"Bq/m³": 1, "pCi/L": 37},
    "reactive_energy": {"varh": 1, "kvarh": 1000},
    "reactive_power": {"mvar": 0.001, "var": 1, "kvar": 1000},
    "sulphur_dioxide": _gas(64.066),
    "temperature_delta": {"°C": 1, "K": 1, "°F": 5 / 9},
    "voltage": {"μV": 1e-6, "mV": 1e-3, "V": 1, "kV": 1e3, "MV": 1e6},
    "volatile_organic_compounds_parts": {"%": 10_000, "ppm": 1, "ppb": 0.001},
    "volume_flow_rate": {**_PER_HOUR, **_AMERICAN},
    "weight": {"μg": 1e-6, "mg": 1e-3, "g": 1, "kg": 1e3, "oz": 28.349523125, "lb": 453.59237, "st": 6350.29318},
    "wind_speed": {**_SPEED, **_RAIN},
}
# Device classes that measure in the units of another one
ALIKE: Final = {
    "energy_storage": "energy",
    "precipitation": "distance",
    "precipitation_intensity": "wind_speed",
    "pressure": "atmospheric_pressure",
    "speed": "wind_speed",
    "volatile_organic_compounds": "absolute_humidity",
    "volume": "gas",
    "volume_storage": "gas",
    "water": "gas",
}
_BEAUFORT: Final = "Beaufort"
# In kWh for 100 km; a distance for an energy says the same the other way round.
_CONSUMPTION: Final[Mapping[str | None, Callable[[float], float]]] = {
    "kWh/100km": lambda number: number,
    "Wh/km": lambda number: number / 10,
    "km/kWh": lambda number: 100 / number,
    "mi/kWh": lambda number: 100 / (number * 1.609344),
}
_CONSUMED: Final[Mapping[str | None, Callable[[float], float]]] = {
    **_CONSUMPTION,
    "Wh/km": lambda number: number * 10,
    "mi/kWh": lambda number: 100 / number / 1.609344,
}
_CELSIUS: Final[Mapping[str | None, Callable[[float], float]]] = {
    "°C": lambda number: number,
    "°F": lambda number: (number - 32) * 5 / 9,
    "K": lambda number: number - 273.15,
}
_FROM_CELSIUS: Final[Mapping[str | None, Callable[[float], float]]] = {
    "°C": lambda number: number,
    "°F": lambda number: number * 9 / 5 + 32,
    "K": lambda number: number + 273.15,
}
DEVICE_CLASSES: Final = (*SIZES, *ALIKE, "energy_distance", "temperature")


def units(device_class: str) -> tuple[str | None, ...]:
    """Return the units of a device class."""
    match device_class:
        case "energy_distance":
            return tuple(_CONSUMPTION)
        case "temperature":
            return tuple(_CELSIUS)
    sizes = SIZES[ALIKE.get(device_class, device_class)]
    return (*sizes, _BEAUFORT) if "kn" in sizes else tuple(sizes)


def in_unit(number: float, unit: str | None, other: str | None, device_class: str) -> float:
    """Return the number of another unit that says the same."""
    if unit == other:
        return number
    match device_class:
        case "energy_distance":
            return _CONSUMED[other](_CONSUMPTION[unit](number))
        case "temperature":
            return _FROM_CELSIUS[other](_CELSIUS[unit](number))
    sizes = SIZES[ALIKE.get(device_class, device_class)]
    # The scale of Beaufort by the formula of the World Meteorological Organization, v = 0.836 B^(3/2) m/s.
    base = 0.836 * number**1.5 if unit == _BEAUFORT else number * sizes[unit]
    return float(round((base / 0.836) ** (2 / 3))) if other == _BEAUFORT else base / sizes[other]
