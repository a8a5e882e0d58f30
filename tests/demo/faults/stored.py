"""What the platform has stored, as its emulator writes it down: a line for every value, in the order of arrival."""

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
        """Return what is new."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as lines:
            lines.seek(self._offset)
            text = lines.read()
        # The last line may be half written.
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [_sample(json.loads(line)) for line in whole.splitlines()]

    def mend(self) -> None:
        """Cut a half line off, which a platform that was killed may have left; it would not start with it."""
        if self._file.exists():
            text = self._file.read_bytes()
            with self._file.open("r+b") as lines:
                lines.truncate(text.rfind(b"\n") + 1)

    def forget(self) -> None:
        """Let the platform lose its memory, while it is away; what was read before is not forgotten here."""
        self._file.unlink(missing_ok=True)
        self._offset = 0


def _sample(line: dict[str, Any]) -> Sample:
    names = ("identifier", "value", "time", "received", "kind")
    return Sample(**{name: line[name] for name in names})
