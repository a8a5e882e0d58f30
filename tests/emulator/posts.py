"""Posts: reads posts of properties and events, and checks their values one by one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .codes import Code, RefusedError
from .device import Device, JsonObject, Kind, Sample
from .limits import MOST_PROPERTIES_PER_MESSAGE
from .thing_model import Failure, ThingModel

FURTHEST_FUTURE_MS = 24 * 60 * 60 * 1000
MOST_EVENTS_PER_PACK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value of a post; no time means now."""

    identifier: str
    value: Any
    time: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    kind: Kind
    properties: list[Reading]
    events: list[Reading] = field(default_factory=list)
    # True where one wrong value refuses the whole post.
    strict: bool = False


def read_property_post(params: Any) -> Post:
    return Post(kind=Kind.PROPERTY, properties=list(_readings(_object(params))))


def read_event_post(identifier: str, params: Any) -> Post:
    # SDKs differ: some send `{"value": outputs, "time": ...}`, others the bare outputs.
    return Post(kind=Kind.PROPERTY, properties=[], events=[_reading(identifier, _object(params, may_be_empty=True))])


def read_batch_post(params: Any) -> Post:
    body = _object(params)
    return Post(
        kind=Kind.BATCH,
        properties=list(_series(_object(body.get("properties", {}), may_be_empty=True))),
        events=list(_series(_object(body.get("events", {}), may_be_empty=True))),
    )


def read_history_post(params: Any, device: Device) -> Post:
    properties: list[Reading] = []
    events: list[Reading] = []
    for part in _list(params):
        identity = _object(_object(part).get("identity"))
        if (identity.get("productKey"), identity.get("deviceName")) != device.key:
            raise RefusedError(Code.NO_TOPOLOGY, "topo relation not exist")
        properties += _all(part.get("properties", []))
        events += _all(part.get("events", []))
    return Post(kind=Kind.HISTORY, properties=properties, events=events)


def read_pack_post(params: Any) -> Post:
    body = _object(params)
    if body.get("subDevices"):
        raise RefusedError(Code.NO_TOPOLOGY, "topo relation not exist")
    properties = list(_readings(_object(body.get("properties", {}), may_be_empty=True)))
    events = list(_readings(_object(body.get("events", {}), may_be_empty=True)))
    if len(events) > MOST_EVENTS_PER_PACK:
        raise RefusedError(Code.TOO_MANY_EVENTS, "too many events")
    return Post(kind=Kind.PACK, properties=properties, events=events, strict=True)


def settle(
    post: Post, device: Device, model: ThingModel | None, now: int
) -> tuple[list[Sample], list[Sample], JsonObject]:
    """Return the properties and events to store, and the rejected ones; RefusedError for a message wrong as a whole.

    `now` is the platform's time in milliseconds. Rejected properties are noted on the device.
    """
    if len(post.properties) > MOST_PROPERTIES_PER_MESSAGE:
        raise RefusedError(Code.TOO_MANY_PROPERTIES, "map size must less than 200")
    failures: JsonObject = {}
    properties: list[Sample] = []
    for reading in post.properties:
        failure = _check_time(reading, now) or (model and model.check_property(reading.identifier, reading.value))
        if failure:
            if post.strict:
                raise RefusedError(failure.code, failure.text)
            at = now if reading.time is None else reading.time
            device.reject(
                reading.identifier, code=failure.code, text=failure.text, value=reading.value, at=at, received=now
            )
            failures[reading.identifier] = failure.text
        else:
            properties.append(_sample(reading, post.kind, now))
    events: list[Sample] = []
    for reading in post.events:
        failure = _check_time(reading, now) or (model and model.check_event(reading.identifier, reading.value))
        if failure:
            raise RefusedError(failure.code, failure.text)
        events.append(_sample(reading, post.kind, now))
    return properties, events, failures


def _sample(reading: Reading, kind: Kind, now: int) -> Sample:
    at = now if reading.time is None else reading.time
    return Sample(identifier=reading.identifier, value=reading.value, time=at, received=now, kind=kind)


def _check_time(reading: Reading, now: int) -> Failure | None:
    if reading.time is None:
        return None
    if not isinstance(reading.time, int) or isinstance(reading.time, bool):
        text = f"tsl parse: time format error -> {reading.identifier}"
    elif reading.time > now + FURTHEST_FUTURE_MS:
        text = f"tsl parse: time is too far in the future -> {reading.identifier}"
    else:
        return None
    return Failure(code=Code.TIME, text=text)


def _reading(identifier: str, item: Any) -> Reading:
    # A struct's own fields cannot have these names: `value` and `time` are reserved identifiers.
    if isinstance(item, Mapping) and "value" in item and item.keys() <= {"value", "time"}:
        return Reading(identifier=identifier, value=item["value"], time=item.get("time"))
    return Reading(identifier=identifier, value=item)


def _readings(items: Mapping[str, Any]) -> Iterator[Reading]:
    return (_reading(identifier, item) for identifier, item in items.items())


def _series(items: Mapping[str, Any]) -> Iterator[Reading]:
    return (_reading(identifier, item) for identifier, series in items.items() for item in _list(series))


def _all(items: Any) -> Iterable[Reading]:
    # An empty list means the same as a missing one.
    return [reading for item in (_list(items) if items else []) for reading in _readings(_object(item))]


def _object(value: Any, *, may_be_empty: bool = False) -> JsonObject:
    if not isinstance(value, dict) or not (value or may_be_empty):
        raise RefusedError(Code.PARAMETER_ERROR, "request parameter error")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise RefusedError(Code.PARAMETER_ERROR, "request parameter error")
    return value
