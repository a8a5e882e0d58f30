"""Site: an HTTP application on connections that a door accepted."""

from typing import TYPE_CHECKING
from weakref import WeakSet

from aiohttp import web

if TYPE_CHECKING:
    import asyncio


class Site:
    def __init__(self, application: web.Application) -> None:
        # A peer that is gone takes its request along, which could otherwise outlive the site.
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        self._transports: WeakSet[asyncio.BaseTransport] = WeakSet()

    async def start(self) -> None:
        await self._runner.setup()

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol for one connection."""
        server = self._runner.server
        assert server is not None
        return server()

    def keep(self, transport: asyncio.BaseTransport) -> None:
        """Remember a connection, so that it ends with the site."""
        self._transports.add(transport)

    async def stop(self) -> None:
        # Aborted, because a timer that waits for a goodbye would outlive the emulator.
        for transport in self._transports:
            transport.abort()  # type: ignore[attr-defined]
        await self._runner.cleanup()
