"""Meters: the resources that a process has used, and the longest time that its event loop stood still."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
import gc
import os
from pathlib import Path
import time
from typing import Final

_TICK: Final = 0.005  # s


@dataclass(slots=True)
class Stall:
    """The longest gap between two turns of a task that does nothing else, in milliseconds.

    Two causes lie outside the measured code, so they are left out and reported apart: other programs that had the
    processor, and Python's own garbage collection. A full collection goes through all objects of Home Assistant and
    takes longer than anything else, no matter which code made the object that set it off.
    """

    longest: float = 0.0
    busy: float = 0.0  # spent computing; for the rest this process waited for the disk or for its own threads
    collecting: float = 0.0  # the longest garbage collection
    elsewhere: float = 0.0  # the longest time that other programs had the processor while it was this task's turn


class _Processor:
    """The time that this thread has waited for a processor, by the kernel's own account."""

    def __init__(self) -> None:
        try:
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:  # a kernel that keeps no account
            self._file = -1

    def waited(self) -> float:
        """Return milliseconds."""
        return int(os.pread(self._file, 100, 0).split()[1]) / 1e6 if self._file >= 0 else 0.0

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)


class _Watch:
    """A task that looks at the clock, and a listener to the garbage collector."""

    def __init__(self) -> None:
        self.found = Stall()
        self.processor = _Processor()
        self._began: float | None = None  # when the running collection began
        self._counted = 0.0  # the time up to which it is counted
        self._collected = 0.0  # ms, since the last turn

    def _clock(self) -> float:
        """Return milliseconds of a clock that stands still while other programs have the processor."""
        return 1000 * time.monotonic() - self.processor.waited()

    def collector(self, phase: str, _info: dict[str, int]) -> None:
        # This runs in any thread, and the watching task may get its turn between a collection and this call at its end.
        now = self._clock()
        if phase == "start":
            self._began = self._counted = now
        elif self._began is not None:
            began, self._began = self._began, None
            self._collected += now - self._counted
            self.found.collecting = max(self.found.collecting, now - began)

    async def run(self) -> None:
        before, used, waited = self._clock(), time.process_time(), self.processor.waited()
        self._collected = 0.0
        while True:
            await asyncio.sleep(_TICK)
            now, busy, elsewhere = self._clock(), time.process_time(), self.processor.waited()
            if self._began is not None:
                self._collected += now - self._counted
                self._counted = now
            if (gap := now - before - 1000 * _TICK - self._collected) > self.found.longest:
                self.found.longest, self.found.busy = gap, max(0.0, 1000 * (busy - used) - self._collected)
            self.found.elsewhere = max(self.found.elsewhere, elsewhere - waited)
            before, used, waited, self._collected = now, busy, elsewhere, 0.0


@asynccontextmanager
async def stall() -> AsyncIterator[Stall]:
    """Watch the event loop."""
    watch = _Watch()
    gc.callbacks.append(watch.collector)
    watching = asyncio.create_task(watch.run())
    try:
        yield watch.found
    finally:
        watching.cancel()
        gc.callbacks.remove(watch.collector)
        watch.processor.close()


@contextmanager
def collecting() -> Iterator[list[float]]:
    """Keep account of the processor time, in seconds, that each garbage collection takes."""
    lasted: list[float] = []
    began = 0.0

    def collector(phase: str, _info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.process_time()
        else:
            lasted.append(time.process_time() - began)

    gc.callbacks.append(collector)
    try:
        yield lasted
    finally:
        gc.callbacks.remove(collector)


def memory() -> float:
    """Megabytes of this process that are in memory now, garbage apart."""
    gc.collect()
    return _status("VmRSS")


def peak_memory() -> float:
    """Megabytes of this process that were in memory at most."""
    return _status("VmHWM")


def _status(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / 1024
    raise LookupError(field)
