"""The rules for identifiers, names and descriptions."""

import re
from typing import Any

from . import tsl_shapes
from .tsl_problems import Place, quote

RESERVED = frozenset({"set", "get", "post", "time", "value"})
LONGEST_IDENTIFIER = 50
LONGEST_NAME = 30
LONGEST_MODULE_ID = 30

_IDENTIFIER = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_IDENTIFIER}}}")
_MODULE_ID = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_MODULE_ID}}}")
_CHINESE = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Hiragana, Katakana, and these at half width; not the punctuation among them.
_JAPANESE = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\uff66-\uff9f"
_LETTER = f"A-Za-z0-9{_CHINESE}{_JAPANESE}"
# No document lists the space, yet names that pass have it inside, such as "Fan mode".
_NAME = re.compile(rf"[-_/. {_LETTER}]+(?<! )")
_FIRST = re.compile(f"[{_LETTER}]")

description = tsl_shapes.text(1, 100)
module_name = tsl_shapes.text(4, 30)


def identifier(place: Place, value: Any) -> None:
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        place.note(f"must be 1 to {LONGEST_IDENTIFIER} letters, digits and _, is {quote(value)}")
    elif value in RESERVED:
        place.note(f"{quote(value)} is a reserved word")


def is_module_id(value: Any) -> bool:
    return isinstance(value, str) and _MODULE_ID.fullmatch(value) is not None


def module_id(place: Place, value: Any) -> None:
    if not is_module_id(value):
        place.note(f"must be 1 to {LONGEST_MODULE_ID} letters, digits and _, is {quote(value)}")


def name(place: Place, value: Any) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_NAME:
        place.note(f"must be a text of 1 to {LONGEST_NAME} characters, is {quote(value)}")
    elif not _FIRST.match(value):
        place.note(f"must start with a letter or a digit, is {quote(value)}")
    elif not _NAME.fullmatch(value):
        place.note(f"must be of letters, digits, - _ / . and spaces inside, is {quote(value)}")
