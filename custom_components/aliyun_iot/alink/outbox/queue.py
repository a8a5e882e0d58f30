"""The outbox: a bounded queue of the samples that the platform has not confirmed yet.

Theory of operation
===================

A sample is in exactly one of five places:

    live      values of now, to be posted as current
    past      values of the past that have never left memory, to be posted as history
    recalled  values of the past that the spool has handed back, all of them older than those in `past`
    taken     the one batch that is on its way
    ahead     batches that have overtaken it, each on its way by itself

`offer` appends to live, unless the value is that of the sample before it. `begin` marks the beginning of a link: of
each property only the last word is still current then, and all before it moves to past. `take` moves the head of one
lane to taken, as much as fits into one message. `settle` forgets that batch, because the platform has decided on it.
`give_back` returns it to the head of the lane that it came from. Nothing else removes a sample, but for lack of room,
and `withdraw`, because values of another kind are to take its place.

`take_ahead` overtakes all that: it takes the waiting values of some properties, and fills the message up with others.
Each such batch is settled or given back by itself. What a newer value of the same property has overtaken is not
current any more, so where it is given back it goes to the past.

Invariants. Each `take` is followed by one `settle` or one `give_back` before the next `take` or `begin`, and each batch
ahead is settled or given back before the next `begin`; the pump sees to that. Every place is in the order in which its
samples were offered, but that what was overtaken is put at the end of past. After each call live and past together hold
at most `capacity` samples, and with those on their way at most `most_text` characters of text, unless these hold more
than that alone. Recalled and taken have bounds of their own: that of the spool's page, and the size of a message.

Lack of room. The oldest of the past goes first, then of the present the oldest values that a newer one of the same
property has replaced, and the last words only when nothing else is left. Half of the room is made at once, so that it
costs little per sample in a long outage. All that goes is handed to the spool, once and in order; repetitions are not,
they say nothing that the spool does not have. A last word that had to go is forgotten, so that the same value counts
as a change when it comes again.

Callers. All calls come from one thread. `offer` runs at every change in the house and must stay cheap. The spool's
`keep` is called from within `offer` and `give_back` and must not call back. A crash loses all of this. The spool's
owner has noted up to when everything was confirmed, and reads the rest back after the restart.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import chain, islice
from typing import Final

from ..protocol.limits import PAYLOAD_MAX
from ..protocol.messages import Repetition, Sample
from .spool import Spool

# Bytes that a message has beside its samples: id, version, method, ProductKey and DeviceName, about 220 at the most. A
# kilobyte leaves room for doubt and costs nothing: a full message of numbers has 20 kB of the 256 kB that are allowed.
_ENVELOPE: Final = 1024

# Samples, about 1.5 MB: little enough for the smallest machine that runs Home Assistant. At one change a
# second, the changes of nearly three hours stay in memory; the recorder has those of before.
CAPACITY: Final = 10_000

# Characters in values that are texts, at most 16 MB in memory and mostly a quarter of that. A text may have 10 kB, and
# 10,000 of these would be 100 MB.
MOST_TEXT: Final = 4_000_000


class Lane(Enum):
    """The two kinds of message."""

    LIVE = auto()  # values of now; the platform acts on them and shows them as current
    PAST = auto()  # values of the past; the platform files them by their time


@dataclass(slots=True, eq=False)
class Ahead:
    """A batch that has overtaken all that waits."""

    samples: Sequence[Sample]
    withdrawn: set[str] = field(default_factory=set)  # identifiers, since it was taken


class Outbox:
    """Keeps samples until they are settled, and hands those to the spool for which it has no room."""

    def __init__(
        self,
        spool: Spool,
        wake: Callable[[], None] | None = None,
        *,
        capacity: int = CAPACITY,
        most_text: int = MOST_TEXT,
    ) -> None:
        """Hold at most `capacity` samples, and `most_text` characters in values that are texts.

        `wake` is called when there was nothing of now to take, and there is again.
        """
        self._spool = spool
        self._wake = wake or _nobody
        self._capacity = capacity
        self._most_text = most_text
        self._text = 0  # characters in live, in past and in a batch from either
        self._latest: dict[str, Sample] = {}  # the last word on each property, confirmed or not, by identifier
        self._live: deque[Sample] = deque()
        self._past: deque[Sample] = deque()
        self._recalled: deque[Sample] = deque()
        self._taken: Sequence[Sample] = ()
        self._withdrawn: set[str] = set()  # identifiers, since the batch was taken
        self._source = self._live  # the place that the batch was taken from
        self._ahead: list[Ahead] = []
        self._overtaken: set[str] = set()  # identifiers with a value that went ahead since the batch was taken

    def __len__(self) -> int:
        ahead = sum(len(batch.samples) for batch in self._ahead)
        return len(self._live) + len(self._past) + len(self._recalled) + len(self._taken) + ahead

    def __iter__(self) -> Iterator[Sample]:
        return chain(self._on_its_way(), self._recalled, self._past, self._live)

    def _on_its_way(self) -> Iterator[Sample]:
        return chain(self._taken, *(batch.samples for batch in self._ahead))

    @property
    def live(self) -> int:
        """How many values of now there are to take."""
        return len(self._live)

    @property
    def past(self) -> int:
        """How many values of the past there are to take.

        While the spool has older ones to hand back, those in memory wait for them.
        """
        return len(self._recalled) or (0 if self._spool.is_pending else len(self._past))

    @property
    def recalled(self) -> int:
        """How many recalled values there are to take."""
        return len(self._recalled)

    @property
    def has_live(self) -> bool:
        """True if there are values of now that are not settled, to take or taken."""
        return bool(self._live or (self._taken and self._source is self._live) or self._ahead)

    @property
    def is_on_its_way(self) -> bool:
        """True if a batch was taken that is not settled."""
        return bool(self._taken or self._ahead)

    def is_sending(self, identifiers: Collection[str]) -> bool:
        """Tell if a sample of any of these properties is in a batch that was taken."""
        return any(sample.identifier in identifiers for sample in self._on_its_way())

    @property
    def oldest(self) -> int | None:
        """When about the oldest sample was sampled, in ms UTC: looks at the heads only."""
        ahead = (batch.samples for batch in self._ahead)
        heads = [lane[0].time for lane in (self._taken, *ahead, self._recalled, self._past, self._live) if lane]
        return min(heads, default=None)

    def offer(self, sample: Sample) -> None:
        """Queue a sample, unless it has the value of the one before and is no repetition on purpose."""
        identifier, value, _ = sample  # unpacked once: every change in the house comes here
        latest = self._latest.get(identifier)
        if latest is not None and latest.value == value and sample.__class__ is not Repetition:
            return
        self._latest[identifier] = sample
        if not self._live:
            self._wake()
        self._live.append(sample)
        if isinstance(value, str):
            self._text += len(value)
        # A cheap test for most of the time. Where some of the past waits it counts as well, and `_make_room` looks.
        if len(self._live) > self._capacity or self._text > self._most_text or self._past:
            self._make_room()

    def forget(self, identifiers: Iterable[str]) -> None:
        """Forget the last words on properties that have no sample here, so that the next value counts as a change."""
        for identifier in identifiers:
            self._latest.pop(identifier, None)

    def recall(self, samples: Iterable[Sample]) -> None:
        """Queue values of the past that the spool has kept: older than any in `past`, newer than those recalled."""
        self._recalled.extend(samples)

    def withdraw(self, identifiers: Collection[str]) -> None:
        """Hand all samples of some properties to the spool, where they are made anew.

        Those on their way follow if they are given back.
        """
        self._withdrawn.update(identifiers)
        for batch in self._ahead:
            batch.withdrawn.update(identifiers)
        withdrawn: list[Sample] = []
        for lane in (self._recalled, self._past, self._live):
            mine = [sample for sample in lane if sample.identifier in identifiers]
            if not mine:
                continue
            others = [sample for sample in lane if sample.identifier not in identifiers]
            lane.clear()
            lane.extend(others)
            withdrawn += mine
            if lane is not self._recalled:
                self._text -= _text_of(mine)
        for identifier in identifiers:
            self._latest.pop(identifier, None)
        self._keep(withdrawn)

    def begin(self) -> None:
        """Begin a link: the last word on each property is current, and all before it is the past."""
        last = deque[Sample]()
        for sample in self._live:
            (last if self._latest.get(sample.identifier) is sample else self._past).append(sample)
        self._live = self._source = last

    def take(self, lane: Lane, limit: int) -> Sequence[Sample]:
        """Take the oldest samples of a lane: at most `limit`, and no more than a message holds, but always one."""
        self._withdrawn.clear()
        self._overtaken.clear()
        self._source = source = self._live if lane is Lane.LIVE else self._recalled or self._past
        count = min(limit, len(source))
        if self._text or source is self._recalled:  # numbers are never too long
            count = _fitting(islice(source, count))
        self._taken = [source.popleft() for _ in range(count)]
        return self._taken

    def take_ahead(self, identifiers: Collection[str], limit: int, *, filled: bool) -> Ahead | None:
        """Take what waits of some properties now, and, where the message is to be filled, the oldest of the others.

        At most `limit` samples, and no more than a message holds; None where nothing of these properties waits.
        """
        first = [sample for sample in self._live if sample.identifier in identifiers]
        if not first:
            return None
        others = [sample for sample in self._live if sample.identifier not in identifiers]
        # Of more than a message holds the newest go, and the values that they overtake are the past.
        count = _fitting(reversed(first[-limit:]))
        self._past.extend(first[:-count])
        first = first[-count:]
        count = _fitting(chain(first, others[: limit - len(first)] if filled else ())) - len(first)
        batch = Ahead(first + others[:count])
        self._live.clear()
        self._live.extend(others[count:])
        self._ahead.append(batch)
        self._overtaken.update(sample.identifier for sample in batch.samples)
        return batch

    def settle_ahead(self, batch: Ahead) -> None:
        """Forget a batch that went ahead."""
        self._ahead.remove(batch)
        self._text -= _text_of(batch.samples)

    def give_back_ahead(self, batch: Ahead) -> None:
        """Put a batch that went ahead back: last words to the front, and what is not current any more to the past."""
        self._ahead.remove(batch)
        withdrawn = [sample for sample in batch.samples if sample.identifier in batch.withdrawn]
        others = [sample for sample in batch.samples if sample.identifier not in batch.withdrawn]
        last = [sample for sample in others if self._latest.get(sample.identifier) is sample]
        self._past.extend(sample for sample in others if self._latest.get(sample.identifier) is not sample)
        self._live.extendleft(reversed(last))
        self._text -= _text_of(withdrawn)
        self._keep(withdrawn)
        self._make_room()
        self._wake()

    def settle(self) -> None:
        """Forget the batch: the platform has decided on it."""
        if self._text and self._source is not self._recalled:
            self._text -= _text_of(self._taken)
        self._taken = ()

    def give_back(self) -> None:
        """Put the batch back to the front, in its order."""
        withdrawn = [sample for sample in self._taken if sample.identifier in self._withdrawn]
        others = [sample for sample in self._taken if sample.identifier not in self._withdrawn]
        if self._source is self._live:
            self._past.extend(sample for sample in others if sample.identifier in self._overtaken)
            others = [sample for sample in others if sample.identifier not in self._overtaken]
        self._source.extendleft(reversed(others))
        self._taken = ()
        if self._source is not self._recalled:
            self._text -= _text_of(withdrawn)
        self._keep(withdrawn)
        self._make_room()

    def _make_room(self) -> None:
        """Where there is too much, hand the spool half of it."""
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
            del self._latest[self._live[0].identifier]  # only last words are left here
            drop(self._live.popleft())
        self._keep(dropped)

    def _keep(self, samples: Iterable[Sample]) -> None:
        """Hand samples to the spool; repetitions say nothing that it does not have."""
        if kept := [sample for sample in samples if sample.__class__ is not Repetition]:
            self._spool.keep(kept)


def _nobody() -> None:
    pass


def _fitting(samples: Iterable[Sample]) -> int:
    """Return how many samples fit into one message, one at least."""
    room, count = PAYLOAD_MAX - _ENVELOPE, 0
    for sample in samples:
        room -= sample.size
        if room < 0:
            break
        count += 1
    return max(1, count)


def _text_of(samples: Iterable[Sample]) -> int:
    return sum(len(sample.value) for sample in samples if isinstance(sample.value, str))
