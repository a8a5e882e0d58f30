from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientSession
import pytest

from . import CallFailedError, Device, Emulator
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect


@pytest.fixture
async def console(emulator: Emulator) -> AsyncGenerator[ClientSession]:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as session:
        yield session


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{SYS}/thing/event/property/post_reply", b'{"code":'),
        (f"{SYS}/thing/service/property/set", b"\xff\x00\xfe"),
        ("/ext/register", b""),
        ("/sys/other/device/thing/service/property/set", b"{"),
        ("no/slash/in/front", b"["),
        ("/" + "x" * 60_000, b"long"),
        ("/温度", b"{"),
    ],
)
async def test_any_bytes_reach_a_device_on_any_topic(
    emulator: Emulator, client: Client, topic: str, payload: bytes
) -> None:
    await emulator.push(PK, DN, topic, payload)
    await emulator.push(PK, DN, "/marker", b"{")
    assert await client.message() == (topic, payload)
    assert await client.message() == ("/marker", b"{")


async def test_no_subscription_is_needed(emulator: Emulator, connect: Connect, device: Device) -> None:
    async with connect(normal(device.secret)) as client:
        await client.connack()
        await emulator.push(PK, DN, "/any", b"{")
        assert await client.message() == ("/any", b"{")


async def test_a_device_that_is_offline_gets_nothing(emulator: Emulator) -> None:
    with pytest.raises(CallFailedError) as offline:
        await emulator.push(PK, DN, "/any", b"")
    assert offline.value.code == 9201


@pytest.mark.usefixtures("client")
async def test_a_topic_that_mqtt_cannot_carry_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="too long"):
        await emulator.push(PK, DN, "x" * 0x10000, b"")


@pytest.mark.parametrize(
    ("foreign", "topic", "payload", "copies"),
    [
        ({"topic": "/any/topic", "text": "{"}, "/any/topic", b"{", 1),
        ({"topic": "/any", "text": "\ud83d\ude00", "times": 3}, "/any", "\U0001f600".encode(), 3),
        ({"topic": "/any", "base64": "//57"}, "/any", b"\xff\xfe{", 1),
        ({"topic": "/any", "base64": ""}, "/any", b"", 1),
    ],
)
async def test_a_message_that_nobody_asked_for_goes_to_all_connected_devices(
    emulator: Emulator,
    console: ClientSession,
    client: Client,
    connect: Connect,
    *,
    foreign: Any,
    topic: str,
    payload: bytes,
    copies: int,
) -> None:
    emulator.add_device(PK, "offline")
    other = emulator.add_device(PK, "another")
    async with connect(normal(other.secret, device_name="another")) as second:
        await second.connack()
        async with console.post("/api/faults", json={"foreign": foreign, "throttle": True}) as response:
            assert (response.status, (await response.json())["throttle"]) == (200, True)
        for receiver in (client, second):
            assert [await receiver.message() for _ in range(copies)] == [(topic, payload)] * copies
            assert receiver.messages.empty()


@pytest.mark.parametrize(
    "foreign",
    [
        "text",
        {"text": "no topic"},
        {"topic": "/no/payload"},
        {"topic": 1, "text": ""},
        {"topic": "/any", "text": 1},
        {"topic": "/any", "base64": "!"},
        {"topic": "/any", "text": "", "times": "many"},
        {"topic": "/any", "text": "", "colour": 1},
        {"topic": "x" * 0x10000, "text": ""},
    ],
)
@pytest.mark.usefixtures("client")
async def test_a_message_that_cannot_be_is_refused(console: ClientSession, foreign: Any) -> None:
    async with console.post("/api/faults", json={"foreign": foreign}) as response:
        assert response.status == 400
