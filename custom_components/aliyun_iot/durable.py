"""Durable files: small JSON files that survive a power cut."""

from enum import StrEnum
import json
import os
from pathlib import Path
from typing import Any


class Kept(StrEnum):
    """The files of an entry, by their contents."""

    PROGRESS = "progress"
    MODEL = "model"


def write_json(path: Path, document: Any) -> None:
    """Replace a file that only this user may read; a power cut leaves the old content or the new. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    path.parent.mkdir(exist_ok=True)
    with open(new, "w", encoding="utf-8", opener=_for_us_only) as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _sync_folder(path.parent)


def read_object(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None where there is no file. Raises OSError, and ValueError for anything else."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # the file is wrong, not an argument's type
    return document


def reason(error: OSError) -> str:
    """Return the operating system's reason, without the path."""
    return error.strerror or type(error).__name__


def _for_us_only(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _sync_folder(path: Path) -> None:
    """Flush a folder: without it, a power cut may undo the renaming of a file in it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
