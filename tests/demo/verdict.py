"""Verdict: runs the demo without a person and returns an exit code; a failure prints both logs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
import shutil
import tempfile
import time
from typing import Any

import aiohttp

from .client import AnswerError
from .flow import FlowError
from .home_assistant import HOME
from .log import complaints
from .polling import LateError
from .processes import StartError
from .rig import Rig, running


class CheckError(Exception):
    """A value did not arrive, or not as it was."""


class Clock:
    """The seconds since the run began, as a text in front of a line."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self) -> str:
        return f"[{time.monotonic() - self._began:5.1f} s]"


async def judged(
    work: Callable[[Rig, Clock], Awaitable[None]],
    *,
    language: str = "en",
    extra: Iterable[str] = (),
    products: Sequence[Mapping[str, Any]] | None = None,
    furnished: Callable[[Path], Path] | None = None,
) -> int:
    """Work with a platform and a Home Assistant of its own; return 0 when that succeeds and the log is clean.

    `furnished` writes another home below a folder, and returns its own.
    """
    since = Clock()
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-demo-"))
    reason = None
    try:
        home = HOME if furnished is None else furnished(folder)
        async with running(folder, language=language, extra=extra, products=products, home=home) as rig:
            print(f"{since()} Home Assistant and the platform are running", flush=True)
            await work(rig, since)
    except (CheckError, FlowError, StartError, AnswerError, LateError, aiohttp.ClientError) as error:
        reason = f"{type(error).__name__}: {error}"
    finally:
        log = _read(folder / "home-assistant.log")
        platform_log = _read(folder / "platform.log")
        shutil.rmtree(folder, ignore_errors=True)
    found = complaints(log)
    if reason is None and not found:
        print(f"{since()} the log says nothing against the integration. All is well.")
        return 0
    print("--- the end of the emulator's log", *platform_log.splitlines()[-15:], sep="\n")
    print("--- the end of Home Assistant's log", *log.splitlines()[-40:], sep="\n")
    print("--- FAILED", *([reason] if reason else []), *(f"in the log: {record}" for record in found), sep="\n")
    return 1


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
