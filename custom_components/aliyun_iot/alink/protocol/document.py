"""Documents: JSON from outside, read without trust in its form."""

from collections.abc import Callable
import json
from typing import Any, Final

from .errors import MalformedAnswerError

# Digits of a whole number. The longest that the platform writes are times of 13; with 18 all fit into 64 bits.
_DIGITS: Final = 18


type Pairs = Callable[[list[tuple[str, Any]]], dict[str, Any]]  # makes an object of its names and values


def json_object(payload: bytes | str, pairs: Pairs | None = None) -> dict[str, Any]:
    """Read a JSON object; raises MalformedAnswerError for everything else, without the text: it may hold a secret."""
    try:
        document = json.loads(payload, object_pairs_hook=pairs)
    except ValueError, RecursionError:  # the latter for a document that is nested too deeply
        raise MalformedAnswerError("not JSON") from None
    if not isinstance(document, dict):
        raise MalformedAnswerError("not a JSON object")
    return document


def integer(value: Any) -> int | None:
    """Read a whole number as the platform writes it, bare or now and then in quotes; None for everything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value) if len(value) <= _DIGITS else None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**_DIGITS:
        return None
    return value
