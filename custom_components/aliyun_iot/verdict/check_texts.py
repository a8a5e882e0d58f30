"""Texts of the check: the findings of a round, as its dialog tells them."""

from typing import Final

from homeassistant.core import HomeAssistant, callback

from .check import Seen
from .problem_texts import error_line, problem_list, text_of
from .problems import Problems, parted

_GROUP: Final = "check"


@callback
def seen_text(hass: HomeAssistant, seen: Seen) -> str:
    """Tell the findings of a round of the check."""
    numbers = {key: getattr(seen, key) for key in ("published", "known", "others", "current", "stored")}
    error = seen.connection_problem
    reason = "" if error is None else error_line(hass, error)
    return text_of(hass, seen.outcome, _GROUP).format(**numbers, reason=reason)


@callback
def silent_text(hass: HomeAssistant, seen: Seen) -> str:
    """Tell how many properties have no value now; nothing where each has one."""
    return text_of(hass, "silent", _GROUP).format(silent=seen.silent) if seen.silent and seen.current else ""


@callback
def not_stored_text(hass: HomeAssistant, problems: Problems) -> str:
    """Write the problems of values and those of control as lists below headlines; nothing without a problem."""
    of_values, of_control = parted(problems)
    lists = {"headline": of_values, "control_headline": of_control}
    return "\n\n".join(
        f"{text_of(hass, headline, _GROUP)}\n\n{problem_list(hass, several)}"
        for headline, several in lists.items()
        if several
    )
