import asyncio
import json
from pathlib import Path
import signal
import ssl
import sys
import threading

from freezegun.api import FrozenDateTimeFactory
import pytest

from . import Emulator, Product
from .client import DN, PK, Client, normal
from .test_posts import MODEL

ROOT = Path(__file__).parents[2]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_nothing_is_left_behind_in_the_middle_of_everything() -> None:
    tasks, threads, files = asyncio.all_tasks(), threading.enumerate(), open_files()
    async with Emulator(devices=[(PK, DN)]) as emulator:
        ports = emulator.mqtts_port, emulator.mqtt_port, emulator.https_port, emulator.console_port
        writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for port in ports]
        # In the middle of a TLS handshake, an HTTP request, and a MQTT packet.
        writers[0].write(b"\x16\x03\x01")
        writers[1].write(b"\x10\x20")
        writers[3].write(b"GET / HT")
        emulator.faults.set(half_open=True)
        ca_file = emulator.ca_file
        waiting = asyncio.create_task(emulator.wait_for(lambda: False, timeout=3600), eager_start=True)
    waiting.cancel()
    for writer in writers:
        writer.transport.abort()
    await asyncio.gather(waiting, *(writer.wait_closed() for writer in writers), return_exceptions=True)
    assert not ca_file.exists()
    assert asyncio.all_tasks() == tasks
    assert threading.enumerate() == threads
    assert open_files() == files
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_it_runs_under_a_frozen_clock_and_goes_by_it(freezer: FrozenDateTimeFactory, tmp_path: Path) -> None:
    freezer.move_to("2030-01-01T00:00:00Z")
    async with Emulator(devices=[(PK, DN)], data=tmp_path) as emulator:
        device = emulator.device(PK, DN)
        credentials = normal(device.secret, extra=",_ss=1")
        async with Client(credentials, port=emulator.mqtts_port, ca_file=emulator.ca_file) as client:
            await client.connack()
            await client.request("thing/event/property/post", {"a": 1})
    assert device.properties["a"].received == 1893456000000


async def test_what_does_not_come_true_times_out(emulator: Emulator) -> None:
    with pytest.raises(TimeoutError):
        await emulator.wait_for(lambda: False, timeout=0.01)


async def test_a_device_that_never_was_is_not_found(emulator: Emulator) -> None:
    with pytest.raises(KeyError):
        emulator.device(PK, "stranger")


async def test_a_port_in_use_is_an_error_that_leaves_nothing_open(emulator: Emulator) -> None:
    with pytest.raises(OSError, match="in use"):
        await Emulator(ports=(0, 0, emulator.https_port, 0)).__aenter__()


async def test_a_restart_remembers(tmp_path: Path) -> None:
    data = tmp_path / "kept"
    async with Emulator(devices=[(PK, DN)], data=data) as emulator:
        emulator.import_thing_model(PK, MODEL)
        secret = emulator.device(PK, DN).secret
        authority = emulator.ca_file.read_bytes()
        async with Client(normal(secret, extra=",_ss=1"), port=emulator.mqtts_port, ca_file=emulator.ca_file) as client:
            await client.connack()
            await client.request("thing/event/property/post", {"counter": {"value": 5, "time": 1000}})
        before = emulator.device(PK, DN).history
    async with Emulator(devices=[(PK, DN)], data=data) as emulator:
        device = emulator.device(PK, DN)
        assert emulator.ca_file.read_bytes() == authority
        assert (device.secret, device.activated, device.online) == (secret, True, False)
        assert device.history == before
        assert device.properties["counter"].value == 5
        assert emulator.products == [Product(thing_model=MODEL)]
    assert [path.name for path in data.iterdir() if path.stat().st_mode & 0o077 and path.name != "ca.pem"] == [
        "history.jsonl"
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_says_where_it_is_and_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    model = tmp_path / "model.json"
    model.write_text(json.dumps(MODEL), "utf-8")
    options = ["--device", DN, "--device", "second", "--instance-id", "iot-1", "--thing-model", str(model)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.emulator", *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    hello = json.loads(await process.stdout.readline())
    assert hello["product"] == {
        "product_key": PK,
        "product_secret": "Px7QkLm2Nv9RtYw3",
        "instance_id": "iot-1",
    }
    assert hello["devices"] == [DN, "second"]
    assert hello["region"] == "cn-shanghai"
    ssl.create_default_context(cafile=hello["ca_file"])
    for name in ("mqtts_port", "mqtt_port", "https_port", "console_port"):
        _, writer = await asyncio.open_connection("127.0.0.1", hello[name])
        writer.close()
    process.send_signal(number)
    assert await process.stdout.read() == b""
    assert await process.wait() == 0
