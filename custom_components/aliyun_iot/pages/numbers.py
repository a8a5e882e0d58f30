"""Numbers: those that a number selector takes and nothing else can."""

from collections.abc import Mapping
import math
from typing import Any


def number_errors(typed: Mapping[str, Any]) -> dict[str, str]:
    """Return the error of each field with NaN, which is within all bounds of a selector, or with infinity."""
    errors: dict[str, str] = {}
    for key, value in typed.items():
        if isinstance(value, float) and not math.isfinite(value):
            errors[key] = "not_a_number"
    return errors


def without(typed: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, Any]:
    """Leave the fields with an error out: JSON can write neither NaN nor infinity."""
    return {key: value for key, value in typed.items() if key not in errors}
