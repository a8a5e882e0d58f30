import pytest

from . import CallFailedError, Device, Emulator
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect


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
