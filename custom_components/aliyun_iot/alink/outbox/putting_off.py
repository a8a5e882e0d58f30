"""Putting off: finds the sample because of which the platform puts a message off for good.

A reply that asks to try later speaks of the platform's state, as a rule. A single value can cause the same reply for
ever, though, and would hold up all that comes after it. So when a message was put off for a quarter of an hour, smaller
ones are tried, until the culprit is alone. Alone for an hour, it counts as rejected. Later values of the same property
are suspected at once, for a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..protocol.messages import SUCCESS, TOO_MANY, Reply, Sample
from .queue import Lane

# s, for which the platform has put a message off until a sample in it is suspected. Its services come back within
# minutes as a rule, and until then smaller messages would only take longer.
_SUSPECT: Final = 15 * 60.0

# s, for which a sample alone was put off until it counts as rejected. Everything else waits meanwhile, and an outage of
# one of the platform's services seldom lasts longer.
_SET_ASIDE: Final = 3600.0

# s, for which a property is remembered whose value was set aside. After a day it may have been a passing trouble.
_REMEMBERED: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A message that the platform puts off, with the code and the text of its latest reply."""

    since: float  # s of the running time, of the first such reply
    code: int
    text: str  # foreign, as one line


class PuttingOff:
    """Remembers for how long messages were put off, each lane by itself: one says nothing about the other."""

    def __init__(self) -> None:
        """Start without a suspicion."""
        self._put_off: dict[Lane, PutOff] = {}  # the messages that are put off now
        self._since: dict[Lane, float] = {}  # s of the running time, since when that may be because of a sample
        self._alone_since: dict[Lane, float] = {}  # s of the running time, since when a suspected sample is alone
        self._suspected: set[Lane] = set()  # lanes with a sample that is searched for
        self._known: dict[str, float] = {}  # identifiers whose values were set aside, with the running time in s

    @property
    def now(self) -> PutOff | None:
        """The message that has been put off for longest."""
        return min(self._put_off.values(), key=lambda one: one.since, default=None)

    def note(self, lane: Lane, samples: Sequence[Sample], reply: Reply, now: float) -> tuple[bool, bool]:
        """Note that a message was put off, at a running time in seconds.

        Returns whether one of its samples is suspected, and whether it counts as rejected.
        """
        since = self._put_off[lane].since if lane in self._put_off else now
        self._put_off[lane] = PutOff(since=since, code=reply.code, text=reply.text)
        if reply.code == TOO_MANY:
            return False, False
        self._known = {name: at for name, at in self._known.items() if now - at < _REMEMBERED}
        is_known = any(sample.identifier in self._known for sample in samples)
        if is_known or now - self._since.setdefault(lane, now) >= _SUSPECT:
            self._suspected.add(lane)
        if lane not in self._suspected or len(samples) > 1:
            return lane in self._suspected, False
        if not is_known and now - self._alone_since.setdefault(lane, now) < _SET_ASIDE:
            return True, False
        self._known[samples[0].identifier] = now
        return True, True

    def paused(self) -> None:
        """Note that no reply came, or that there was no link: such a time says nothing about a sample."""
        self._since.clear()
        self._alone_since.clear()

    def settled(self, lane: Lane, samples: Sequence[Sample], reply: Reply, *, is_full: bool) -> None:
        """Note that the platform has decided on a message, which may have had as many samples as there is room for."""
        for times in (self._put_off, self._since, self._alone_since):
            times.pop(lane, None)
        if is_full:
            self._suspected.discard(lane)
        if reply.code == SUCCESS and self._known:
            for sample in samples:
                self._known.pop(sample.identifier, None)
