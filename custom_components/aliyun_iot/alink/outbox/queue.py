"""The samples that the platform has not confirmed yet."""

from collections import deque
from collections.abc import Sequence

from ..protocol.messages import Sample


class Outbox:
    """A bounded queue: what is taken stays here until it is settled or given back."""

    def __init__(self, capacity: int = 10_000) -> None:
        """Hold at most `capacity` samples; the oldest make room."""
        self._capacity = capacity
        self._waiting: deque[Sample] = deque()
        self._taken: Sequence[Sample] = ()
        self._latest: dict[str, Sample] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._taken)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to take."""
        return not self._waiting

    def offer(self, sample: Sample) -> bool:
        """Queue a sample, unless it repeats the value before it."""
        latest = self._latest.get(sample.identifier)
        if latest is not None and latest.value == sample.value:
            return False
        self._latest[sample.identifier] = sample
        self._waiting.append(sample)
        self._make_room()
        return True

    def take(self, limit: int) -> Sequence[Sample]:
        """Take the oldest samples; they are to be settled or given back before the next are taken."""
        count = min(limit, len(self._waiting))
        self._taken = [self._waiting.popleft() for _ in range(count)]
        return self._taken

    def settle(self) -> None:
        """Forget what was taken: the platform has decided on it."""
        self._taken = ()

    def give_back(self) -> None:
        """Put what was taken back to the front, in its order."""
        self._waiting.extendleft(reversed(self._taken))
        self._taken = ()
        self._make_room()

    def _make_room(self) -> None:
        while len(self) > self._capacity and self._waiting:
            self._drop()
            self.dropped += 1

    def _drop(self) -> None:
        """Drop the oldest sample that is not the last word on its property."""
        for _ in range(len(self._waiting)):
            oldest = self._waiting.popleft()
            if self._latest[oldest.identifier] is not oldest:
                return
            self._waiting.append(oldest)
        del self._latest[self._waiting.popleft().identifier]
