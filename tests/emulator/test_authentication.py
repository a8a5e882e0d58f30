from collections.abc import AsyncGenerator, Awaitable, Callable
import ssl
from typing import Any

from aiohttp import ClientSession
import pytest

from . import Device, Emulator, HttpsFault, Limits, Only, Product, Transport
from .client import DN, DS, PK, Credentials, normal, registration, sign
from .conftest import Connect

type Authenticate = Callable[..., Awaitable[Any]]

CONTENT = f"clientIdabcdeviceName{DN}productKey{PK}"
FORM = {"productKey": PK, "deviceName": DN, "clientId": "abc", "sign": sign(CONTENT, DS, "md5")}


@pytest.fixture
async def http() -> AsyncGenerator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def authenticate(emulator: Emulator, device: Device, http: ClientSession) -> Authenticate:
    device.secret = DS
    emulator.limits = Limits.none()

    async def post(path: str = "/auth/devicename", *, host: str = "", **changes: str | None) -> Any:
        fields = {name: value for name, value in {**FORM, **changes}.items() if value is not None}
        context = ssl.create_default_context(cafile=emulator.ca_file)
        url = f"https://127.0.0.1:{emulator.https_port}{path}"
        headers = {"Host": host or f"127.0.0.1:{emulator.https_port}"}
        async with http.post(url, data=fields, headers=headers, ssl=context) as response:
            assert response.status == 200
            return await response.json()

    return post


def session(answer: Any, *, client_id: str = "any|securemode=-1,_ss=1|") -> Credentials:
    return Credentials(client_id=client_id, username=answer["data"]["iotId"], password=answer["data"]["iotToken"])


async def test_a_signature_buys_a_session_and_says_where(emulator: Emulator, authenticate: Authenticate) -> None:
    answer = await authenticate()
    assert list(answer) == ["code", "data", "message"]
    assert (answer["code"], answer["message"]) == (200, "success")
    assert list(answer["data"]) == ["iotId", "iotToken", "resources"]
    assert answer["data"]["resources"] == {"mqtt": {"host": "127.0.0.1", "port": emulator.mqtt_port}}


async def test_a_device_connects_in_its_session(
    emulator: Emulator, connect: Connect, authenticate: Authenticate, device: Device
) -> None:
    answer = await authenticate()
    async with connect(session(answer), port=emulator.mqtt_port, ca_file=None) as client:
        assert await client.connack() == 0
        assert device.activated
        assert (await client.request("thing/event/property/post", {"a": 1}))["code"] == 200
    assert [(attempt.code, attempt.transport) for attempt in device.recent_connects] == [(0, Transport.TCP)]
    assert device.authentications == 1


async def test_a_session_may_be_used_over_tls(connect: Connect, authenticate: Authenticate) -> None:
    async with connect(session(await authenticate())) as client:
        assert await client.connack() == 0


async def test_a_session_takes_over_from_a_signed_connection(
    connect: Connect, authenticate: Authenticate, device: Device
) -> None:
    async with connect(normal(device.secret)) as older:
        assert await older.connack() == 0
        async with connect(session(await authenticate())) as newer:
            assert await newer.connack() == 0
            await older.end()
            assert device.online


async def test_every_call_makes_a_new_token_and_voids_the_one_before(
    connect: Connect, authenticate: Authenticate
) -> None:
    first, second = await authenticate(), await authenticate()
    assert first["data"]["iotId"] == second["data"]["iotId"]
    for answer, code in ((first, 4), (second, 0)):
        async with connect(session(answer)) as client:
            assert await client.connack() == code


async def test_a_session_ends_with_its_lifetime(
    emulator: Emulator, connect: Connect, authenticate: Authenticate, device: Device
) -> None:
    assert emulator.session_lifetime == 7 * 24 * 60 * 60
    answer = await authenticate()
    emulator.session_lifetime = 0
    async with connect(session(answer)) as client:
        assert await client.connack() == 4
    assert [attempt.code for attempt in device.recent_connects] == [4]
    emulator.session_lifetime = 3600
    async with connect(session(answer)) as client:
        assert await client.connack() == 0


async def test_a_new_secret_voids_the_session_of_the_old_one(connect: Connect, authenticate: Authenticate) -> None:
    answer = await authenticate()
    async with connect(registration()) as client:
        await client.message()
    async with connect(session(answer)) as client:
        assert await client.connack() == 4


@pytest.mark.parametrize(
    ("client_id", "code"),
    [("any|securemode=2,signmethod=hmacsha256|", 2), ("any|_ss=1|", 2), ("any", 2), ("|securemode=-1|", 0)],
)
async def test_a_session_has_a_secure_mode_of_its_own(
    connect: Connect, authenticate: Authenticate, client_id: str, code: int
) -> None:
    async with connect(session(await authenticate(), client_id=client_id)) as client:
        assert await client.connack() == code


async def test_sessions_that_never_were_are_bad_usernames(connect: Connect, authenticate: Authenticate) -> None:
    right = session(await authenticate())
    wrongs = [
        Credentials(client_id=right.client_id, username=right.username, password="wrong"),
        Credentials(client_id=right.client_id, username="stranger", password=right.password),
        Credentials(client_id=right.client_id, username=f"{DN}&{PK}", password=right.password),
        Credentials(client_id=right.client_id, username="", password=right.password),
    ]
    for wrong in wrongs:
        async with connect(wrong) as client:
            assert await client.connack() == 4


async def test_a_disabled_device_gets_the_code_of_a_wrong_password(
    emulator: Emulator, connect: Connect, authenticate: Authenticate
) -> None:
    answer = await authenticate()
    await emulator.disable(PK, DN)
    async with connect(session(answer)) as client:
        assert await client.connack() == 4
    assert (await authenticate())["code"] == 6204
    await emulator.delete(PK, DN)
    assert (await authenticate())["code"] == 6100


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"signmethod": "hmacmd5"},
        {"signmethod": "HmacSHA1", "sign": sign(CONTENT, DS, "sha1")},
        {"signmethod": "hmacsha256", "sign": sign(CONTENT, DS).upper()},
        {"version": "default", "resources": "mqtt"},
        {"timestamp": "1700000000000", "sign": sign(f"{CONTENT}timestamp1700000000000", DS, "md5")},
        {"extra": "signed", "sign": sign(f"clientIdabcdeviceName{DN}extrasignedproductKey{PK}", DS, "md5")},
    ],
)
async def test_good_signatures(authenticate: Authenticate, changes: dict[str, str]) -> None:
    assert (await authenticate(**changes))["code"] == 200


async def test_the_documented_example_is_good(http: ClientSession) -> None:
    fields = {
        "productKey": "123",
        "deviceName": "test",
        "clientId": "123",
        "timestamp": "123",
        "version": "default",
        "resources": "mqtt",
        "sign": "7f9c0941a986fe6d3ad883eda7efda9c",
    }
    async with Emulator(products=[Product(product_key="123")]) as other:
        other.add_device("123", "test", "secret")
        context = ssl.create_default_context(cafile=other.ca_file)
        url = f"https://127.0.0.1:{other.https_port}/auth/devicename"
        headers = {"Host": "localhost"}
        async with http.post(url, data=fields, headers=headers, ssl=context) as response:
            answer = await response.json()
        assert answer["data"]["resources"]["mqtt"] == {"host": "localhost", "port": other.mqtt_port}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"productKey": None}, 460),
        ({"deviceName": None}, 460),
        ({"clientId": None}, 460),
        ({"sign": None}, 460),
        ({"clientId": ""}, 460),
        ({"clientId": "x" * 65}, 460),
        ({"timestamp": "yesterday"}, 460),
        ({"productKey": "a1Unknown00"}, 6250),
        ({"signmethod": "hmacsha512"}, 6292),
        ({"deviceName": "stranger"}, 6100),
        ({"sign": sign(CONTENT, "wrong", "md5")}, 6600),
        ({"signmethod": "hmacsha256"}, 6600),
        ({"signMethod": "hmacmd5"}, 6600),
        ({"timestamp": "1700000000000"}, 6600),
    ],
)
async def test_refusals_come_as_200_with_a_code(
    authenticate: Authenticate, changes: dict[str, str | None], code: int
) -> None:
    answer = await authenticate(**changes)
    assert answer["code"] == code
    assert "data" not in answer


@pytest.mark.parametrize("host", ["iot-auth.cn-shanghai.aliyuncs.com", "iot-auth.cn-shanghai.aliyuncs.com:443"])
async def test_who_asks_for_a_name_is_sent_to_a_name(authenticate: Authenticate, host: str) -> None:
    place = (await authenticate(host=host))["data"]["resources"]["mqtt"]
    assert place == {"host": "public.iot-as-mqtt.cn-shanghai.aliyuncs.com", "port": 1883}


async def test_the_region_of_the_product_counts(http: ClientSession) -> None:
    async with Emulator(products=[Product(region="us-west-1")]) as other:
        other.add_device(PK, DN, DS)
        context = ssl.create_default_context(cafile=other.ca_file)
        url = f"https://127.0.0.1:{other.https_port}/auth/devicename"
        headers = {"Host": "iot-auth.us-west-1.aliyuncs.com"}
        async with http.post(url, data=FORM, headers=headers, ssl=context) as response:
            place = (await response.json())["data"]["resources"]["mqtt"]
    assert place["host"] == "public.iot-as-mqtt.us-west-1.aliyuncs.com"


async def test_devices_can_be_sent_elsewhere(emulator: Emulator, authenticate: Authenticate) -> None:
    emulator.assign = ("nearest.example", 8883)
    place = (await authenticate())["data"]["resources"]["mqtt"]
    assert place == {"host": "nearest.example", "port": 8883}


@pytest.mark.parametrize(
    ("only", "codes"),
    [(Only.REGISTRATION, [500, 200]), (Only.AUTHENTICATION, [200, 500]), (None, [500, 500])],
)
async def test_faults_can_be_for_one_of_the_two_calls(
    emulator: Emulator, authenticate: Authenticate, only: Only | None, codes: list[int]
) -> None:
    emulator.faults.set(https=HttpsFault(code=500, only=only))
    content = f"deviceName{DN}productKey{PK}random1"
    registered = await authenticate(
        "/auth/register/device",
        clientId=None,
        random="1",
        signMethod="hmacmd5",
        sign=sign(content, "Px7QkLm2Nv9RtYw3", "md5"),
    )
    emulator.device(PK, DN).secret = DS
    assert [registered["code"], (await authenticate())["code"]] == codes
