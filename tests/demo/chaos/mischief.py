"""Mischief: carries faults out, several at once, and takes each back by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from random import Random
import time
from typing import Any

import aiohttp

from ..faults.house import reloaded
from ..faults.patient import Patient, now_ms
from ..platform import DEVICE_NAME, PRODUCT_KEY
from ..polling import polled
from .strain import Strain

DEVICE = f"/api/devices/{PRODUCT_KEY}/{DEVICE_NAME}"
# s; to a port of this machine it fails at once
ATTEMPT = 0.5

type Act = Callable[[], Awaitable[None]]


class Mischief:
    """The means of all faults: each draws its details first, and returns the act."""

    def __init__(self, patient: Patient, dice: Random) -> None:
        self.patient = patient
        self.dice = dice
        self.strain = Strain()
        self.until = 0.0  # by the monotonic clock: when all faults have to be over
        # The entry was set up, had its rate changed, and was reloaded before the first fault.
        self.loads = 3
        # One at a time restarts the platform, or needs it to run; and the same for the entry.
        self._platform = asyncio.Lock()
        self._entry = asyncio.Lock()

    def held(self, faults: Mapping[str, Any], seconds: float) -> Act:
        """Set faults for a while. A platform that is killed meanwhile forgets them."""

        async def act() -> None:
            await self._break(faults)
            await self._wait(seconds)
            await self._break(dict.fromkeys(faults))

        return act

    def greeted(self, faults: Mapping[str, Any], seconds: float) -> Act:
        """Set faults for a while that only a connection meets, and have one made."""
        by_reload, after = self.dice.random() < 0.5, self.held(faults, seconds)

        async def act() -> None:
            # Set before the link ends, or it may be back before the fault is there; and again, to hold it from then on.
            await self._break(faults)
            await (self.reload() if by_reload else self._break({"cut": "now"}))
            await after()

        return act

    def said(self, message: Mapping[str, Any]) -> Act:
        return partial(self._break, {"foreign": message})

    def cut(self) -> Act:
        return partial(self._break, {"cut": "now"})

    async def reload(self) -> None:
        async with self._entry:
            self.strain.renewed()
            self.loads += 1
            await reloaded(self.patient, 1)

    def down(self, seconds: float, *, killed: bool) -> Act:
        """End the platform, and start it some time later."""

        async def act() -> None:
            async with self._platform:
                await (self.patient.platform.kill() if killed else self.patient.platform.stop())
                await self._unreachable(seconds)
                await self.patient.platform_up()

        return act

    def refusing(self, seconds: float) -> Act:
        """Refuse connections, and end the one that there is."""

        async def act() -> None:
            async with self._platform:
                await self._break({"refuse_tcp": True})
                await self._break({"cut": "now"})
                await self._unreachable(seconds)
                await self._break({"refuse_tcp": False})

        return act

    async def _unreachable(self, seconds: float) -> None:
        """Wait, and note whether an attempt to connect failed meanwhile."""
        before = len(self.patient.platform.asked_for())
        await self._wait(seconds)
        after = len(self.patient.platform.asked_for())
        # The platform's name is asked for just before the attempt.
        await asyncio.sleep(ATTEMPT)
        if after > before:
            self.strain.missed()

    async def look(self) -> None:
        """Take the new rows and samples, and note whether there is a link."""
        self.patient.look()
        if await self.patient.is_online():
            self.strain.connected()

    def disabled(self, seconds: float) -> Act:
        async def act() -> None:
            async with self._platform:
                await self.patient.platform.post(self.patient.http, f"{DEVICE}/disable")
                await self._wait(seconds)
                await self.patient.platform.post(self.patient.http, f"{DEVICE}/enable")

        return act

    def lacking(self, identifiers: Collection[str], seconds: float) -> Act:
        """Import a thing model that lacks properties, and the whole one again."""

        async def act() -> None:
            await self._import(identifiers)
            await self._wait(seconds)
            await self._import(frozenset())

        return act

    async def _import(self, without: Collection[str]) -> None:
        async with self._entry, self._platform:
            await self.patient.import_model(without)

    def lying_ahead(self, identifiers: Collection[str], fault: Mapping[str, Any], seconds: float) -> Act:
        """Have times corrected by so much that the platform rejects all values as of the future."""
        lie = self.greeted(fault, seconds)

        async def act() -> None:
            began = now_ms()
            await lie()
            # The next answer about the time is asked for within a quarter of a minute; until then all are rejected.
            self.patient.ledger.imported(now_ms(), identifiers, since=began)

        return act

    async def over(self) -> None:
        """Be sure that nothing is left of any fault."""
        await self.patient.break_(clear=True)
        await polled("the faults are over", self._is_clear, 10)

    async def _is_clear(self) -> bool | None:
        device = await self.patient.platform.device(self.patient.http)
        return not device["disabled"] or None

    async def _break(self, faults: Mapping[str, Any]) -> None:
        # A platform that is away just now has no faults when it comes back.
        with suppress(aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            await self.patient.break_(**faults)

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, min(seconds, self.until - time.monotonic())))
