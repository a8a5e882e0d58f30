import asyncio
from collections.abc import AsyncGenerator
import ssl
from typing import Any

from aiohttp import ClientSession
import pytest
from websockets.asyncio.client import connect as open_web_socket
from websockets.typing import Subprotocol

from . import Emulator, Limits, Product
from .client import DN, DS, IID, PK, Credentials, normal, registration, sign
from .test_connecting import raw_connect

SHANGHAI = f"{PK}.iot-as-mqtt.cn-shanghai.aliyuncs.com"
VIRGINIA = f"{PK}.iot-as-mqtt.us-east-1.aliyuncs.com"
INSTANCE = f"{IID}.mqtt.iothub.aliyuncs.com"
OTHER_INSTANCE = "iot-another.mqtt.iothub.aliyuncs.com"
AUTHENTICATION = {
    "productKey": PK,
    "deviceName": DN,
    "clientId": "abc",
    "sign": sign(f"clientIdabcdeviceName{DN}productKey{PK}", DS, "md5"),
}

OLD = Product()
NEW = Product(instance_id=IID)
FAR = Product(region="us-east-1")


@pytest.fixture
async def emulator(request: pytest.FixtureRequest) -> AsyncGenerator[Emulator]:
    products = [request.param]
    async with Emulator(products=products, devices=[(PK, DN, DS)], limits=Limits.none()) as running:
        yield running


async def code(emulator: Emulator, credentials: Credentials, name: str | None) -> int:
    """Return the code that answers a CONNECT to a host; without a name, to this machine's address over TCP."""
    tls = ssl.create_default_context(cafile=emulator.ca_file) if name else None
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.mqtt_port, ssl=tls, server_hostname=name)
    writer.write(raw_connect(credentials, keep_alive=60))
    async with asyncio.timeout(10):
        answer = await reader.readexactly(4)
    writer.transport.abort()
    return answer[3]


async def authenticated(emulator: Emulator, host: str) -> Any:
    context = ssl.create_default_context(cafile=emulator.ca_file)
    url = f"https://127.0.0.1:{emulator.https_port}/auth/devicename"
    async with (
        ClientSession() as http,
        http.post(url, data=AUTHENTICATION, headers={"Host": host}, ssl=context) as response,
    ):
        return await response.json()


@pytest.mark.parametrize(
    ("emulator", "host", "expected"),
    [
        (OLD, SHANGHAI, 0),
        (OLD, SHANGHAI.upper(), 0),
        (OLD, "public.iot-as-mqtt.cn-shanghai.aliyuncs.com", 0),
        (OLD, VIRGINIA, 4),
        (OLD, INSTANCE, 4),
        (OLD, "localhost", 0),
        (NEW, INSTANCE, 0),
        (NEW, OTHER_INSTANCE, 4),
        (NEW, SHANGHAI, 4),
        (FAR, VIRGINIA, 0),
        (FAR, SHANGHAI, 4),
    ],
    indirect=["emulator"],
)
@pytest.mark.parametrize("credentials", [normal(DS), registration()], ids=["normal", "registration"])
async def test_a_host_knows_the_products_of_its_own_region_or_instance_only(
    emulator: Emulator, *, host: str, expected: int, credentials: Credentials
) -> None:
    assert await code(emulator, credentials, host) == expected


@pytest.mark.parametrize(
    ("emulator", "host", "expected"),
    [
        (OLD, "", 0),
        (OLD, SHANGHAI, 0),
        (OLD, VIRGINIA, 4),
        (OLD, INSTANCE, 4),
        (NEW, INSTANCE, 0),
        (NEW, OTHER_INSTANCE, 4),
    ],
    indirect=["emulator"],
)
async def test_an_address_can_stand_for_any_host(emulator: Emulator, *, host: str, expected: int) -> None:
    emulator.faults.set(mqtt_host=host)
    assert await code(emulator, normal(DS, secure_mode=3), None) == expected


@pytest.mark.parametrize("emulator", [OLD], indirect=True)
async def test_a_name_counts_more_than_what_an_address_stands_for(emulator: Emulator) -> None:
    emulator.faults.set(mqtt_host=VIRGINIA)
    assert [await code(emulator, normal(DS), name) for name in ("localhost", SHANGHAI)] == [4, 0]


@pytest.mark.parametrize(
    ("emulator", "host", "expected"), [(OLD, SHANGHAI, 0), (OLD, VIRGINIA, 4)], indirect=["emulator"]
)
async def test_a_name_counts_over_web_socket_too(emulator: Emulator, *, host: str, expected: int) -> None:
    async with open_web_socket(
        f"wss://127.0.0.1:{emulator.https_port}/",
        ssl=ssl.create_default_context(cafile=emulator.ca_file),
        server_hostname=host,
        subprotocols=[Subprotocol("mqtt")],
    ) as web_socket:
        await web_socket.send(raw_connect(normal(DS), keep_alive=60))
        assert await web_socket.recv() == bytes([0x20, 2, 0, expected])


@pytest.mark.parametrize("emulator", [OLD], indirect=True)
async def test_https_takes_the_secret_that_mqtt_refuses_at_another_host(emulator: Emulator) -> None:
    emulator.faults.set(mqtt_host=INSTANCE)
    assert await code(emulator, normal(DS, secure_mode=3), None) == 4
    for host in ("127.0.0.1", "iot-auth.cn-shanghai.aliyuncs.com", "iot-auth-x.cn-shanghai.aliyuncs.com:443"):
        answer = await authenticated(emulator, host)
        assert answer["code"] == 200
    session = Credentials(
        client_id=f"{'any':~<64}|securemode=-1|", username=answer["data"]["iotId"], password=answer["data"]["iotToken"]
    )
    # The platform itself sent it there.
    assert await code(emulator, session, None) == 0


@pytest.mark.parametrize(("emulator", "expected"), [(OLD, 6250), (NEW, 6250), (FAR, 200)], indirect=["emulator"])
async def test_https_of_another_region_does_not_know_the_product(emulator: Emulator, expected: int) -> None:
    assert (await authenticated(emulator, "iot-auth.us-east-1.aliyuncs.com"))["code"] == expected
