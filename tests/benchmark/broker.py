"""Debian's mosquitto and the replier, on loopback, for as long as the benchmark runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import socket
import subprocess
import sys
import time
from typing import Final

from tests.demo.processes import free_port

ROOT: Final = Path(__file__).parents[2]

# Debian's defaults, except for the listener, anonymous clients and nothing stored on the disk. The queue is not
# bounded: a message that the broker threw away before the replier read it would make the counts too low.
CONFIGURATION: Final = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
log_type error
log_type warning
max_queued_messages 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The ports of the broker and of the replier's control."""

    broker_port: int
    control_port: int


@contextmanager
def running(folder: Path) -> Iterator[Platform]:
    """Start both, and end both by their own process ids."""
    platform = Platform(broker_port=free_port(), control_port=free_port())
    configuration = folder / "mosquitto.conf"
    configuration.write_text(CONFIGURATION.format(port=platform.broker_port))
    started: list[subprocess.Popen[bytes]] = []
    try:
        with (folder / "mosquitto.log").open("wb") as log:
            started.append(subprocess.Popen([mosquitto(), "-c", str(configuration)], stdout=log, stderr=log))
        _until_listening(platform.broker_port)
        ports = [str(platform.broker_port), str(platform.control_port)]
        with (folder / "replier.log").open("wb") as log:
            replier = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmark.replier", *ports], cwd=ROOT, stdout=subprocess.PIPE, stderr=log
            )
        started.append(replier)
        assert replier.stdout is not None
        if replier.stdout.readline() != b"ready\n":
            raise RuntimeError((folder / "replier.log").read_text())
        yield platform
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def mosquitto() -> str:
    """Find the broker; Debian installs it in a folder that only root has on its path."""
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        sys.exit("mosquitto is missing: scripts/benchmark installs it")
    return found


def _until_listening(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
