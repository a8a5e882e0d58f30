"""`python -m tests.demo.writes`: count the writes of the integration's own files in a demo home, with strace.

The home lives as usual for some minutes, and asks for a day of history once. Each file may be written once a minute,
and once more for the request.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile

from .check import CHOSEN
from .flow import configure
from .home import OTHERS, SENSORS
from .interruption import until_signal
from .polling import polled
from .processes import Program, StartError
from .rig import Rig
from .table import aligned
from .verdict import CheckError, Clock, judged

INSTALL = (
    ["apt-get", "-qq", "update"],
    ["apt-get", "-qq", "-y", "install", "--no-install-recommends", "strace"],
)
CALLS = "open,openat,creat,rename,renameat,renameat2,fsync,fdatasync"
# A line of strace: thread, time, call and its arguments; the end of a call that was interrupted has a line of its own.
LINE = re.compile(r"^\d+ +(?P<time>\d+\.\d+) (?P<call>\w+)\((?P<arguments>.*)$")
# A draft has letters of its own in front of its file's name.
NAME = re.compile(r"/(?:\w+-)?(aliyun_iot\.[^/\"<>]*)[\">]")
FOR_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
SECONDS = 60
MINUTES = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the system that changes one of our files; the time is in seconds."""

    time: float
    kind: str
    name: str


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield the calls that concern our files: "open" to write, "fsync", and "replace" with the name of the target."""
    for line in lines:
        if (match := LINE.match(line)) is None or not (names := NAME.findall(match["arguments"])):
            continue
        call = match["call"]
        if call.startswith("rename"):
            kind = "replace"
        elif call in {"fsync", "fdatasync"}:
            kind = "fsync"
        elif call == "creat" or FOR_WRITING.search(match["arguments"]):
            kind = "open"
        else:
            continue
        yield Call(time=float(match["time"]), kind=kind, name=names[-1].removesuffix(".new"))


def strace() -> str:
    """Return strace's path; where it is missing, root on a Debian installs it."""
    if (found := shutil.which("strace")) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in INSTALL:
            subprocess.run(command, check=False, capture_output=True)
        found = shutil.which("strace")
    if found is None:
        raise StartError("strace is missing: install it first")
    return found


async def _measure(minutes: float, rig: Rig, since: Clock) -> None:
    entry = await configure(rig.client, rig.platform.typed, SENSORS, OTHERS)
    await polled("values of all entities", partial(_has_values, rig), SECONDS)
    with tempfile.TemporaryDirectory(prefix="aliyun-iot-strace-") as folder:
        trace = Path(folder) / "trace"
        tracer = Program("strace", Path(folder))
        follow = ["-f", "-y", "-ttt", "-s", "200", "-e", f"trace={CALLS}", "-p", str(rig.home_assistant.program.pid)]
        await tracer.start([strace(), *follow, "-o", str(trace)], cwd=Path(folder), environment=os.environ)
        try:
            print(f"{since()} all has arrived; counting for {minutes:g} minutes", flush=True)
            await asyncio.sleep(minutes * 30)
            asked = {"config_entry_id": entry["entry_id"], "days": 1}
            await rig.client.post("/api/services/aliyun_iot/send_history", asked)
            print(f"{since()} a day of history is asked for", flush=True)
            await asyncio.sleep(minutes * 30)
            if not tracer.running:
                raise CheckError(f"strace ended: {tracer.tail()}")
        finally:
            await tracer.stop()
        found = list(calls(trace.read_text(errors="replace").splitlines()))
    print(_table(found))
    most = minutes + 1
    for name, times in Counter(call.name for call in found if call.kind == "replace").items():
        if times > most:
            raise CheckError(f"{name} was written {times} times, instead of {most:g} at most")


async def _has_values(rig: Rig) -> bool | None:
    # Some entities are unavailable or unknown.
    return len((await rig.platform.device(rig.http))["properties"]) > len(CHOSEN) // 2 or None


def _table(found: list[Call]) -> str:
    heads = ("file", "opened to write", "fsync", "replaced", "seconds between")
    rows: list[tuple[str, ...]] = [heads]
    for name in sorted({call.name for call in found}):
        own = [call for call in found if call.name == name]
        counts = Counter(call.kind for call in own)
        times = [call.time for call in own if call.kind == "replace"]
        between = ", ".join(f"{after - before:.0f}" for before, after in pairwise(times))
        rows.append((name, *(str(counts[kind]) for kind in ("open", "fsync", "replace")), between))
    return aligned(rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.writes", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long to count")
    minutes = parser.parse_args().minutes

    async def work() -> int:
        return await until_signal(asyncio.ensure_future(judged(partial(_measure, minutes))), 130)

    return asyncio.run(work())


if __name__ == "__main__":
    sys.exit(main())
