"""Prove the emulator with the platform's official Python SDK: `python -m tests.emulator.official_sdk`.

Makes an environment of the SDK's own under `.cache/official_sdk` (once), starts the emulator as a process, lets the SDK
register, connect, post and be set, and compares the records of both sides. Prints a table; exits 1 if a line of it is
wrong. Leaves nothing running.
"""

import argparse
import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil
import sys
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
DEVICE, NEWCOMER = "official-sdk", "official-newcomer"
POSTS = (
    {"indoorTemperature": 23.5, "relayOn": 1, "statusText": "ok"},
    {"indoorTemperature": 24.5, "counter": "15"},
)
REJECTED = {"counter": "tsl parse: data type is not int -> counter"}

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
async def _started(*command: str) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _line(process: Process) -> dict[str, Any]:
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
    model = HERE / "thing_model_example.json"
    options = ("--device", DEVICE, "--thing-model", str(model))
    async with _started(sys.executable, "-m", "tests.emulator", *options) as emulator:
        hello = await _line(emulator)
        task = {
            **hello,
            **hello["product"],
            "device_name": DEVICE,
            "newcomer": NEWCOMER,
            "thing_model": str(model),
            "posts": POSTS,
        }
        async with (
            _started(str(python), str(HERE / "official_sdk_device.py")) as sdk,
            ClientSession(hello["console_url"]) as console,
        ):
            return await _steps(sdk, console, task)


async def _steps(sdk: Process, console: ClientSession, task: dict[str, Any]) -> list[Line]:
    assert sdk.stdin is not None
    devices = f"api/devices/{task['product_key']}"
    sdk.stdin.write(json.dumps(task).encode() + b"\n")
    lines: list[Line] = [
        ("SDK: secret registered over MQTT", await _line(sdk), {"step": "register", "code": 0, "secret_length": 32}),
        ("SDK: connected with it", await _line(sdk), {"step": "connect", "code": 0}),
        ("SDK: reply to a post", await _line(sdk), {"step": "post", "code": 200, "data": {}}),
        ("SDK: reply with a rejection", await _line(sdk), {"step": "post", "code": 200, "data": REJECTED}),
    ]
    async with console.post(f"{devices}/{DEVICE}/set", json={"params": {"relayOn": 0}}) as response:
        lines.append(("emulator: reply to a set", (await response.json())["code"], 200))
    lines.append(("SDK: properties were set", await _line(sdk), {"step": "set", "params": {"relayOn": 0}}))
    async with console.get(f"{devices}/{DEVICE}") as response:
        shown = await response.json()
    stored = {name: item["value"] for name, item in shown["properties"].items()}
    lines += [
        ("emulator: values stored", stored, {"indoorTemperature": 24.5, "relayOn": 1, "statusText": "ok"}),
        ("emulator: values rejected", list(shown["rejected"]), ["counter"]),
        ("emulator: history", shown["history"], 4),
        ("emulator: activated", shown["activated"], True),
        ("emulator: answers to CONNECT", [attempt["code"] for attempt in shown["recent_connects"]], [0, 0]),
    ]
    sdk.stdin.write(b"go on\n")
    lines += [
        ("SDK: token registered over MQTT", await _line(sdk), {"step": "register without list", "code": 0}),
        ("SDK: connected with it", await _line(sdk), {"step": "connect with token", "code": 0}),
    ]
    async with console.get(f"{devices}/{NEWCOMER}") as response:
        lines.append(("emulator: newcomer activated", (await response.json())["activated"], True))
    async with asyncio.timeout(PATIENCE):
        lines.append(("SDK: ended", await sdk.wait(), 0))
    return lines


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.emulator.official_sdk", description=__doc__).parse_args()
    lines = asyncio.run(prove())
    for what, seen, wanted in lines:
        print(f"{'ok ' if seen == wanted else 'BAD'} {what:36} {seen if seen == wanted else f'{seen}, not {wanted}'}")
    return 0 if all(seen == wanted for _, seen, wanted in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
