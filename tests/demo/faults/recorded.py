"""What Home Assistant's recorder has in its own database, read beside it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from typing import Any

from ..comparison import identifier_of
from .home import CHOSEN, value_of

# The matrix steps the clock by an hour or not at all; nothing else that it does lasts so long.
STEP = 3600.0
QUERY = """
SELECT states.state_id, states_meta.entity_id, states.state, states.last_updated_ts
FROM states JOIN states_meta ON states.metadata_id = states_meta.metadata_id
WHERE states.state_id > ? AND states.state IS NOT NULL AND states_meta.entity_id IN ({})
ORDER BY states.state_id
""".format(", ".join("?" * len(CHOSEN)))


@dataclass(slots=True, kw_only=True, eq=False)
class Row:
    """One recorded state, and what became of it; times in milliseconds."""

    identifier: str
    value: Any
    # When it was, by a clock that nobody steps.
    time: float
    # By how much the clock was wrong that stamped it.
    shift: int
    # Whether it differs from the value before it: it has to arrive.
    wanted: bool
    # Whether the database has forgotten it.
    gone: bool = False
    arrivals: int = 0


class Recorded:
    """The rows of the chosen entities in the order of recording, as far as they were ever seen."""

    def __init__(self, database: Path) -> None:
        self._database = database
        # How many rows there are, as of the last look.
        self.count = 0
        self._newest = 0
        self._known: dict[tuple[str, float], Row | None] = {}
        self._last: dict[str, Any] = {}
        self._stamp = 0.0
        self._shift = 0.0

    def read(self) -> list[Row]:
        """Return the rows that are new."""
        there = list(self._rows())
        self.count += len(there)
        return [row for key in there if (row := self._noted(*key)) is not None]

    def read_again(self) -> list[Row]:
        """Return the rows that are new, and mark those that are gone; after a purge, ids may be given once more."""
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
        """Return the row of a state that was not there before; None, too, if it says nothing."""
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
