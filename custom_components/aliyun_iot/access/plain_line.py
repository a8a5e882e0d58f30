"""Plain line: the one shape in which a pasted text is read, whatever it went through on its way."""

import re
from typing import Final

_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_FULL_WIDTH: Final = {code + 0xFEE0: chr(code) for code in range(0x21, 0x7F)}
# Quotation marks of several languages, and the backtick of Markdown
_DOUBLE: Final = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f\u301d\u301e`"
_SINGLE: Final = "\u2018\u2019\u201a\u201b"
_OTHERS: Final = {"\u3001": ",", "\u3002": ";", "\u2236": ":"}
_MARKS: Final = _FULL_WIDTH | str.maketrans(dict.fromkeys(_DOUBLE, '"') | dict.fromkeys(_SINGLE, "'") | _OTHERS)
# A text inside a text has its quotation marks escaped, and some programs escape & and = as well. Firmware escapes
# commas for a modem.
_BACKSLASHES: Final = re.compile(r"\\+")
_HEXADECIMAL: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_NEWLINE: Final = re.compile(r"\\[nrt]")
_ESCAPE: Final = re.compile(r"""\\(?=["',/])""")
_BLANKS: Final = re.compile(r"\s+")
# A field that drops newlines glues lines together.
_GLUED: Final = re.compile(
    "(?<=[A-Za-z0-9|])(?=(?:ProductKey|ProductSecret|DeviceName|DeviceSecret|clientId|mqttHostUrl|passwd)[\"']? ?[:=])"
)


def plain_line(text: str) -> str:
    """Bring a text to one line of plain punctuation, with single blanks and without escapes."""
    text = _HEXADECIMAL.sub(_sign, _BACKSLASHES.sub(r"\\", text))
    text = _UNSEEN.sub("", text).translate(_MARKS)
    text = _ESCAPE.sub("", _NEWLINE.sub(" ", text))
    return _GLUED.sub(" ", _BLANKS.sub(_blank, text)).strip()


def _sign(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))


def _blank(blanks: re.Match[str]) -> str:
    # A tab parts the columns of a table.
    return "\t" if "\t" in blanks[0] else " "
