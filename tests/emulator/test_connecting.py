import asyncio
import ssl
import time

import pytest

from . import Attempt, Device, Emulator, Limits, Transport
from .client import DN, DS, PK, Client, Credentials, normal, registration
from .conftest import Connect

# The packets as MQTT 3.1.1 defines them: type, length, and for a CONNACK the session flag and the code.
ACCEPTED = bytes.fromhex("20020000")
UNACCEPTABLE_PROTOCOL = bytes.fromhex("20020001")
PINGRESP = bytes.fromhex("d000")

C1_ID = "aabbccddeeff|securemode=2,signmethod={},timestamp=1700000000000|"
C2_ID = "aabbccddeeff|securemode=2,signmethod={}|"
C3_ID = f"{PK}.{DN}|timestamp=2524608000000,_v=sdk-c-3.2.0,securemode=2,signmethod={{}},lan=C,_ss=1,gw=0,ext=0|"
C4_ID = f"{PK}&{DN}|securemode=2,signmethod={{}},ext=1,_ss=1,lan=Python,_v=1.2.13,timestamp=1700000000|"
C5_ID = f"{PK}&{DN}|securemode=2,signmethod={{}},timestamp=1700000000000,lan=NodeJS,_v=1.2.8|"
C6_ID = "|securemode=2,signmethod={},timestamp=2524608000000|"


@pytest.fixture
def device(emulator: Emulator) -> Device:
    emulator.limits = Limits.none()
    return emulator.add_device(PK, DN, DS)


@pytest.mark.parametrize(
    ("client_id", "method", "password"),
    [
        (C1_ID, "hmacmd5", "df9c1df9da28f8baff2c67c7df4278fe"),
        (C1_ID, "hmacsha1", "eae4f78a1b8ff2b289a4a47df14e94535e9a5636"),
        (C1_ID, "hmacsha256", "e751a322e88299180ae78b9bc750b9c35b3a36b9545c314d4ef32b7751998191"),
        (C2_ID, "hmacmd5", "2a3eb5411e297386ee3422c666788875"),
        (C2_ID, "hmacsha1", "e4d3475cc2c3b3348a2746c8b321066f04c32c3a"),
        (C2_ID, "hmacsha256", "95fe3cb3e336e79993edfa212f6ec6288dac806561dfa92aab58be153a38632c"),
        (C3_ID, "hmacmd5", "0254b6f04ceb99b145198ccf33437098"),
        (C3_ID, "hmacsha1", "b3b7669310e8d8995ac5c12b9f1e7f4388ad4c6f"),
        (C3_ID, "hmacsha256", "454F3647A484E5A1425363273203A72AE48929B0736C6C58EE1A6B2B867D1510"),
        (C4_ID, "hmacmd5", "38cab7d0408f265a3fbb415c2b917cff"),
        (C4_ID, "hmacsha1", "6207584d54f68ddf70e5bf3066801186a7d1cd59"),
        (C4_ID, "hmacsha256", "411ef5fb5344138ed1cecfcec5523bab2261d12457d4b2f73f9fa92983c8ab4f"),
        (C5_ID, "hmacmd5", "3c4051eab63b01ac6329f24c304eb881"),
        (C5_ID, "hmacsha1", "aa78347b96962d3da347d90b2d55cde589085a4c"),
        (C5_ID, "hmacsha256", "2c0592a3f2719bd518fc5395a4ee6d0cbcfec5f8de902fc23829a7a7b64dd0b3"),
        (C6_ID, "hmacmd5", "0bfd4648bf8888851ad5985bc9676fbb"),
        (C6_ID, "hmacsha1", "ab10dbe67c7ef204711337addbf080432eca8372"),
        (C6_ID, "hmacsha256", "b25935c74f0d19391e32dce6db35a4f68c807f2ceb81ffaa245a003fecd7409a"),
        ("aabbccddeeff|securemode=2|", "the default, hmacmd5", "2a3eb5411e297386ee3422c666788875"),
    ],
)
async def test_every_sdk_can_sign_in(
    device: Device, connect: Connect, client_id: str, method: str, password: str
) -> None:
    async with connect(Credentials(client_id=client_id.format(method), password=password)) as client:
        assert await client.connack() == 0
    assert device.last_client_id == client_id.format(method)


@pytest.mark.parametrize(
    ("method", "password"),
    [
        ("hmacmd5", "14b198324fe55e1d3c88f2e705e201ee"),
        ("hmacsha1", "FAFD82A3D602B37FB0FA8B7892F24A477F851A14"),
        ("hmacsha256", "6074a46a91b1ebb2cc4ea42790ad0e80202c9843859fc292e57c4eb19fad9e57"),
    ],
)
async def test_the_documented_sample_signs_in(method: str, password: str) -> None:
    async with Emulator() as emulator:
        emulator.add_device("pk", "device", "secret")
        credentials = Credentials(
            client_id=f"12345|securemode=2,signmethod={method},timestamp=789|",
            username="device&pk",
            password=password,
        )
        async with Client(credentials, port=emulator.mqtts_port, ca_file=emulator.ca_file) as client:
            assert await client.connack() == 0


async def test_both_kinds_of_transport_share_the_other_port(
    emulator: Emulator, device: Device, connect: Connect
) -> None:
    for ca_file, secure_mode in ((None, 3), (emulator.ca_file, 2)):
        credentials = normal(device.secret, secure_mode=secure_mode)
        async with connect(credentials, port=emulator.mqtt_port, ca_file=ca_file) as client:
            assert await client.connack() == 0


@pytest.mark.parametrize("path", [None, "/"])
@pytest.mark.parametrize(("tls", "codes"), [(True, [0, 2, 4, 2, 2]), (False, [0, 0, 4, 2, 2])])
async def test_the_secure_mode_has_to_fit_the_transport(
    emulator: Emulator, device: Device, connect: Connect, *, path: str | None, tls: bool, codes: list[int]
) -> None:
    seen = []
    for mode in (2, 3, -1, -2, 8):
        credentials = normal(device.secret, secure_mode=mode)
        ca_file = emulator.ca_file if tls else None
        async with connect(credentials, port=emulator.mqtt_port, ca_file=ca_file, path=path) as client:
            seen.append(await client.connack())
    assert seen == codes


async def test_attempts_tell_when_and_how(emulator: Emulator, device: Device, connect: Connect) -> None:
    before = time.time_ns() // 1_000_000
    for secret in ("wrong", device.secret):
        async with connect(normal(secret)) as client:
            await client.connack()
    refused, accepted = device.recent_connects
    assert (refused.code, accepted.code) == (4, 0)
    assert refused.client_id == accepted.client_id == normal("").client_id
    assert refused.transport == accepted.transport == "tls"
    assert before <= refused.time <= accepted.time <= time.time_ns() // 1_000_000


def test_connects_are_counted_in_windows() -> None:
    device = Device(product_key=PK, device_name=DN, secret=DS)
    assert device.connects_in(60) == 0
    for seconds in (0, 10, 61, 62, 63, 70, 200):
        device.note_connect(Attempt(time=seconds * 1000, code=0, client_id="", transport=Transport.TLS))
    assert device.connects_in(60) == 4
    assert device.connects_in(60.001) == 5
    assert device.connects_in(1) == 1
    assert device.connects_in(3) == 3
    assert device.connects_in(1000) == 7


async def test_mqtt_3_1_is_spoken(device: Device, connect: Connect) -> None:
    async with connect(normal(device.secret), protocol=3) as client:
        assert await client.connack() == 0


async def test_mqtt_5_is_not(emulator: Emulator, device: Device) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.mqtt_port)
    writer.write(bytes.fromhex("10 0f 0004 4d515454 05 02 003c 00 0002 6162".replace(" ", "")))
    assert await reader.read() == UNACCEPTABLE_PROTOCOL
    writer.close()


@pytest.mark.parametrize(
    "client_id",
    [
        "no-extension",
        f"{'x' * 65}|securemode=2,signmethod=hmacsha256|",
        "test|signmethod=hmacsha256|",
        "test|securemode=8,signmethod=hmacsha256|",
        "test|securemode=2,signmethod=hmacsha512|",
    ],
)
async def test_malformed_client_ids_are_rejected_as_such(device: Device, connect: Connect, client_id: str) -> None:
    async with connect(Credentials(client_id=client_id, password="any")) as client:
        assert await client.connack() == 2


@pytest.mark.parametrize("username", ["nobody", f"&{PK}", f"{DN}&", f"stranger&{PK}", f"{DN}&a1Unknown00"])
async def test_unknown_names_are_bad_usernames(device: Device, connect: Connect, username: str) -> None:
    right = normal(device.secret)
    credentials = Credentials(client_id=right.client_id, password=right.password, username=username)
    async with connect(credentials) as client:
        assert await client.connack() == 4


async def test_a_wrong_signature_is_a_bad_password(device: Device, connect: Connect) -> None:
    async with connect(normal("wrong")) as client:
        assert await client.connack() == 4
    assert not device.online
    assert not device.activated
    assert [attempt.code for attempt in device.recent_connects] == [4]


async def test_disabled_and_deleted_devices_are_cut_off_and_get_the_code_of_a_wrong_secret(
    emulator: Emulator, device: Device, connect: Connect
) -> None:
    for act in (emulator.disable, emulator.delete):
        async with connect(normal(device.secret)) as client:
            assert await client.connack() == 0
            await act(PK, DN)
            await client.end()
        async with connect(normal(device.secret)) as client:
            assert await client.connack() == 4
        await emulator.enable(PK, DN)


async def test_the_newer_connection_takes_over(emulator: Emulator, device: Device, connect: Connect) -> None:
    async with connect(normal(device.secret)) as older:
        assert await older.connack() == 0
        async with connect(normal(device.secret)) as newer:
            assert await newer.connack() == 0
            await older.end()
            assert device.online
    await emulator.wait_for(lambda: not device.online)
    assert device.connects == 2


async def test_a_kicked_device_may_come_back(emulator: Emulator, device: Device, connect: Connect) -> None:
    async with connect(normal(device.secret)) as client:
        await client.connack()
        await emulator.kick(PK, DN)
        await client.end()
    async with connect(normal(device.secret)) as client:
        assert await client.connack() == 0


@pytest.mark.parametrize(("keep_alive", "code"), [(29, 2), (30, 0), (1200, 0), (1201, 2), (1, 2)])
async def test_keep_alive_has_its_bounds(
    emulator: Emulator, device: Device, connect: Connect, keep_alive: int, code: int
) -> None:
    emulator.limits = Limits()
    async with connect(normal(device.secret), keep_alive=keep_alive) as client:
        assert await client.connack() == code


async def test_connecting_too_often_is_refused(emulator: Emulator, device: Device, connect: Connect) -> None:
    emulator.limits = Limits(connects_per_minute=2)
    codes = []
    for credentials in (registration(), normal("wrong"), normal(device.secret)):
        async with connect(credentials) as client:
            codes.append(await client.connack())
    assert codes == [0, 4, 3]


async def test_silence_beyond_one_and_a_half_keep_alives_ends_the_connection(
    emulator: Emulator, device: Device
) -> None:
    device.secret = "secret"
    password = normal("secret", secure_mode=3)
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.mqtt_port)
    writer.write(raw_connect(password, keep_alive=1))
    assert await reader.readexactly(4) == ACCEPTED
    writer.write(bytes.fromhex("c000"))
    assert await reader.readexactly(2) == PINGRESP
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize(
    "noise",
    [
        b"\xc0\x00",
        b"\x00\x00",
        b"\x10\x02\x00\x04",
        b"\x10\xff\xff\xff\xff\xff",
        b"\x10\xff\xff\xff\x7f",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\x00",
    ],
)
async def test_who_speaks_no_mqtt_is_shown_the_door(emulator: Emulator, device: Device, noise: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.mqtt_port)
    writer.write(noise)
    writer.write_eof()
    async with asyncio.timeout(10):
        assert await reader.read() in {b"", b"\x15\x03\x01\x00\x02\x02\x46"}
    writer.close()


async def test_the_certificate_is_good_for_the_platforms_own_names(emulator: Emulator, device: Device) -> None:
    context = ssl.create_default_context(cafile=emulator.ca_file)
    for name in (
        "localhost",
        f"{PK}.iot-as-mqtt.eu-central-1.aliyuncs.com",
        "iot-0a1b2c3d.mqtt.iothub.aliyuncs.com",
        "iot-auth.cn-shanghai.aliyuncs.com",
        "iot-auth-x.us-west-1.aliyuncs.com",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", emulator.mqtts_port, ssl=context, server_hostname=name)
        writer.transport.abort()
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", emulator.mqtts_port, ssl=context, server_hostname="example.com")


@pytest.mark.parametrize("suites", ["RSA+AESGCM", "RSA+AES", "ECDHE+AESGCM", "ECDHE+CHACHA20"])
async def test_clients_that_exchange_keys_by_rsa_alone_are_served_as_others_are(
    emulator: Emulator, suites: str
) -> None:
    context = ssl.create_default_context(cafile=emulator.ca_file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suites)
    offered = {suite["name"] for suite in context.get_ciphers()}
    for port in (emulator.mqtts_port, emulator.mqtt_port, emulator.https_port):
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        name, version, _ = writer.get_extra_info("cipher")
        assert (name in offered, name.startswith("ECDHE"), version) == (True, suites.startswith("ECDHE"), "TLSv1.2")
        writer.transport.abort()


async def test_an_overdue_account_is_no_identifier(emulator: Emulator, device: Device, connect: Connect) -> None:
    emulator.faults.set(overdue=True)
    for credentials, code in ((normal(device.secret), 2), (registration(), 0)):
        async with connect(credentials) as client:
            assert await client.connack() == code
    emulator.faults.clear()
    async with connect(normal(device.secret)) as client:
        assert await client.connack() == 0


def raw_connect(credentials: Credentials, *, keep_alive: int) -> bytes:
    fields = [credentials.client_id, credentials.username, credentials.password]
    payload = b"".join(len(text).to_bytes(2) + text.encode() for text in fields)
    body = b"\x00\x04MQTT\x04\xc2" + keep_alive.to_bytes(2) + payload
    assert 128 <= len(body) < 128 * 128
    return bytes([0x10, len(body) % 128 | 128, len(body) // 128]) + body
