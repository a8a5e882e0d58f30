"""Gaps: the stretches of time whose values have to be read back from the recorder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import math
from typing import Final

from ..alink import Sample, Stretch, Value

# Gaps of one property, so that an hour of short outages does not grow a list without end. Beyond that neighbours are
# joined, and the values between them are sent once more.
_MOST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A gap after a page was read for it."""

    gap: Gap
    last: Value | None
    held: Sample | None
    found: int


@dataclass(slots=True, kw_only=True)
class Gap:
    """A stretch of one property's time; both ends belong to it. Only `Gaps` changes its fields."""

    start: int  # ms UTC
    end: int  # ms UTC
    generation: int | None = None  # of the values dropped into it; None for a stretch that was asked for as a whole
    missing: int = 0  # values known to be in it that were not found yet; below 0 when more were found than known
    is_begun: bool = False  # whether it was read up to its start
    last: Value | None = None  # the value before its start, if that is known
    held: Sample | None = None  # the newest value of an interval that is not over

    @property
    def is_new(self) -> bool:
        """True if the value before it has to be looked up; a dropped value is known to differ from the one before."""
        return self.generation is None and not self.is_begun

    @property
    def since(self) -> int:
        """The time from which on nothing of it was handed over, in ms UTC."""
        return self.start if self.held is None else min(self.start, self.held.time)


class Gaps:
    """The gaps of all properties."""

    def __init__(self) -> None:
        """Start without any."""
        self._gaps: dict[str, list[Gap]] = {}
        self._generation = 0
        self._touched = math.inf  # ms UTC, the earliest start that changed since `begin`
        self.first: int | None = None  # ms UTC, the start of the next page
        self.oldest: int | None = None  # ms UTC; everything before was handed over

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._gaps

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def cover(self, identifier: str, start: int, end: int) -> None:
        """Add a stretch whose values are unknown."""
        if end < start:
            return
        apart: list[Gap] = []
        for gap in self._gaps.get(identifier, ()):
            if gap.end < start or end < gap.start:
                apart.append(gap)
            else:
                start, end = min(start, gap.since), max(end, gap.end)
        self._gaps[identifier] = sorted([*apart, Gap(start=start, end=end)], key=lambda gap: gap.start)
        self._touch(start)

    def drop(self, sample: Sample) -> None:
        """Add one value that is known to have left memory unconfirmed."""
        gaps = self._gaps.setdefault(sample.identifier, [])
        self._touch(sample.time)
        if gaps and gaps[-1].generation == self._generation:
            gap = gaps[-1]
        elif len(gaps) < _MOST:
            gaps.append(Gap(start=sample.time, end=sample.time, generation=self._generation, missing=1))
            return
        else:
            gap = gaps[-1]
            gap.generation = self._generation
        gap.missing += 1
        # After a step of the clock samples do not come in the order of time.
        gap.start = min(gap.start, sample.time)
        gap.end = max(gap.end, sample.time)

    def oldest_from(self, moment: int) -> int | None:
        """Return the start of the oldest gap that begins at `moment` or later (ms UTC)."""
        starts = (gap.since for gaps in self._gaps.values() for gap in gaps if gap.since >= moment)
        return min(starts, default=None)

    def before(self, moment: int) -> Iterator[tuple[str, Stretch]]:
        """Yield the stretches, as far as nothing of them was handed over, of gaps that begin before `moment`."""
        for identifier, gaps in self._gaps.items():
            for gap in gaps:
                if gap.since < moment:
                    yield identifier, (gap.since, gap.end)

    def seal(self) -> None:
        """Let no gap grow any more, since values after it were delivered."""
        self._generation += 1

    def begin(self, end: int) -> list[tuple[str, Gap]]:
        """Begin to read, and return the gaps that begin before or at `end`."""
        self._touched = math.inf
        return [(identifier, gap) for identifier, gaps in self._gaps.items() for gap in gaps if gap.start <= end]

    def is_touched(self, end: int) -> bool:
        """Tell whether any gap before or at `end` has changed since `begin`."""
        return self._touched <= end

    def note(self, progress: Iterable[Progress]) -> None:
        """Note how far gaps were read."""
        for one in progress:
            gap = one.gap
            gap.last, gap.held, gap.is_begun = one.last, one.held, True
            gap.missing -= one.found

    def close(self, end: int) -> int:
        """Forget everything up to and with `end`; returns the number of values that were not found."""
        missing = 0
        left: dict[str, list[Gap]] = {}
        for identifier, gaps in self._gaps.items():
            missing += sum(max(0, gap.missing) for gap in gaps if gap.end <= end)
            if still := [gap for gap in gaps if gap.end > end]:
                for gap in still:
                    gap.start = max(gap.start, end + 1)
                left[identifier] = still
        self._gaps = left
        self.first = min((gap.start for gaps in left.values() for gap in gaps), default=None)
        self.oldest = min((gap.since for gaps in left.values() for gap in gaps), default=None)
        return missing

    def _touch(self, moment: int) -> None:
        self._touched = min(self._touched, moment)
        self.first = moment if self.first is None else min(self.first, moment)
        self.oldest = moment if self.oldest is None else min(self.oldest, moment)
