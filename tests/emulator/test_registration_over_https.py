from collections.abc import AsyncGenerator, Awaitable, Callable
import ssl
from typing import Any

from aiohttp import ClientSession
import pytest

from . import Device, Emulator, Product
from .client import DN, PK, PS, sign

type Register = Callable[[str], Awaitable[Any]]

H1_SHA256 = "ab28244cf839b7cec1004da19dbc87ab9501964ae14e0563391d430311aae690"
BODY = f"productKey={PK}&deviceName={DN}&random=567345&sign={H1_SHA256}&signMethod=hmacsha256"
STRANGER = BODY.replace(DN, "stranger").replace(H1_SHA256, sign(f"deviceNamestrangerproductKey{PK}random567345", PS))


@pytest.fixture
async def session(emulator: Emulator) -> AsyncGenerator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def register(emulator: Emulator, session: ClientSession) -> Register:
    async def post(body: str, port: int = emulator.https_port) -> Any:
        context = ssl.create_default_context(cafile=emulator.ca_file)
        url = f"https://127.0.0.1:{port}/auth/register/device"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with session.post(url, data=body, headers=headers, ssl=context) as response:
            assert response.status == 200
            assert response.content_type == "application/json"
            return await response.json()

    return post


async def test_a_device_gets_its_secret(register: Register, device: Device) -> None:
    answer = await register(BODY)
    assert answer == {
        "code": 200,
        "data": {"deviceName": DN, "deviceSecret": device.secret, "productKey": PK},
        "message": "success",
    }


@pytest.mark.parametrize(
    ("method", "random", "signature"),
    [
        ("hmacmd5", "567345", "b0bf13ba4e1d5671c60a7f300435e720"),
        ("hmacsha1", "567345", "ee480d81f86895f322a6a29e5a19c20db9cb5e0c"),
        ("hmacsha256", "567345", H1_SHA256),
        ("hmacsha256", "567345", H1_SHA256.upper()),
        ("HmacMD5", "567345", "b0bf13ba4e1d5671c60a7f300435e720"),
        ("hmacmd5", "8Ygb7ULYh53B6OA", "b88eaf897c4c19108a65083bf0159f58"),
        ("hmacsha1", "8Ygb7ULYh53B6OA", "8208af2f40fd48c3754d9b288a1594f58bde838c"),
        ("hmacsha256", "8Ygb7ULYh53B6OA", "c454df69bc7769d008b6bfb6667ef6d31ede3650dd823138ca1175dbd57640ae"),
    ],
)
async def test_signatures_of_all_algorithms_are_good(
    register: Register, method: str, random: str, signature: str
) -> None:
    body = f"productKey={PK}&deviceName={DN}&random={random}&sign={signature}&signMethod={method}"
    assert (await register(body))["code"] == 200


@pytest.mark.parametrize("name", ["dev:01@x", "dev%3A01%40x"])
@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("hmacmd5", "664bcb07d45f7bcab2b8bc261431c2d4"),
        ("hmacsha1", "b3234f3903a7df3ddf978bc56598da4e880dafaa"),
        ("hmacsha256", "13411c5c33fdbc2abf971d07e01158d2ab87e1d1d0f17005ea4150a05b996a8c"),
    ],
)
async def test_names_may_come_raw_and_encoded(
    emulator: Emulator, register: Register, name: str, method: str, signature: str
) -> None:
    emulator.add_device(PK, "dev:01@x")
    body = f"productKey={PK}&deviceName={name}&random=567345&sign={signature}&signMethod={method}"
    assert (await register(body))["data"]["deviceName"] == "dev:01@x"


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("hmacmd5", "ca251b4993de138bf19348bb846d3636"),
        ("hmacsha1", "36d2a8bac6c892d13b0f97390e102a5e8c413e6e"),
        ("hmacsha256", "29ba8a7c5da7e12fef07403f7c224f5424ce643f2aaba4635428e01336f2f055"),
    ],
)
async def test_the_documented_example_is_good(session: ClientSession, method: str, signature: str) -> None:
    product = Product(product_key="al123456789", product_secret="testProductSecret")
    async with Emulator(products=[product], devices=[("al123456789", "device1")]) as other:
        context = ssl.create_default_context(cafile=other.ca_file)
        body = f"productKey=al123456789&deviceName=device1&random=123&sign={signature}&signMethod={method}"
        url = f"https://127.0.0.1:{other.https_port}/auth/register/device"
        async with session.post(url, data=body, ssl=context) as response:
            assert (await response.json())["code"] == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 460),
        (BODY.replace("&random=567345", ""), 460),
        (BODY.replace("random=567345", "random="), 460),
        (BODY.replace(PK, "a1Unknown00"), 6250),
        (BODY.replace("hmacsha256", "hmacsha512"), 6292),
        (BODY.replace("ab28", "0000"), 6600),
        (BODY.replace("567345", "567346"), 6600),
        (STRANGER, 6100),
    ],
)
async def test_refusals_come_as_200_with_a_code(register: Register, body: str, code: int) -> None:
    answer = await register(body)
    assert answer["code"] == code
    assert "data" not in answer


async def test_an_active_device_is_told_so(register: Register, device: Device) -> None:
    device.activated = True
    assert await register(BODY) == {"code": 6289, "message": "device is already active"}


async def test_a_disabled_device_is_told_so(emulator: Emulator, register: Register) -> None:
    await emulator.disable(PK, DN)
    assert (await register(BODY))["code"] == 6204
    await emulator.enable(PK, DN)
    assert (await register(BODY))["code"] == 200


async def test_a_deleted_device_is_unknown(emulator: Emulator, register: Register) -> None:
    await emulator.delete(PK, DN)
    assert (await register(BODY))["code"] == 6100


async def test_a_product_without_registration_says_so(session: ClientSession) -> None:
    async with Emulator(products=[Product(dynamic_registration=False)], devices=[(PK, DN)]) as other:
        context = ssl.create_default_context(cafile=other.ca_file)
        url = f"https://127.0.0.1:{other.https_port}/auth/register/device"
        async with session.post(url, data=BODY, ssl=context) as response:
            assert (await response.json())["code"] == 6288
