"""The JSON of the thing model's messages ("Alink protocol", "Device properties, events, and services")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import json
import re
from typing import Any, Final, NamedTuple

from .document import integer, json_object
from .errors import MalformedAnswerError
from .foreign import one_line
from .limits import MESSAGE_ID_MAX
from .thing_model import PlatformModel, parse_platform_model
from .topics import Topics

SUCCESS: Final = 200

TOO_MANY: Final = 429  # messages; it says nothing about the one that it answers

# Codes of replies that pass no judgement on the message ("Error codes for device SDKs"): too many messages, a fault
# inside the platform, or one of its services that is away.
TRY_LATER: Final = frozenset({TOO_MANY, 500, 5005, 5159, 5160, 5161, 5244, 6205, 6250, 6313, 6323, 6329, 6760, 26010})

# A property that the product does not have ("Error codes for device SDKs"), and the words for it in a text.
_NOT_IN_MODEL: Final = frozenset({5092, 6304, 6320})
_NOT_IN_MODEL_WORDS: Final = ("params not exist", "property not found")

# The form of a time ("Error codes for device SDKs"), and the words about one that is too far from now.
_TIME: Final = frozenset({6326})
_TIME_WORDS: Final = re.compile(r"\btime(stamp)?\b", re.IGNORECASE)

# Bytes of a sample in a message beside identifier and value: a time of 13 digits, and the names, quotes, brackets and
# commas of history, the wordiest form. That makes 37; the rest is for times of more digits.
_BESIDES: Final = 50

type Value = float | int | str | Mapping[str, float | int | str]  # the last for a struct


class Sample(NamedTuple):
    """One value that one property had at one time; a tuple, because one is made for every change in the house."""

    identifier: str
    value: Value
    time: int  # ms UTC

    @property
    def size(self) -> int:
        """Bytes that it takes in a message, at most."""
        is_number = isinstance(self.value, float | int)  # no double is longer than -1.7976931348623157e+308, 24 bytes
        value = 25 if is_number else len(json.dumps(self.value, ensure_ascii=False).encode())
        return value + len(self.identifier) + _BESIDES


class Repetition(Sample):
    """A value that is said again without a change; the recorder has no row of it, so no spool can keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to publish, and the id that its reply will carry."""

    id: str
    topic: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The platform's reason for not taking a value."""

    code: int | None  # where it gives one
    text: str  # foreign, as one line

    def __str__(self) -> str:
        return self.text if self.code is None else f"{self.text} ({self.code})"

    @property
    def is_not_in_model(self) -> bool:
        """True if the product has no such property; the platform has several codes and texts for that."""
        return self.code in _NOT_IN_MODEL or any(words in self.text for words in _NOT_IN_MODEL_WORDS)

    @property
    def is_about_time(self) -> bool:
        """True if the platform did not take a value because of its time, so that our clock may be wrong."""
        return self.code in _TIME or _TIME_WORDS.search(self.text) is not None

    @property
    def is_for_now(self) -> bool:
        """True if the platform could not pass a judgement, so that the same value may be taken another day."""
        return self.code in TRY_LATER


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The platform's reply to a message."""

    id: str  # of the message
    code: int  # for the message as a whole; 200 also where properties were rejected
    text: str = ""  # foreign, as one line
    rejected: Mapping[str, Refusal] = field(default_factory=dict)  # by identifier


def message_id(number: int) -> str:
    """Write a running number as the platform wants ids: digits, at most 4294967295."""
    return str(number % (MESSAGE_ID_MAX + 1))


def _request(message: str, method: str, params: Any) -> bytes:
    document = {"id": message, "version": "1.0", "sys": {"ack": 1}, "params": params, "method": method}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def property_post(topics: Topics, message: str, samples: Sequence[Sample]) -> Message:
    """Report up to 200 samples ("Device properties, events, and services").

    A property that is there several times needs the batch form. Floats keep their decimal point, which the platform
    documents for float and double. Raises ValueError for a number that JSON has no form for.
    """
    once = {identifier: {"value": value, "time": time} for identifier, value, time in samples}
    if len(once) == len(samples):
        return Message(
            id=message,
            topic=topics.property_post,
            payload=_request(message, "thing.event.property.post", once),
        )
    series: dict[str, list[dict[str, Value]]] = {}
    for identifier, value, time in samples:
        series.setdefault(identifier, []).append({"value": value, "time": time})
    return Message(
        id=message,
        topic=topics.property_batch_post,
        payload=_request(message, "thing.event.property.batch.post", {"properties": series}),
    )


def history_post(topics: Topics, message: str, samples: Sequence[Sample]) -> Message:
    """Report up to 200 samples of the past ("Device properties, events, and services").

    The platform keeps them out of the flow of current values, and each has the form of a message of its own. Raises
    ValueError for a number that JSON has no form for.
    """
    identity = {"productKey": topics.identity.product_key, "deviceName": topics.identity.device_name}
    properties = [{sample.identifier: {"value": sample.value, "time": sample.time}} for sample in samples]
    return Message(
        id=message,
        topic=topics.property_history_post,
        payload=_request(
            message, "thing.event.property.history.post", [{"identity": identity, "properties": properties}]
        ),
    )


def thing_model_get(topics: Topics, message: str) -> Message:
    """Ask for the thing model of the product; not every product answers ("Obtain the TSL model of a device")."""
    return Message(id=message, topic=topics.thing_model_get, payload=_request(message, "thing.dsltemplate.get", {}))


def parse_thing_model_reply(payload: bytes) -> PlatformModel | None:
    """Read the thing model from the reply; None where there is none. Raises MalformedAnswerError.

    `data` is documented as an object; a text that holds one is taken as well.
    """
    document = json_object(payload)
    if integer(document.get("code")) != SUCCESS:
        return None
    data = document.get("data")
    if isinstance(data, str):
        data = json_object(data)
    if not isinstance(data, dict):
        raise MalformedAnswerError("no thing model")
    return parse_platform_model(data) if data else None


def parse_reply(payload: bytes) -> Reply:
    """Read the reply to a report; raises MalformedAnswerError.

    The platform answers 200 also when it dropped a property, or all of them: `data` names each with the reason.
    """
    document = json_object(payload)
    message, code, data = document.get("id"), integer(document.get("code")), document.get("data")
    if not isinstance(message, str | int) or isinstance(message, bool):
        raise MalformedAnswerError("no id")
    if code is None:
        raise MalformedAnswerError("no code")
    rejected = data if isinstance(data, dict) else {}
    return Reply(
        id=str(message),
        code=code,
        text=one_line(document.get("message", "")),
        rejected={name: _refusal(reason) for name, reason in rejected.items()},
    )


def _refusal(reason: Any) -> Refusal:
    # Documents and captures of real devices have a text. Where rules forward a reply it is an object with code and
    # message, and no document rules out that a device receives that form.
    if isinstance(reason, dict):
        return Refusal(code=integer(reason.get("code")), text=one_line(reason.get("message", "")))
    return Refusal(code=None, text=one_line(reason))
