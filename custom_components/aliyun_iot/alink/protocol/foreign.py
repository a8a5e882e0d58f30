"""Foreign text and numbers: everything that the platform, a file or an entity says passes here before it is used."""

import math
from typing import Any, Final
import unicodedata

# Characters. The longest text of the platform that is documented has about a hundred; more would only fill a log, a
# repair and an attribute.
_MOST: Final = 300
_BITS: Final = 1000  # of a number that is shown: about 300 digits

# Unicode's categories of characters that show nothing: control characters, half surrogates, and those that only some
# fonts have, or none. Line and paragraph separators are white space.
_HIDDEN: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_FORMAT: Final = "Cf"  # directions and joiners, which change how others show; nothing is missing without them


def one_line(text: Any, most: int = _MOST) -> str:
    """Return a text as one printable line of at most `most` characters; an object or a list is only named as such.

    White space of any kind becomes single blanks, and a character that cannot be shown a replacement character.
    """
    # To write one that is nested deeply would take seconds, and Python refuses to write thousands of digits.
    is_short = not isinstance(text, int) or text.bit_length() <= _BITS
    if not isinstance(text, str | int | float | None) or not is_short:
        text = f"({type(text).__name__})"
    # Cut first, with room for the white space that falls away: nobody reads a text of megabytes.
    shown = "".join(map(_shown, " ".join(str(text)[: 4 * most].split())))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _shown(sign: str) -> str:
    category = unicodedata.category(sign)
    return "\N{REPLACEMENT CHARACTER}" if category in _HIDDEN else "" if category == _FORMAT else sign


def finite(value: Any) -> float:
    """Read a number; raises ValueError, TypeError or OverflowError for everything that is no finite one."""
    if isinstance(value, bool):
        raise TypeError("not a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number
