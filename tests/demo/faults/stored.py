"""Stored: reads the emulator's own record of stored values, a line for each in the order of arrival."""

from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value that has arrived; times in milliseconds, `received` by this machine's clock."""

    identifier: str
    value: Any
    time: int
    received: int
    kind: str


class Stored:
    """Follows the emulator's file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0

    def read(self) -> list[Sample]:
        """Return the new samples."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as lines:
            lines.seek(self._offset)
            text = lines.read()
        # The last line may be incomplete.
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [_sample(json.loads(line)) for line in whole.splitlines()]

    def mend(self) -> None:
        """Cut off an incomplete line that a killed platform has left; the platform would refuse to start with it."""
        if self._file.exists():
            text = self._file.read_bytes()
            with self._file.open("r+b") as lines:
                lines.truncate(text.rfind(b"\n") + 1)

    def forget(self) -> None:
        """Let the platform lose its memory during an outage; samples that were read before stay known here."""
        self._file.unlink(missing_ok=True)
        self._offset = 0


def _sample(line: dict[str, Any]) -> Sample:
    names = ("identifier", "value", "time", "received", "kind")
    return Sample(**{name: line[name] for name in names})
