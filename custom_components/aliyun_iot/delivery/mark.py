"""The mark: the time up to which everything is confirmed, kept over a restart in one small file per entry."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import DOMAIN
from ..durable import read_object, write_json

DAY: Final = 24 * 3600 * 1000  # ms

_FAR: Final = 10**14  # ms UTC, the year 5138: a number beyond is no time but damage to the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The stretch of one property (ms UTC) that the platform rejected, and its reason."""

    first: int
    last: int
    code: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The progress of the deliveries of one entry."""

    until: int  # ms UTC; everything recorded before is confirmed
    lost: int = 0
    answers: bool | None = None
    missed: Mapping[str, Missed] = field(default_factory=dict)  # by identifier


class MarkFile:
    """The mark of one entry on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file; nothing is read yet."""
        self._hass = hass
        self._lock = asyncio.Lock()
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.delivery_{entry_id}"))

    async def async_load(self, now: int) -> Mark | None:
        """Read the mark; None for an entry that has delivered nothing yet. Raises OSError."""
        try:
            kept = await self._hass.async_add_executor_job(read_object, self._path)
            return None if kept is None else _read(kept)
        except ArithmeticError, AttributeError, KeyError, TypeError, ValueError:
            # A damaged file tells nothing, so the last day is sent once more: twice is better than never.
            return Mark(until=now - DAY)

    async def async_save(self, mark: Mark) -> None:
        """Write the mark; it is on disk when this returns. Raises OSError."""
        async with self._lock:
            await self._hass.async_add_executor_job(write_json, self._path, asdict(mark))

    async def async_remove(self) -> None:
        """Remove the file. Raises OSError."""
        await self._hass.async_add_executor_job(lambda: self._path.unlink(missing_ok=True))


def _read(kept: dict[str, Any]) -> Mark:
    answers = kept.get("answers")
    until = int(kept["until"])
    if not 0 <= until < _FAR:
        raise ValueError("no time")
    return Mark(
        until=until,
        lost=int(kept.get("lost", 0)),
        answers=answers if isinstance(answers, bool) else None,
        missed={str(identifier): _read_missed(one) for identifier, one in kept.get("missed", {}).items()},
    )


def _read_missed(kept: Mapping[str, Any]) -> Missed:
    code = kept["code"]
    return Missed(
        first=int(kept["first"]),
        last=int(kept["last"]),
        code=None if code is None else int(code),
        text=str(kept["text"]),
    )
