import asyncio
import re

import pytest

from . import CallFailedError, Device, Emulator
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect
from .test_modules import module

SERVICES = {
    "properties": [],
    "events": [],
    "services": [
        {"identifier": "blink", "callType": "sync", "inputData": [], "outputData": []},
        {"identifier": "reboot", "callType": "async", "inputData": [], "outputData": []},
    ],
}


@pytest.fixture
def emulator(emulator: Emulator) -> Emulator:
    emulator.import_thing_model(PK, SERVICES)
    return emulator


async def test_a_synchronous_service_goes_out_as_rrpc(emulator: Emulator, client: Client, device: Device) -> None:
    asked = asyncio.ensure_future(emulator.call_service(PK, DN, "blink", {"times": 3}))
    topic, request = await client.message()
    found = re.fullmatch(rf"{SYS}/rrpc/request/([0-9]{{19}})", topic)
    assert found is not None
    assert (request["method"], request["version"], request["params"]) == ("thing.service.blink", "1.0", {"times": 3})
    # The topic alone says which call is answered.
    await client.publish(f"{SYS}/rrpc/response/{found[1]}", {"id": "any", "code": 200, "data": {"ok": 1}}, qos=0)
    assert await asked == {"id": "any", "code": 200, "data": {"ok": 1}}
    assert device.messages == {"rrpc/response": 1}


@pytest.mark.parametrize(("ext", "on_any_topic"), [("1", True), ("3", True), ("0", False), ("2", False), ("x", False)])
async def test_a_device_may_ask_for_rrpc_on_the_services_own_topic(
    emulator: Emulator, connect: Connect, device: Device, *, ext: str, on_any_topic: bool
) -> None:
    async with connect(normal(device.secret, extra=f",_ss=1,ext={ext}")) as client:
        await client.connack()
        asked = asyncio.ensure_future(emulator.call_service(PK, DN, "blink", {}))
        topic, _ = await client.message()
        found = re.fullmatch(rf"/ext/rrpc/[0-9]{{19}}{SYS}/thing/service/blink", topic)
        assert bool(found) is on_any_topic
        await client.publish(topic.replace("/request/", "/response/"), {"id": "1", "code": 100000, "data": {}})
        assert (await asked)["code"] == 100000


@pytest.mark.parametrize(
    ("topic_filter", "extra"),
    [(f"{SYS}/rrpc/request/+", ""), (f"/ext/rrpc/+{SYS}/thing/service/blink", ",ext=1")],
)
async def test_it_can_be_subscribed_to(
    emulator: Emulator, connect: Connect, device: Device, *, topic_filter: str, extra: str
) -> None:
    async with connect(normal(device.secret, extra=extra)) as client:
        await client.connack()
        with pytest.raises(CallFailedError):
            await emulator.call_service(PK, DN, "blink", {"n": 1}, timeout=0.01)
        await client.subscribe(topic_filter)
        with pytest.raises(CallFailedError) as silent:
            await emulator.call_service(PK, DN, "blink", {"n": 2}, timeout=0.01)
        assert silent.value.code is None
        assert (await client.message())[1]["params"] == {"n": 2}


@pytest.mark.parametrize("service", ["reboot", "unknown"])
async def test_any_other_service_goes_out_as_ever(emulator: Emulator, client: Client, service: str) -> None:
    asked = asyncio.ensure_future(emulator.call_service(PK, DN, service, {}))
    topic, request = await client.message()
    assert topic == f"{SYS}/thing/service/{service}"
    await client.publish(f"{topic}_reply", {"id": request["id"], "code": 200, "data": {}})
    assert (await asked)["code"] == 200


async def test_a_module_has_synchronous_services_too(emulator: Emulator, client: Client) -> None:
    emulator.import_thing_model(PK, {**module("lamp"), **SERVICES})
    asked = asyncio.ensure_future(emulator.call_service(PK, DN, "lamp:blink", {}))
    topic, request = await client.message()
    assert (topic.startswith(f"{SYS}/rrpc/request/"), request["method"]) == (True, "thing.service.lamp:blink")
    await client.publish(topic.replace("/request/", "/response/"), {"code": 200})
    await asked


async def test_a_synchronous_call_never_comes_late(emulator: Emulator, connect: Connect, device: Device) -> None:
    credentials = normal(device.secret, extra=",_ss=1")
    async with connect(credentials, clean_session=False) as client:
        await client.connack()
    await emulator.wait_for(lambda: not device.online)
    with pytest.raises(CallFailedError) as offline:
        await emulator.call_service(PK, DN, "blink", {})
    assert offline.value.code == 9201
    async with connect(credentials, clean_session=False) as client:
        await client.connack()
        await emulator.push(PK, DN, "/marker", b"{")
        assert await client.message() == ("/marker", b"{")


async def test_the_platform_waits_for_eight_seconds(
    emulator: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.emulator.downlink.RRPC_SECONDS", 0.01)
    asked = asyncio.ensure_future(emulator.call_service(PK, DN, "blink", {}, timeout=3600))
    await client.message()
    with pytest.raises(CallFailedError) as silent:
        await asked
    assert silent.value.code is None


async def test_answers_to_no_call_are_of_no_use(client: Client, device: Device) -> None:
    await client.publish(f"{SYS}/rrpc/response/1", {"code": 200})
    await client.publish(f"{SYS}/rrpc/response/1", "no JSON")
    assert device.dropped == 1
