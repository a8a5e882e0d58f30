"""Servers that speak TLS, and then the bytes of a test's own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
import ssl

import trustme

from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ACCEPTED = b"\x20\x02\x00\x00"


def publish(topic: str, payload: bytes) -> bytes:
    """Encode a PUBLISH of at most 127 bytes."""
    body = len(topic).to_bytes(2) + topic.encode() + payload
    return bytes([0x30, len(body)]) + body


@asynccontextmanager
async def server(authority: trustme.CA, talk: Talk) -> AsyncGenerator[Endpoint]:
    """Run a TLS server that reads the CONNECT and then talks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(4096)
            await talk(reader, writer)
        finally:
            writer.transport.abort()

    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with running:
        yield Endpoint(host="127.0.0.1", port=running.sockets[0].getsockname()[1])


async def until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass
