"""Commands: properties that the cloud sets or asks for ("Device properties, events, and services").

A command carries no time and no sender. Its id is only unique within the day, so a repeat is known by id and content.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
import json
import re
from typing import Any, Final

from .document import integer, json_object
from .errors import MalformedAnswerError
from .limits import PAYLOAD_MAX, PROPERTIES_PER_POST
from .messages import Message, Value
from .topics import Topics

# Bytes. Two hundred numbers with the longest names are 20 kB, and the longest text of a property has 10 kB; the rest
# is for several of these. The wordiest JSON of that size holds the event loop up for 20 ms, and the platform's 256 kB
# would for eight times as long.
COMMAND_SIZE_MAX: Final = 32 * 1024

# Characters. The platform writes numbers of ten digits; all SDKs echo any text. It comes back in the reply and is
# remembered, so it has a bound.
_ID_LENGTH_MAX: Final = 64

# The id in the first bytes of a message that is not parsed, with at most two texts ahead of it, as the platform and the
# SDKs write it. Each repetition is bounded, so that no message makes the search long.
_ID_AHEAD: Final = re.compile(
    rb'\s{0,8}\{(?:\s{0,8}"[a-z]{1,16}"\s{0,8}:\s{0,8}"[\w.-]{0,64}"\s{0,8},){0,2}'
    rb'\s{0,8}"id"\s{0,8}:\s{0,8}(?:"([ !#-\[\]-~]{1,64})"|([1-9][0-9]{0,17}))\s{0,8}[,}]'
)

# Levels of objects and lists in a value. The deepest type is an array of structs, and a struct holds neither.
_DEPTH_MAX: Final = 2


class CommandKind(StrEnum):
    """The two things that the cloud can ask of properties."""

    SET = "set"
    GET = "get"


class Code(IntEnum):
    """Codes of an answer that the platform documents ("Error codes for device SDKs")."""

    SUCCESS = 200
    BAD_FORM = 400
    FORBIDDEN = 403
    TOO_MANY = 429
    BAD_VALUE = 460


class OwnCode(IntEnum):
    """Codes of an answer that a device may define itself, from 100000 to 110000."""

    FAULT = 100000  # an error of ours; the command may have been carried out in part
    LATE = 100001  # not begun in time, and not carried out
    NOT_READY = 100002  # this home is starting, stopping or reloading
    MODEL_DIFFERS = 100003  # the product's thing model is not the one of this home
    UNAVAILABLE = 100004  # the thing that would act is away
    FAILED = 100005  # begun, and an action failed; nothing is rolled back


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One message in which the cloud sets or asks for properties."""

    id: str  # as the platform wrote it
    kind: CommandKind
    values: Mapping[str, Any] = field(repr=False)  # SET: raw JSON values by the property's wire name; empty for GET
    names: tuple[str, ...] = ()  # GET: wire names
    read_at: float = 0.0  # s of the running time (`time.monotonic`), when it was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The decision on a command."""

    code: int
    message: str = ""  # for people and rules; names the property where one is wrong
    data: Mapping[str, Value] = field(default_factory=dict, repr=False)  # GET: values by wire name
    is_executed: bool = (
        False  # whether anything was carried out, so that a repeat gets the same answer and runs nothing
    )


type CommandHandler = Callable[[Command], Awaitable[Answer]]


class BadCommandError(MalformedAnswerError):
    """A message that is no command, but has an id to answer."""

    def __init__(self, id_: str) -> None:
        """Keep the id; the content is left out, it may be a text of somebody's."""
        super().__init__("no command")
        self.id = id_


def parse_command(kind: CommandKind, payload: bytes, *, read_at: float) -> Command:
    """Read a command; `read_at` is in seconds of the running time.

    Raises BadCommandError where at least an id can be read, else MalformedAnswerError.
    """
    if len(payload) > COMMAND_SIZE_MAX:
        raise _unread(payload)
    is_ambiguous = False

    def read_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal is_ambiguous
        read = dict(pairs)
        is_ambiguous |= len(read) < len(pairs)
        return read

    try:
        document = json_object(payload, read_pairs)
    except MalformedAnswerError:  # a number of thousands of digits is no JSON either
        raise _unread(payload) from None
    id_ = _id(document.get("id"))
    if is_ambiguous:  # a name is there twice, and readers of JSON differ in the value that they take
        raise BadCommandError(id_)
    params = document.get("params")
    if kind is CommandKind.SET and isinstance(params, dict):
        values, names = params, ()
    elif kind is CommandKind.GET and isinstance(params, list) and all(isinstance(name, str) for name in params):
        values, names = {}, tuple(params)
    else:
        raise BadCommandError(id_)
    if not 1 <= len(params) <= PROPERTIES_PER_POST or any(_is_deep(value, _DEPTH_MAX) for value in values.values()):
        raise BadCommandError(id_)
    return Command(id=id_, kind=kind, values=values, names=names, read_at=read_at)


def _unread(payload: bytes) -> MalformedAnswerError:
    """Return the error for a message that is too large or no JSON; most of these can be answered all the same."""
    found = _ID_AHEAD.match(payload)
    return MalformedAnswerError("no command") if found is None else BadCommandError((found[1] or found[2]).decode())


def _id(value: Any) -> str:
    # Documents have a text, and some samples of theirs a bare number.
    id_ = value if isinstance(value, str) else "" if (number := integer(value)) is None else str(number)
    if not 1 <= len(id_) <= _ID_LENGTH_MAX:
        raise MalformedAnswerError("no id")
    return id_


def _is_deep(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deep(one, levels - 1) for one in inner)


def reply_message(topics: Topics, kind: CommandKind, id_: str, answer: Answer) -> Message:
    """Write the reply to a command; raises ValueError or TypeError for a value that JSON has no form for.

    The texts are written in ASCII, because an id may hold half a surrogate.
    """
    topic = topics.property_set_reply if kind is CommandKind.SET else topics.property_get_reply
    document: dict[str, Any] = {"id": id_, "code": int(answer.code), "data": dict(answer.data)}
    if answer.message:
        document["message"] = answer.message
    payload = json.dumps(document, allow_nan=False, separators=(",", ":")).encode()
    if len(payload) > PAYLOAD_MAX:
        too_much = Answer(code=Code.BAD_VALUE, message="more values than one message holds")
        return reply_message(topics, kind, id_, too_much)
    return Message(id=id_, topic=topic, payload=payload)
