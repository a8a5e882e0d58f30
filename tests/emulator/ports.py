"""Ports: the four listening ports, and the dispatch of their connections.

The platform's ports 1883 and 443 take TLS, TCP and WebSocket on one socket. The platform serves port 443 on two hosts,
one for MQTT and one for HTTPS. Here one port serves both and tells them apart by the first bytes, so that a client
that resolves all of the platform's names to 127.0.0.1 needs one address for 443.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
import socket
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from . import door, https
from .console import Console
from .device import Transport
from .door import Door
from .greeting import Greeter, Language
from .link import Link
from .site import Site
from .websocket import WebSocketProtocol, WebSocketWriter

if TYPE_CHECKING:
    import ssl

    from .cloud import Cloud

type Welcome = Callable[[socket.socket], Awaitable[None]]


class Ports:
    def __init__(self, cloud: Cloud, tls: ssl.SSLContext, host: str) -> None:
        self._cloud = cloud
        self._tls = tls
        # The names that peers asked for in their TLS handshakes.
        self._asked: WeakKeyDictionary[object, str] = WeakKeyDictionary()
        tls.sni_callback = self._note_name
        self._host = host
        self._https = Site(https.application(cloud))
        self._console = Site(Console(cloud).application)

    async def open(self, stack: AsyncExitStack, numbers: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Open MQTT over TLS, MQTT over anything, HTTPS and the console until the stack ends; return the ports."""
        for site in (self._https, self._console):
            await site.start()
            stack.push_async_callback(site.stop)
        mqtts, mqtt, https_, console = (
            self._opened(stack, number, welcome)
            for number, welcome in zip(
                numbers, (self._at_mqtts, self._at_mqtt, self._at_https, self._at_console), strict=True
            )
        )
        self._obey_faults(stack, (mqtts, mqtt, https_))
        return mqtts.port, mqtt.port, https_.port, console.port

    def _opened(self, stack: AsyncExitStack, number: int, welcome: Welcome) -> Door:
        opened = Door(self._host, number, welcome)
        stack.push_async_callback(opened.close)
        opened.open()
        return opened

    def _obey_faults(self, stack: AsyncExitStack, doors: tuple[Door, ...]) -> None:
        def apply() -> None:
            faults = self._cloud.faults
            if faults.half_open:
                self._cloud.flowing.clear()
            else:
                self._cloud.flowing.set()
            for one in doors:
                if faults.refuse_tcp:
                    one.shut()
                else:
                    one.open()
            self._cloud.changed()

        self._cloud.faults.watch(apply)
        # Unwound first: a fault that ends later must not reopen closed doors.
        stack.callback(self._cloud.faults.watch, None)

    def _note_name(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None:
            self._asked[connection] = name.lower()

    async def _at_mqtts(self, guest: socket.socket) -> None:
        await self._welcome(guest, self._tls)

    async def _at_mqtt(self, guest: socket.socket) -> None:
        await self._welcome(guest, self._tls if await door.starts_tls(guest) else None)

    async def _at_https(self, guest: socket.socket) -> None:
        tls = self._tls if await door.starts_tls(guest) else None
        # The platform does not answer HTTP without TLS.
        await self._welcome(guest, tls, self._https if tls else None)

    async def _at_console(self, guest: socket.socket) -> None:
        self._console.keep(await door.connect(guest, self._console.protocol(), None))

    async def _welcome(self, guest: socket.socket, tls: ssl.SSLContext | None, site: Site | None = None) -> None:
        await self._cloud.flowing.wait()
        greeter = Greeter()
        transport = await door.connect(guest, greeter, tls)
        try:
            language = await greeter.language()
            if language is not Language.OTHER:
                await self._link(greeter, language, tls=tls is not None).run()
            elif site is not None:
                site.keep(greeter.hand_over(site.protocol()))
            else:
                # The platform closes such a connection without a word.
                transport.abort()
        except BaseException:
            transport.abort()
            raise

    def _link(self, greeter: Greeter, language: Language, *, tls: bool) -> Link:
        reader = asyncio.StreamReader()
        writer: asyncio.StreamWriter
        if language is Language.WEBSOCKET:
            frames = WebSocketProtocol(reader)
            writer = WebSocketWriter(greeter.hand_over(frames), frames, reader)
            kind = Transport.WSS if tls else Transport.WS
        else:
            protocol = asyncio.StreamReaderProtocol(reader)
            transport = greeter.hand_over(protocol)
            writer = asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())
            kind = Transport.TLS if tls else Transport.TCP
        # A peer without TLS tells no name.
        host = self._asked.get(writer.get_extra_info("ssl_object"), "") if tls else ""
        return Link(self._cloud, reader, writer, transport=kind, host=host)
