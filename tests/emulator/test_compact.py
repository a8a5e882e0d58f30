"""Compact: no answer and no message to a device has a blank after a colon or a comma."""

import asyncio
from collections.abc import AsyncGenerator
import ssl

from aiohttp import ClientSession
import pytest

from . import Device, Emulator, HttpsFault
from .client import DN, DS, PK, PS, SYS, Client, registration, sign
from .conftest import Connect


@pytest.fixture
async def https(emulator: Emulator) -> AsyncGenerator[ClientSession]:
    async with ClientSession(f"https://127.0.0.1:{emulator.https_port}") as session:
        yield session


async def body_of(emulator: Emulator, https: ClientSession, path: str, fields: dict[str, str]) -> str:
    context = ssl.create_default_context(cafile=emulator.ca_file)
    async with https.post(path, data=fields, ssl=context) as response:
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        return await response.text()


async def test_a_registration_over_https(emulator: Emulator, device: Device, https: ClientSession) -> None:
    fields = {
        "productKey": PK,
        "deviceName": DN,
        "random": "1",
        "signMethod": "hmacsha256",
        "sign": sign(f"deviceName{DN}productKey{PK}random1", PS),
    }
    answer = await body_of(emulator, https, "/auth/register/device", fields)
    assert answer == (
        f'{{"code":200,"data":{{"deviceName":"{DN}","deviceSecret":"{device.secret}","productKey":"{PK}"}},'
        '"message":"success"}'
    )


async def test_an_authentication_over_https(emulator: Emulator, device: Device, https: ClientSession) -> None:
    device.secret = DS
    signed = sign(f"clientIdabcdeviceName{DN}productKey{PK}", DS, "md5")
    fields = {"productKey": PK, "deviceName": DN, "clientId": "abc", "sign": signed}
    answer = await body_of(emulator, https, "/auth/devicename", fields)
    assert answer == (
        f'{{"code":200,"data":{{"iotId":"{device.iot_id}","iotToken":"{device.iot_token}","resources":'
        f'{{"mqtt":{{"host":"127.0.0.1","port":{emulator.mqtt_port}}}}}}},"message":"success"}}'
    )


async def test_a_refusal_over_https(emulator: Emulator, https: ClientSession) -> None:
    answer = await body_of(emulator, https, "/auth/devicename", {})
    assert answer == '{"code":460,"message":"request parameter error"}'
    emulator.faults.set(https=HttpsFault(code=6288, text="off"))
    assert await body_of(emulator, https, "/auth/devicename", {}) == '{"code":6288,"message":"off"}'


async def test_a_secret(connect: Connect, device: Device) -> None:
    async with connect(registration()) as client:
        await client.message()
    assert client.payloads == [f'{{"productKey":"{PK}","deviceName":"{DN}","deviceSecret":"{device.secret}"}}'.encode()]


async def test_a_reply(client: Client) -> None:
    await client.request("thing/event/property/post", {"a": {"value": 1, "time": "x"}}, id="7")
    (reply,) = client.payloads
    assert reply == (
        b'{"code":200,"data":{"a":"tsl parse: time format error -> a"},"id":"7","message":"success",'
        b'"method":"thing.event.property.post","version":"1.0"}'
    )


async def test_the_time(client: Client) -> None:
    await client.publish(f"/ext/ntp/{PK}/{DN}/request", {"deviceSendTime": "1"})
    _, answer = await client.message()
    times = f'"serverRecvTime":"{answer["serverRecvTime"]}","serverSendTime":"{answer["serverSendTime"]}"'
    assert client.payloads == [f'{{"deviceSendTime":"1",{times}}}'.encode()]


async def test_a_set(emulator: Emulator, client: Client) -> None:
    asked = asyncio.ensure_future(emulator.set_properties(PK, DN, {"a": 1, "b": 2}))
    _, request = await client.message()
    await client.publish(f"{SYS}/thing/service/property/set_reply", {"id": request["id"], "code": 200, "data": {}})
    await asked
    method = '"method":"thing.service.property.set"'
    assert client.payloads == [f'{{{method},"id":"{request["id"]}","params":{{"a":1,"b":2}},"version":"1.0"}}'.encode()]


async def test_a_service(emulator: Emulator, client: Client) -> None:
    asked = asyncio.ensure_future(emulator.call_service(PK, DN, "reboot", {"a": 1, "b": 2}))
    _, request = await client.message()
    await client.publish(f"{SYS}/thing/service/reboot_reply", {"id": request["id"], "code": 200, "data": {}})
    await asked
    method = '"method":"thing.service.reboot"'
    assert client.payloads == [f'{{{method},"id":"{request["id"]}","params":{{"a":1,"b":2}},"version":"1.0"}}'.encode()]
