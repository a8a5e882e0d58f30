"""The stretches of time whose values have to be read back."""

from dataclasses import dataclass
import math
from typing import Final

from ..alink import Sample, Value

# Of one property; beyond that neighbours are joined, which sends what lies between them once more.
_MOST: Final = 8


@dataclass(slots=True, kw_only=True)
class Gap:
    """A stretch of one property's time; both ends belong to it."""

    start: int  # ms UTC
    end: int  # ms UTC
    generation: int | None = None  # of the values that were dropped; None for a stretch of which nothing is known
    missing: int = 0  # values that are known to be in it and were not found yet; less than 0 if more were found
    is_begun: bool = False  # whether it was read up to its start
    last: Value | None = None  # the value before, where it is known
    held: Sample | None = None  # the newest value of an interval that is not over

    @property
    def is_new(self) -> bool:
        """Whether the value before it still has to be found out; the first of what was dropped is known to differ."""
        return self.generation is None and not self.is_begun

    @property
    def since(self) -> int:
        """From when on nothing of it was handed over, in ms UTC."""
        return self.start if self.held is None else min(self.start, self.held.time)


class Gaps:
    """The gaps of all properties."""

    def __init__(self) -> None:
        """Start without any."""
        self._gaps: dict[str, list[Gap]] = {}
        self._generation = 0
        self._touched = math.inf  # ms UTC, the earliest that changed since somebody began to read
        self.first: int | None = None  # ms UTC, where to read next
        self.oldest: int | None = None  # ms UTC, up to where everything was handed over

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def cover(self, identifier: str, start: int, end: int) -> None:
        """Add a stretch of which nobody knows what is in it."""
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
        """Add one value that is known to be missing."""
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
        # Not in the order of time after a step of the clock.
        gap.start = min(gap.start, sample.time)
        gap.end = max(gap.end, sample.time)

    def seal(self) -> None:
        """Let no gap grow any more: what lies behind it was delivered."""
        self._generation += 1

    def begin(self, end: int) -> list[tuple[str, Gap]]:
        """Begin to read, and return what begins before or at `end`."""
        self._touched = math.inf
        return [(identifier, gap) for identifier, gaps in self._gaps.items() for gap in gaps if gap.start <= end]

    def is_touched(self, end: int) -> bool:
        """Whether anything before or at `end` has changed since."""
        return self._touched <= end

    def close(self, end: int) -> int:
        """Forget everything up to and with `end`; returns how many values were not found."""
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
