"""Prove the emulator with the platform's official Python SDK: `python -m tests.emulator.official_sdk`.

Makes an environment of the SDK's own under `.cache/official_sdk` (once), starts the emulator as a process, lets the SDK
register, connect, post, be set and called, come back to its session and be refused, and compares the records of both
sides. Prints a table; exits 1 if a line of it is
wrong. Leaves nothing running.
"""

import argparse
import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil
import sys
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ENVIRONMENT = ROOT / ".cache" / "official_sdk"
# The SDK's last release, and the paho of its time.
REQUIREMENTS = ("aliyun-iot-linkkit==1.2.13", "paho-mqtt==1.6.1")
# In order of preference: the SDK dates from the time of these versions.
PYTHONS = ("python3.11", "python3.10", "python3.12", "python3")

PATIENCE = 60.0
# The console tells of changes only when it is asked.
POLL = 0.05
DEVICE, NEWCOMER = "official-sdk", "official-newcomer"
POSTS = (
    {"indoorTemperature": 23.5, "relayOn": 1, "statusText": "ok"},
    {"indoorTemperature": 24.5, "counter": "15"},
)
# Beside the services of the example.
SYNCHRONOUS = {
    "identifier": "blink",
    "name": "Blink",
    "required": False,
    "callType": "sync",
    "method": "thing.service.blink",
    "inputData": [],
    "outputData": [],
}
REJECTED = {"counter": "tsl parse: data type is not int -> counter"}

# The fault, the act on the device or nothing, and the code that answers the CONNECT meanwhile.
REFUSALS: tuple[tuple[str, dict[str, Any], str, int], ...] = (
    ("a disabled device", {}, "disable", 4),
    ("an overdue account", {"overdue": True}, "enable", 2),
    ("another region's host", {"mqtt_host": "x.iot-as-mqtt.us-west-1.aliyuncs.com"}, "enable", 4),
    ("another instance's host", {"mqtt_host": "iot-x.mqtt.iothub.aliyuncs.com"}, "enable", 4),
)

type Line = tuple[str, object, object]


async def environment() -> Path:
    """Return the Python that has the SDK."""
    python = ENVIRONMENT / "bin" / "python"
    done = ENVIRONMENT / "done.txt"
    wanted = "\n".join(REQUIREMENTS)
    if not done.exists() or done.read_text("utf-8") != wanted:
        await _run(await _base_python(), "-m", "venv", "--clear", str(ENVIRONMENT))
        await _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS)
        done.write_text(wanted, "utf-8")
    return python


async def _base_python() -> str:
    for name in PYTHONS:
        # Version managers put names on the path that lead nowhere.
        if found := shutil.which(name):
            process = await asyncio.create_subprocess_exec(found, "--version", stdout=PIPE, stderr=PIPE)
            await process.communicate()
            if process.returncode == 0:
                return found
    return sys.executable


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=sys.stderr)
    if await process.wait():
        raise RuntimeError(f"failed: {' '.join(command)}")


@asynccontextmanager
async def started(*command: str) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def line_of(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        text = await process.stdout.readline()
    if not text:
        raise RuntimeError("ended too early")
    line: dict[str, Any] = json.loads(text)
    return line


async def prove() -> list[Line]:
    """Return for each step the fact seen and the fact expected."""
    python = await environment()
    with TemporaryDirectory(prefix="official-sdk-") as directory:
        model = Path(directory, "model.json")
        model.write_text(json.dumps(_model(), ensure_ascii=False, indent=1), "utf-8")
        options = ("--device", DEVICE, "--thing-model", str(model))
        async with started(sys.executable, "-m", "tests.emulator", *options) as emulator:
            hello = await line_of(emulator)
            task = {
                **hello,
                **hello["product"],
                "device_name": DEVICE,
                "newcomer": NEWCOMER,
                "thing_model": str(model),
                "posts": POSTS,
                "refusals": len(REFUSALS),
            }
            async with (
                started(str(python), str(HERE / "official_sdk_device.py")) as sdk,
                ClientSession(hello["console_url"]) as console,
            ):
                return await Proof(sdk, console, task).lines()


def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads((HERE / "thing_model_example.json").read_text("utf-8"))
    return {**model, "services": [*model["services"], SYNCHRONOUS]}


class Proof:
    """Lead the SDK from step to step, and note what each side saw."""

    def __init__(self, sdk: Process, console: ClientSession, task: dict[str, Any]) -> None:
        assert sdk.stdin is not None
        self._sdk = sdk
        self._stdin = sdk.stdin
        self._console = console
        self._task = task
        self._devices = f"api/devices/{task['product_key']}"
        self._lines: list[Line] = []

    async def lines(self) -> list[Line]:
        # The SDK connects more often than a device may.
        await self._post("api/limits", {"connects_per_minute": None})
        self._stdin.write(json.dumps(self._task).encode() + b"\n")
        await self._first_link()
        await self._second_link()
        for refusal in REFUSALS:
            await self._refusal(*refusal)
        await self._newcomer()
        return self._lines

    async def _first_link(self) -> None:
        await self._said("secret registered over MQTT", {"step": "register", "code": 0, "secret_length": 32})
        await self._said("connected with it", {"step": "connect", "code": 0})
        await self._said("reply to a post", {"step": "post", "code": 200, "data": {}})
        await self._said("reply with a rejection", {"step": "post", "code": 200, "data": REJECTED})
        _, reply = await self._post(f"{self._devices}/{DEVICE}/set", {"params": {"relayOn": 0}})
        self._saw("reply to a set", reply["code"], 200)
        await self._said("properties were set", {"step": "set", "params": {"relayOn": 0}})
        _, reply = await self._post(f"{self._devices}/{DEVICE}/service", {"identifier": "blink", "params": {}})
        self._saw("answer to a synchronous service", (reply["code"], reply["data"]), (200, {"seen": 1}))
        await self._said("synchronous service called", {"step": "service", "service": "blink", "params": {}})
        await self._said("own topic subscribed to", {"step": "subscribe", "granted": [1]})
        await self._said("own topic came back", {"step": "own topic", "is_own": True, "payload": "hello"})
        shown = await self._shown(DEVICE)
        stored = {name: item["value"] for name, item in shown["properties"].items()}
        self._saw("values stored", stored, {"indoorTemperature": 24.5, "relayOn": 1, "statusText": "ok"})
        self._saw("values rejected", list(shown["rejected"]), ["counter"])
        self._saw("history", shown["history"], 4)
        self._saw("answer came over RRPC", shown["messages"].get("rrpc/response"), 1)
        self._saw("activated", shown["activated"], True)
        self._saw("answers to CONNECT", [attempt["code"] for attempt in shown["recent_connects"]], [0, 0])

    async def _second_link(self) -> None:
        self._go_on()
        await self._said("went away", {"step": "leave"})
        await self._until(lambda shown: not shown["online"])
        status, reply = await self._post(f"{self._devices}/{DEVICE}/set", {"params": {"relayOn": 1}})
        self._saw("set while it is away", (status, reply["code"]), (409, 9201))
        self._go_on()
        await self._said("came back to its session", {"step": "connect", "code": 0})
        await self._said("message of QoS 1 was kept", {"step": "set", "params": {"relayOn": 1}})
        await self._said("subscription lived on", {"step": "own topic", "is_own": True, "payload": "again"})
        await self._said("all JSON was compact", {"step": "read", "blanks": []})
        await self._said("securemode 2 over TCP", {"step": "connect as the console says", "code": 0})

    async def _refusal(self, name: str, faults: dict[str, Any], act: str, code: int) -> None:
        await self._post("api/faults", {"clear": True, **faults})
        await self._post(f"{self._devices}/{DEVICE}/{act}", {})
        before = (await self._shown(DEVICE))["connects"]
        self._go_on()
        shown = await self._until(lambda shown: shown["connects"] > before)
        self._saw(f"answer to {name}", shown["recent_connects"][-1]["code"], code)
        self._go_on()

    async def _newcomer(self) -> None:
        await self._post("api/faults", {"clear": True})
        await self._said("token registered, RSA suites only", {"step": "register without list", "code": 0})
        await self._said("connected with it", {"step": "connect with token", "code": 0})
        self._saw("newcomer activated", (await self._shown(NEWCOMER))["activated"], True)
        async with asyncio.timeout(PATIENCE):
            self._lines.append(("SDK: ended", await self._sdk.wait(), 0))

    def _go_on(self) -> None:
        self._stdin.write(b"go on\n")

    def _saw(self, what: str, seen: object, wanted: object) -> None:
        self._lines.append((f"emulator: {what}", seen, wanted))

    async def _said(self, what: str, wanted: object) -> None:
        self._lines.append((f"SDK: {what}", await line_of(self._sdk), wanted))

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        async with self._console.post(path, json=body) as response:
            return response.status, await response.json()

    async def _shown(self, name: str) -> dict[str, Any]:
        async with self._console.get(f"{self._devices}/{name}") as response:
            shown: dict[str, Any] = await response.json()
            return shown

    async def _until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while not condition(shown := await self._shown(DEVICE)):  # noqa: ASYNC110  # an event of another process
                await asyncio.sleep(POLL)
            return shown


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.emulator.official_sdk", description=__doc__).parse_args()
    lines = asyncio.run(prove())
    for what, seen, wanted in lines:
        print(f"{'ok ' if seen == wanted else 'BAD'} {what:44} {seen if seen == wanted else f'{seen}, not {wanted}'}")
    return 0 if all(seen == wanted for _, seen, wanted in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
