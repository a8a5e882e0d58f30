"""Blocking calls, at servers that drip: each byte comes in time, and the last one never."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trustme

from custom_components.aliyun_iot.alink.protocol.connection import Connect
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint, Transport
from custom_components.aliyun_iot.alink.protocol.errors import Unreachable, UnreachableError
from custom_components.aliyun_iot.alink.protocol.identity import Identity, ProductCredentials
from custom_components.aliyun_iot.alink.transport import deadline
from custom_components.aliyun_iot.alink.transport.https import post_form
from custom_components.aliyun_iot.alink.transport.link import Link
from custom_components.aliyun_iot.alink.transport.registrar import register_over_https, register_over_mqtt
from custom_components.aliyun_iot.alink.transport.trust import Trust
from tests.alink.servers import server_context

CONNECT = Connect(client_id="x|securemode=2|", username="x&y", password="secret")
PRODUCT = ProductCredentials(
    identity=Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01"), product_secret="Px7QkLm2Nv9RtYw3"
)
DROPS = 100  # twenty a second: five seconds after which the server hangs up

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_ALL_TOGETHER", 0.5)


@asynccontextmanager
async def dripping(authority: trustme.CA | None, said: bytes, transport: Transport) -> AsyncGenerator[Endpoint]:
    """Run a server that says something and drips until it is left; without an authority it sets up no TLS."""
    drops = 0
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal drops
        await reader.read(4096)
        writer.write(said)
        while drops < DROPS and not writer.is_closing():
            writer.write(b"x")
            drops += 1
            await asyncio.sleep(0.05)
        writer.transport.abort()
        gone.set()

    context = None if authority is None else server_context(authority)
    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with running:
        yield Endpoint(host="127.0.0.1", port=running.sockets[0].getsockname()[1], transport=transport)
        await gone.wait()
    assert drops < DROPS


HANDSHAKE = b"\x16\x03\x03\x40\x00"  # the header of a record of 16 kB
ANSWERS = [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n"]


@pytest.mark.parametrize(
    ("has_tls", "said", "transport"),
    [
        (False, HANDSHAKE, Transport.TLS),
        (False, HANDSHAKE, Transport.WSS),
        (True, b"HTTP/1.1 101 Switching Protocols\r\n", Transport.WSS),
    ],
)
async def test_a_link_is_not_waited_for_longer_than_the_deadline(
    authority: trustme.CA, trust: Trust, has_tls: bool, said: bytes, transport: Transport
) -> None:
    async with dripping(authority if has_tls else None, said, transport) as endpoint:
        with pytest.raises(UnreachableError) as caught:
            await Link.open(CONNECT, endpoint, trust.mqtt, lambda *_: None)
    assert caught.value.reason is Unreachable.TIMEOUT


async def test_the_thread_of_a_link_that_nobody_waits_for_any_more_is_free(authority: trustme.CA, trust: Trust) -> None:
    async with dripping(authority, b"HTTP/1.1 101 Switching Protocols\r\n", Transport.WSS) as endpoint:
        with pytest.raises(UnreachableError):
            await Link.open(CONNECT, endpoint, trust.mqtt, lambda *_: None, patience=0.1)
        await asyncio.get_running_loop().shutdown_default_executor()  # waits for all threads


@pytest.mark.parametrize(
    "call",
    [
        lambda endpoint, trust: post_form(endpoint, trust.https, "/auth/devicename", b"a=b"),
        lambda endpoint, trust: register_over_https(PRODUCT, endpoint, trust),
    ],
)
@pytest.mark.parametrize("said", ANSWERS)
async def test_an_answer_over_https_is_not_read_for_longer_than_the_deadline(
    authority: trustme.CA, trust: Trust, said: bytes, call: Callable[[Endpoint, Trust], object]
) -> None:
    async with dripping(authority, said, Transport.TLS) as endpoint:
        with pytest.raises(UnreachableError) as caught:
            await asyncio.to_thread(call, endpoint, trust)
    assert caught.value.reason is Unreachable.TIMEOUT


@pytest.mark.parametrize("call", [partial(register_over_https, PRODUCT), partial(register_over_mqtt, PRODUCT)])
async def test_tls_is_not_set_up_for_longer_than_the_deadline(
    trust: Trust, call: Callable[[Endpoint, Trust], object]
) -> None:
    async with dripping(None, HANDSHAKE, Transport.TLS) as endpoint:
        with pytest.raises(UnreachableError) as caught:
            await asyncio.to_thread(call, endpoint, trust)
    assert caught.value.reason is Unreachable.TIMEOUT


async def test_a_registration_is_not_upgraded_for_longer_than_the_deadline(authority: trustme.CA, trust: Trust) -> None:
    async with dripping(authority, b"HTTP/1.1 101 Switching Protocols\r\n", Transport.WSS) as endpoint:
        with pytest.raises(UnreachableError) as caught:
            await asyncio.to_thread(register_over_mqtt, PRODUCT, endpoint, trust)
    assert caught.value.reason is Unreachable.TIMEOUT
