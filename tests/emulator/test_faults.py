import asyncio
import ssl
from typing import Any

from aiohttp import ClientSession
import pytest

from . import ClockFault, ConnackFault, Device, Emulator, HttpsFault, Limits, Only, PushFault, ReplyFault
from .client import DN, PK, Client, normal, registration
from .conftest import Connect

PROPERTY = "thing/event/property/post"


@pytest.mark.parametrize("code", [2, 3, 4, 5])
async def test_the_next_connects_are_refused(emulator: Emulator, connect: Connect, device: Device, code: int) -> None:
    emulator.faults.set(connack=ConnackFault(code=code, times=2))
    codes = []
    for _ in range(3):
        async with connect(normal(device.secret)) as client:
            codes.append(await client.connack())
    assert codes == [code, code, 0]


@pytest.mark.parametrize(("only", "codes"), [(Only.REGISTRATION, [3, 0]), (Only.NORMAL, [0, 3]), (None, [3, 3])])
async def test_refusals_can_be_for_one_kind_of_connect(
    emulator: Emulator, connect: Connect, device: Device, only: Only | None, codes: list[int]
) -> None:
    emulator.faults.set(connack=ConnackFault(code=3, only=only))
    seen = []
    for credentials in (registration(), None):
        async with connect(credentials or normal(device.secret)) as client:
            seen.append(await client.connack())
    assert seen == codes


async def test_a_secret_can_get_lost_and_the_old_one_is_void_all_the_same(connect: Connect, device: Device) -> None:
    async with Emulator(devices=[device.key], registration_cut=0.01) as emulator:
        device = emulator.device(*device.key)
        before = device.secret
        emulator.faults.set(push=PushFault(lost=True))
        async with connect(registration(), port=emulator.mqtts_port) as client:
            assert await client.connack() == 0
            await client.end()
        assert client.messages.empty()
        assert device.secret != before


async def test_a_secret_can_come_late(emulator: Emulator, connect: Connect, device: Device) -> None:
    emulator.faults.set(push=PushFault(delay=0.01, times=1))
    async with connect(registration()) as client:
        assert (await client.message())[1]["deviceSecret"] == device.secret
    assert emulator.faults.push is None


@pytest.mark.parametrize("auth_type", ["register", "regnwl"])
async def test_anything_can_come_instead_of_a_secret(emulator: Emulator, connect: Connect, auth_type: str) -> None:
    emulator.faults.set(push=PushFault(body='{"deviceSecret": ', times=1))
    async with connect(registration(auth_type=auth_type)) as client:
        assert await client.message() == (f"/ext/{auth_type}", b'{"deviceSecret": ')
    assert emulator.faults.push is None


async def test_a_reply_can_get_lost(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.faults.set(reply=ReplyFault(lost=True, times=1))
    await client.post(PROPERTY, {"a": 1}, id="lost")
    assert (await client.request(PROPERTY, {"a": 2}, id="next"))["id"] == "next"
    assert [sample.value for sample in device.history] == [1, 2]


async def test_a_reply_can_come_late(emulator: Emulator, client: Client) -> None:
    emulator.faults.set(reply=ReplyFault(delay=0.01, times=1))
    assert (await client.request(PROPERTY, {"a": 1}, id="late"))["id"] == "late"


async def test_a_late_reply_holds_nothing_up_and_does_not_outlive_its_connection(
    emulator: Emulator, client: Client
) -> None:
    emulator.faults.set(reply=ReplyFault(delay=3600.0, times=1))
    await client.post(PROPERTY, {"a": 1}, id="late")
    assert (await client.request(PROPERTY, {"a": 2}, id="next"))["id"] == "next"


async def test_a_reply_can_come_twice(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.faults.set(reply=ReplyFault(copies=2))
    await client.post(PROPERTY, {"a": 1}, id="twice")
    assert [(await client.message())[1]["id"] for _ in range(2)] == ["twice", "twice"]
    assert len(device.history) == 1


@pytest.mark.parametrize("code", [429, 500])
async def test_a_post_can_be_refused(emulator: Emulator, client: Client, device: Device, code: int) -> None:
    emulator.faults.set(reply=ReplyFault(code=code, text="later", times=1))
    reply = await client.request(PROPERTY, {"a": 1})
    assert (reply["code"], reply["message"], reply["data"]) == (code, "later", {})
    assert device.history == []
    assert (await client.request(PROPERTY, {"a": 1}))["code"] == 200


async def test_the_time_can_come_late(emulator: Emulator, client: Client) -> None:
    emulator.faults.set(clock=ClockFault(delay=0.01, times=1))
    await client.publish(f"/ext/ntp/{PK}/{DN}/request", {"deviceSendTime": "1"})
    assert (await client.message())[1]["deviceSendTime"] == "1"


async def test_a_connection_can_break_between_a_post_and_its_acknowledgement(
    emulator: Emulator, client: Client, device: Device
) -> None:
    emulator.faults.set(cut_after_publish=1)
    with pytest.raises(TimeoutError):
        await client.publish(
            f"/sys/{device.product_key}/{device.device_name}/{PROPERTY}", {"params": {"a": 1}}, timeout=0.01
        )
    await client.end()
    assert [sample.value for sample in device.history] == [1]
    assert emulator.faults.cut_after_publish == 0


async def test_all_connections_can_break_at_once(emulator: Emulator, client: Client) -> None:
    await emulator.cut()
    await client.end()


async def test_a_half_open_link_says_nothing_and_goes_on_afterwards(
    emulator: Emulator, client: Client, device: Device
) -> None:
    emulator.faults.set(half_open=True)
    with pytest.raises(TimeoutError):
        await client.post(PROPERTY, {"a": 1}, timeout=0.01)
    assert (device.online, device.history) == (True, [])
    emulator.faults.set(half_open=False)
    assert (await client.message())[1]["code"] == 200


async def test_new_links_are_half_open_too(emulator: Emulator, device: Device) -> None:
    emulator.faults.set(half_open=True)
    context = ssl.create_default_context(cafile=emulator.ca_file)
    connecting = asyncio.ensure_future(asyncio.open_connection("127.0.0.1", emulator.mqtts_port, ssl=context))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(connecting), 0.01)
    emulator.faults.clear()
    _, writer = await connecting
    writer.transport.abort()


async def test_the_device_ports_can_refuse_connections(emulator: Emulator, connect: Connect, device: Device) -> None:
    emulator.faults.set(refuse_tcp=True)
    for port in (emulator.mqtts_port, emulator.mqtt_port, emulator.https_port):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
    emulator.faults.set(refuse_tcp=False)
    async with connect(normal(device.secret)) as client:
        assert await client.connack() == 0


async def test_everything_can_be_throttled(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.faults.set(throttle=True)
    await client.post(PROPERTY, {"a": 1})
    assert (device.throttled, device.history) == (1, [])


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        (HttpsFault(code=6288, text="off"), 200, "application/json", '{"code":6288,"message":"off"}'),
        (
            HttpsFault(code=500, status=503),
            503,
            "application/json",
            '{"code":500,"message":"forced by the emulator"}',
        ),
        (HttpsFault(status=500), 500, "text/html", ""),
        (HttpsFault(body="<html>"), 200, "text/html", "<html>"),
    ],
)
async def test_registration_over_https_can_fail(
    emulator: Emulator, *, fault: HttpsFault, status: int, content_type: str, body: str
) -> None:
    emulator.faults.set(https=fault)
    context = ssl.create_default_context(cafile=emulator.ca_file)
    url = f"https://127.0.0.1:{emulator.https_port}/auth/register/device"
    async with ClientSession() as session, session.post(url, data="", ssl=context) as response:
        assert (response.status, response.content_type) == (status, content_type)
        assert await response.text() == body


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (HttpsFault(drip=0.001), 200, '{"code":460,"message":"request parameter error"}'),
        (HttpsFault(drip=0.001, body="<html>"), 200, "<html>"),
        (HttpsFault(drip=0.001, code=500, text="slow", status=500), 500, '{"code":500,"message":"slow"}'),
    ],
)
async def test_https_can_drip(emulator: Emulator, fault: HttpsFault, status: int, body: str) -> None:
    emulator.faults.set(https=fault)
    context = ssl.create_default_context(cafile=emulator.ca_file)
    url = f"https://127.0.0.1:{emulator.https_port}/auth/register/device"
    async with ClientSession() as session, session.post(url, data="", ssl=context) as response:
        assert (response.status, response.content_length) == (status, len(body))
        pieces = [piece async for piece in response.content.iter_any()]
    assert b"".join(pieces).decode() == body
    # Usually each byte is a piece of its own.
    assert len(pieces) > 1


async def test_a_drip_does_not_outlive_the_emulator() -> None:
    async with Emulator() as emulator, ClientSession() as session:
        emulator.faults.set(https=HttpsFault(drip=3600.0))
        context = ssl.create_default_context(cafile=emulator.ca_file)
        url = f"https://127.0.0.1:{emulator.https_port}/auth/register/device"
        response = await session.post(url, data="", ssl=context)
        assert response.status == 200
        response.close()


async def test_faults_come_and_go_over_http(emulator: Emulator) -> None:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as session:

        async def post(body: Any) -> tuple[int, Any]:
            async with session.post("/api/faults", json=body) as response:
                return response.status, await response.json()

        faults: dict[str, Any] = {
            "connack": {"code": 3, "only": "registration", "times": 2},
            "push": {"lost": True, "body": "<html>"},
            "reply": {"code": 429, "text": "slow"},
            "https": {"status": 500, "only": "authentication"},
            "cut_after_publish": 1,
            "refuse_tcp": True,
            "half_open": True,
            "throttle": True,
            "unreleased": True,
            "published": True,
            "suback_lost": True,
            "ask_for_history": True,
            "overdue": True,
            "mqtt_host": "iot-x.mqtt.iothub.aliyuncs.com",
            "clock": {"lost": True, "delay": 1, "offset": -5, "echo": "1", "times": 3},
            "cut": "now",
        }
        status, shown = await post(faults)
        assert status == 200
        assert shown["connack"] == {"code": 3, "only": "registration", "times": 2}
        assert emulator.faults.connack == ConnackFault(code=3, only=Only.REGISTRATION, times=2)
        assert emulator.faults.reply == ReplyFault(code=429, text="slow")
        assert emulator.faults.https == HttpsFault(status=500, only=Only.AUTHENTICATION)
        assert emulator.faults.clock == ClockFault(lost=True, delay=1.0, offset=-5, echo="1", times=3)
        assert emulator.faults.mqtt_host == "iot-x.mqtt.iothub.aliyuncs.com"
        assert emulator.faults.overdue
        assert emulator.faults.refuse_tcp
        _, shown = await post({"connack": None, "refuse_tcp": None})
        assert shown["connack"] is None
        assert not shown["refuse_tcp"]
        _, shown = await post({"clear": True, "throttle": True})
        assert {name for name, fault in shown.items() if fault} == {"throttle"}
        wrongs: list[Any] = [
            {"thunder": 1},
            {"connack": {"colour": 1}},
            {"connack": {}},
            {"connack": 3},
            {"connack": {"code": 3, "only": "sundays"}},
            {"reply": {"delay": "long"}},
            {"throttle": "yes"},
            {"mqtt_host": 1},
            {"clock": {"offset": "far"}},
            [],
        ]
        for wrong in wrongs:
            status, complaint = await post(wrong)
            assert (status, complaint["code"]) == (400, 400)
        async with session.get("/api/faults") as response:
            assert (await response.json())["throttle"] is True


async def test_limits_come_and_go_over_http(emulator: Emulator) -> None:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as session:
        async with session.post("/api/limits", json={"connects_per_minute": None, "qos1_per_second": 2}) as response:
            assert response.status == 200
        assert emulator.limits == Limits(connects_per_minute=None, qos1_per_second=2)
        for wrong in ({"speed": 1}, {"qos1_per_second": "many"}):
            async with session.post("/api/limits", json=wrong) as response:
                assert response.status == 400
        async with session.get("/api/limits") as response:
            assert (await response.json())["qos1_per_second"] == 2
