"""Reading JSON that somebody else wrote."""

import json
from typing import Any, Final

from .errors import MalformedAnswerError

_DIGITS: Final = 18  # no number of the platform's comes near


def json_object(payload: bytes | str) -> dict[str, Any]:
    """Read a JSON object; raises MalformedAnswerError whatever else the payload holds."""
    try:
        document = json.loads(payload)
    except ValueError, RecursionError:  # the latter for a document that is nested too deeply
        raise MalformedAnswerError("not JSON") from None
    if not isinstance(document, dict):
        raise MalformedAnswerError("not a JSON object")
    return document


def integer(value: Any) -> int | None:
    """Read a number as the platform writes it: bare, or now and then in quotes."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value) if len(value) <= _DIGITS else None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**_DIGITS:
        return None
    return value
