"""Markdown: makes foreign text harmless on a page that renders Markdown and HTML."""

import re
from typing import Final

from .alink import one_line

# All ASCII punctuation but the comma: in Markdown or HTML each sign has a meaning, or turns a bare address into a link.
_SIGNS: Final = re.compile(r"[!-+\--/:-@\[-`{-~]")
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


def plain(text: object) -> str:
    """Return Markdown that renders as this text, in one line."""
    return _SIGNS.sub(lambda found: f"&#{ord(found[0])};", one_line(text))


def cut(text: str, length: int) -> str:
    """Return at most so many characters of a text."""
    return text if len(text) <= length else f"{text[: length - 1]}{_CUT}"
