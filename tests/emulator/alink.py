"""Alink requests: carries out a device's JSON request and builds the reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import json
import re
from typing import TYPE_CHECKING, Any

from . import posts
from .codes import Code, RefusedError
from .device import Device, JsonObject
from .faults import ReplyFault

if TYPE_CHECKING:
    from .cloud import Cloud

NO_FAULT = ReplyFault()
EVENT_POST = re.compile(r"thing/event/([^/]+)/post")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A message for the device, and the fault in its delivery."""

    topic: str
    payload: bytes
    qos: int = 0
    fault: ReplyFault = NO_FAULT


def parse(payload: bytes) -> JsonObject:
    """Read an envelope; RefusedError for anything but a JSON object. NaN and Infinity are not JSON."""
    try:
        body = json.loads(payload, parse_constant=_no_constant)
    except ValueError, RecursionError:
        raise RefusedError(Code.NOT_JSON, "data format error") from None
    if not isinstance(body, dict):
        raise RefusedError(Code.PARAMETER_ERROR, "request parameter error")
    return body


def request(cloud: Cloud, device: Device, topic: str, function: str, payload: bytes) -> Answer | None:
    """Carry out a request and return the reply, None for none."""
    handler = _handler(function)
    if handler is None:
        return None
    fault = cloud.faults.take_reply()
    body: JsonObject = {}
    data: JsonObject = {}
    code, text = int(Code.SUCCESS), "success"
    try:
        body = parse(payload)
        if fault.code is None:
            data = handler(cloud, device, function, body.get("params"))
        else:
            code, text = fault.code, fault.text
    except RefusedError as refused:
        code, text = refused.code, refused.text
    if isinstance(sys := body.get("sys"), dict) and sys.get("ack") == 0:
        return None
    reply = {
        "code": code,
        "data": data,
        "id": body.get("id", ""),
        "message": text,
        "method": body.get("method", function.replace("/", ".")),
        "version": "1.0",
    }
    return Answer(topic=f"{topic}_reply", payload=encode(reply), fault=fault)


def encode(body: Mapping[str, Any]) -> bytes:
    """Return compact JSON: the C SDKs look for a value right behind its colon and fail on a blank."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair has a form in JSON, and none in UTF-8
        return json.dumps(body, separators=(",", ":")).encode()


type Handler = Callable[[Cloud, Device, str, Any], JsonObject]


def _handler(function: str) -> Handler | None:
    return _HANDLERS.get(function) or (_event_post if EVENT_POST.fullmatch(function) else None)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _settle(cloud: Cloud, device: Device, function: str, post: posts.Post) -> JsonObject:
    device.values[function] += len(post.properties)
    properties, events, failures = posts.settle(post, device, cloud.model(device.product_key), cloud.now_ms())
    cloud.store(device, properties)
    device.events += events
    return failures


def _property_post(cloud: Cloud, device: Device, function: str, params: Any) -> JsonObject:
    return _settle(cloud, device, function, posts.read_property_post(params))


def _batch_post(cloud: Cloud, device: Device, function: str, params: Any) -> JsonObject:
    return _settle(cloud, device, function, posts.read_batch_post(params))


def _history_post(cloud: Cloud, device: Device, function: str, params: Any) -> JsonObject:
    return _settle(cloud, device, function, posts.read_history_post(params, device))


def _pack_post(cloud: Cloud, device: Device, function: str, params: Any) -> JsonObject:
    return _settle(cloud, device, function, posts.read_pack_post(params))


def _event_post(cloud: Cloud, device: Device, function: str, params: Any) -> JsonObject:
    identifier = function.split("/")[2]
    return _settle(cloud, device, function, posts.read_event_post(identifier, params))


def _thing_model_get(cloud: Cloud, device: Device, _: str, __: Any) -> JsonObject:
    model = cloud.model(device.product_key)
    if model is None:
        raise RefusedError(Code.NO_MODEL, "tsl service not available")
    return model.document()


def _tags_update(_: Cloud, device: Device, __: str, params: Any) -> JsonObject:
    if not isinstance(params, list) or not all(isinstance(tag, dict) and "attrKey" in tag for tag in params):
        raise RefusedError(Code.PARAMETER_ERROR, "request parameter error")
    device.tags |= {tag["attrKey"]: tag.get("attrValue", "") for tag in params}
    return {}


_HANDLERS: Mapping[str, Handler] = {
    "thing/event/property/post": _property_post,
    "thing/event/property/batch/post": _batch_post,
    "thing/event/property/history/post": _history_post,
    "thing/event/property/pack/post": _pack_post,
    "thing/dsltemplate/get": _thing_model_get,
    "thing/deviceinfo/update": _tags_update,
}
