"""A program of the demo: started apart from the terminal, ended by its own process id."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
import contextlib
from pathlib import Path
import random
import socket
import time


class StartError(Exception):
    """A program ended, or printed nothing, before it was ready."""


class Program:
    """One child process, with its output in two files."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.output = folder / f"{name}.out"
        self.log = folder / f"{name}.log"
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]) -> None:
        # The output goes to files, not pipes, which would stall a program once they are full. The program gets a
        # session of its own: Ctrl-C in the terminal would otherwise reach it too, and a second signal ends Home
        # Assistant before it has stopped.
        self.output.parent.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as output, self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=cwd, env=environment, stdout=output, stderr=log, start_new_session=True
            )

    async def wait(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return await self._process.wait()

    async def stop(self, patience: float = 20) -> int | None:
        """Ask it to end, insist after `patience` seconds, and return its exit code."""
        if self._process is None:
            return None
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                return await asyncio.wait_for(self._process.wait(), patience)
            except TimeoutError:
                return await self.kill()
        return self._process.returncode

    async def kill(self) -> int:
        """End it as a power cut would."""
        assert self._process is not None, f"{self.name} was not started"
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    def tail(self, lines: int = 40) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def free_port(preferred: int = 0) -> int:
    """Return a free port of 127.0.0.1, the preferred one if possible."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lasting_port() -> int:
    """Return a free port outside the range that the system hands out by itself: it is still free after a restart."""
    while True:
        wanted = random.randrange(15_000, 30_000)
        if free_port(wanted) == wanted:
            return wanted


async def until[T](what: str, look: Callable[[], T | None], program: Program, seconds: float) -> T:
    """Call `look` until it returns something, the program ends or the time is over."""
    deadline = time.monotonic() + seconds
    while (seen := look()) is None:
        if not program.running:
            raise StartError(f"{program.name} ended while waiting for {what}")
        if time.monotonic() > deadline:
            raise StartError(f"{program.name}: no {what} within {seconds:.0f} s")
        await asyncio.sleep(0.05)
    return seen
