"""The samples that the platform has not confirmed yet."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import chain, islice
from typing import Final

from ..protocol.limits import PAYLOAD_MAX
from ..protocol.messages import Repetition, Sample
from .spool import Spool

# What there is beside the samples in a message; a full one of numbers has 20 kB.
_ENVELOPE: Final = 1024  # bytes

CAPACITY: Final = 10_000  # samples, about 1.5 MB


class Lane(Enum):
    """The two kinds of message: what is the case, and what was."""

    LIVE = auto()
    PAST = auto()


class Outbox:
    """A bounded queue: what is taken stays here until it is settled or given back.

    Values of now and of the past wait apart. What has no room any more goes to the spool, the past first and of each
    property the oldest first; the last word on a property stays as long as there is anything else to drop.
    """

    def __init__(
        self,
        spool: Spool,
        wake: Callable[[], None] | None = None,
        *,
        capacity: int = CAPACITY,
        most_text: int = 4_000_000,
    ) -> None:
        """Hold at most `capacity` samples, and `most_text` characters in values that are texts.

        `wake` is called when there was nothing of now to take, and is again.
        """
        self._spool = spool
        self._wake = wake or _nobody
        self._capacity = capacity
        self._most_text = most_text
        self._text = 0
        self._latest: dict[str, Sample] = {}
        self._live: deque[Sample] = deque()
        self._past: deque[Sample] = deque()
        self._recalled: deque[Sample] = deque()  # not bounded here, but by the page that is recalled at once
        self._taken: Sequence[Sample] = ()
        self._source = self._live

    def __len__(self) -> int:
        return len(self._live) + len(self._past) + len(self._recalled) + len(self._taken)

    def __iter__(self) -> Iterator[Sample]:
        return chain(self._taken, self._recalled, self._past, self._live)

    @property
    def live(self) -> int:
        """How many values of now there are to take."""
        return len(self._live)

    @property
    def past(self) -> int:
        """How many values of the past there are to take; what the spool still has is older than what came here."""
        return len(self._recalled) or (0 if self._spool.is_pending else len(self._past))

    @property
    def recalled(self) -> int:
        """How many of them were recalled."""
        return len(self._recalled)

    @property
    def has_live(self) -> bool:
        """Whether there are values of now, to take or taken."""
        return bool(self._live or (self._taken and self._source is self._live))

    @property
    def oldest(self) -> int | None:
        """When about the oldest sample was taken, in ms UTC."""
        heads = [lane[0].time for lane in (self._taken, self._recalled, self._past, self._live) if lane]
        return min(heads, default=None)

    def offer(self, sample: Sample) -> None:
        """Queue a sample, unless it has the value of the one before and is no repetition on purpose."""
        identifier, value, _ = sample  # every change comes here
        latest = self._latest.get(identifier)
        if latest is not None and latest.value == value and sample.__class__ is not Repetition:
            return
        self._latest[identifier] = sample
        if not self._live:
            self._wake()
        self._live.append(sample)
        if isinstance(value, str):
            self._text += len(value)
        # What waits of the past counts, too; `_make_room` looks again.
        if len(self._live) > self._capacity or self._text > self._most_text or self._past:
            self._make_room()

    def recall(self, samples: Iterable[Sample]) -> None:
        """Queue values of the past that were kept elsewhere; they are older than any of the past that is here."""
        self._recalled.extend(samples)

    def begin(self) -> None:
        """Start over with what is the case now: the last word on each property. All before it is the past."""
        last = deque[Sample]()
        for sample in self._live:
            (last if self._latest.get(sample.identifier) is sample else self._past).append(sample)
        self._live = self._source = last

    def take(self, lane: Lane, limit: int) -> Sequence[Sample]:
        """Take the oldest samples, as many as a message holds; to be settled or given back before the next."""
        self._source = source = self._live if lane is Lane.LIVE else self._recalled or self._past
        count = min(limit, len(source))
        if self._text or source is self._recalled:  # numbers are never too long
            room = PAYLOAD_MAX - _ENVELOPE
            for number, sample in enumerate(islice(source, count)):
                room -= sample.size
                if room < 0:
                    count = max(1, number)
                    break
        self._taken = [source.popleft() for _ in range(count)]
        return self._taken

    def settle(self) -> None:
        """Forget what was taken: the platform has decided on it."""
        if self._text and self._source is not self._recalled:
            self._text -= _text_of(self._taken)
        self._taken = ()

    def give_back(self) -> None:
        """Put what was taken back to the front, in its order."""
        self._source.extendleft(reversed(self._taken))
        self._taken = ()
        self._make_room()

    def _make_room(self) -> None:
        """Drop down to half of what there may be, so that it costs little for each."""
        if len(self._live) + len(self._past) <= self._capacity and self._text <= self._most_text:
            return
        dropped: list[Sample] = []
        count, text = self._capacity // 2, self._most_text // 2

        def is_too_much() -> bool:
            return len(self._live) + len(self._past) > count or self._text > text

        def drop(sample: Sample) -> None:
            dropped.append(sample)
            self._text -= _text_of((sample,))

        while self._past and is_too_much():
            drop(self._past.popleft())
        last: list[Sample] = []
        while self._live and is_too_much():
            sample = self._live.popleft()
            if self._latest.get(sample.identifier) is sample:
                last.append(sample)
            else:
                drop(sample)
        self._live.extendleft(reversed(last))
        count, text = self._capacity, self._most_text
        while self._live and is_too_much():
            self._latest.pop(self._live[0].identifier, None)
            drop(self._live.popleft())
        self._spool.keep([sample for sample in dropped if sample.__class__ is not Repetition])


def _nobody() -> None:
    pass


def _text_of(samples: Iterable[Sample]) -> int:
    return sum(len(sample.value) for sample in samples if isinstance(sample.value, str))
