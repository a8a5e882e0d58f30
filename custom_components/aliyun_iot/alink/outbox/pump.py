"""Sends what waits, one message after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
import math
import time
from typing import Final

from ..protocol.limits import PROPERTIES_PER_POST
from ..protocol.messages import SUCCESS, TRY_LATER, Repetition, Reply, Sample
from .bucket import TokenBucket
from .queue import Lane, Outbox
from .spool import Spool
from .thinning import Thinning

_SILENCES: Final = 3  # replies missed in a row before the link counts as dead
_SHARE: Final = 5  # while the past is sent, one message in so many is enough for the present
_LOW: Final = 5 * PROPERTIES_PER_POST  # samples recalled that are left when more are wanted

type Post = Callable[[Lane, Sequence[Sample]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast values may go: messages a second, how many at once after a pause, and seconds between two values.

    Without an interval every change counts, otherwise only the last of each interval.
    """

    rate: float = 1.0
    burst: float = 1.0
    interval: float = 0.0


class Pump:
    """Posts samples and settles them by the platform's reply; what has none is given back."""

    def __init__(
        self,
        settled: Callable[[Lane, Sequence[Sample], Reply], None],
        spool: Spool,
        pace: Pace,
        *,
        pause: float,
    ) -> None:
        """Keep to a pace, and wait `pause` seconds when the platform asks to slow down."""
        self._pause = pause
        self._settled = settled
        self._spool = spool
        self._offered = asyncio.Event()
        self.outbox = Outbox(spool, self._offered.set)
        self._thinning = Thinning(int(pace.interval * 1000)) if pace.interval else None
        # Queue a sample; one that repeats the value before it is left out. Every change in the house goes this way.
        self.offer: Callable[[Sample], None] = self.outbox.offer if self._thinning is None else self._offer_thinned
        self._bucket = TokenBucket(pace.rate, pace.burst)
        self._patience = _SHARE / pace.rate
        self._live_at = -math.inf  # when the last message of the present went
        self._limits = dict.fromkeys(Lane, PROPERTIES_PER_POST)
        self._low = asyncio.Event()
        self._empty = asyncio.Event()

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

    def _offer_thinned(self, sample: Sample) -> None:
        assert self._thinning is not None
        if (thinned := self._thinning.put(sample)) is not None:
            self.outbox.offer(thinned)

    def offer_now(self, samples: Iterable[Sample]) -> None:
        """Queue samples that no interval holds back, and what one holds back now."""
        self._let_go()
        for sample in samples:
            self.outbox.offer(sample)

    def recall(self, samples: Iterable[Sample]) -> None:
        """Queue what was read back from the spool; if that was nothing, what waited for it may go."""
        self.outbox.recall(samples)
        self._offered.set()

    def note_message(self) -> None:
        """Count a message that is none of ours."""
        self._bucket.note(time.monotonic())

    async def wants_more(self) -> None:
        """Wait until what was recalled has gone, nearly."""
        while self.outbox.recalled >= _LOW:
            self._low.clear()
            await self._low.wait()

    async def drain(self) -> None:
        """Wait until nothing is left to send of the present."""
        self._let_go()
        self._patience = 0.0
        while self.outbox.has_live:
            self._empty.clear()
            await self._empty.wait()

    async def run(self, post: Post) -> None:
        """Post over one link; returns when the platform has fallen silent on it.

        `post` raises TimeoutError when no reply came.
        """
        self.outbox.begin()
        self._live_at = -math.inf
        silences = 0
        while silences < _SILENCES:
            lane = await self._turn()
            samples = self.outbox.take(lane, self._limits[lane])
            try:
                reply = await post(lane, samples)
            except TimeoutError:
                silences += 1
                self.outbox.give_back()
                continue
            except BaseException:
                self.outbox.give_back()
                raise
            silences = 0
            if reply.code in TRY_LATER:
                self.outbox.give_back()
                await asyncio.sleep(self._pause)
            elif reply.code != SUCCESS and len(samples) > 1:
                # One of them spoils the message: halve it until that one is alone.
                self.outbox.give_back()
                self._limits[lane] = len(samples) // 2
            else:
                self._limits[lane] = min(PROPERTIES_PER_POST, self._limits[lane] * 2)
                self._settle(lane, samples, reply)

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
        """Wait until there is something to send and a message may go; returns which kind it is to be."""
        await self._something()
        await asyncio.sleep(self._bucket.delay(time.monotonic()))
        now = time.monotonic()
        self._bucket.spend(now)
        # The present first; but a few values every second would leave nothing for the past, so it gathers a while.
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
        """Queue what no interval holds back any more; returns when to do so again, in seconds."""
        if self._thinning is None:
            return None
        now = int(time.time() * 1000)
        for sample in self._thinning.over(now):
            self.outbox.offer(sample)
        return self._thinning.seconds_left(now)
