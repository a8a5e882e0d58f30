"""Recorded: reads the rows of Home Assistant's recorder from its own database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, bindparam, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from ..comparison import identifier_of
from .home import CHOSEN, value_of

# s; the matrix steps the clock by an hour or not at all, and no other fault lasts as long.
STEP = 3600.0
QUERY = text("""
SELECT states.state_id, states_meta.entity_id, states.state, states.last_updated_ts
FROM states JOIN states_meta ON states.metadata_id = states_meta.metadata_id
WHERE states.state_id > :newest AND states.state IS NOT NULL AND states_meta.entity_id IN :chosen
ORDER BY states.state_id
""").bindparams(bindparam("chosen", CHOSEN, expanding=True))


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

    def __init__(self, database: Path, url: str | None = None) -> None:
        """Read a file of SQLite, or the database of a server."""
        self._file = database if url is None else None
        self._engine = create_engine(
            url or f"sqlite:///file:{database}?mode=ro&timeout=10&uri=true", poolclass=NullPool
        )
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
        if self._file is not None and not self._file.exists():
            return
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(QUERY, {"newest": self._newest}).all()
        except OperationalError, ProgrammingError:
            if self._file is not None:
                raise
            return  # the server is away, or has no tables yet
        for state_id, entity_id, state, stamp in rows:
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
