"""Servers that speak TLS, TCP or WebSocket, and then the bytes of a test's own."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha1
import socket
import ssl

import trustme

from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint, Transport

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ACCEPTED = b"\x20\x02\x00\x00"


def packet(first: int, body: bytes) -> bytes:
    """Encode a packet of MQTT."""
    header, length = bytearray([first]), len(body)
    while length > 127:
        header.append(0x80 | length % 128)
        length //= 128
    return bytes([*header, length]) + body


def publish(topic: str, payload: bytes, *, number: int = 0) -> bytes:
    """Encode a PUBLISH, of QoS 1 where it has a number."""
    beginning = len(topic).to_bytes(2) + topic.encode()
    return packet(0x32, beginning + number.to_bytes(2) + payload) if number else packet(0x30, beginning + payload)


def frame(payload: bytes, opcode: int = 2) -> bytes:
    """Encode a frame of WebSocket."""
    length = len(payload)
    if length < 126:
        return bytes([0x80 | opcode, length]) + payload
    if length < 0x10000:
        return bytes([0x80 | opcode, 126]) + length.to_bytes(2) + payload
    return bytes([0x80 | opcode, 127]) + length.to_bytes(8) + payload


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@asynccontextmanager
async def server(
    authority: trustme.CA,
    talk: Talk,
    transport: Transport = Transport.TLS,
    *,
    upgrades: bool = True,
    room: int | None = None,
) -> AsyncGenerator[Endpoint]:
    """Run a server that reads the CONNECT and then talks; with `upgrades` it first answers an upgrade to WebSocket.

    With `room` it has so many bytes for what it does not read.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.read(4096)
            if transport is Transport.WSS and upgrades:
                writer.write(_upgrade(request))
                await reader.read(4096)
            await talk(reader, writer)
        finally:
            writer.transport.abort()

    listener = socket.socket()
    if room is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    listener.bind(("127.0.0.1", 0))
    context = None if transport is Transport.TCP else server_context(authority)
    running = await asyncio.start_server(serve, sock=listener, ssl=context)
    async with running:
        yield Endpoint(host="127.0.0.1", port=listener.getsockname()[1], transport=transport)


def _upgrade(request: bytes) -> bytes:
    _, _, rest = request.partition(b"Sec-WebSocket-Key: ")
    digest = sha1(rest.split(b"\r\n")[0] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " + b64encode(digest) + b"\r\n\r\n"
    )


async def until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass
