"""Measurements side by side, each in a process of its own and only one at a time.

The load of the machine changes from minute to minute. Measurements that take turns, repetition by repetition, all have
the same good and bad minutes.
"""

import asyncio
from collections.abc import Sequence
import json
from pathlib import Path
import subprocess
import sys
import tempfile
import threading
from typing import Any, Final

from .broker import ROOT, Platform

_PATIENCE: Final = 900  # s, for all measurements together


async def turn() -> None:
    """Wait for this process's turn; a process that was started alone goes on at once."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def over() -> None:
    """Give the turn back."""
    print("over", flush=True)


class _Process:
    """The process of one measurement."""

    def __init__(self, name: str, platform: Platform, folder: Path) -> None:
        self._errors = folder / f"{name}.log"
        ports = [str(platform.broker_port), str(platform.control_port)]
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmark.worker", name, *ports],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._last = "over"

    @property
    def has_more(self) -> bool:
        return self._last == "over"

    def take_turn(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:  # the process has failed, which its empty last line shows
            pass
        self._last = self.process.stdout.readline().strip()

    def result(self) -> dict[str, Any]:
        if not self._last:
            errors = self._errors.read_text()
            sys.stderr.write(errors)
            return {"failed": (errors.strip().splitlines() or ["without a word"])[-1]}
        measured: dict[str, Any] = json.loads(self._last)
        return measured


def in_turns(names: Sequence[str], platform: Platform) -> dict[str, dict[str, Any]]:
    """Run measurements turn by turn; a failure leaves the others alone."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        running = {name: _Process(name, platform, Path(folder)) for name in names}
        watchdogs = [threading.Timer(_PATIENCE, each.process.kill) for each in running.values()]
        for watchdog in watchdogs:
            watchdog.start()
        try:
            while any(each.has_more for each in running.values()):
                for each in running.values():
                    if each.has_more:
                        each.take_turn()
            return {name: each.result() for name, each in running.items()}
        finally:
            for watchdog, each in zip(watchdogs, running.values(), strict=True):
                watchdog.cancel()
                each.process.kill()
                each.process.wait()
