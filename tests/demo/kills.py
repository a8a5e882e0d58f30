"""`python -m tests.demo.kills`: kill -9 at every step of setting a device up, and set it up again.

Each instant has a device and a Home Assistant of its own. It is killed there, started again, and the device is set up
once more, as a person would do it; that has to work without the platform's console, and values have to arrive.
"""

import argparse
import asyncio
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import sys
import tempfile
import time

import aiohttp

from .client import AnswerError, Client
from .doomed import ENTITY, ENTRY, PROPERTY, Doomed, SurvivedError
from .flow import answers, give_up, walk
from .home_assistant import HomeAssistant
from .instants import ENTRIES, INSTANTS, Instant
from .interruption import until_signal
from .log import complaints
from .platform import Platform
from .polling import LateError, polled
from .processes import StartError, free_port
from .rig import running
from .table import aligned

WANTED = 12
AT_ONCE = 2
SECONDS = 30


@dataclass(slots=True, kw_only=True)
class Row:
    """The outcome of one instant."""

    number: int
    instant: Instant
    killed: bool = False
    activated: bool = False
    on_disk: bool = False
    after: str = "-"
    value: str = "-"
    lost: bool = False
    outcome: str = "ok"
    seconds: float = 0.0

    def as_cells(self) -> tuple[str, ...]:
        said = {True: "yes", False: "no"}
        return (
            str(self.number),
            self.instant.registration,
            self.instant.text,
            said[self.killed],
            said[self.activated],
            said[self.on_disk],
            self.after,
            self.value,
            f"{self.seconds:.0f}",
            self.outcome,
        )


HEADS = ("", "register", "killed when", "hit", "activated", "entry on disk", "after restart", "value", "s", "result")


async def _life(row: Row, platform: Platform, base: Path, folder: Path, http: aiohttp.ClientSession) -> None:
    """Kill one Home Assistant, start it again and set the device up."""
    shutil.copytree(base, folder / "home-assistant", symlinks=True)
    home = HomeAssistant(folder, free_port())
    home.prepare()
    doomed = Doomed(row.instant, _device_name(row.number), platform, home, http)
    await doomed.die()
    row.killed = True
    device = await doomed.device()
    row.activated = device is not None and device["activated"]
    stored = json.loads((home.config / ".storage" / ENTRIES).read_text())
    row.on_disk = any(entry["domain"] == "aliyun_iot" for entry in stored["data"]["entries"])
    restarted = time.time_ns() // 1_000_000
    try:
        await home.start(platform.environment)
        await _mend(row, doomed, await home.ready(http))
        row.value = await polled(f"a value of {ENTITY}", lambda: _value(doomed, restarted), SECONDS)
    finally:
        await home.stop()
    if found := complaints(home.program.log.read_text(errors="replace")):
        row.outcome = f"in the log: {found[0]}"


async def _mend(row: Row, doomed: Doomed, client: Client) -> None:
    """Find the entry, or set the device up once more as a person would do it."""
    entries = [entry for entry in await client.get(ENTRY) if entry["domain"] == "aliyun_iot"]
    if entries:
        row.after = "already configured"
        return
    walked = await walk(client, answers(doomed.typed, [ENTITY], network=doomed.network))
    if walked.entry is None:
        await give_up(client, walked)
        row.after, row.lost = str(walked), True
        raise SurvivedError("the device cannot be set up again")
    row.after = "kept" if "kept" in walked.steps else "registered again"


async def _value(doomed: Doomed, restarted: int) -> str | None:
    device = await doomed.device()
    found = device["properties"].get(PROPERTY) if device and device["online"] else None
    return str(found["value"]) if found and found["received"] > restarted else None


def _device_name(number: int) -> str:
    return f"killed-{number:02}"


async def _kills(rows: list[Row], folder: Path) -> int:
    free = asyncio.Semaphore(AT_ONCE)

    async def run(row: Row, platform: Platform, http: aiohttp.ClientSession) -> None:
        async with free:
            began = time.monotonic()
            own = folder / f"{row.number:02}"
            try:
                await _life(row, platform, folder / "home-assistant", own, http)
            except (SurvivedError, LateError, StartError, AnswerError, aiohttp.ClientError) as error:
                row.outcome = f"{type(error).__name__}: {error}"
            row.seconds = time.monotonic() - began
            shutil.rmtree(own, ignore_errors=True)
            print("  ".join(cell for cell in row.as_cells() if cell), flush=True)

    added = [word for row in rows if row.instant.registration != "mqtt_not_added" for word in _added(row)]
    async with running(folder, extra=added) as rig:
        await rig.home_assistant.stop()
        await asyncio.gather(*(run(row, rig.platform, rig.http) for row in rows))
    return 0


def _added(row: Row) -> tuple[str, str]:
    return "--device", _device_name(row.number)


async def _main(rows: list[Row], folder: Path) -> int:
    return await until_signal(asyncio.ensure_future(_kills(rows, folder)), 130)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", type=int, nargs="*", help="numbers of instants")
    only = parser.parse_args().only
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-kills-"))
    rows = [Row(number=number, instant=instant) for number, instant in enumerate(INSTANTS, 1)]
    rows = [row for row in rows if only is None or row.number in only]
    try:
        if asyncio.run(_main(rows, folder)):
            return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("", aligned([HEADS, *(row.as_cells() for row in rows)]), "", sep="\n")
    killed, lost = sum(row.killed for row in rows), sum(row.lost for row in rows)
    bad = sum(row.outcome != "ok" for row in rows)
    print(f"{killed} of {len(rows)} killed at their instant, {bad} not as expected, {time.monotonic() - began:.0f} s")
    print(f"lost secrets: {lost}")
    return int(lost > 0 or bad > 0 or killed < min(WANTED, len(rows)))


if __name__ == "__main__":
    sys.exit(main())
