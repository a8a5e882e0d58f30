"""Faults of the cloud's requests: repeats, sessions that should have ended, floods, and rules that echo."""

import asyncio

from aiohttp import ClientSession
import pytest

from . import CallFailedError, Device, DownlinkFault, EchoFault, Emulator, FloodFault, Limits
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect

PROPERTY = "thing/event/property/post"
SET = f"{SYS}/thing/service/property/set"
MODEL = {
    "properties": [
        {"identifier": "lamp", "accessMode": "rw", "dataType": {"type": "bool", "specs": {"0": "off", "1": "on"}}},
        {"identifier": "power", "accessMode": "r", "dataType": {"type": "int", "specs": {}}},
    ]
}


async def set_in_vain(emulator: Emulator, value: int, *, code: int | None) -> None:
    with pytest.raises(CallFailedError) as failed:
        await emulator.set_properties(PK, DN, {"a": value}, timeout=0.01)
    assert failed.value.code == code


async def values(client: Client, count: int) -> list[int]:
    return [(await client.message())[1]["params"]["a"] for _ in range(count)]


async def nothing_more(emulator: Emulator, client: Client) -> bool:
    await emulator.push(PK, DN, "/marker", b"{")
    return await client.message() == ("/marker", b"{")


async def test_a_request_comes_again_and_says_so(emulator: Emulator, client: Client) -> None:
    emulator.faults.set(downlink=DownlinkFault(copies=3, delay=0.01, times=1))
    await set_in_vain(emulator, 1, code=None)
    assert await values(client, 3) == [1, 1, 1]
    assert client.repeated == [False, True, True]
    assert len({(payload, qos) for payload, qos in zip(client.payloads, client.qos, strict=True)}) == 1
    await set_in_vain(emulator, 2, code=None)
    assert await values(client, 1) == [2]
    assert await nothing_more(emulator, client)


async def test_a_clean_session_gets_nothing_again_without_a_fault(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    emulator.faults.set(pubacks_lost=True)
    for number in range(2):
        async with connect(normal(device.secret, extra=",_ss=1")) as client:
            await client.connack()
            await set_in_vain(emulator, number, code=None)
            assert await values(client, 1) == [number]
            assert await nothing_more(emulator, client)
    assert device.inbox.unacknowledged == 1


async def test_a_clean_session_can_get_again_what_it_has_acknowledged(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    emulator.faults.set(pubacks_lost=True, unclean=True)
    async with connect(normal(device.secret, extra=",_ss=1")) as client:
        await client.connack()
        await set_in_vain(emulator, 1, code=None)
        assert await values(client, 1) == [1]
    await emulator.wait_for(lambda: not device.online)
    async with connect(normal(device.secret, extra=",_ss=1")) as client:
        await client.connack()
        assert await values(client, 1) == [1]
        assert client.repeated == [True]


async def test_a_clean_session_can_get_what_came_while_it_was_away(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    async with connect(normal(device.secret, extra=",_ss=1")) as client:
        await client.connack()
    await emulator.wait_for(lambda: not device.online)
    await set_in_vain(emulator, 1, code=9201)
    emulator.faults.set(unclean=True)
    await set_in_vain(emulator, 2, code=9201)
    async with connect(normal(device.secret, extra=",_ss=1")) as client:
        await client.connack()
        assert await values(client, 1) == [2]
        assert await nothing_more(emulator, client)


async def test_a_flood_ends_after_its_messages_and_needs_no_reply(emulator: Emulator, client: Client) -> None:
    emulator.limits = Limits.none()
    emulator.faults.set(flood=FloodFault(params={"a": 7}, per_second=500, times=20))
    assert await values(client, 20) == [7] * 20
    assert emulator.faults.flood is None
    assert await nothing_more(emulator, client)


async def test_a_flood_goes_on_for_a_device_that_comes_back_until_it_is_cleared(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    emulator.faults.set(flood=FloodFault(params={"a": 7}, per_second=100))
    for _ in range(2):
        async with connect(normal(device.secret, extra=",_ss=1")) as client:
            await client.connack()
            assert await values(client, 3) == [7] * 3
        await emulator.wait_for(lambda: not device.online)
    emulator.faults.clear()


async def test_a_rule_sets_what_was_posted_if_it_can_be_set(emulator: Emulator, client: Client) -> None:
    emulator.import_thing_model(PK, MODEL)
    emulator.faults.set(echo=EchoFault(delay=0.01, times=1))
    assert (await client.request(PROPERTY, {"power": 5}))["code"] == 200
    assert (await client.request(PROPERTY, {"lamp": 1, "power": 5}))["code"] == 200
    topic, body = await client.message()
    assert (topic, body["params"]) == (SET, {"lamp": 1})
    assert (await client.request(PROPERTY, {"lamp": 0}))["code"] == 200
    assert await nothing_more(emulator, client)


async def test_a_rule_does_not_see_history(emulator: Emulator, client: Client) -> None:
    emulator.faults.set(echo=EchoFault())
    identity = {"productKey": PK, "deviceName": DN}
    past = [{"identity": identity, "properties": [{"lamp": {"value": 1, "time": 1_700_000_000_000}}]}]
    assert (await client.request("thing/event/property/history/post", past))["code"] == 200
    assert await nothing_more(emulator, client)


async def test_answers_are_counted_by_their_code(emulator: Emulator, client: Client, device: Device) -> None:
    for code in (200, 403, 200):
        asked = asyncio.ensure_future(emulator.set_properties(PK, DN, {"a": 1}))
        topic, body = await client.message()
        await client.publish(f"{topic}_reply", {"id": body["id"], "code": code, "data": {}})
        await asked
    assert device.answers == {"200": 2, "403": 1}


@pytest.mark.parametrize(
    "fault",
    [
        {"flood": {"per_second": 1}},
        {"flood": {"params": {"a": 1}, "per_second": 0}},
        {"flood": {"params": 5}},
        {"echo": {"copies": 2}},
        {"downlink": True},
        {"unclean": "yes"},
    ],
)
async def test_a_fault_that_is_none_is_refused(emulator: Emulator, fault: dict[str, object]) -> None:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as console:
        async with console.post("/api/faults", json=fault) as response:
            assert response.status == 400
        async with console.get("/api/faults") as response:
            faults = await response.json()
    assert not any(faults[name] for name in fault)
