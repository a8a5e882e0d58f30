"""Spelling of units: one unit may be written with several characters that mean the same."""

import unicodedata

from homeassistant.components.sensor.const import AMBIGUOUS_UNITS


def folded(unit: str) -> str:
    """Return a unit as Home Assistant spells it, whichever of Unicode's characters it was written with.

    This is the normal form NFKC, but for exponents: it would make of m³ the same as m3, which a person has to confirm.
    """
    if not unit.isascii():
        unit = unicodedata.normalize("NFC", "".join(map(_folded, unit))).strip()
    return AMBIGUOUS_UNITS.get(unit, unit)


def _folded(letter: str) -> str:
    mapping = unicodedata.decomposition(letter)
    if not mapping or mapping.startswith(("<super>", "<sub>")):
        return "/" if letter in "\u2044\u2215" else letter
    codes = (part for part in mapping.split() if not part.startswith("<"))
    return "".join(_folded(chr(int(code, 16))) for code in codes)
