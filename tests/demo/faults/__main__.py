"""`python -m tests.demo.faults`: break everything that can break, and compare recorded values with stored ones.

Each course has a real Home Assistant and a platform of its own. After every fault it waits until nothing is missing any
more, or until nothing more comes.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time

import aiohttp

from ..client import AnswerError
from ..databases import SERVERS, Server
from ..flow import FlowError
from ..interruption import until_signal
from ..platform import REPOSITORY
from ..polling import LateError
from ..processes import StartError
from .clock import SteppedClock
from .patient import Patient, patient
from .plan import COURSES, SHORT, Course, Fault, picked
from .results import Result, remarks, table
from .server_plan import SERVER_COURSES, SERVER_SHORT
from .settling import settled

AT_ONCE = 4
BROKEN = (LateError, StartError, AnswerError, FlowError, aiohttp.ClientError, TimeoutError)


async def _course(course: Course, folder: Path, results: list[Result], kind: type[Server] | None) -> None:
    """Go through the faults one after the other; an error ends the course."""
    times: dict[str, int] = {}
    result = Result(fault="(set-up)", course=course.name)
    try:
        clock = SteppedClock(folder) if course.stepped else None
        async with patient(folder, clock, None if kind is None else kind(folder)) as one:
            for fault in course.faults:
                times[fault.name] = times.get(fault.name, 0) + 1
                result = Result(fault=fault.name, course=course.name, time=times[fault.name])
                results.append(result)
                await _once(one, fault, result)
            one.ledger.judge()
    except BROKEN as error:
        result.broken = f"{type(error).__name__}: {error}"
        if result not in results:
            results.append(result)
        print(f"{course.name}: {result.broken}", flush=True)


async def _once(one: Patient, fault: Fault, result: Result) -> None:
    began, refusals = time.monotonic(), one.refusals
    is_late = result.time == fault.late
    if is_late:
        await one.reject_some()
    await fault.do(one, result.time)
    if is_late:
        await one.import_model()
    over = time.monotonic()
    result.counts = await settled(one, fault.patience)
    result.seconds, result.healed = time.monotonic() - began, time.monotonic() - over
    result.complaints, result.refusals = one.new_complaints(), one.refusals - refusals
    counts = result.counts
    print(
        f"{result.course}: {fault.name} ({result.time}): {counts.lost} of {counts.expected} lost, "
        f"{counts.stray} stray, {counts.disordered} out of order, {counts.history} by history, {result.seconds:.0f} s",
        flush=True,
    )


async def _all(
    courses: Sequence[Course], folder: Path, results: list[Result], at_once: int, kind: type[Server] | None
) -> int:
    free = asyncio.Semaphore(at_once)

    async def run(course: Course) -> None:
        async with free:
            own = folder / course.name.replace(" ", "-")
            own.mkdir()
            await _course(course, own, results, kind)

    await asyncio.gather(*(run(course) for course in courses))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="a few faults, once each")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="courses or faults, by their beginnings")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N", help="how many courses")
    parser.add_argument("--keep", action="store_true", help="leave the folders of Home Assistant and the platform")
    parser.add_argument("--recorder", choices=SERVERS, help="keep the values in this server, not in SQLite")
    options = parser.parse_args()
    kind = SERVERS[options.recorder] if options.recorder else None
    courses: Sequence[Course] = SHORT if options.short else COURSES
    if kind is not None:
        kind.install()
        courses = SERVER_SHORT if options.short else SERVER_COURSES
    if options.only:
        courses = picked(courses, options.only)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-faults-"))
    folder.chmod(0o711)  # a server's user has its files below
    results: list[Result] = []

    async def work() -> int:
        return await until_signal(asyncio.ensure_future(_all(courses, folder, results, options.at_once, kind)), 130)

    try:
        if asyncio.run(work()):
            return 130
    finally:
        if options.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print("", table(results), "", *remarks(results), sep="\n")
    bad = sum(result.is_bad for result in results)
    print(f"{bad} of {len(results)} not as they should be, {time.monotonic() - began:.0f} s")
    return int(bad > 0 or (kind is not None and not options.only and differs(kind)))


def differs(kind: type[Server]) -> bool:
    """Ask a server of its own about the past, too."""
    print(flush=True)
    command = [sys.executable, "-m", f"{__package__}.answers", kind.name]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
