"""The link, at servers that misbehave."""

import asyncio
from contextlib import suppress
import socket
import ssl

import pytest
import trustme

from custom_components.aliyun_iot.alink.protocol.connection import Connect
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint
from custom_components.aliyun_iot.alink.protocol.errors import (
    MalformedAnswerError,
    Unreachable,
    UnreachableError,
)
from custom_components.aliyun_iot.alink.transport.link import Link
from custom_components.aliyun_iot.alink.transport.trust import Trust
from tests.alink.servers import ACCEPTED, publish, server, until_gone

CONNECT = Connect(client_id="x|securemode=2|", username="x&y", password="secret")

pytestmark = pytest.mark.usefixtures("socket_enabled")


def ignore(_topic: str, _payload: bytes) -> None:
    pass


async def test_a_host_that_accepts_and_says_nothing_times_out(trust: Trust) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint(host="127.0.0.1", port=listener.getsockname()[1])
        with pytest.raises(UnreachableError) as caught:
            await Link.open(CONNECT, endpoint, trust.mqtt, ignore, patience=0.2)
        guest, _ = listener.accept()
        guest.close()
    assert caught.value.reason is Unreachable.TIMEOUT


async def test_a_platform_that_never_answers_connect_times_out_and_is_left(authority: trustme.CA, trust: Trust) -> None:
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await until_gone(reader)
        left.set()

    async with server(authority, talk) as endpoint:
        with pytest.raises(UnreachableError) as caught:
            await Link.open(CONNECT, endpoint, trust.mqtt, ignore, patience=0.5)
        await left.wait()
    assert caught.value.reason is Unreachable.TIMEOUT


async def test_a_connection_that_comes_after_nobody_wants_it_is_closed(authority: trustme.CA, trust: Trust) -> None:
    """The thread that connects cannot be stopped; its late connection must not stay open."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint(host="127.0.0.1", port=listener.getsockname()[1])
        task = asyncio.ensure_future(Link.open(CONNECT, endpoint, trust.mqtt, ignore))
        guest, _ = await asyncio.to_thread(listener.accept)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        def heard() -> bytes:
            # A client that closes before it has read TLS's own last messages breaks the connection.
            with suppress(ConnectionError), context.wrap_socket(guest, server_side=True) as secured:
                return secured.recv(4096)
            return b""

        assert await asyncio.to_thread(heard) == b""


async def test_a_connection_that_fails_after_nobody_wants_it_fails_in_silence(trust: Trust) -> None:
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint(host="127.0.0.1", port=listener.getsockname()[1])
        task = asyncio.ensure_future(Link.open(CONNECT, endpoint, trust.mqtt, ignore))
        guest, _ = await asyncio.to_thread(listener.accept)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        guest.close()
    await loop.shutdown_default_executor()
    await asyncio.sleep(0)
    assert complaints == []


@pytest.mark.parametrize(
    "answer",
    [b"\x20\x02\x00\x63", b"\x20\x01\x00", b"\xff\xff\xff\xff\xff\xff", b"HTTP/1.1 400 Bad Request\r\n\r\n"],
)
async def test_an_answer_that_is_no_connack_is_an_error_of_ours(
    authority: trustme.CA, trust: Trust, answer: bytes
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await until_gone(reader)

    async with server(authority, talk) as endpoint:
        with pytest.raises((MalformedAnswerError, UnreachableError)):
            await Link.open(CONNECT, endpoint, trust.mqtt, ignore, patience=5.0)


async def test_a_broken_packet_ends_the_link(authority: trustme.CA, trust: Trust) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED + b"\x30\x01\x00")
        await until_gone(reader)

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        await link.closed.wait()
        link.close()


async def test_a_topic_that_is_no_text_ends_the_link(authority: trustme.CA, trust: Trust) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED + b"\x30\x05\x00\x03\xff\xfe\xfd")
        await until_gone(reader)

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        await link.closed.wait()
        link.close()


async def test_many_messages_in_one_record_of_tls_all_arrive(authority: trustme.CA, trust: Trust) -> None:
    heard: list[tuple[str, bytes]] = []
    everything = asyncio.Event()

    def listen(topic: str, payload: bytes) -> None:
        heard.append((topic, payload))
        if len(heard) == 200:
            everything.set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED + b"".join(publish("t", b"%d" % number) for number in range(200)))
        await until_gone(reader)

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, listen)
        async with asyncio.timeout(10):
            await everything.wait()
        link.close()
    assert heard == [("t", b"%d" % number) for number in range(200)]


async def test_what_was_published_goes_out_before_the_goodbye(authority: trustme.CA, trust: Trust) -> None:
    heard: list[bytes] = []
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED)
        while data := await reader.read(4096):
            heard.append(data)
        left.set()

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        link.publish("topic", b"the last value")
        link.close()
        link.close()
        await left.wait()
    assert b"the last value" in b"".join(heard)
    assert b"".join(heard).endswith(b"\xe0\x00")


async def test_a_listener_that_fails_does_not_pass_for_a_broken_packet(authority: trustme.CA, trust: Trust) -> None:
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context["exception"]))
    second = asyncio.Event()
    fault = ValueError("what paho raises for a packet that is no MQTT")

    def listen(_topic: str, payload: bytes) -> None:
        if payload == b"2":
            second.set()
        raise fault

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED + publish("t", b"1"))
        await reader.read(1)
        writer.write(publish("t", b"2"))
        await until_gone(reader)

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, listen)
        link.publish("topic", b"still there")
        async with asyncio.timeout(10):
            await second.wait()
        assert not link.closed.is_set()
        link.close()
    assert complaints == [fault, fault]


@pytest.mark.parametrize(("count", "packets"), [(8, 1), (9, 2), (17, 3)])
async def test_a_packet_asks_for_no_more_topics_than_the_platform_takes(
    authority: trustme.CA, trust: Trust, count: int, packets: int
) -> None:
    heard: list[bytes] = []
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED)
        while data := await reader.read(4096):
            heard.append(data)
        left.set()

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        link.subscribe([f"t{number:02}" for number in range(count)])
        link.close()
        await left.wait()
    said = b"".join(heard)
    assert said.count(b"\x82") == packets  # the first byte of a SUBSCRIBE, and of nothing else here
    assert all(b"t%02d\x01" % number in said for number in range(count))
