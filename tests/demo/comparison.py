"""Comparison: derives the expected values from Home Assistant's own history, by rules of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
import math
from typing import Any

ABSENT = {"unavailable", "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of one property as the platform stored it, and as Home Assistant's history says it was."""

    entity_id: str
    identifier: str
    time: int
    stored: Any
    sent: Any = None

    @property
    def equal(self) -> bool:
        if isinstance(self.sent, str) or isinstance(self.stored, str):
            return bool(self.sent == self.stored)
        return self.sent is not None and math.isclose(self.sent, self.stored, rel_tol=1e-9)


def identifier_of(entity_id: str) -> str:
    """Return the property that an entity becomes; the demo home's object ids are unique without their domain."""
    return entity_id.partition(".")[2]


def converted(text: str, attributes: dict[str, Any]) -> Any:
    """Return the value that a state should be sent as, or None for a state without one."""
    if text in ABSENT:
        return None
    if text in ("on", "off"):
        return int(text == "on")
    if attributes.get("device_class") == "timestamp":
        return str(round(datetime.fromisoformat(text).timestamp() * 1000))
    if text in (options := attributes.get("options", [])):
        return options.index(text)
    try:
        return float(text)
    except ValueError:
        return text


def compared(
    stored: Iterable[Value], histories: Iterable[list[dict[str, Any]]], attributes: Mapping[str, dict[str, Any]]
) -> list[Value]:
    """Return the stored values beside those that the history has for the same entity and millisecond.

    The attributes are today's: the recorder leaves out the options of an enum.
    """
    recorded: dict[tuple[str, int], Any] = defaultdict(lambda: None)
    for states in histories:
        for state in states:
            moment = datetime.fromisoformat(state["last_updated"]).timestamp() * 1000
            value = converted(state["state"], attributes[state["entity_id"]])
            # A fraction of a millisecond may be cut off or rounded; both are accepted.
            for time in (math.floor(moment), round(moment)):
                recorded[state["entity_id"], time] = value
    return [
        Value(
            entity_id=value.entity_id,
            identifier=value.identifier,
            time=value.time,
            stored=value.stored,
            sent=recorded[value.entity_id, value.time],
        )
        for value in stored
    ]
