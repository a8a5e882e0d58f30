"""The instants during set-up at which a Home Assistant is killed."""

from dataclasses import asdict, dataclass
from enum import Enum, auto
from typing import Any

SECRETS = "aliyun_iot.credentials"
ENTRIES = "core.config_entries"
ENTRY = "aliyun_iot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """An event within the process, at which it kills itself; see `death/sitecustomize.py`."""

    when: str
    event: str
    name: str
    nth: int = 1
    contains: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Outside(Enum):
    """A fact that can be seen from outside, after which the process is killed."""

    SECRET_HANDED_OUT = auto()  # the platform has answered a registration
    ENTITIES_SHOWN = auto()  # the dialog stands at the entities
    ACTIVATED = auto()  # the platform has seen the first connection
    ENTRY_ANSWERED = auto()  # the dialog has ended with an entry
    VALUE_STORED = auto()
    STOPPING = auto()  # it was asked to end, and the device went offline
    REMOVING = auto()  # it was asked to remove the entry, and the device went offline


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """One row: the device's way to register, and the moment of death."""

    registration: str
    at: Inside | Outside
    text: str


def _over(registration: str, *rows: tuple[str, Inside | Outside]) -> list[Instant]:
    return [Instant(registration=registration, at=at, text=text) for text, at in rows]


def _before(event: str, name: str, nth: int = 1, contains: str = "") -> Inside:
    return Inside(when="before", event=event, name=name, nth=nth, contains=contains)


def _after(event: str, name: str, nth: int = 1, contains: str = "") -> Inside:
    return Inside(when="after", event=event, name=name, nth=nth, contains=contains)


INSTANTS = [
    *_over(
        "mqtt",
        ("before connecting to register", _before("connect", ".com")),
        ("connected, CONNECT not sent", _before("send", "10")),
        ("registering CONNECT sent", _after("send", "10")),
        ("registration accepted, push not read", _after("read", "20")),
        ("the platform saw the registration", Outside.SECRET_HANDED_OUT),
        ("secret pushed, not on disk", _after("read", "30")),
        ("before opening the secret's file", _before("open", f"{SECRETS}.new")),
        ("the secret's file is open and empty", _after("open", f"{SECRETS}.new")),
        ("secret written, before fsync", _before("fsync", f"{SECRETS}.new")),
        ("after fsync of the secret", _after("fsync", f"{SECRETS}.new")),
        ("before renaming the secret's file", _before("replace", SECRETS)),
        ("after renaming the secret's file", _after("replace", SECRETS)),
        ("the dialog asks for entities", Outside.ENTITIES_SHOWN),
        ("before the first connect with the secret", _before("connect", ".com", 2)),
        ("CONNECT with the secret sent", _after("send", "10", 2)),
        ("CONNECT with the secret accepted", _after("read", "20", 2)),
        ("the platform saw the device activated", Outside.ACTIVATED),
        ("the dialog has ended, entry in memory", Outside.ENTRY_ANSWERED),
        ("before renaming the entry's file", _before("replace", ENTRIES, contains=ENTRY)),
        ("after renaming the entry's file", _after("replace", ENTRIES, contains=ENTRY)),
        ("a first value is stored", Outside.VALUE_STORED),
        ("Home Assistant is stopping", Outside.STOPPING),
        ("the entry is being removed", Outside.REMOVING),
    ),
    *_over(
        "https",
        ("before connecting to register", _before("connect", ".com")),
        ("registering form sent", _after("send", "POST")),
        ("answer with the secret read", _after("read", "HTTP")),
        ("secret written, before fsync", _before("fsync", f"{SECRETS}.new")),
        ("before renaming the secret's file", _before("replace", SECRETS)),
        ("before the first connect with the secret", _before("connect", ".com", 2)),
        ("CONNECT with the secret accepted", _after("read", "20")),
        ("the dialog asks for entities, activated", Outside.ENTITIES_SHOWN),
        ("before renaming the entry's file", _before("replace", ENTRIES, contains=ENTRY)),
    ),
    *_over(
        "mqtt_not_added",
        ("token pushed, not on disk", _after("read", "30")),
        ("before renaming the token's file", _before("replace", SECRETS)),
        ("CONNECT with the token accepted", _after("read", "20", 2)),
        ("before renaming the entry's file", _before("replace", ENTRIES, contains=ENTRY)),
    ),
]
