"""`python -m tests.demo.chaos`: random faults for minutes, several at once; then everything has to heal by itself.

A real Home Assistant beside the emulator, with a custom component whose listeners raise. A seed gives the same order of
faults; it is not exact in time, because faults wait for programs.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
from random import Random
import shutil
import sys
import tempfile
import time

import aiohttp

from ..client import AnswerError
from ..faults.house import reloaded
from ..faults.patient import Patient
from ..faults.settling import settled
from ..flow import FlowError
from ..interruption import until_signal
from ..polling import LateError
from ..processes import StartError
from ..table import aligned
from .healed import Healed, look_at_home, look_at_log
from .mischief import Mischief
from .rage import Plan, Rage

LISTENER = Path(__file__).parent / "listener"
NAME = "chaos_listener"
BROKEN = (LateError, StartError, AnswerError, FlowError, aiohttp.ClientError, TimeoutError)
SHORT = Plan(seconds=25.0, pause=(0.3, 1.0), length=(0.5, 3.0), patience=20.0, is_short=True)


@asynccontextmanager
async def home(folder: Path) -> AsyncIterator[Patient]:
    """Start the programs, with the listener in the home, and set the integration up."""
    async with aiohttp.ClientSession() as http:
        patient = Patient(folder, http, None)
        try:
            patient.home.prepare()
            installed = Path(shutil.copytree(LISTENER, patient.home.config / "custom_components" / NAME))
            # Home Assistant's and HACS's own checks take every file of that name for an integration's.
            (installed / "listener.json").rename(installed / "manifest.json")
            configuration = patient.home.config / "configuration.yaml"
            configuration.write_text(json.dumps({**json.loads(configuration.read_text("utf-8")), NAME: {}}), "utf-8")
            await patient.platform_up()
            await patient.home_up()
            await patient.set_up()
            yield patient
        finally:
            await asyncio.gather(patient.home.stop(), patient.platform.stop())


async def chaos(plan: Plan, seed: int, folder: Path) -> int:
    """Run all of it and print the outcome; returns the exit code."""
    began, healed = time.monotonic(), Healed()
    rage: Rage | None = None
    try:
        async with home(folder) as patient:
            # An entry that has never had a reply takes an acknowledgement for one in the end, and faults hold both
            # apart. With this the mark on the disk has noted that the platform replies.
            await reloaded(patient, 1)
            rage = Rage(plan=plan, mischief=Mischief(patient, Random(seed)))
            print(f"started after {time.monotonic() - began:.0f} s", flush=True)
            await rage.go()
            await rage.mischief.over()
            print(f"all faults over after {time.monotonic() - began:.0f} s", flush=True)
            over = time.monotonic()
            healed.counts = await settled(patient, plan.patience)
            patient.ledger.judge()
            healed.seconds = time.monotonic() - over
            await look_at_home(patient, healed)
        look_at_log(patient.home.program.log.read_text(errors="replace"), healed, rage.mischief.loads)
    except* BROKEN as errors:
        healed.wrong += [f"{type(error).__name__}: {error}" for error in errors.exceptions]
    if rage is not None:
        told(rage, healed)
    counts = healed.counts
    print(*healed.wrong, sep="\n")
    is_bad = bool(healed.wrong or counts.lost or counts.stray or not counts.expected)
    print(f"seed {seed}: {'bad' if is_bad else 'healed'}, {time.monotonic() - began:.0f} s in all")
    return int(is_bad)


def told(rage: Rage, healed: Healed) -> None:
    """Print the figures; of a bad run also the time of each fault."""
    counts, patient = healed.counts, rage.mischief.patient
    times = Counter(kind.name for _, kind, _ in rage.begun)
    if healed.wrong or counts.lost or counts.stray:
        print(*(f"{at:6.1f} s: {kind.name} ({seconds:.1f} s)" for at, kind, seconds in rage.begun), sep="\n")
        print(*counts.examples, sep="\n")
    print(
        "",
        aligned([("fault", "times"), *((name, str(count)) for name, count in sorted(times.items()))]),
        sep="\n",
    )
    print(
        f"\n{times.total()} faults of {len(times)} kinds, {rage.mischief.loads} loads of the entry, "
        f"{len(patient.platform.asked_for())} attempts to connect, {healed.raised} errors of the listener\n"
        f"{counts.expected} values expected: {counts.lost} lost, {counts.stray} stray, {counts.disordered} out of "
        f"order, {counts.history} by history, {counts.duplicates} twice; caught up after {healed.seconds:.0f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.chaos", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="of faults, 10 by default")
    parser.add_argument("--short", action="store_true", help="a minute in all, the start included")
    parser.add_argument("--seed", type=int, help="of a former run; a random one by default")
    parser.add_argument("--keep", action="store_true", help="leave the folder of Home Assistant and the platform")
    options = parser.parse_args()
    seed = Random().randrange(1_000_000) if options.seed is None else options.seed
    plan = SHORT if options.short else Plan(seconds=60.0 * options.minutes)
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-chaos-"))
    print(f"seed {seed}", flush=True)

    async def work() -> int:
        return await until_signal(asyncio.ensure_future(chaos(plan, seed, folder)), 130)

    try:
        return asyncio.run(work())
    finally:
        if options.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
