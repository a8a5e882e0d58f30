"""The pump: sends queued values, one message after the other.

Theory of operation
===================

`run` is one loop over one link. It waits until there is something to send and until the budget lets a message through,
chooses a lane, takes a batch, posts it, waits for the reply, and then settles the batch or gives it back:

    200               settled, also where the reply names properties that were rejected: those are decided, too
    try later         given back; the loop pauses. After a quarter of an hour one sample may be to blame: it is searched
                      for like one that is refused, and alone for an hour it is settled, as rejected
    any other code    the platform took nothing, because of one sample most likely. The batch is given back and the next
                      one has half its size, until the culprit is alone. Alone it is settled, as rejected
    no reply          given back; after three in a row the link counts as dead and `run` returns
    cancelled, fault  given back; raised again

One message is on its way at a time. So values stay in order, and at most one batch is in doubt when a link ends.
Only `offer_first` goes past that (overtaking.py): its message is posted beside this one, and pays by making this loop
wait longer.

Lanes. The present goes first. While there is also a past, a trickle of changes would take every message, each nearly
empty; so the present then gathers for as long as five messages take, or until it fills one, and the past has the rest.

Thinning. With an interval, `offer` holds back each property's newest value until its interval is over, and the loop
wakes up to queue it then. `offer_now` and `drain` let go of the values that are held back.

The spool. Beside `run`, the caller awaits `wants_more`, reads a page back and hands it to `recall`, also when it is
empty: values of the past in memory wait until the spool has no older ones.

Invariants. However a turn ends, its batch has been settled or given back. A message is paid for before it is posted.
`settled` is called once for each batch on which the platform has decided, after the queue has let go of it.

Callers. Everything runs on one event loop. `offer`, `offer_now`, `recall` and the properties may be used at any time,
with a link or without. `run` is called once for each link, and not again before it has ended. `drain` is for the end:
from then on nothing is gathered any more. A crash loses the queue, as is said there; a message whose reply was
not seen is sent again, so that a value arrives at least once and may arrive twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
import math
import time
from typing import Final

from ..protocol.limits import PROPERTIES_PER_POST
from ..protocol.messages import SUCCESS, TRY_LATER, Repetition, Reply, Sample
from .bucket import TokenBucket
from .overtaking import Overtaking
from .putting_off import PutOff, PuttingOff
from .queue import Lane, Outbox
from .spool import Spool
from .thinning import Thinning

# Replies missed in a row before the link counts as dead. One is lost now and then (the platform throttles in silence),
# and MQTT's keep-alive finds only a dead network, not a platform that has stopped to answer.
_SILENCES: Final = 3

# While the past is sent, the present gets one message in so many. At one message a second a current value then waits
# for about five seconds, and the past keeps four fifths of the budget.
_SHARE: Final = 5

# Recalled samples that are left when more are wanted: five full messages. At the fastest pace that is half a second,
# and the recorder's query of the next page runs meanwhile.
_LOW: Final = 5 * PROPERTIES_PER_POST

type Post = Callable[[Lane, Sequence[Sample]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast values may go."""

    rate: float = 1.0  # messages a second
    burst: float = 1.0  # messages that may go at once after a pause
    interval: float = 0.0  # s; of each property only the last value in an interval counts, or every change if it is 0


class Pump:
    """Posts queued samples and settles them by the platform's replies."""

    def __init__(
        self,
        settled: Callable[[Lane, Sequence[Sample], Reply], None],
        spool: Spool,
        pace: Pace,
        bucket: TokenBucket,
        *,
        pause: float,
        on_put_off: Callable[[], object],
    ) -> None:
        """Keep to a pace and a budget, and wait `pause` seconds when the platform asks to slow down.

        `on_put_off` is called after each reply that asks for that.
        """
        self._pause = pause
        self._on_put_off = on_put_off
        self._settled = settled
        self._spool = spool
        self._offered = asyncio.Event()
        self.outbox = Outbox(spool, self._offered.set)
        self._thinning = Thinning(int(pace.interval * 1000)) if pace.interval else None
        # Queue a sample, unless it repeats the value before it. Every change in the house comes this way, so it is
        # bound to the function that does the work.
        self.offer: Callable[[Sample], None] = self.outbox.offer if self._thinning is None else self._offer_thinned
        self._bucket = bucket
        self._overtaking = Overtaking(self.outbox, bucket, self._settled_ahead)
        self._patience = _SHARE / pace.rate  # s for which the present gathers while the past is sent
        self._live_at = -math.inf  # when the last message of the present went
        self._limits = dict.fromkeys(Lane, PROPERTIES_PER_POST)  # samples in the next message
        self._putting_off = PuttingOff()
        self._low = asyncio.Event()
        self._empty = asyncio.Event()

    @property
    def put_off(self) -> PutOff | None:
        """The message that the platform puts off now."""
        return self._putting_off.now

    @property
    def oldest(self) -> int | None:
        """When about the oldest value was sampled that is not confirmed, in ms UTC."""
        held = self._thinning.oldest if self._thinning else None
        return min((time for time in (self.outbox.oldest, held) if time is not None), default=None)

    def unconfirmed(self) -> Iterator[tuple[str, int]]:
        """Yield identifier and time (ms UTC) of each sample in memory that is not confirmed, but for repetitions."""
        for sample in self.outbox:
            if sample.__class__ is not Repetition:
                yield sample.identifier, sample.time
        if self._thinning is not None:
            yield from self._thinning.held()

    def waiting_of(self, identifiers: Collection[str]) -> set[str]:
        """Return those of the identifiers with values in memory, repetitions included."""
        found = {sample.identifier for sample in self.outbox if sample.identifier in identifiers}
        if self._thinning is not None:
            found.update(identifier for identifier, _ in self._thinning.held() if identifier in identifiers)
        return found

    def _offer_thinned(self, sample: Sample) -> None:
        assert self._thinning is not None
        if (thinned := self._thinning.put(sample)) is not None:
            self.outbox.offer(thinned)

    def offer_now(self, samples: Iterable[Sample]) -> None:
        """Queue samples past any interval, and before them the values that an interval holds back now."""
        self._let_go()
        for sample in samples:
            self.outbox.offer(sample)

    def offer_first(self, samples: Iterable[Sample]) -> None:
        """Queue samples, and post what waits of their properties at once, ahead of all others and of any interval."""
        samples = list(samples)
        identifiers = {sample.identifier for sample in samples}
        for sample in self._thinning.of(identifiers) if self._thinning is not None else ():
            self.outbox.offer(sample)
        for sample in samples:
            self.outbox.offer(sample)
        self._overtaking.hurry(identifiers)

    def withdraw(self, identifiers: Collection[str]) -> None:
        """Hand all values of some properties back to the spool, also those that an interval holds back now."""
        self._let_go()
        self.outbox.withdraw(identifiers)
        if not self.outbox.has_live:
            self._empty.set()
        if self.outbox.recalled < _LOW:
            self._low.set()

    def recall(self, samples: Iterable[Sample]) -> None:
        """Queue a page that was read back from the spool; after an empty one the past in memory may go."""
        self.outbox.recall(samples)
        self._offered.set()

    async def wants_more(self) -> None:
        """Wait until few of the recalled samples are left."""
        while self.outbox.recalled >= _LOW:
            self._low.clear()
            await self._low.wait()

    async def drain(self) -> None:
        """Wait until every value of the present is settled, and the message on its way, whatever it has.

        From now on nothing is gathered any more.
        """
        self._let_go()
        self._patience = 0.0
        while self.outbox.has_live or self.outbox.is_on_its_way:
            self._empty.clear()
            await self._empty.wait()

    async def run(self, post: Post) -> None:
        """Post over one link; returns when the platform has fallen silent on it.

        `post` sends one message and returns its reply; it raises TimeoutError when none came.
        """
        self.outbox.begin()
        self._putting_off.paused()
        self._live_at = -math.inf
        silences = 0
        while silences < _SILENCES:
            lane = await self._turn()
            samples = self.outbox.take(lane, self._limits[lane])
            try:
                reply = await post(lane, samples)
            except TimeoutError:
                silences += 1
                self._putting_off.paused()
                self.outbox.give_back()
                continue
            except BaseException:
                self.outbox.give_back()
                raise
            silences = 0
            if reply.code in TRY_LATER and not self._is_set_aside(lane, samples, reply):
                self.outbox.give_back()
                await asyncio.sleep(self._pause)
            elif reply.code != SUCCESS and len(samples) > 1:
                # One of them spoils the message: halve it until that one is alone.
                self.outbox.give_back()
                self._limits[lane] = len(samples) // 2
            else:
                self._putting_off.settled(lane, samples, reply, is_full=self._limits[lane] == PROPERTIES_PER_POST)
                self._limits[lane] = min(PROPERTIES_PER_POST, self._limits[lane] * 2)
                self._settle(lane, samples, reply)

    async def run_ahead(self, post: Post) -> None:
        """Post over one link what `offer_first` has queued, beside `run`; only a cancel or a fault ends it."""
        await self._overtaking.run(post, is_suspected=lambda: self._limits[Lane.LIVE] < PROPERTIES_PER_POST)

    def _settled_ahead(self, samples: Sequence[Sample], reply: Reply) -> None:
        if not self.outbox.has_live:
            self._empty.set()
        self._settled(Lane.LIVE, samples, reply)

    def _is_set_aside(self, lane: Lane, samples: Sequence[Sample], reply: Reply) -> bool:
        """Note that the platform has put a message off; returns whether it counts as rejected by now."""
        is_suspected, is_over = self._putting_off.note(lane, samples, reply, time.monotonic())
        if is_suspected and len(samples) > 1:
            self._limits[lane] = len(samples) // 2
        self._on_put_off()
        return is_over

    def _settle(self, lane: Lane, samples: Sequence[Sample], reply: Reply) -> None:
        self.outbox.settle()
        if lane is Lane.LIVE:
            self._spool.confirmed()
        if self.outbox.recalled < _LOW:
            self._low.set()
        if not self.outbox.live:
            self._empty.set()
        self._settled(lane, samples, reply)

    async def _turn(self) -> Lane:
        """Wait until there is something to send and the budget lets a message through; returns its lane."""
        await self._something()
        while (delay := self._bucket.delay(now := time.monotonic())) > 0.0:
            await asyncio.sleep(delay)
            await self._something()  # all that waited may have been withdrawn, or has gone ahead
        self._bucket.spend(now)
        live = self.outbox.live
        is_due = live >= PROPERTIES_PER_POST or now - self._live_at >= self._patience
        if live and (is_due or not self.outbox.past):
            self._live_at = now
            return Lane.LIVE
        return Lane.PAST

    async def _something(self) -> None:
        while True:
            left = self._ripen()
            if self.outbox.live or self.outbox.past:
                return
            self._offered.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._offered.wait()

    def _let_go(self) -> None:
        for sample in self._thinning.all() if self._thinning is not None else ():
            self.outbox.offer(sample)

    def _ripen(self) -> float | None:
        """Queue values whose interval is over; returns the seconds until the next is, or None without intervals."""
        if self._thinning is None:
            return None
        now = int(time.time() * 1000)
        for sample in self._thinning.over(now):
            self.outbox.offer(sample)
        return self._thinning.seconds_left(now)
