"""Durable files: small JSON files that survive a power cut.

Each write goes to a draft, which then takes the file's place. Reading and writing wait in threads, which cannot be
cancelled, so every use of a file runs alone with it: a reload that cancels a save does not overtake it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
import json
import os
from pathlib import Path
import tempfile
from typing import Any, Final
from weakref import WeakValueDictionary

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .unbroken import async_unbroken

_DRAFT: Final = ".new"
_ASIDE: Final = ".unreadable"

# bytes; the model of 6,000 properties with a hundred options each takes 20 MB. What is larger is damage, and parsing it
# would take the memory of a small machine.
_SIZE_MAX: Final = 64 * 1024 * 1024

# A file that is damaged again and again is damaged by its disk. The last ones hold all that a person could still want.
_ASIDE_MAX: Final = 5

_LOCKS: Final[HassKey[WeakValueDictionary[Path, asyncio.Lock]]] = HassKey(f"{DOMAIN}_file_locks")


async def async_alone[T](hass: HomeAssistant, path: Path, job: Callable[[], T]) -> T:
    """Run a job in the executor, alone with a file until its thread has ended, even if the caller has not waited."""
    lock = hass.data.setdefault(_LOCKS, WeakValueDictionary()).setdefault(path, asyncio.Lock())

    async def step() -> T:
        async with lock:
            return await hass.async_add_executor_job(job)

    return await async_unbroken(hass, step(), path.name)


class KeptFile(StrEnum):
    """The files of an entry, by their contents."""

    PROGRESS = "progress"
    MODEL = "model"


def write_json(path: Path, document: Any) -> None:
    """Replace a file that only this user may read; a power cut leaves the old content or the new. Raises OSError."""
    path.parent.mkdir(exist_ok=True)
    # A name of its own for each draft, so that none has the mode or the rest of an earlier one.
    descriptor, name = tempfile.mkstemp(prefix="", suffix=f"-{path.name}{_DRAFT}", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        _unlink(draft)
        raise
    _sync_folder(path.parent)


def read_object(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None where there is no file. Raises OSError, and ValueError for anything else.

    Drafts go, which a power cut has left.
    """
    for draft in _drafts(path):
        _unlink(draft)
    try:
        if path.stat().st_size > _SIZE_MAX:
            raise ValueError("too large")
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # the file is wrong, not an argument's type
    return document


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be read, for a person to look at, and return its new path. Raises OSError.

    Earlier ones stay beside it, up to a number of them.
    """
    earlier = files_set_aside(path)
    number = _number(earlier[-1]) + 1 if earlier else 1
    aside = path.with_name(f"{path.name}{_ASIDE}" if number == 1 else f"{path.name}{_ASIDE}.{number}")
    path.chmod(0o600)
    path.replace(aside)
    for former in earlier[: max(0, len(earlier) + 1 - _ASIDE_MAX)]:
        former.unlink(missing_ok=True)
    return aside


def files_set_aside(path: Path) -> list[Path]:
    """List the files that were set aside in place of a file, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}{_ASIDE}*"), key=_number)


def remove(path: Path) -> None:
    """Remove a file, its drafts, and the files that were set aside in its place. Raises OSError."""
    for one in (path, *_drafts(path)):
        one.unlink(missing_ok=True)
    remove_set_aside(path)


def remove_set_aside(path: Path) -> None:
    """Remove the files that were set aside in place of a file. Raises OSError."""
    for one in files_set_aside(path):
        one.unlink(missing_ok=True)


def reason(error: OSError) -> str:
    """Return the operating system's reason, without the path."""
    return error.strerror or type(error).__name__


def _drafts(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}{_DRAFT}"), *path.parent.glob(f"*-{path.name}{_DRAFT}")]


def _number(aside: Path) -> int:
    number = aside.suffix.removeprefix(".")
    return int(number) if number.isascii() and number.isdigit() else 1


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _sync_folder(path: Path) -> None:
    """Flush a folder: without it, a power cut may undo the renaming of a file in it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
