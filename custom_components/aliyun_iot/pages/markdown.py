"""What others have written, as plain text for a page that reads Markdown and HTML."""

import re
from typing import Final

# Every sign that means something to either, or that makes a link of what stands around it.
_SIGNS: Final = re.compile(r"[!-+\--/:-@\[-`{-~]")
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


def plain(text: str) -> str:
    """Return what is read as this text, in one line."""
    shown = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return _SIGNS.sub(lambda found: f"&#{ord(found[0])};", shown)


def cut(text: str, length: int) -> str:
    """Return at most so many characters of a text."""
    return text if len(text) <= length else f"{text[: length - 1]}{_CUT}"
