import asyncio
from collections.abc import Callable

from freezegun.api import FrozenDateTimeFactory
import pytest

from . import CallFailedError, Device, Emulator, Limits
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect

SET = f"{SYS}/thing/service/property/set"
OWN = f"/{PK}/{DN}/user/get"
WEEK = 7 * 24 * 60 * 60

type Again = Callable[..., Client]


@pytest.fixture
def again(emulator: Emulator, connect: Connect, device: Device) -> Again:
    """Return a factory of clients that want their session of before, and nothing that they have not subscribed to."""
    emulator.limits = Limits.none()

    def with_session(*, extra: str = "", clean_session: bool = False) -> Client:
        return connect(normal(device.secret, extra=extra), clean_session=clean_session)

    return with_session


async def left(emulator: Emulator, device: Device) -> None:
    await emulator.wait_for(lambda: not device.online)


async def set_while_away(emulator: Emulator, value: int) -> None:
    with pytest.raises(CallFailedError) as offline:
        await emulator.set_properties(PK, DN, {"a": value})
    assert offline.value.code == 9201


async def values(client: Client, count: int) -> list[int]:
    return [(await client.message())[1]["params"]["a"] for _ in range(count)]


async def nothing_more(emulator: Emulator, client: Client) -> bool:
    await emulator.push(PK, DN, "/marker", b"{")
    return await client.message() == ("/marker", b"{")


@pytest.mark.parametrize("clean_before", [False, True])
async def test_a_subscription_outlives_its_link(
    emulator: Emulator, again: Again, device: Device, *, clean_before: bool
) -> None:
    async with again(clean_session=clean_before) as client:
        await client.connack()
        assert await client.subscribe(OWN) == [1]
    await left(emulator, device)
    async with again() as client:
        await client.connack()
        await client.publish(OWN, {"a": 1})
        assert await client.message() == (OWN, {"a": 1})


async def test_a_clean_connect_ends_all_subscriptions(emulator: Emulator, again: Again, device: Device) -> None:
    async with again() as client:
        await client.connack()
        await client.subscribe(OWN)
    await left(emulator, device)
    for clean_session in (True, False):
        async with again(clean_session=clean_session) as client:
            await client.connack()
            await client.publish(OWN, {"a": 1})
            assert await nothing_more(emulator, client)
        await left(emulator, device)


async def test_an_unsubscribe_is_for_good(emulator: Emulator, again: Again, device: Device) -> None:
    async with again() as client:
        await client.connack()
        await client.subscribe(OWN)
        await client.unsubscribe(OWN)
    await left(emulator, device)
    async with again() as client:
        await client.connack()
        await client.publish(OWN, {"a": 1})
        assert await nothing_more(emulator, client)


async def test_a_refused_connect_changes_nothing(
    emulator: Emulator, again: Again, connect: Connect, device: Device
) -> None:
    async with again() as client:
        await client.connack()
        await client.subscribe(OWN)
    await left(emulator, device)
    async with connect(normal("wrong")) as client:
        assert await client.connack() == 4
    async with again() as client:
        await client.connack()
        await client.publish(OWN, {"a": 1})
        assert await client.message() == (OWN, {"a": 1})


@pytest.mark.parametrize("extra", ["", ",_ss=1"])
async def test_messages_wait_for_a_device_whose_session_is_not_clean(
    emulator: Emulator, again: Again, device: Device, extra: str
) -> None:
    async with again(extra=extra) as client:
        await client.connack()
        await client.subscribe(SET)
    await left(emulator, device)
    for value in (1, 2):
        await set_while_away(emulator, value)
    async with again(extra=extra) as client:
        await client.connack()
        assert await values(client, 2) == [1, 2]
        assert client.repeated == [False, False]
        await emulator.wait_for(lambda: device.inbox.unacknowledged == 0)
    await left(emulator, device)
    async with again(extra=extra) as client:
        await client.connack()
        assert await nothing_more(emulator, client)


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True), (True, True)])
async def test_a_clean_session_drops_them(
    emulator: Emulator, again: Again, device: Device, *, before: bool, after: bool
) -> None:
    async with again(extra=",_ss=1", clean_session=before) as client:
        await client.connack()
    await left(emulator, device)
    await set_while_away(emulator, 1)
    async with again(extra=",_ss=1", clean_session=after) as client:
        await client.connack()
        assert await nothing_more(emulator, client)


async def test_nothing_waits_for_a_device_that_has_not_subscribed(
    emulator: Emulator, again: Again, device: Device
) -> None:
    async with again() as client:
        await client.connack()
    await left(emulator, device)
    await set_while_away(emulator, 1)
    async with again() as client:
        await client.connack()
        await client.subscribe(SET)
        assert await nothing_more(emulator, client)


@pytest.mark.parametrize(("seconds", "seen"), [(WEEK, 1), (WEEK + 1, 0)])
async def test_messages_wait_for_a_week(
    emulator: Emulator, again: Again, device: Device, freezer: FrozenDateTimeFactory, *, seconds: int, seen: int
) -> None:
    async with again(extra=",_ss=1") as client:
        await client.connack()
    await left(emulator, device)
    await set_while_away(emulator, 1)
    freezer.tick(seconds)
    async with again(extra=",_ss=1") as client:
        await client.connack()
        assert await values(client, seen) == [1] * seen
        assert await nothing_more(emulator, client)


async def test_a_message_that_was_not_acknowledged_comes_again(
    emulator: Emulator, again: Again, device: Device
) -> None:
    async with again(extra=",_ss=1") as client:
        await client.connack()
        emulator.faults.set(half_open=True)
        asked = asyncio.create_task(emulator.set_properties(PK, DN, {"a": 1}), eager_start=True)
        await emulator.kick(PK, DN)
        emulator.faults.clear()
        with pytest.raises(CallFailedError):
            await asked
    async with again(extra=",_ss=1") as client:
        await client.connack()
        assert await values(client, 1) == [1]
        assert client.repeated == [True]


async def test_a_late_answer_is_for_no_later_call(emulator: Emulator, again: Again, device: Device) -> None:
    async with again(extra=",_ss=1") as client:
        await client.connack()
    await left(emulator, device)
    await set_while_away(emulator, 1)
    async with again(extra=",_ss=1") as client:
        await client.connack()
        _, old = await client.message()
        asked = asyncio.ensure_future(emulator.set_properties(PK, DN, {"a": 2}))
        _, new = await client.message()
        for request, code in ((old, 400), (new, 200)):
            await client.publish(f"{SET}_reply", {"id": request["id"], "code": code, "data": {}})
        assert (await asked)["code"] == 200
