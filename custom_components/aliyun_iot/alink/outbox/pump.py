"""Sends what waits, one message after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
import time
from typing import Final

from ..protocol.limits import PROPERTIES_PER_POST
from ..protocol.messages import SUCCESS, Reply, Sample
from .bucket import TokenBucket
from .queue import Outbox

_SILENCES: Final = 3  # replies missed in a row before the link counts as dead
_TRY_LATER: Final = frozenset({429, 500})


class Pump:
    """Posts samples and settles them by the platform's reply; what has none is given back."""

    def __init__(
        self,
        settled: Callable[[Sequence[Sample], Reply], None],
        *,
        rate: float,
        pause: float,
    ) -> None:
        """Post at most `rate` messages a second, and wait `pause` seconds when the platform asks to slow down."""
        self._pause = pause
        self._settled = settled
        self._outbox = Outbox()
        self._bucket = TokenBucket(rate)
        self._offered = asyncio.Event()
        self._limit = PROPERTIES_PER_POST

    @property
    def waiting(self) -> int:
        """How many samples are not confirmed."""
        return len(self._outbox)

    def offer(self, samples: Iterable[Sample]) -> None:
        """Queue samples; one that repeats the value before it is left out."""
        for sample in samples:
            self._outbox.offer(sample)
        if not self._outbox.is_idle:
            self._offered.set()

    async def run(self, post: Callable[[Sequence[Sample]], Awaitable[Reply]]) -> None:
        """Post over one link; returns when the platform has fallen silent on it.

        `post` raises TimeoutError when no reply came.
        """
        silences = 0
        while silences < _SILENCES:
            await self._budget()
            samples = self._outbox.take(self._limit)
            try:
                reply = await post(samples)
            except TimeoutError:
                silences += 1
                self._outbox.give_back()
                continue
            except BaseException:
                self._outbox.give_back()
                raise
            silences = 0
            if reply.code in _TRY_LATER:
                self._outbox.give_back()
                await asyncio.sleep(self._pause)
            elif reply.code != SUCCESS and len(samples) > 1:
                # One of them spoils the message: halve it until that one is alone.
                self._outbox.give_back()
                self._limit = len(samples) // 2
            else:
                self._limit = min(PROPERTIES_PER_POST, self._limit * 2)
                self._outbox.settle()
                self._settled(samples, reply)

    async def _budget(self) -> None:
        """Wait until there is something to send and a message may go."""
        while self._outbox.is_idle:
            self._offered.clear()
            await self._offered.wait()
        await asyncio.sleep(self._bucket.delay(time.monotonic()))
        self._bucket.spend(time.monotonic())
