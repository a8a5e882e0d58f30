"""The JSON of the thing model's messages ("Alink protocol", "Device properties, events, and services")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import json
from typing import Any, Final

from .document import integer, json_object
from .errors import MalformedAnswerError
from .limits import MESSAGE_ID_MAX
from .topics import Topics

SUCCESS: Final = 200

type Value = float | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value that one property had at one time."""

    identifier: str
    value: Value
    time: int  # ms UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to publish, with the id that its reply will carry."""

    id: str
    topic: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the platform says of a message: a code for the whole, and a text for each property it did not take."""

    id: str
    code: int
    rejected: Mapping[str, str]


def message_id(number: int) -> str:
    """Write a running number as the platform wants ids: digits, at most 4294967295."""
    return str(number % (MESSAGE_ID_MAX + 1))


def _request(message: str, method: str, params: Any) -> bytes:
    document = {"id": message, "version": "1.0", "sys": {"ack": 1}, "params": params, "method": method}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def property_post(topics: Topics, message: str, samples: Sequence[Sample]) -> Message:
    """Report up to 200 samples.

    A property that is there several times needs the batch form. Floats keep their decimal point, which the platform
    documents for float and double.
    """
    values: dict[str, list[dict[str, Value]]] = {}
    for sample in samples:
        values.setdefault(sample.identifier, []).append({"value": sample.value, "time": sample.time})
    if len(values) == len(samples):
        params = {identifier: series[0] for identifier, series in values.items()}
        return Message(
            id=message,
            topic=topics.property_post,
            payload=_request(message, "thing.event.property.post", params),
        )
    return Message(
        id=message,
        topic=topics.property_batch_post,
        payload=_request(message, "thing.event.property.batch.post", {"properties": values}),
    )


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
    return Reply(id=str(message), code=code, rejected={name: _text(reason) for name, reason in rejected.items()})


def _text(reason: Any) -> str:
    # A text in the documents and in captures; an object with code and message where rules forward it.
    if isinstance(reason, dict):
        reason = reason.get("message", reason)
    return str(reason)
