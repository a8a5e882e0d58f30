import asyncio
from collections.abc import AsyncGenerator
import ssl

from aiohttp import ClientSession
import pytest
from websockets.asyncio.client import ClientConnection, connect as open_web_socket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from . import Device, Emulator, Limits, Transport
from .client import DS, Credentials, normal, registration
from .conftest import Connect
from .test_connecting import ACCEPTED, PINGRESP, raw_connect

MQTT = Subprotocol("mqtt")
PROPERTY = "thing/event/property/post"
PING = bytes.fromhex("c000")


@pytest.fixture
def context(emulator: Emulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=emulator.ca_file)


@pytest.fixture
async def web_socket(emulator: Emulator, device: Device) -> AsyncGenerator[ClientConnection]:
    device.secret = DS
    async with open_web_socket(f"ws://127.0.0.1:{emulator.mqtt_port}/", subprotocols=[MQTT]) as opened:
        yield opened


def ports(emulator: Emulator) -> dict[str, int]:
    return {name: getattr(emulator, f"{name}_port") for name in ("mqtts", "mqtt", "https")}


@pytest.mark.parametrize("port", ["mqtts", "mqtt", "https"])
@pytest.mark.parametrize(("path", "transport"), [(None, Transport.TLS), ("/", Transport.WSS)])
async def test_every_port_speaks_both_kinds_of_mqtt_over_tls(
    emulator: Emulator, device: Device, connect: Connect, *, port: str, path: str | None, transport: Transport
) -> None:
    credentials = normal(device.secret, extra=",_ss=1")
    async with connect(credentials, port=ports(emulator)[port], path=path) as client:
        assert await client.connack() == 0
        assert (await client.request(PROPERTY, {"a": 1}))["code"] == 200
    assert [attempt.transport for attempt in device.recent_connects] == [transport]


@pytest.mark.parametrize("port", ["mqtt", "https"])
@pytest.mark.parametrize(("path", "transport"), [(None, Transport.TCP), ("/", Transport.WS)])
async def test_ports_1883_and_443_do_so_without_tls(
    emulator: Emulator, device: Device, connect: Connect, *, port: str, path: str | None, transport: Transport
) -> None:
    credentials = normal(device.secret, extra=",_ss=1", secure_mode=3)
    async with connect(credentials, port=ports(emulator)[port], ca_file=None, path=path) as client:
        assert await client.connack() == 0
        assert (await client.request(PROPERTY, {"a": 1}))["code"] == 200
    assert [attempt.transport for attempt in device.recent_connects] == [transport]


async def test_every_path_is_good(device: Device, connect: Connect) -> None:
    async with connect(normal(device.secret), path="/mqtt?any=thing") as client:
        assert await client.connack() == 0


async def test_a_refusal_comes_before_the_goodbye(device: Device, connect: Connect) -> None:
    async with connect(Credentials(client_id=normal(DS).client_id, password="wrong"), path="/") as client:
        assert await client.connack() == 4
        await client.end()


async def test_a_device_registers_over_web_socket_with_tls_only(
    emulator: Emulator, device: Device, connect: Connect
) -> None:
    async with connect(registration(), path="/") as client:
        assert (await client.message())[1]["deviceSecret"] == device.secret
    async with connect(registration(), path="/", port=emulator.mqtt_port, ca_file=None) as client:
        assert await client.connack() == 2


async def test_a_large_message_passes(emulator: Emulator, device: Device, connect: Connect) -> None:
    emulator.limits = Limits.none()
    text = "x" * 200_000
    async with connect(normal(device.secret, extra=",_ss=1"), path="/") as client:
        await client.connack()
        await client.request(PROPERTY, {"a": text})
    assert device.properties["a"].value == text


async def test_packets_may_come_byte_by_byte(web_socket: ClientConnection) -> None:
    for byte in raw_connect(normal(DS, secure_mode=3), keep_alive=60):
        await web_socket.send(bytes([byte]))
    assert await web_socket.recv() == ACCEPTED


async def test_packets_may_come_in_one_frame(web_socket: ClientConnection) -> None:
    await web_socket.send(raw_connect(normal(DS, secure_mode=3), keep_alive=60) + PING + PING)
    assert [await web_socket.recv() for _ in range(3)] == [ACCEPTED, PINGRESP, PINGRESP]


async def test_packets_may_come_in_fragments(web_socket: ClientConnection) -> None:
    whole = raw_connect(normal(DS, secure_mode=3), keep_alive=60) + PING
    await web_socket.send([whole[:7], b"", whole[7:-1], whole[-1:]])
    assert [await web_socket.recv() for _ in range(2)] == [ACCEPTED, PINGRESP]


async def test_web_sockets_own_pings_are_answered(web_socket: ClientConnection) -> None:
    async with asyncio.timeout(10):
        await (await web_socket.ping())


async def test_the_sub_protocol_is_mqtt(web_socket: ClientConnection) -> None:
    assert web_socket.subprotocol == MQTT


async def test_text_is_no_mqtt(web_socket: ClientConnection) -> None:
    await web_socket.send("text")
    with pytest.raises(ConnectionClosed) as closed:
        await web_socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1003


async def test_a_kicked_device_gets_no_goodbye(
    emulator: Emulator, device: Device, web_socket: ClientConnection
) -> None:
    await web_socket.send(raw_connect(normal(DS, secure_mode=3), keep_alive=60))
    assert await web_socket.recv() == ACCEPTED
    await emulator.kick(*device.key)
    with pytest.raises(ConnectionClosed) as closed:
        await web_socket.recv()
    assert closed.value.rcvd is None


async def test_a_device_that_says_goodbye_is_gone(
    emulator: Emulator, device: Device, web_socket: ClientConnection
) -> None:
    await web_socket.send(raw_connect(normal(DS, secure_mode=3), keep_alive=60))
    assert await web_socket.recv() == ACCEPTED
    await web_socket.close()
    await emulator.wait_for(lambda: not device.online)


async def test_a_web_socket_for_anything_else_is_refused(emulator: Emulator) -> None:
    url = f"ws://127.0.0.1:{emulator.mqtt_port}/"
    with pytest.raises(InvalidStatus):
        await open_web_socket(url, subprotocols=[Subprotocol("chat")])
    with pytest.raises(InvalidStatus):
        await open_web_socket(url)


async def test_http_without_tls_is_shown_the_door(emulator: Emulator) -> None:
    with pytest.raises(InvalidHandshake):
        await open_web_socket(f"ws://127.0.0.1:{emulator.https_port}/", additional_headers={"Upgrade": "x"})
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.https_port)
    writer.write(b"POST /auth/register/device HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert await reader.read() == b""
    writer.close()


async def test_https_is_still_https(emulator: Emulator, context: ssl.SSLContext) -> None:
    url = f"https://127.0.0.1:{emulator.https_port}"
    async with ClientSession() as session:
        async with session.post(f"{url}/auth/register/device", data="", ssl=context) as response:
            assert (await response.json())["code"] == 460
        async with session.get(f"{url}/", ssl=context) as response:
            assert response.status == 404


async def test_a_request_head_without_an_end_is_no_web_socket(emulator: Emulator) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.mqtt_port)
    writer.write(b"GET / HTTP/1.1\r\nX: " + b"x" * 16 * 1024)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await reader.readexactly(1)
    writer.close()


async def test_nothing_is_left_behind_of_open_web_sockets() -> None:
    tasks = asyncio.all_tasks()
    async with Emulator() as emulator:
        url = f"ws://127.0.0.1:{emulator.mqtt_port}/"
        idle = await open_web_socket(url, subprotocols=[MQTT])
        _, unfinished = await asyncio.open_connection("127.0.0.1", emulator.mqtt_port)
        unfinished.write(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n")
        _, silent = await asyncio.open_connection("127.0.0.1", emulator.https_port)
    await idle.wait_closed()
    for writer in (unfinished, silent):
        writer.transport.abort()
        await writer.wait_closed()
    assert asyncio.all_tasks() == tasks
