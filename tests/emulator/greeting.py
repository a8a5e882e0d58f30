"""Greeting: tells a peer's language from its first bytes, and hands the connection over."""

import asyncio
from enum import Enum, auto
import re

from .door import PATIENCE

CONNECT = 0x10
GET = b"GET "
END_OF_HEAD = b"\r\n\r\n"
LONGEST_HEAD = 16 * 1024
UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*(\r|$)", re.IGNORECASE)


class Language(Enum):
    MQTT = auto()
    WEBSOCKET = auto()
    # Plain HTTP, or no language at all.
    OTHER = auto()


def recognise(start: bytes) -> Language | None:
    """Tell a language from its first bytes; None for too few of them."""
    if not start:
        return None
    if not GET.startswith(start[: len(GET)]):
        return Language.MQTT if start[0] == CONNECT else Language.OTHER
    head, end, _ = start.partition(END_OF_HEAD)
    if not end:
        return None if len(start) < LONGEST_HEAD else Language.OTHER
    return Language.WEBSOCKET if UPGRADE.search(head) else Language.OTHER


class Greeter(asyncio.Protocol):
    """Hold a connection until its language is known, and hand it over with every byte received."""

    def __init__(self) -> None:
        self._start = b""
        self._ended = False
        self._transport: asyncio.BaseTransport | None = None
        self._recognised: asyncio.Future[Language] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._start += data
        self._tell(recognise(self._start))

    def eof_received(self) -> bool:
        self._ended = True
        self._tell(recognise(self._start) or Language.OTHER)
        assert self._transport is not None
        # Without TLS the other direction stays open.
        return self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._recognised.cancel()

    def _tell(self, language: Language | None) -> None:
        if language is not None and not self._recognised.done():
            self._recognised.set_result(language)

    async def language(self) -> Language:
        """Return the language as soon as it is known; TimeoutError or ConnectionError without one."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([self._recognised])
        if self._recognised.cancelled():
            raise ConnectionAbortedError("gone before a word")
        return self._recognised.result()

    def hand_over(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Leave the connection to a protocol; ConnectionError if it is gone."""
        transport = self._transport
        if transport is None:
            raise ConnectionAbortedError("gone after its first word")
        assert isinstance(transport, asyncio.Transport)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._start:
            protocol.data_received(self._start)
        if self._ended:
            protocol.eof_received()
        return transport
