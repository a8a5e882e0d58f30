"""A Home Assistant that sets a device up and is killed on the way."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
import json
import os
from pathlib import Path
import signal
from typing import Any

import aiohttp

from .client import AnswerError, Client
from .flow import Walk, answers, walk
from .home_assistant import HomeAssistant
from .instants import Inside, Instant, Outside
from .platform import Platform
from .polling import polled

DEATH = Path(__file__).parent / "death"
ENTITY = "sensor.house_power"
PROPERTY = "house_power"
ENTRY = "/api/config/config_entries/entry"
SECONDS = 25
# s, as short as the machine allows: the instants to be hit last only milliseconds
QUICK = 0.002


class SurvivedError(Exception):
    """The process was not killed at its instant."""


class Doomed:
    """One killed life: the device, the process, and the instant."""

    def __init__(
        self, instant: Instant, name: str, platform: Platform, home: HomeAssistant, http: aiohttp.ClientSession
    ) -> None:
        self.instant = instant
        self.typed = platform.typed | {"device_name": name}
        self.network = {"registration": instant.registration}
        self._name = name
        self._platform = platform
        self._home = home
        self._http = http
        self._mark = home.config.parent / "death"

    async def die(self) -> None:
        """Start, set up and be killed; SurvivedError or LateError if the process lives on."""
        await self._home.start(self._environment())
        try:
            client = await self._home.ready(self._http)
            if isinstance(self.instant.at, Inside):
                await self._inside(client)
            else:
                await self._outside(client, self.instant.at)
            code = await self._home.program.wait()
        finally:
            await self._home.stop()
        if code != -signal.SIGKILL:
            raise SurvivedError(f"ended by itself with {code}")

    def _environment(self) -> Mapping[str, str]:
        plain = self._platform.environment
        if not isinstance(self.instant.at, Inside):
            return plain
        return plain | {
            "PYTHONPATH": os.pathsep.join([str(DEATH), plain["PYTHONPATH"]]),
            "DEMO_DEATH": json.dumps(self.instant.at.as_json()),
            "DEMO_DEATH_MARK": str(self._mark),
        }

    async def _inside(self, client: Client) -> None:
        setting_up = asyncio.ensure_future(self._set_up(client))
        try:
            async with asyncio.timeout(SECONDS):
                await self._home.program.wait()
        except TimeoutError:
            ended = setting_up.result() if setting_up.done() else "in the middle"
            raise SurvivedError(f"not reached; the dialog ended with {ended}") from None
        finally:
            setting_up.cancel()
            await asyncio.gather(setting_up, return_exceptions=True)
        if not self._mark.exists():
            raise SurvivedError("killed, but not by itself")

    async def _set_up(self, client: Client, *, entities: bool = True) -> Walk | None:
        # Home Assistant may die at any moment, as this test intends.
        with suppress(aiohttp.ClientError, AnswerError):
            return await walk(client, answers(self.typed, [ENTITY] if entities else (), network=self.network))
        return None

    async def _outside(self, client: Client, at: Outside) -> None:
        setting_up = asyncio.ensure_future(self._set_up(client, entities=at is not Outside.ENTITIES_SHOWN))
        try:
            if at is Outside.SECRET_HANDED_OUT:
                await self._seen("registered", lambda device: bool(device["recent_connects"]))
            elif at is Outside.ACTIVATED:
                await self._seen("activated", lambda device: device["activated"])
            elif at is Outside.VALUE_STORED:
                await self._seen("a value", lambda device: device["history"] > 0)
            else:
                await self._after_the_dialog(client, at, await setting_up)
            await self._home.kill()
        finally:
            setting_up.cancel()
            await asyncio.gather(setting_up, return_exceptions=True)

    async def _after_the_dialog(self, client: Client, at: Outside, walked: Walk | None) -> None:
        reached = "entities" if at is Outside.ENTITIES_SHOWN else "create_entry"
        if walked is None or str(walked) != reached:
            raise SurvivedError(f"the dialog ended with {walked} instead of {reached}")
        if at in {Outside.STOPPING, Outside.REMOVING}:
            await self._seen("a value", lambda device: device["history"] > 0)
            assert walked.entry is not None
            asked = asyncio.ensure_future(self._ask_to_end(client, at, walked.entry["entry_id"]))
            await self._seen("offline", lambda device: not device["online"])
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    async def _ask_to_end(self, client: Client, at: Outside, entry_id: str) -> None:
        if at is Outside.REMOVING:
            await client.delete(f"{ENTRY}/{entry_id}")
        else:
            os.kill(self._home.program.pid, signal.SIGTERM)

    async def _seen(self, what: str, is_there: Any) -> None:
        async def look() -> bool | None:
            device = await self.device()
            return (device is not None and is_there(device)) or None

        await polled(f"{self._name} is {what}", look, SECONDS, QUICK)

    async def device(self) -> dict[str, Any] | None:
        """Return the device as the platform sees it; None before the platform has heard of it."""
        try:
            return await self._platform.device(self._http, self._name)
        except aiohttp.ClientResponseError:
            return None
