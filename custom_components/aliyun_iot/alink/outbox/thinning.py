"""Thinning: one value per property and interval."""

from collections.abc import Iterator, Set as AbstractSet

from ..protocol.messages import Sample


class Thinning:
    """Holds back each property's newest value until its interval is over, and drops the others of that interval.

    A value belongs to an interval by its own time, so that the same values give the same result whenever they are read:
    live, or days later from the recorder.
    """

    def __init__(self, interval: int) -> None:
        """Cut time into intervals of so many milliseconds."""
        self._interval = interval
        self._held: dict[str, Sample] = {}

    def put(self, sample: Sample) -> Sample | None:
        """Hold a sample, and return the one before it if that was the last of its interval."""
        before = self._held.get(sample.identifier)
        self._held[sample.identifier] = sample
        if before is None or before.time // self._interval == sample.time // self._interval:
            return None
        return before

    def over(self, now: int) -> Iterator[Sample]:
        """Let go of each value that no later one can replace; `now` is in ms UTC."""
        current = now // self._interval
        for sample in [sample for sample in self._held.values() if sample.time // self._interval != current]:
            yield self._held.pop(sample.identifier)

    def of(self, identifiers: AbstractSet[str]) -> Iterator[Sample]:
        """Let go of the values of some properties."""
        for identifier in identifiers & self._held.keys():
            yield self._held.pop(identifier)

    def all(self) -> Iterator[Sample]:
        """Let go of everything."""
        held, self._held = self._held, {}
        yield from held.values()

    def seconds_left(self, now: int) -> float:
        """Return how long the interval still lasts, in seconds; `now` is in ms UTC."""
        return (self._interval - now % self._interval) / 1000.0

    def held(self) -> Iterator[tuple[str, int]]:
        """Yield the identifier of each value that is held back, and the start of its interval in ms UTC."""
        for identifier, sample in self._held.items():
            yield identifier, sample.time - sample.time % self._interval

    @property
    def oldest(self) -> int | None:
        """When the oldest interval began whose value is held back, in ms UTC."""
        oldest = min((sample.time for sample in self._held.values()), default=None)
        return None if oldest is None else oldest - oldest % self._interval
