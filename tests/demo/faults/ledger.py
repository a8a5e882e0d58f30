"""Ledger: matches recorded values with stored ones, and assigns each difference to a fault."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
import math
from typing import Any

from .recorded import Row
from .stored import Sample

# ms; a corrected time is as exact as the platform's answer about its own: wrong by half of the way there and back. The
# integration waits two seconds for that answer, and two busy processors have been seen to take nearly as long.
CORRECTED = 1200.0
# ms, after an import; a restart may lie between
SAID_AGAIN = 120_000.0


@dataclass(slots=True, kw_only=True)
class Counts:
    """The fate of the values of one fault.

    `expected` and `lost` belong to the fault by their own time, the other counts by the time of arrival.
    """

    expected: int = 0
    lost: int = 0
    # In the cloud, without a recorded state that would explain it.
    stray: int = 0
    # Sent by a Home Assistant whose recorder has never written them: its loss, not ours.
    unrecorded: int = 0
    # Should have arrived, but were purged before they did.
    purged: int = 0
    # History that came after later history of the same property.
    disordered: int = 0
    # Recorded with the same value as before.
    repeats: int = 0
    # Stored more than once.
    duplicates: int = 0
    history: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class _Expected:
    """A row of one window, and the number of arrivals that it needs by the end of it."""

    row: Row
    due: int = 1
    # True for one that had not arrived when it was asked for once more: an arrival after that proves nothing.
    is_lost: bool = False

    @property
    def is_missing(self) -> bool:
        return self.row.wanted and not self.row.gone and (self.is_lost or self.row.arrivals < self.due)


class Ledger:
    """Matches both sides as they come; a window holds the values of one fault."""

    def __init__(self, began: float) -> None:
        """Expect the rows recorded after `began`, in milliseconds; older ones may come, too."""
        self._began = began
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._open: list[_Expected] = []
        self._pending: list[Sample] = []
        self._history: dict[str, float] = {}
        # The stretches of time whose states the recorder may not have written, and what the cloud has of such states.
        self._unwritten: list[tuple[float, float]] = []
        self._ghosts: list[Sample] = []
        # By property: each time in which the platform rejected all of its values.
        self._late: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._windows: list[tuple[Counts, list[_Expected]]] = []
        self._now = Counts()

    def take(self, rows: Iterable[Row], samples: Iterable[Sample]) -> None:
        """Match the new rows and samples."""
        for row in rows:
            insort(self._rows[row.identifier], row, key=_time)
            if row.time > self._began:
                self._open.append(_Expected(row=row))
        waiting, self._pending = [*self._pending, *samples], []
        for sample in waiting:
            if (found := self._match(sample)) is None:
                self._pending.append(sample)
            else:
                self._arrived(found, sample)
        self._forgive_repeats()

    def killed(self, moment: float) -> None:
        """Note the moment of a kill, after the last look: states that the recorder had not written by then are lost."""
        self.unwritten(self.newest, moment)

    def unwritten(self, start: float, end: float) -> None:
        """Note a time in which the recorder may have lost states; it begins with the millisecond of `start`."""
        self._unwritten.append((start - 1.0, end))

    @property
    def newest(self) -> float:
        """The time of the newest row: the recorder writes one after the other, and at times it is seconds behind."""
        return max((own[-1].time for own in self._rows.values() if own), default=0.0)

    def imported(self, moment: float, late: Iterable[str], *, since: float) -> None:
        """Note when the thing model got the properties that it lacked `since`: their earlier values come afterwards."""
        for identifier in late:
            self._late[identifier].append((since, moment))

    def ask(self, since: float, until: float) -> int:
        """Expect the wanted rows between the two times once more, in an order of their own; returns their number."""
        asked = [
            row
            for own in self._rows.values()
            for row in own[bisect_left(own, since, key=_time) : bisect_left(own, until, key=_time)]
            if row.wanted and not row.gone
        ]
        again = set(map(id, asked))
        for one in (one for _, rows in self._windows for one in rows if id(one.row) in again):
            one.is_lost = one.is_missing
        for one in (one for one in self._open if one.is_missing):
            again.discard(id(one.row))
        for row in asked:
            row.due = row.arrivals + 1
            if id(row) in again:
                self._open.append(_Expected(row=row, due=row.due))
            self._history.pop(row.identifier, None)
        return len(asked)

    def missing(self, before: float) -> list[Row]:
        """Return the wanted rows older than `before` that have not arrived."""
        return [one.row for one in self._open if one.row.time < before and one.is_missing]

    def lives(self, after: float, before: float) -> bool:
        """Return whether a wanted row lies between the two times."""
        return any(one.row.wanted and after < one.row.time < before for one in self._open)

    def close(self, before: float) -> Counts:
        """End a window: everything older than `before` belongs to it."""
        counts, self._now = self._now, Counts()
        rows = [one for one in self._open if one.row.time < before]
        self._open = [one for one in self._open if one.row.time >= before]
        for sample in [sample for sample in self._pending if sample.received < before]:
            self._pending.remove(sample)
            if self._says_again(sample):
                counts.duplicates += 1
            elif self._may_be_unwritten(sample):
                counts.unrecorded += 1
                self._ghosts.append(sample)
            else:
                counts.stray += 1
                _example(counts, "stray", sample.identifier, sample.value, sample.time)
        self._windows.append((counts, rows))
        self._judge(counts, rows)
        return counts

    def judge(self) -> None:
        """Judge all windows again: rows that were missing at the end of one may have arrived since."""
        for counts, rows in self._windows:
            self._judge(counts, rows)

    def _may_be_unwritten(self, sample: Sample) -> bool:
        return any(start < sample.time <= end for start, end in self._unwritten)

    def _forgive_repeats(self) -> None:
        """Do not want a row that repeats the value before it, when the cloud has that and the recorder lost it."""
        ghosts = [*self._ghosts, *filter(self._may_be_unwritten, self._pending)]
        last: dict[int, tuple[Row, Sample]] = {}
        for sample in sorted(ghosts, key=lambda ghost: ghost.time):
            own = self._rows[sample.identifier]
            place = bisect_left(own, sample.time + 1.0, key=_time)
            if place < len(own):
                last[id(own[place])] = own[place], sample
        for row, sample in last.values():
            if not row.arrivals and _equal(row.value, sample.value):
                row.wanted = False

    def _judge(self, counts: Counts, rows: list[_Expected]) -> None:
        wanted = [one for one in rows if one.row.wanted]
        counts.purged = sum(one.row.gone and one.row.arrivals < one.due for one in wanted)
        lost = [one.row for one in wanted if one.is_missing]
        counts.expected = len(wanted) - counts.purged
        counts.lost = len(lost)
        counts.examples = [text for text in counts.examples if not text.startswith("lost")]
        for row in lost:
            _example(counts, "lost", row.identifier, row.value, row.time)
        if lost:
            counts.examples.append(f"lost: all from {lost[0].time:.0f} to {lost[-1].time:.0f}")

    def _match(self, sample: Sample) -> Row | None:
        own = self._rows[sample.identifier]
        found: list[Row] = []
        for row in own[bisect_left(own, sample.time - CORRECTED, key=_time) :]:
            if row.time > sample.time + CORRECTED:
                break
            # The integration cuts the fraction of a millisecond off.
            if (row.shift or int(row.time) == sample.time) and _equal(row.value, sample.value):
                found.append(row)
        # An entity may have had the same value twice within a millisecond, or within the tolerance of a corrected time;
        # a row that has arrived already comes last.
        return min(found, key=lambda row: (row.shift != 0, row.arrivals, abs(row.time - sample.time)), default=None)

    def _says_again(self, sample: Sample) -> bool:
        """Tell whether a rejected property's value of now was sent to find out whether the platform takes it.

        One that was said before the import and waited for a connection meanwhile is taken after it. Where the recorder
        may have lost the latest state, nobody knows the value.
        """
        own = self._rows[sample.identifier]
        before = bisect_left(own, sample.time + 1.0, key=_time)
        is_late = any(since <= sample.time < until + SAID_AGAIN for since, until in self._late[sample.identifier])
        if before == 0 or not is_late:
            return False
        latest = own[before - 1]
        may_be_lost = any(latest.time < end <= sample.time for _, end in self._unwritten)
        return may_be_lost or _equal(latest.value, sample.value)

    def _arrived(self, row: Row, sample: Sample) -> None:
        row.arrivals += 1
        if row.arrivals != row.due:
            self._now.duplicates += row.arrivals > row.due
            return
        if not row.wanted:
            self._now.repeats += 1
        if sample.kind == "history":
            self._now.history += 1
            if any(row.time < until for _, until in self._late[row.identifier]):
                # Nothing tells a device of an import but the first value that is taken, and that may be of the past.
                return
            if row.time < self._history.get(row.identifier, 0):
                self._now.disordered += 1
                _example(self._now, "out of order", row.identifier, row.value, row.time)
            self._history[row.identifier] = max(row.time, self._history.get(row.identifier, 0))


def _time(row: Row) -> float:
    return row.time


def _equal(recorded: Any, stored: Any) -> bool:
    if isinstance(recorded, str) or isinstance(stored, str):
        return bool(recorded == stored)
    return math.isclose(recorded, stored, rel_tol=1e-9)


def _example(counts: Counts, what: str, identifier: str, value: Any, time: float) -> None:
    """Keep the first few, as places to look up in the logs."""
    if sum(text.startswith(what) for text in counts.examples) < 3:
        counts.examples.append(f"{what}: {identifier} {value!r} at {time:.0f}")
