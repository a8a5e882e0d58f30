"""The book of rejections: which values the platform has not taken, by property."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .outbox.queue import Lane
from .protocol.messages import Refusal, Sample

type Stretch = tuple[int, int]  # first and last moment, in ms UTC, both included


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """The values of one property that the platform has refused."""

    count: int  # values, since the first of them; an end does not reset it
    latest: Refusal  # the reason that the platform gave last
    is_over: bool = False  # whether the platform has taken a value of the property since
    # The stretches with the refused values. They grow until they are taken to be sent again, also while later values
    # are accepted. Lanes stand apart, because the past is sent later than the present.
    missed: Mapping[Lane, Stretch] = field(default_factory=dict)

    def again(self, refusal: Refusal, lane: Lane, time: int) -> Rejection:
        """Add one value, sampled at `time` in ms UTC."""
        first, last = self.missed.get(lane, (time, time))
        missed = {**self.missed, lane: (min(first, time), max(last, time))}
        return Rejection(count=self.count + 1, latest=refusal, missed=missed)


class Rejections:
    """Every property that the platform has ever refused a value of."""

    def __init__(self, known: Mapping[str, Rejection]) -> None:
        """Go on from the rejections of an earlier status."""
        # By identifier. It is replaced, never changed, and only where something is different: a caller can
        # compare with `is`.
        self.known = known

    def take_missed(self, identifier: str) -> Sequence[Stretch]:
        """Return the stretches with refused values of a property, and forget them: they will be sent again."""
        rejection = self.known[identifier]
        self.known = {**self.known, identifier: replace(rejection, missed={})}
        return tuple(rejection.missed.values())

    def forget(self, identifiers: Collection[str]) -> None:
        """Forget the rejections of properties that are gone for good."""
        if not self.known.keys().isdisjoint(identifiers):
            gone = set(identifiers)
            self.known = {identifier: one for identifier, one in self.known.items() if identifier not in gone}

    def decided(self, lane: Lane, samples: Sequence[Sample], refused: Mapping[str, Refusal]) -> int:
        """Write down the platform's decision on a message; returns how many of its samples were refused."""
        if not refused and not self.known:
            return 0
        known, count = dict(self.known), 0
        for sample in samples:
            name, before = sample.identifier, known.get(sample.identifier)
            if (refusal := refused.get(name)) is not None:
                count += 1
                before = before or Rejection(count=0, latest=refusal)
                known[name] = before.again(refusal, lane, sample.time)
            elif before is not None and not before.is_over:
                known[name] = replace(before, is_over=True)
        if known != self.known:
            self.known = known
        return count
