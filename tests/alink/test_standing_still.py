"""A process that stands still while commands come, as on a machine that is suspended."""

import asyncio
import json
import os
import signal
import sys
from typing import Final

from tests.emulator import Emulator

from .client import IDENTITY
from .standing_still import STUCK

TOPIC: Final = f"/sys/{IDENTITY.product_key}/{IDENTITY.device_name}/thing/service/property/set"


async def test_what_was_sent_while_the_process_stood_still_never_runs(emulator: Emulator) -> None:
    platform = emulator.device(IDENTITY.product_key, IDENTITY.device_name)

    async def push(id_: str) -> None:
        payload = json.dumps({"id": id_, "params": {"t": 1}}).encode()
        await emulator.push(IDENTITY.product_key, IDENTITY.device_name, TOPIC, payload)

    home = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.alink.standing_still", str(emulator.mqtts_port), platform.secret or "",
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "REQUESTS_CA_BUNDLE": str(emulator.ca_file)},
    )  # fmt: skip
    assert home.stdout is not None
    try:
        async with asyncio.timeout(60):
            assert await home.stdout.readline() == b"connected\n"
            await push("before")
            assert await home.stdout.readline() == b"before\n"
            home.send_signal(signal.SIGSTOP)
            for number in range(20):
                await push(f"meanwhile {number}")
            await asyncio.sleep(STUCK + 2.0)  # it is the time itself that makes a command late
            home.send_signal(signal.SIGCONT)
            assert await home.stdout.readline() == b"connected\n"
            await push("after")
            assert await home.stdout.readline() == b"after\n"
    finally:
        home.kill()
        await home.wait()
    assert platform.connects == 2
