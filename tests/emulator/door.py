"""Door: one listening port, and the way from an accepted socket to a transport."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

# The first byte of every TLS connection: a handshake record.
TLS_HANDSHAKE = 0x16

# Seconds for a peer's first byte, for its TLS handshake and for TLS's goodbye.
PATIENCE = 10.0
GOODBYE = 2.0


class Door:
    """Accept connections and hand each to a task of its own; can be shut and opened again on the same port."""

    def __init__(self, host: str, port: int, welcome: Callable[[socket.socket], Awaitable[None]]) -> None:
        self._host = host
        self._welcome = welcome
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._accepting: asyncio.Task[None] | None = None
        self._guests: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        if self._accepting is None:
            self._socket.listen()
            self._accepting = asyncio.get_running_loop().create_task(self._accept(self._socket))

    def shut(self) -> None:
        """Refuse new connections and keep the existing ones."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
            # Removed at once: the system may give the next socket the same file descriptor.
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            # Bound but not listening: the port stays ours, and connections are refused.
            self._socket = _bound(self._host, self.port)

    async def close(self) -> None:
        tasks = list(self._guests)
        if self._accepting is not None:
            tasks.append(self._accepting)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._socket.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            guest, _ = await loop.sock_accept(listening)
            task = loop.create_task(self._serve(guest))
            self._guests.add(task)
            task.add_done_callback(self._guests.discard)

    async def _serve(self, guest: socket.socket) -> None:
        # A failed handshake, a distrusted certificate or a vanished peer is no error of the emulator.
        with suppress(OSError):
            try:
                await self._welcome(guest)
            except BaseException:
                guest.close()
                raise


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


async def starts_tls(guest: socket.socket) -> bool:
    """Tell whether the first byte begins a TLS handshake, without consuming it."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(guest, readable.set)
    try:
        async with asyncio.timeout(PATIENCE):
            await readable.wait()
    finally:
        loop.remove_reader(guest)
    return guest.recv(1, socket.MSG_PEEK) == bytes([TLS_HANDSHAKE])


async def connect(
    guest: socket.socket, protocol: asyncio.BaseProtocol, tls: ssl.SSLContext | None
) -> asyncio.Transport:
    """Put a protocol behind an accepted socket; the returned transport owns the socket."""
    loop = asyncio.get_running_loop()
    if tls is None:
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, guest)
    else:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, guest, ssl=tls, ssl_handshake_timeout=PATIENCE, ssl_shutdown_timeout=GOODBYE
        )
    return transport
