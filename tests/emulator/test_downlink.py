import asyncio
import json
from pathlib import Path

import pytest

from . import CallFailedError, Device, Emulator
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect

SET = "thing/service/property/set"


async def test_a_set_returns_the_devices_reply(emulator: Emulator, client: Client) -> None:
    asked = asyncio.ensure_future(emulator.set_properties(PK, DN, {"relayOn": 1}))
    topic, body = await client.message()
    assert topic == f"{SYS}/{SET}"
    assert (body["method"], body["version"], body["params"]) == ("thing.service.property.set", "1.0", {"relayOn": 1})
    reply = {"id": body["id"], "code": 200, "data": {}}
    await client.publish(f"{topic}_reply", reply)
    assert await asked == reply


async def test_a_service_returns_the_devices_outputs(emulator: Emulator, client: Client) -> None:
    asked = asyncio.ensure_future(emulator.call_service(PK, DN, "reboot", {"delay": 5}))
    topic, body = await client.message()
    assert topic == f"{SYS}/thing/service/reboot"
    await client.publish(f"{topic}_reply", {"id": body["id"], "code": 200, "data": {"ok": 1}})
    assert (await asked)["data"] == {"ok": 1}


async def test_replies_that_nobody_waits_for_are_of_no_use(client: Client, device: Device) -> None:
    await client.publish(f"{SYS}/{SET}_reply", {"id": "4711", "code": 200, "data": {}})
    await client.publish(f"{SYS}/{SET}_reply", "{")
    assert device.dropped == 1


async def test_a_device_that_is_not_there_cannot_be_asked(emulator: Emulator, connect: Connect, device: Device) -> None:
    with pytest.raises(CallFailedError) as inactive:
        await emulator.set_properties(PK, DN, {"relayOn": 1})
    assert inactive.value.code == 9200
    async with connect(normal(device.secret)) as client:
        await client.connack()
    await emulator.wait_for(lambda: not device.online)
    with pytest.raises(CallFailedError) as offline:
        await emulator.set_properties(PK, DN, {"relayOn": 1})
    assert offline.value.code == 9201


async def test_a_device_that_goes_away_ends_the_wait(emulator: Emulator, client: Client) -> None:
    asked = asyncio.ensure_future(emulator.set_properties(PK, DN, {"relayOn": 1}))
    await client.message()
    await emulator.kick(PK, DN)
    with pytest.raises(CallFailedError) as gone:
        await asked
    assert gone.value.code == 9201


async def test_a_set_does_not_reach_a_device_that_did_not_subscribe(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    async with connect(normal(device.secret)) as client:
        await client.connack()
        with pytest.raises(CallFailedError) as silent:
            await emulator.set_properties(PK, DN, {"relayOn": 1}, timeout=0.01)
    assert silent.value.code is None
    assert client.messages.empty()


async def test_the_clock_can_be_asked_for(client: Client) -> None:
    topic = f"/ext/ntp/{PK}/{DN}"
    await client.publish(f"{topic}/request", "no JSON")
    await client.publish(f"{topic}/request", {"deviceSendTime": "1571724098000"})
    answer_topic, answer = await client.message()
    assert answer_topic == f"{topic}/response"
    assert answer["deviceSendTime"] == "1571724098000"
    assert answer["serverRecvTime"] <= answer["serverSendTime"]
    assert answer["serverRecvTime"].isdecimal()


async def test_the_thing_model_can_be_asked_for(emulator: Emulator, client: Client) -> None:
    tsl = json.loads(Path(__file__).with_name("thing_model_example.json").read_text("utf-8"))
    emulator.import_thing_model(PK, tsl)
    assert (await client.request("thing/dsltemplate/get", {}))["data"] == tsl


async def test_tags_are_kept(client: Client, device: Device) -> None:
    function = "thing/deviceinfo/update"
    assert (await client.request(function, [{"attrKey": "Room", "attrValue": "attic"}]))["code"] == 200
    assert (await client.request(function, {"attrKey": "Room"}))["code"] == 460
    assert device.tags == {"Room": "attic"}
