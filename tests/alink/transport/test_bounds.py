"""The link, at servers that send more than a client can hold, or what nobody asked for."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest
import trustme

from custom_components.aliyun_iot.alink.protocol.connection import Connect
from custom_components.aliyun_iot.alink.protocol.endpoints import Transport
from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError
from custom_components.aliyun_iot.alink.transport.link import Link
from custom_components.aliyun_iot.alink.transport.trust import Trust
from tests.alink.servers import ACCEPTED, frame, packet, publish, server, until_gone

CONNECT = Connect(client_id="x|securemode=2|", username="x&y", password="secret")

pytestmark = pytest.mark.usefixtures("socket_enabled")


def ignore(_topic: str, _payload: bytes) -> None:
    pass


def sent_as(transport: Transport, said: bytes) -> bytes:
    return frame(said) if transport is Transport.WSS else said


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize(
    "said",
    [
        b"\x30\xff\xff\xff\x7f",  # a PUBLISH of 256 MB
        b"\x30\x81\xa0\x10",  # a PUBLISH of 256 kB, 4 kB and a byte
        b"\x30\x80\x80\x80\x80\x01",  # a length of five bytes
        packet(0x34, b"\x00\x01t\x00\x01"),  # a PUBLISH of QoS 2
        packet(0x36, b"\x00\x01t\x00\x01"),  # of QoS 3
        packet(0x50, b"\x00\x01"),  # PUBREC
        packet(0x62, b"\x00\x01"),  # PUBREL
        packet(0x70, b"\x00\x01"),  # PUBCOMP
        packet(0xC0, b""),  # PINGREQ
        packet(0xD0, b"\x00"),  # a PINGRESP with something in it
        packet(0x90, b"\x00\x01" + 9 * b"\x01"),  # a SUBACK for nine topics
        ACCEPTED,
    ],
)
async def test_what_no_platform_sends_ends_the_link_at_its_header(
    authority: trustme.CA, trust: Trust, transport: Transport, said: bytes
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent_as(transport, ACCEPTED) + sent_as(transport, said))
        await until_gone(reader)

    async with server(authority, talk, transport) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        await link.closed.wait()
    assert isinstance(link.lost, MalformedAnswerError)


@pytest.mark.parametrize(
    "said",
    [
        frame(packet(0xD0, b""), opcode=1),  # text
        b"\x82\x82\x00\x00\x00\x00\xd0\x00",  # masked
        b"\x82\x7f\x00\x00\x00\x00\x00\x40\x00\x00",  # a frame of 4 MB
        frame(bytes(126), opcode=9),  # too long a ping
        frame(b"", opcode=3),
    ],
)
async def test_a_frame_that_no_platform_sends_ends_the_link(authority: trustme.CA, trust: Trust, said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(ACCEPTED) + said)
        await until_gone(reader)

    async with server(authority, talk, Transport.WSS) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        await link.closed.wait()
    assert isinstance(link.lost, MalformedAnswerError)


async def test_an_answer_to_an_upgrade_that_does_not_end_is_no_answer(authority: trustme.CA, trust: Trust) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n" + 1000 * b"X-Filler: nothing\r\n")
        await until_gone(reader)

    async with server(authority, talk, Transport.WSS, upgrades=False) as endpoint:
        with pytest.raises(MalformedAnswerError):
            await Link.open(CONNECT, endpoint, trust.mqtt, ignore)


@pytest.mark.parametrize("transport", Transport)
async def test_a_message_that_is_too_large_is_not_read(
    authority: trustme.CA, trust: Trust, transport: Transport
) -> None:
    taken = 0

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        writer.write(sent_as(transport, ACCEPTED) + b"\x82\x7f" * (transport is Transport.WSS))
        writer.write((1 << 28).to_bytes(8) * (transport is Transport.WSS) + b"\x30\xff\xff\xff\x7f\x00\x01t")
        with suppress(ConnectionError):
            for _ in range(256):
                writer.write(bytes(1 << 20))
                await writer.drain()
                taken += 1 << 20

    async with server(authority, talk, transport) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, ignore)
        await link.closed.wait()
    assert isinstance(link.lost, MalformedAnswerError)
    assert taken < 32 << 20  # all of which the system's buffers hold


@pytest.mark.parametrize("transport", Transport)
async def test_the_largest_message_that_the_platform_documents_arrives(
    authority: trustme.CA, trust: Trust, transport: Transport
) -> None:
    arrived: asyncio.Future[tuple[str, bytes]] = asyncio.get_running_loop().create_future()
    largest = publish("t" * 128, b"x" * 256 * 1024, number=1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent_as(transport, ACCEPTED) + sent_as(transport, largest))
        await until_gone(reader)

    async with server(authority, talk, transport) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, lambda *heard: arrived.set_result(heard))
        topic, payload = await arrived
        assert not link.closed.is_set()
        link.close()
    assert topic == "t" * 128
    assert payload == b"x" * 256 * 1024


@pytest.mark.parametrize("transport", Transport)
async def test_many_frames_and_pings_are_read_like_one(
    authority: trustme.CA, trust: Trust, transport: Transport
) -> None:
    heard: list[bytes] = []
    everything = asyncio.Event()

    def listen(_topic: str, payload: bytes) -> None:
        heard.append(payload)
        if len(heard) == 500:
            everything.set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent_as(transport, ACCEPTED))
        said = b"".join(publish("t", b"%d" % number * 50, number=number) for number in range(1, 501))
        for at in range(0, len(said), 333):
            writer.write(sent_as(transport, said[at : at + 333]))
            if transport is Transport.WSS:
                writer.write(frame(b"still there?", opcode=9))
        await until_gone(reader)

    async with server(authority, talk, transport) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, listen)
        async with asyncio.timeout(10):
            await everything.wait()
        link.close()
    assert heard == [b"%d" % number * 50 for number in range(1, 501)]


@pytest.mark.parametrize("transport", Transport)
async def test_no_more_is_read_from_a_platform_that_reads_no_acknowledgement(
    authority: trustme.CA, trust: Trust, transport: Transport
) -> None:
    taken = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        writer.write(sent_as(transport, ACCEPTED))
        await reader.read(1)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # typed as one that only writes
        many = sent_as(transport, b"".join(publish("t", b"x" * 1000, number=number) for number in range(1, 101)))
        with suppress(ConnectionError):
            for _ in range(1000):
                writer.write(many)
                await writer.drain()
                taken += 100

    async with server(authority, talk, transport, room=8192) as endpoint:
        link = await Link.open(replace(CONNECT, keep_alive=2), endpoint, trust.mqtt, ignore)
        for _ in range(20):
            link.publish("t", bytes(256 * 1024))  # more than the system keeps: the acknowledgements wait behind it
        await link.closed.wait()
    assert taken < 15_000  # a thousand that were read, and the system's buffers


async def test_a_flood_of_messages_whose_acknowledgements_are_read_all_arrive(
    authority: trustme.CA, trust: Trust
) -> None:
    heard = 0
    everything = asyncio.Event()

    def listen(_topic: str, _payload: bytes) -> None:
        nonlocal heard
        heard += 1
        if heard == 10_000:
            everything.set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED + b"".join(publish("t", b"", number=number) for number in range(1, 10_001)))
        await until_gone(reader)

    async with server(authority, talk) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, listen)
        async with asyncio.timeout(60):
            await everything.wait()
        assert not link.closed.is_set()
        link.close()


@pytest.mark.parametrize("transport", Transport)
async def test_others_have_their_turn_within_a_flood(authority: trustme.CA, trust: Trust, transport: Transport) -> None:
    """By itself, paho reads a packet for each message of ours that is unacknowledged, all at once."""
    heard = 0
    turns: list[int] = []
    everything = asyncio.Event()
    loop = asyncio.get_running_loop()

    def listen(_topic: str, _payload: bytes) -> None:
        nonlocal heard
        heard += 1
        if heard == 3_000:
            everything.set()

    def turn() -> None:
        turns.append(heard)
        if not everything.is_set():
            loop.call_soon(turn)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent_as(transport, ACCEPTED))
        await reader.read(4096)
        writer.write(sent_as(transport, b"".join(publish("t", b"") for _ in range(3_000))))
        await until_gone(reader)

    async with server(authority, talk, transport) as endpoint:
        link = await Link.open(CONNECT, endpoint, trust.mqtt, listen)
        for _ in range(100):
            link.publish("t", b"")
        turn()
        async with asyncio.timeout(60):
            await everything.wait()
        link.close()
    assert max(after - before for before, after in pairwise(turns)) <= 64
