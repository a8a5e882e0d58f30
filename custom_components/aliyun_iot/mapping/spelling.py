"""Spelling of units: exact ones, in whichever characters, and loose ones that a person has to confirm."""

from collections import defaultdict
from collections.abc import Iterable
import re
from typing import Final
import unicodedata

from homeassistant.components.sensor.const import AMBIGUOUS_UNITS, DEVICE_CLASS_UNITS, UNIT_CONVERTERS
from homeassistant.util.unit_conversion import DataRateConverter, InformationConverter

# Units in words and by their short names, in lower case and without blanks. A letter that is a unit in its own right is
# not among them, but for C and F: nobody's sensor counts coulombs or farads, and the repair offers only what the
# property's unit can be converted to.
_WORDS: Final = {
    word: unit
    for unit, words in {
        "°C": "c degc ºc ˚c celsius degreescelsius",
        "°F": "f degf ºf ˚f fahrenheit degreesfahrenheit",
        "K": "kelvin",
        "%": "percent pct %rh rh% %r.h. %h",
        "lx": "lux lm/m²",
        "°": "deg degree degrees º ˚",
        "A": "amp amps ampere amperes",
        "V": "volt volts",
        "W": "watt watts",
        "kWh": "kw·h kw⋅h kw*h kw-h kilowatthours",
        "Wh": "w·h w⋅h w*h w-h",
        "Hz": "hertz",
        "Ω": "ohm ohms",
        "g": "gram grams",
        "kg": "kgs kilogram kilograms",
        "lb": "lbs pound pounds",
        "L": "ltr liter liters litre litres",
        "L/min": "lpm liter/min",
        "L/h": "lph liter/h",
        "gal/min": "gpm",
        "ft³/min": "cfm",
        "m³": "cbm cum",
        "m³/h": "m³/hr cbm/h cmh",
        "m²": "sqm",
        "ft²": "sqft",
        "ft³": "cuft",
        "m": "meter meters metre metres",
        "km": "kilometer kilometers kilometre kilometres",
        "in": 'inch inches "',
        "ft": "feet foot",
        "mi": "mile miles",
        "km/h": "kmh kph kmph km/hr",
        "m/s": "mps m/sec",
        "kn": "kt kts knot knots",
        "mm/h": "mm/hr",
        "mbar": "millibar",
        "μg/m³": "mcg/m³",
        "s": "sec secs second seconds",
        "min": "mins minute minutes",
        "h": "hr hrs hour hours",
        "d": "day days",
        "w": "week weeks",
        "kbit/s": "kbps",
        "Mbit/s": "mbps",
        "Gbit/s": "gbps",
    }.items()
    for word in words.split()
}
_EXACT: Final = frozenset(
    {str(unit) for units in DEVICE_CLASS_UNITS.values() for unit in units if unit}
    | {str(unit) for converter in UNIT_CONVERTERS.values() for unit in converter.VALID_UNITS if unit}
)


def _by_loose(units: Iterable[str]) -> dict[str, str]:
    """Return units by their names in lower case; without those that differ only in case, as mW and MW do."""
    found = defaultdict[str, list[str]](list)
    for unit in units:
        found[unit.lower()].append(unit)
    return {loose: several[0] for loose, several in found.items() if len(several) == 1}


_BY_LOOSE: Final = _by_loose(_EXACT)
_LOOSE: Final = frozenset(unit.casefold() for unit in _EXACT)
_DATA: Final = InformationConverter.VALID_UNITS | DataRateConverter.VALID_UNITS
# Nobody counts thousandths of a bit, so the case of the first letter says nothing here.
_CASELESS: Final = frozenset({"mbps"})
_EXPONENT: Final = re.compile(r"(?<=[a-zμ])(?:\^|\*\*)?([23])(?![0-9])")


def exact(unit: str) -> str | None:
    """Return Home Assistant's unit that a loose spelling most likely means; None for its own and for other texts."""
    if (unit := folded(unit)) in _EXACT:
        return None
    loose = "".join(unit.lower().split())
    loose = _EXPONENT.sub(lambda found: "²" if found[1] == "2" else "³", loose)
    found = _WORDS.get(loose) or _BY_LOOSE.get(loose) or _BY_LOOSE.get(re.sub(r"\bu(?=[a-z])", "μ", loose))
    return None if found in (None, unit) or _is_ambiguous(unit, found) else found


def _is_ambiguous(unit: str, found: str) -> bool:
    """Tell if the case of a letter decides what a unit is: MPa is not mPa, and Mb/s is not MB/s."""
    unit = "".join(unit.split())
    is_prefix = found[0] in "mM" and found[1:].casefold() in _LOOSE
    if is_prefix and unit[0] != found[0] and unit.casefold() not in _CASELESS:
        return True
    bit = "b" if "bit" in found else "B"
    return found in _DATA and bit.swapcase() in unit


def folded(unit: str) -> str:
    """Return a unit as Home Assistant spells it, whichever of Unicode's characters it was written with.

    This is the normal form NFKC, but for exponents: it would make of m³ the same as m3, which a person has to confirm.
    """
    if not unit.isascii():
        unit = unicodedata.normalize("NFC", "".join(map(_folded, unit))).strip()
    return AMBIGUOUS_UNITS.get(unit, unit)


def _folded(letter: str) -> str:
    mapping = unicodedata.decomposition(letter)
    if not mapping or mapping.startswith(("<super>", "<sub>", "<compat> 0020")):  # the last are accents by themselves
        return "/" if letter in "\u2044\u2215" else letter
    codes = (part for part in mapping.split() if not part.startswith("<"))
    return "".join(_folded(chr(int(code, 16))) for code in codes)
