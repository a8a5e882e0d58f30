"""`python -m tests.demo.faults.kills`: kill -9 around a request for history and around an import; nothing is lost.

Each moment has a Home Assistant and a platform of its own, copied from one home that has lived for a while. A request
whose action had not answered when Home Assistant died is made again, as a person would do it.
"""

import argparse
import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
import shutil
import sys
import tempfile
import time

import aiohttp

from ..client import AnswerError
from ..doomed import SurvivedError
from ..flow import FlowError
from ..interruption import until_signal
from ..polling import LateError, polled
from ..processes import StartError
from ..table import aligned
from .asked import TICKS, is_calm
from .moments import MOMENTS, Around
from .mortal import Base, Mortal, Row
from .patient import now_ms, patient

AT_ONCE = 2
SECONDS = 120
BROKEN = (SurvivedError, LateError, StartError, AnswerError, FlowError, aiohttp.ClientError, TimeoutError)


HEADS = (
    "",
    "around",
    "killed when",
    "hit",
    "begun",
    "expected",
    "lost",
    "stray",
    "out of order",
    "duplicates",
    "s",
    "result",
)


async def _bases(folder: Path) -> Mapping[Around, Base]:
    """Let a home live for a while; before an import the platform has rejected values of some properties."""
    bases = {}
    async with patient(folder / "life") as one:
        began = now_ms()
        await one.hurry_through(2 * TICKS)
        await polled("all has arrived", partial(is_calm, one), SECONDS)
        await one.home.stop()
        await one.platform.stop()
        bases[Around.REQUEST] = Base(folder=folder / "request", entry_id=one.entry_id, began=began)
        shutil.copytree(folder / "life", bases[Around.REQUEST].folder, symlinks=True)
        await one.platform_up()
        await one.home_up()
        began = now_ms()
        await one.reject_some()
        await one.hurry_through(2 * TICKS)
        await polled("all others have arrived", partial(is_calm, one), SECONDS)
        await one.home.stop()
        await one.platform.stop()
        bases[Around.IMPORT] = Base(folder=folder / "import", entry_id=one.entry_id, began=began)
        shutil.copytree(folder / "life", bases[Around.IMPORT].folder, symlinks=True)
    return bases


async def _kills(rows: list[Row], folder: Path) -> int:
    free = asyncio.Semaphore(AT_ONCE)
    bases = await _bases(folder)

    async def run(row: Row, http: aiohttp.ClientSession) -> None:
        async with free:
            began = time.monotonic()
            own = folder / f"{row.number:02}"
            try:
                await Mortal(row, bases[row.moment.around], own, http).go()
            except BROKEN as error:
                row.outcome = f"{type(error).__name__}: {error}"
            row.seconds = time.monotonic() - began
            shutil.rmtree(own, ignore_errors=True)
            print("  ".join(cell for cell in row.as_cells() if cell), flush=True)

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(run(row, http) for row in rows))
    return 0


async def _main(rows: list[Row], folder: Path) -> int:
    return await until_signal(asyncio.ensure_future(_kills(rows, folder)), 130)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.faults.kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", type=int, nargs="*", help="numbers of moments")
    only = parser.parse_args().only
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-kills-"))
    rows = [Row(number=number, moment=moment) for number, moment in enumerate(MOMENTS, 1)]
    rows = [row for row in rows if only is None or row.number in only]
    try:
        if asyncio.run(_main(rows, folder)):
            return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("", aligned([HEADS, *(row.as_cells() for row in rows)]), "", sep="\n")
    for row in rows:
        if row.counts is not None and row.counts.examples:
            print(f"{row.number}: " + "\n    ".join(row.counts.examples))
    killed, bad = sum(row.killed for row in rows), sum(row.is_bad for row in rows)
    lost = sum(row.counts.lost for row in rows if row.counts is not None)
    print(f"{killed} of {len(rows)} killed at their moment, {bad} not as expected, {time.monotonic() - began:.0f} s")
    print(f"lost values: {lost}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
