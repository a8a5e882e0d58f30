"""Settings: the faults, the clock and the limits of all devices, over HTTP."""

from base64 import b64decode
from contextlib import suppress
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .downlink import CallFailedError, push
from .limits import Limits
from .tester import json_object, text

if TYPE_CHECKING:
    from .cloud import Cloud


class Settings:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.routes = [
            web.get("/api/faults", self._show_faults),
            web.post("/api/faults", self._change_faults),
            web.get("/api/clock", self._show_clock),
            web.post("/api/clock", self._change_clock),
            web.get("/api/limits", self._show_limits),
            web.post("/api/limits", self._change_limits),
        ]

    async def _show_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._cloud.faults.as_json())

    async def _change_faults(self, request: web.Request) -> web.Response:
        changes = await json_object(request)
        if changes.pop("cut", None):
            self._cloud.cut_all()
        foreign = changes.pop("foreign", None)
        self._cloud.faults.update(changes)
        if foreign is not None:
            await self._publish(foreign)
        return await self._show_faults(request)

    async def _publish(self, foreign: Any) -> None:
        """Publish a message that no device asked for to all that are connected."""
        if not isinstance(foreign, dict) or not foreign.keys() <= {"topic", "text", "base64", "times"}:
            raise ValueError("foreign: not a message")
        topic, encoded = text(foreign.get("topic")), foreign.get("base64")
        payload = text(foreign.get("text")).encode() if encoded is None else b64decode(text(encoded), validate=True)
        for _ in range(int(foreign.get("times", 1))):
            for device in self._cloud.devices.values():
                # Some are offline, and others may go at any time.
                with suppress(CallFailedError):
                    await push(device, topic, payload)

    async def _show_clock(self, _: web.Request) -> web.Response:
        return web.json_response({"time": self._cloud.now_ms(), "offset": self._cloud.clock_offset})

    async def _change_clock(self, request: web.Request) -> web.Response:
        offset = (await json_object(request))["offset"]
        if type(offset) is not int:
            raise ValueError("offset: not a whole number")
        self._cloud.clock_offset = offset
        return await self._show_clock(request)

    async def _show_limits(self, _: web.Request) -> web.Response:
        return web.json_response(asdict(self._cloud.limits))

    async def _change_limits(self, request: web.Request) -> web.Response:
        changes = await json_object(request)
        limits = Limits() if changes.pop("reset", False) else self._cloud.limits
        names = {field.name for field in fields(Limits)}
        if unknown := changes.keys() - names:
            raise ValueError(f"unknown limits: {', '.join(sorted(unknown))}")
        if not all(value is None or type(value) is int for value in changes.values()):
            raise ValueError("a limit is a whole number or null")
        self._cloud.limits = replace(limits, **changes)
        return await self._show_limits(request)
