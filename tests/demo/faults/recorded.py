"""Recorded: reads the rows of Home Assistant's recorder from its own database."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from typing import Any

from ..comparison import identifier_of
from .home import CHOSEN, value_of

# s; the matrix steps the clock by an hour or not at all, and no other fault lasts as long.
STEP = 3600.0
QUERY = """
SELECT states.state_id, states_meta.entity_id, states.state, states.last_updated_ts
FROM states JOIN states_meta ON states.metadata_id = states_meta.metadata_id
WHERE states.state_id > ? AND states.state IS NOT NULL AND states_meta.entity_id IN ({})
ORDER BY states.state_id
""".format(", ".join("?" * len(CHOSEN)))


@dataclass(slots=True, kw_only=True, eq=False)
class Row:
    """One recorded state and its fate; times in milliseconds."""

    identifier: str
    value: Any
    # The time by a clock that is never stepped.
    time: float
    # The error of the clock that stamped the row.
    shift: int
    # True if the value differs from the one before it, so that it has to arrive.
    wanted: bool
    # True once the database has forgotten the row.
    gone: bool = False
    arrivals: int = 0
    # The arrivals that are expected: one more for each time it was asked for.
    due: int = 1


class Recorded:
    """The rows of the chosen entities in the order of recording, including those that were purged later."""

    def __init__(self, database: Path) -> None:
        self._database = database
        # The number of rows at the last look.
        self.count = 0
        self._newest = 0
        self._known: dict[tuple[str, float], Row | None] = {}
        self._last: dict[str, Any] = {}
        self._stamp = 0.0
        self._shift = 0.0

    def read(self) -> list[Row]:
        """Return the new rows."""
        there = list(self._rows())
        self.count += len(there)
        return [row for key in there if (row := self._noted(*key)) is not None]

    def read_again(self) -> list[Row]:
        """Return the new rows, and mark those that are gone; after a purge, ids may be given once more."""
        self._newest = 0
        there = list(self._rows())
        self.count = len(there)
        fresh = [row for key in there if (row := self._noted(*key)) is not None]
        left = {(entity_id, stamp) for entity_id, _, stamp in there}
        for key, row in self._known.items():
            if row is not None:
                row.gone = key not in left
        return fresh

    def _rows(self) -> Iterator[tuple[str, str, float]]:
        if not self._database.exists():
            return
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=10)) as connection:
            for state_id, entity_id, state, stamp in connection.execute(QUERY, (self._newest, *CHOSEN)):
                self._newest = state_id
                yield entity_id, state, stamp

    def _noted(self, entity_id: str, state: str, stamp: float) -> Row | None:
        """Return the row of a new state; None for a known one, or for one without a value."""
        if (entity_id, stamp) in self._known:
            return None
        if self._stamp and abs(stamp - self._stamp) > STEP / 2:
            self._shift += STEP * round((stamp - self._stamp) / STEP)
        self._stamp = stamp
        row = self._made(entity_id, state, stamp)
        self._known[entity_id, stamp] = row
        return row

    def _made(self, entity_id: str, state: str, stamp: float) -> Row | None:
        value = value_of(entity_id, state)
        if value is None:
            return None
        wanted = self._last.get(entity_id) != value
        self._last[entity_id] = value
        return Row(
            identifier=identifier_of(entity_id),
            value=value,
            time=(stamp - self._shift) * 1000,
            shift=round(self._shift * 1000),
            wanted=wanted,
        )
