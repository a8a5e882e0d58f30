"""The shapes of JSON: what notes a problem where a value has another one."""

from collections.abc import Callable, Mapping
from typing import Any

from .tsl_problems import Place, quote

type Check = Callable[[Place, Any], None]

NOTHING: Mapping[str, Check] = {}


def check_fields(
    place: Place, value: Any, required: Mapping[str, Check], optional: Mapping[str, Check] = NOTHING
) -> None:
    """Check an object's fields, each by its own rule; others it must not have."""
    if not isinstance(value, dict):
        place.note(f"must be an object, is {quote(value)}")
        return
    for key in value:
        if key not in required and key not in optional:
            place.note(f"unknown key {quote(key)}")
    for key, check in {**required, **optional}.items():
        if key in value:
            check(place.key(key), value[key])
        elif key in required:
            place.key(key).note("is missing")


def check_items(place: Place, value: Any, check: Check, *, least: int = 0, most: int | None = None) -> None:
    """Check a list's items, all by one rule, and how many there are."""
    if not isinstance(value, list):
        place.note(f"must be a list, is {quote(value)}")
        return
    if len(value) < least or (most is not None and len(value) > most):
        place.note(f"must have {least} to {most} items, has {len(value)}")
    for number, item in enumerate(value):
        check(place.index(number), item)


def anything(_: Place, __: Any) -> None:
    """Let pass what another check looks at."""


def boolean(place: Place, value: Any) -> None:
    if not isinstance(value, bool):
        place.note(f"must be true or false, is {quote(value)}")


def text(least: int, most: int) -> Check:
    """Return the check for a text of so many characters."""

    def check(place: Place, value: Any) -> None:
        if not isinstance(value, str):
            place.note(f"must be a text, is {quote(value)}")
        elif not least <= len(value) <= most:
            place.note(f"must have {least} to {most} characters, has {len(value)}")

    return check


def one_of(*choices: str) -> Check:
    def check(place: Place, value: Any) -> None:
        if not isinstance(value, str) or value not in choices:
            place.note(f"must be {' or '.join(choices)}, is {quote(value)}")

    return check


class Unique:
    """A check of texts of which there must be no two alike."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._places: dict[str, str] = {}

    def take(self, value: str, where: str) -> None:
        """Note one that is there already."""
        self._places[value] = where

    def __call__(self, place: Place, value: Any) -> None:
        self._check(place, value)
        if not isinstance(value, str):
            return
        if (first := self._places.get(value)) is None:
            self._places[value] = place.path
        else:
            place.note(f"must be unique, {quote(value)} is also at {first}")
