"""Console: the tester's JSON API, beside the page of `webpage.py`. It never shows a secret.

It refuses requests for any other host than this machine, and changes from the pages of other sites.

GET  /api/devices
GET  /api/devices/{pk}/{dn}
GET  /api/devices/{pk}/{dn}/history?identifier=&limit=           in order of arrival
GET  /api/devices/{pk}/{dn}/series?identifier=&from=&to=&points= by property and time, as `excerpt.py` makes it
GET  /api/devices/{pk}/{dn}/passages?since=                      messages both ways, by this machine's monotonic clock
POST /api/devices/{pk}/{dn}/{kick|reset|disable|enable|delete}
POST /api/devices/{pk}/{dn}/set       {"params": {...}, "timeout": 10}   the device's set_reply
POST /api/devices/{pk}/{dn}/service   {"identifier": "...", "params": {...}, "timeout": 10}
POST /api/devices/{pk}/{dn}/push      {"topic": "...", "payload_base64": "..."}   any bytes on any topic
POST /api/products/{pk}/devices       {"device_name": "..."}   register a device, or a deleted one anew
GET  /api/products/{pk}/thing_model   the default module's JSON, with the others in its `functionBlocks`
POST /api/products/{pk}/thing_model   a module's JSON or a ZIP of several: {"properties": N, "modules": M},
                                      or 400, {"error": "...", "problems": [{"path": "...", "problem": "..."}]}
GET, POST /api/faults                 see faults.py
GET, POST /api/clock                  {"offset": ms}, by which the platform's clock is ahead
GET, POST /api/limits                 the fields of Limits; null switches one off, {"reset": true} is as documented
"""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import asdict
import re
from typing import TYPE_CHECKING

from aiohttp import web

from . import tsl_file, webpage
from .codes import Code
from .device import Device, JsonObject
from .downlink import CallFailedError, call, call_service, push
from .excerpt import excerpt
from .settings import Settings
from .strangers import refuse_strangers
from .tester import content, json_object, speak_json, text
from .thing_model import extent
from .tsl_problems import ImportRefusedError

if TYPE_CHECKING:
    from .cloud import Cloud

DEFAULT_HISTORY = 1000
RECENT_CONNECTS_SHOWN = 50
DEFAULT_TIMEOUT = 10.0
DEFAULT_POINTS = 400
DEVICE_NAME = re.compile(r"[\w@.:-]{4,32}", re.ASCII)

type Call = Callable[..., Awaitable[JsonObject]]


class Console:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.application = web.Application(middlewares=[refuse_strangers, speak_json])
        self.application.add_routes(
            [
                web.get("/api/devices", self._devices),
                web.get("/api/devices/{pk}/{dn}", self._device),
                web.get("/api/devices/{pk}/{dn}/history", self._history),
                web.get("/api/devices/{pk}/{dn}/series", self._series),
                web.get("/api/devices/{pk}/{dn}/passages", self._passages),
                web.post("/api/devices/{pk}/{dn}/set", self._set),
                web.post("/api/devices/{pk}/{dn}/service", self._service),
                web.post("/api/devices/{pk}/{dn}/push", self._push),
                web.post("/api/devices/{pk}/{dn}/{verb:kick|reset|disable|enable|delete}", self._act),
                web.post("/api/products/{pk}/devices", self._add),
                web.get("/api/products/{pk}/thing_model", self._show_model),
                web.post("/api/products/{pk}/thing_model", self._import),
                *Settings(cloud).routes,
            ]
        )
        webpage.add_to(self.application)

    def _find(self, request: web.Request) -> Device:
        device = self._cloud.find(request.match_info["pk"], request.match_info["dn"])
        if device is None:
            raise LookupError("no such device")
        return device

    async def _devices(self, _: web.Request) -> web.Response:
        devices = [self._describe(device) for device in self._cloud.devices.values()]
        return web.json_response(
            {
                "time": self._cloud.now_ms(),
                "clock_offset": self._cloud.clock_offset,
                "region": self._cloud.region,
                "products": [*self._cloud.products],
                # A reader skips the thing model while this number stays the same.
                "thing_models": dict(self._cloud.revisions),
                "devices": devices,
            }
        )

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

    async def _series(self, request: web.Request) -> web.Response:
        series, query = self._find(request).series, request.query
        start, end = (int(query[name]) if name in query else None for name in ("from", "to"))
        most = max(1, int(query.get("points", DEFAULT_POINTS)))
        wanted = query.getall("identifier", [*series])
        return web.json_response({name: excerpt(series.get(name, []), start, end, most) for name in wanted})

    async def _passages(self, request: web.Request) -> web.Response:
        since = float(request.query.get("since", 0))
        return web.json_response([asdict(one) for one in self._find(request).passages if one.time >= since])

    async def _act(self, request: web.Request) -> web.Response:
        getattr(self._cloud, request.match_info["verb"])(self._find(request))
        return web.json_response(self._describe(self._find(request)))

    async def _set(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return await self._call(request, call, "thing/service/property/set", body)

    async def _service(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return await self._call(request, call_service, body["identifier"], body)

    async def _call(self, request: web.Request, call: Call, name: str, body: JsonObject) -> web.Response:
        try:
            timeout = float(body.get("timeout", DEFAULT_TIMEOUT))
            reply = await call(self._cloud, self._find(request), name, body["params"], timeout=timeout)
        except CallFailedError as failed:
            return _failed(failed)
        return web.json_response(reply)

    async def _push(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        payload = b64decode(text(body["payload_base64"]), validate=True)
        try:
            await push(self._find(request), text(body["topic"]), payload)
        except CallFailedError as failed:
            return _failed(failed)
        return web.json_response({"code": Code.SUCCESS})

    async def _add(self, request: web.Request) -> web.Response:
        product_key, name = request.match_info["pk"], text((await json_object(request))["device_name"])
        known = self._cloud.find(product_key, name)
        if product_key not in self._cloud.products:
            raise LookupError("no such product")
        if not DEVICE_NAME.fullmatch(name):
            raise ValueError("4 to 32 letters, digits and - _ @ . :")
        if known and not known.deleted:
            raise ValueError("there is one of this name")
        return web.json_response(self._describe(self._cloud.add_device(product_key, name)))

    async def _show_model(self, request: web.Request) -> web.Response:
        model = self._cloud.model(request.match_info["pk"])
        if model is None:
            raise LookupError("no thing model")
        return web.json_response(model.document())

    async def _import(self, request: web.Request) -> web.Response:
        try:
            document = await content(request, tsl_file.LARGEST_FILE)
            modules = self._cloud.import_thing_model(request.match_info["pk"], document)
        except ImportRefusedError as refused:
            return web.json_response(refused.as_json(), status=web.HTTPBadRequest.status_code)
        return web.json_response(extent(modules.values()))


def _describe(device: Device) -> JsonObject:
    return {
        "product_key": device.product_key,
        "device_name": device.device_name,
        "online": device.online,
        "since": device.link_changed,
        "activated": device.activated,
        "disabled": device.disabled,
        "deleted": device.deleted,
        "registration": device.registration,
        "authentications": device.authentications,
        "connects": device.connects,
        "recent_connects": [asdict(attempt) for attempt in [*device.recent_connects][-RECENT_CONNECTS_SHOWN:]],
        "client_id": device.last_client_id,
        "keep_alive": device.keep_alive,
        "subscriptions": sorted(device.inbox.filters),
        "unacknowledged": device.inbox.unacknowledged,
        "properties": {
            identifier: {
                "value": sample.value,
                "time": sample.time,
                "received": sample.received,
                "kind": sample.kind,
                "stored": len(device.series[identifier]),
            }
            for identifier, sample in device.properties.items()
        },
        "rejected": {identifier: asdict(rejection) for identifier, rejection in device.rejected.items()},
        "messages": dict(device.messages),
        "values": dict(device.values),
        "answers": dict(device.answers),
        "history": len(device.history),
        "oldest": min((samples[0].time for samples in device.series.values()), default=None),
        "events": [asdict(event) for event in device.events[-DEFAULT_HISTORY:]],
        "tags": dict(device.tags),
        "throttled": device.throttled,
        "dropped": device.dropped,
    }


def _failed(failed: CallFailedError) -> web.Response:
    return web.json_response({"code": failed.code, "message": failed.text}, status=web.HTTPConflict.status_code)
