"""Settings: the faults, the clock and the limits of all devices, over HTTP."""

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

from aiohttp import web

from .limits import Limits
from .tester import json_object

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
        self._cloud.faults.update(changes)
        return await self._show_faults(request)

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
