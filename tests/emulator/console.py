"""The tester's side: a JSON API and a page. It never shows a secret.

GET  /api/devices
GET  /api/devices/{pk}/{dn}
GET  /api/devices/{pk}/{dn}/history?identifier=&limit=
POST /api/devices/{pk}/{dn}/{kick|reset|disable|enable|delete}
POST /api/devices/{pk}/{dn}/set       {"params": {...}, "timeout": 10}   the device's set_reply
POST /api/devices/{pk}/{dn}/service   {"identifier": "...", "params": {...}, "timeout": 10}
POST /api/devices/{pk}/{dn}/push      {"topic": "...", "payload_base64": "..."}   any bytes on any topic
POST /api/products/{pk}/thing_model   a module's JSON or a ZIP of several: {"properties": N, "modules": M},
                                      or 400, {"error": "...", "problems": [{"path": "...", "problem": "..."}]}
GET, POST /api/faults                 see faults.py
GET, POST /api/clock                  {"offset": ms}, by which the platform's clock is ahead
GET, POST /api/limits                 the fields of Limits; null switches one off
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import tsl_file
from .codes import Code
from .device import Device, JsonObject
from .downlink import CallFailedError, call, push
from .limits import Limits
from .thing_model import extent
from .tsl_problems import ImportRefusedError

if TYPE_CHECKING:
    from .cloud import Cloud

DEFAULT_HISTORY = 1000
RECENT_CONNECTS_SHOWN = 50
DEFAULT_TIMEOUT = 10.0
PAGE = Path(__file__).with_name("console.html")


class Console:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        page = PAGE.read_text("utf-8")

        async def show(_: web.Request) -> web.Response:
            return web.Response(text=page, content_type="text/html")

        self.application = web.Application(middlewares=[_speak_json])
        self.application.add_routes(
            [
                web.get("/", show),
                web.get("/api/devices", self._devices),
                web.get("/api/devices/{pk}/{dn}", self._device),
                web.get("/api/devices/{pk}/{dn}/history", self._history),
                web.post("/api/devices/{pk}/{dn}/set", self._set),
                web.post("/api/devices/{pk}/{dn}/service", self._service),
                web.post("/api/devices/{pk}/{dn}/push", self._push),
                web.post("/api/devices/{pk}/{dn}/{verb:kick|reset|disable|enable|delete}", self._act),
                web.post("/api/products/{pk}/thing_model", self._import),
                web.get("/api/faults", self._show_faults),
                web.post("/api/faults", self._change_faults),
                web.get("/api/clock", self._show_clock),
                web.post("/api/clock", self._change_clock),
                web.get("/api/limits", self._show_limits),
                web.post("/api/limits", self._change_limits),
            ]
        )

    def _find(self, request: web.Request) -> Device:
        device = self._cloud.find(request.match_info["pk"], request.match_info["dn"])
        if device is None:
            raise LookupError("no such device")
        return device

    async def _devices(self, _: web.Request) -> web.Response:
        devices = [self._describe(device) for device in self._cloud.devices.values()]
        times = {"time": self._cloud.now_ms(), "clock_offset": self._cloud.clock_offset}
        products = [*self._cloud.products]
        return web.json_response({**times, "region": self._cloud.region, "products": products, "devices": devices})

    def _describe(self, device: Device) -> JsonObject:
        model = self._cloud.model(device.product_key)
        return {**_describe(device), "thing_model": model and model.extent}

    async def _device(self, request: web.Request) -> web.Response:
        return web.json_response(self._describe(self._find(request)))

    async def _history(self, request: web.Request) -> web.Response:
        device = self._find(request)
        identifier = request.query.get("identifier")
        samples = device.history_of(identifier) if identifier else device.history
        newest = samples[-int(request.query.get("limit", DEFAULT_HISTORY)) :]
        return web.json_response({"total": len(samples), "history": [asdict(sample) for sample in newest]})

    async def _act(self, request: web.Request) -> web.Response:
        getattr(self._cloud, request.match_info["verb"])(self._find(request))
        return web.json_response(self._describe(self._find(request)))

    async def _set(self, request: web.Request) -> web.Response:
        body = await _object(request)
        return await self._call(request, "thing/service/property/set", body)

    async def _service(self, request: web.Request) -> web.Response:
        body = await _object(request)
        return await self._call(request, f"thing/service/{body['identifier']}", body)

    async def _call(self, request: web.Request, function: str, body: JsonObject) -> web.Response:
        try:
            timeout = float(body.get("timeout", DEFAULT_TIMEOUT))
            reply = await call(self._find(request), function, body["params"], timeout=timeout)
        except CallFailedError as failed:
            return _failed(failed)
        return web.json_response(reply)

    async def _push(self, request: web.Request) -> web.Response:
        body = await _object(request)
        payload = b64decode(_text(body["payload_base64"]), validate=True)
        try:
            await push(self._find(request), _text(body["topic"]), payload)
        except CallFailedError as failed:
            return _failed(failed)
        return web.json_response({"code": Code.SUCCESS})

    async def _import(self, request: web.Request) -> web.Response:
        try:
            content = await _read(request, tsl_file.LARGEST_FILE)
            modules = self._cloud.import_thing_model(request.match_info["pk"], content)
        except ImportRefusedError as refused:
            return web.json_response(refused.as_json(), status=web.HTTPBadRequest.status_code)
        return web.json_response(extent(modules.values()))

    async def _show_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._cloud.faults.as_json())

    async def _change_faults(self, request: web.Request) -> web.Response:
        changes = await _object(request)
        if changes.pop("cut", None):
            self._cloud.cut_all()
        self._cloud.faults.update(changes)
        return await self._show_faults(request)

    async def _show_clock(self, _: web.Request) -> web.Response:
        return web.json_response({"time": self._cloud.now_ms(), "offset": self._cloud.clock_offset})

    async def _change_clock(self, request: web.Request) -> web.Response:
        offset = (await _object(request))["offset"]
        if not isinstance(offset, int):
            raise ValueError("offset: not a whole number")  # noqa: TRY004  # what the caller sent is no type of ours
        self._cloud.clock_offset = offset
        return await self._show_clock(request)

    async def _show_limits(self, _: web.Request) -> web.Response:
        return web.json_response(asdict(self._cloud.limits))

    async def _change_limits(self, request: web.Request) -> web.Response:
        changes = await _object(request)
        names = {field.name for field in fields(Limits)}
        if unknown := changes.keys() - names:
            raise ValueError(f"unknown limits: {', '.join(sorted(unknown))}")
        if not all(value is None or isinstance(value, int) for value in changes.values()):
            raise ValueError("a limit is a whole number or null")
        self._cloud.limits = replace(self._cloud.limits, **changes)
        return await self._show_limits(request)


def _describe(device: Device) -> JsonObject:
    return {
        "product_key": device.product_key,
        "device_name": device.device_name,
        "online": device.online,
        "activated": device.activated,
        "disabled": device.disabled,
        "deleted": device.deleted,
        "registration": device.registration,
        "authentications": device.authentications,
        "connects": device.connects,
        "recent_connects": [asdict(attempt) for attempt in [*device.recent_connects][-RECENT_CONNECTS_SHOWN:]],
        "client_id": device.last_client_id,
        "keep_alive": device.keep_alive,
        "properties": {
            identifier: {"value": sample.value, "time": sample.time, "received": sample.received}
            for identifier, sample in device.properties.items()
        },
        "rejected": {identifier: asdict(rejection) for identifier, rejection in device.rejected.items()},
        "messages": dict(device.messages),
        "values": dict(device.values),
        "history": len(device.history),
        "events": [asdict(event) for event in device.events[-DEFAULT_HISTORY:]],
        "tags": dict(device.tags),
        "throttled": device.throttled,
        "dropped": device.dropped,
    }


def _failed(failed: CallFailedError) -> web.Response:
    return web.json_response({"code": failed.code, "message": failed.text}, status=web.HTTPConflict.status_code)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004  # what the caller sent is no type of ours
    return value


async def _read(request: web.Request, largest: int) -> bytes:
    """Read a file, of one that is too large just enough for that to be seen."""
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > largest:
            break
    return bytes(content)


async def _object(request: web.Request) -> JsonObject:
    body: Any = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # what the caller sent is no type of ours
    return body


@web.middleware
async def _speak_json(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer what the caller got wrong with a sentence instead of a page."""
    try:
        response: web.StreamResponse = await handler(request)
    except ValueError as error:
        return _complaint(web.HTTPBadRequest.status_code, error)
    except LookupError as error:
        return _complaint(web.HTTPNotFound.status_code, error)
    return response


def _complaint(status: int, error: Exception) -> web.Response:
    body: Mapping[str, object] = {"code": status, "message": str(error)}
    return web.json_response(body, status=status)
