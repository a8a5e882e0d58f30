"""Moments: the instants around a request for history, and around an import, at which Home Assistant is killed."""

from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from ..instants import Inside

HISTORY = "thing/event/property/history/post"
# Stands for the name of the mark's file.
MARK = "(mark)"
# MQTT's PUBLISH with QoS 1
PUBLISH = "32"


class Around(StrEnum):
    """The beginning of what is sent."""

    REQUEST = "request"
    IMPORT = "import"


class Outside(Enum):
    """A fact that can be seen from outside, after which the process is killed."""

    ANSWERED = auto()  # the action has answered, or the platform has taken the import
    LAST = auto()  # only the last message of history is left to come


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One row: what is begun, and the moment of death."""

    around: Around
    at: Inside | Outside
    text: str

    def inside(self, mark: str) -> Inside | None:
        """Return the event within the process, with the name of the mark's file."""
        return replace(self.at, name=self.at.name.replace(MARK, mark)) if isinstance(self.at, Inside) else None


def _file(when: str, event: str, name: str = f"{MARK}.new") -> Inside:
    return Inside(when=when, event=event, name=name)


def _sent(when: str, nth: int) -> Inside:
    return Inside(when=when, event="send", name=PUBLISH, nth=nth, contains=HISTORY)


def _answered(nth: int) -> Inside:
    return Inside(when="after", event="read", name="", nth=nth, contains=f"{HISTORY}_reply")


def _moments(around: Around, answered: str) -> list[Moment]:
    rows: tuple[tuple[str, Inside | Outside], ...] = (
        ("before opening the mark's file", _file("before", "open")),
        ("the mark's file is open and empty", _file("after", "open")),
        ("mark written, before fsync", _file("before", "fsync")),
        ("after fsync of the mark", _file("after", "fsync")),
        ("before renaming the mark's file", _file("before", "replace", MARK)),
        ("after renaming the mark's file", _file("after", "replace", MARK)),
        (answered, Outside.ANSWERED),
        ("before the first message of history", _sent("before", 1)),
        ("first message sent", _sent("after", 1)),
        ("first reply read", _answered(1)),
        ("fourth message sent", _sent("after", 4)),
        ("the last message is on its way", Outside.LAST),
    )
    return [Moment(around=around, at=at, text=text) for text, at in rows]


MOMENTS = [
    *_moments(Around.REQUEST, "the action has answered"),
    *_moments(Around.IMPORT, "the platform has the import"),
]
