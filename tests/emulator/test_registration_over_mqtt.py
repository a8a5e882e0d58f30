import pytest

from . import Device, Emulator, Limits, Product
from .client import DN, IID, PK, PS, Client, Credentials, normal, registration, sign
from .conftest import Connect


async def test_a_device_gets_its_secret_unasked_and_connects_with_it(connect: Connect, device: Device) -> None:
    async with connect(registration()) as client:
        assert await client.connack() == 0
        topic, body = await client.message()
    assert topic == "/ext/register"
    assert list(body) == ["productKey", "deviceName", "deviceSecret"]
    assert (device.activated, device.registration) == (False, "register")
    async with connect(normal(body["deviceSecret"])) as client:
        assert await client.connack() == 0
    assert device.activated


async def test_every_registration_voids_the_secret_before_it(connect: Connect) -> None:
    async with connect(registration()) as client:
        _, first = await client.message()
    async with connect(registration()) as client:
        _, second = await client.message()
    assert first["deviceSecret"] != second["deviceSecret"]
    async with connect(normal(first["deviceSecret"])) as client:
        assert await client.connack() == 4
    async with connect(normal(second["deviceSecret"])) as client:
        assert await client.connack() == 0


async def test_an_activated_device_registers_again_only_after_a_reset(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    async with connect(normal(device.secret)) as client:
        assert await client.connack() == 0
    async with connect(registration()) as client:
        assert await client.connack() == 4
    await emulator.reset(PK, DN)
    async with connect(registration()) as client:
        assert await client.connack() == 0


async def test_registration_without_tls_is_refused_as_malformed(emulator: Emulator, connect: Connect) -> None:
    async with connect(registration(), port=emulator.mqtt_port, ca_file=None) as client:
        assert await client.connack() == 2


async def test_registration_works_with_tls_on_the_shared_port(emulator: Emulator, connect: Connect) -> None:
    async with connect(registration(), port=emulator.mqtt_port) as client:
        assert await client.connack() == 0


async def test_a_wrong_signature_an_unknown_name_and_an_unknown_product_look_alike(connect: Connect) -> None:
    foreign = Credentials(client_id=registration().client_id, password=registration().password, username=f"{DN}&other")
    for credentials in (registration(secret="wrong"), registration(device_name="stranger"), foreign):
        async with connect(credentials) as client:
            assert await client.connack() == 4


async def test_registration_needs_all_of_its_parameters(emulator: Emulator, connect: Connect) -> None:
    emulator.limits = Limits.none()
    whole = registration()
    for missing in ("random=567345,", "securemode=2,", ",signmethod=hmacsha256"):
        broken = Credentials(client_id=whole.client_id.replace(missing, ""), password=whole.password)
        async with connect(broken) as client:
            assert await client.connack() == 2


async def test_keep_alive_does_not_matter_for_a_registration(connect: Connect) -> None:
    async with connect(registration(), keep_alive=5) as client:
        assert await client.connack() == 0


async def test_a_device_that_stays_after_its_registration_is_cut_off() -> None:
    async with (
        Emulator(devices=[(PK, DN)], registration_cut=0.01) as emulator,
        Client(registration(), port=emulator.mqtts_port, ca_file=emulator.ca_file) as client,
    ):
        assert (await client.message())[0] == "/ext/register"
        await client.end()


async def test_registration_can_be_switched_off() -> None:
    async with (
        Emulator(products=[Product(dynamic_registration=False)], devices=[(PK, DN)]) as emulator,
        Client(registration(), port=emulator.mqtts_port, ca_file=emulator.ca_file) as client,
    ):
        assert await client.connack() == 4


async def test_a_new_instance_takes_the_documented_form_and_that_of_the_sdks() -> None:
    content = f"deviceName{DN}productKey{PK}random567345"
    documented = Credentials(
        client_id=f"aabbccddeeff|securemode=-2,authType=register,random=567345,signmethod=hmacsha1,instanceId={IID}|",
        password="ee480d81f86895f322a6a29e5a19c20db9cb5e0c",
    )
    sdk = Credentials(
        client_id=f"{PK}.{DN}|authType=register,random=567345,signmethod=hmacsha256,securemode=2|",
        password=sign(content, PS).upper(),
    )
    foreign = Credentials(
        client_id=documented.client_id.replace(IID, "iot-of-others"),
        password=documented.password,
    )
    async with Emulator(products=[Product(instance_id=IID)], devices=[(PK, DN)]) as emulator:
        for credentials, code in ((documented, 0), (sdk, 0), (foreign, 4)):
            async with Client(credentials, port=emulator.mqtts_port, ca_file=emulator.ca_file) as client:
                assert await client.connack() == code


async def test_a_device_that_nobody_added_gets_a_token_and_connects_with_it(
    emulator: Emulator, connect: Connect
) -> None:
    name = "newcomer"
    async with connect(registration(auth_type="regnwl", device_name=name)) as client:
        topic, body = await client.message()
    assert topic == "/ext/regnwl"
    assert list(body) == ["productKey", "deviceName", "clientId", "deviceToken"]
    username = f"{name}&{PK}"
    right = Credentials(
        client_id=f"{body['clientId']}|securemode=-2,authType=connwl,_ss=1,ext=3|",
        username=username,
        password=body["deviceToken"],
    )
    wrong_mode = Credentials(client_id=right.client_id.replace("-2", "2"), username=username, password=right.password)
    wrong_id = Credentials(client_id=f"x{right.client_id}", username=username, password=right.password)
    wrong_token = Credentials(client_id=right.client_id, username=username, password="wrong")
    emulator.limits = Limits.none()
    for credentials, code in ((wrong_mode, 2), (wrong_id, 4), (wrong_token, 4), (right, 0)):
        async with connect(credentials) as client:
            assert await client.connack() == code
    newcomer = emulator.device(PK, name)
    assert (newcomer.activated, newcomer.registration) == (True, "regnwl")
    async with connect(registration(auth_type="regnwl", device_name=name)) as client:
        assert await client.connack() == 4


async def test_an_activated_device_cannot_register_without_a_list(connect: Connect, device: Device) -> None:
    async with connect(normal(device.secret)) as client:
        assert await client.connack() == 0
    async with connect(registration(auth_type="regnwl")) as client:
        assert await client.connack() == 4
    assert device.registration == ""


@pytest.mark.parametrize(
    ("region", "of_the_product", "code"),
    [("cn-shanghai", None, 0), ("eu-central-1", None, 4), ("cn-shanghai", "us-west-1", 4)],
)
async def test_registration_without_a_list_is_for_one_region_only(
    region: str, of_the_product: str | None, code: int
) -> None:
    async with (
        Emulator(products=[Product(region=of_the_product)], region=region) as emulator,
        Client(registration(auth_type="regnwl"), port=emulator.mqtts_port, ca_file=emulator.ca_file) as client,
    ):
        assert await client.connack() == code
