"""The mark: how far the deliveries of an entry have come, kept over a restart in one small file.

Everything recorded before `until` is confirmed by the platform, or was lost and counted, but for the stretches that are
owed: values from before `until` that a user asked for, that were rejected and are sent again, or whose entity has not
come back yet. A stretch is in the file before the first of its values is read back, and it shrinks only by values that
the platform has confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from ..alink import Stretch, one_line
from ..const import DOMAIN
from ..durable import async_alone, read_object, remove, write_json
from .losses import Cause

DAY: Final = 24 * 3600 * 1000  # ms

_FAR: Final = 10**14  # ms UTC, the year 5138: a number beyond is no time but damage to the file
_MANY: Final = 2**53  # a count or a code beyond is damage as well: the states and the diagnostics cannot hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The stretch of one property (ms UTC) that the platform rejected, and its reason."""

    first: int
    last: int
    code: int | None
    text: str
    is_over: bool = False  # whether the platform has taken a later value of the property


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The progress of the deliveries of one entry."""

    until: int  # ms UTC; everything recorded before is confirmed, but for the stretches that are owed
    lost: Mapping[str, int] = field(default_factory=dict)  # values, by cause
    answers: bool | None = None
    missed: Mapping[str, Missed] = field(default_factory=dict)  # by identifier
    owed: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)  # by identifier, of the time before `until`


class MarkFile:
    """The mark of one entry on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file; nothing is read yet."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.delivery_{entry_id}"))

    async def async_load(self, now: int) -> Mark | None:
        """Read the mark; None for an entry that has delivered nothing yet. Raises OSError."""
        try:
            kept = await async_alone(self._hass, self._path, lambda: read_object(self._path))
            return None if kept is None else _read(kept)
        except ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError:
            # A damaged file tells nothing, so the last day is sent once more: twice is better than never.
            return Mark(until=now - DAY)

    async def async_save(self, mark: Mark) -> None:
        """Write the mark; it is on disk when this returns. Raises OSError."""
        document = asdict(mark)
        await async_alone(self._hass, self._path, lambda: write_json(self._path, document))

    async def async_remove(self) -> None:
        """Remove the file. Raises OSError."""
        await async_alone(self._hass, self._path, lambda: remove(self._path))


def _read(kept: dict[str, Any]) -> Mark:
    answers = kept.get("answers")
    return Mark(
        until=_read_number(kept["until"], _FAR),
        lost=_read_lost(kept.get("lost", {})),
        owed={identifier: tuple(map(_read_stretch, several)) for identifier, several in kept.get("owed", {}).items()},
        answers=answers if isinstance(answers, bool) else None,
        missed={identifier: _read_missed(one) for identifier, one in kept.get("missed", {}).items()},
    )


def _read_number(kept: Any, end: int, start: int = 0) -> int:
    """Read a whole number from `start` up to `end`."""
    number = int(kept)
    if not start <= number < end:
        raise ValueError("no such number")
    return number


def _read_lost(kept: Any) -> dict[str, int]:
    counts = kept if isinstance(kept, Mapping) else {Cause.UNKNOWN.value: kept or 0}
    read = {cause.value: _read_number(counts.get(cause.value, 0), _MANY) for cause in Cause}
    return {cause: count for cause, count in read.items() if count}


def _read_missed(kept: Mapping[str, Any]) -> Missed:
    first, last = _read_stretch((kept["first"], kept["last"]))
    code = kept["code"]
    return Missed(
        first=first,
        last=last,
        code=None if code is None else _read_number(code, _MANY, -_MANY),
        text=one_line(kept["text"]),
        is_over=bool(kept.get("is_over")),
    )


def _read_stretch(kept: Sequence[Any]) -> Stretch:
    start, end = kept
    start, end = _read_number(start, _FAR), _read_number(end, _FAR)
    if start > end:
        raise ValueError("no stretch")
    return start, end
