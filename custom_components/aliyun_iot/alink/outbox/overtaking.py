"""Overtaking: posts the values of some properties at once, beside the message that the pump has on its way.

Whoever has just set a value looks at the screen until it shows. So the message with the new value waits neither for the
reply to another one nor for the budget: it borrows, and what waits goes on later. It takes other waiting values along,
so that these are confirmed also where nothing but commands has the budget.

A message that is not taken, for whatever reason, is given back to the queue, and the pump finds out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
import time

from ..protocol.limits import PROPERTIES_PER_POST
from ..protocol.messages import SUCCESS, Reply, Sample
from .bucket import TokenBucket
from .queue import Ahead, Lane, Outbox


class Overtaking:
    """Posts some of the queue's values ahead of the others."""

    def __init__(self, outbox: Outbox, bucket: TokenBucket, settled: Callable[[Sequence[Sample], Reply], None]) -> None:
        """Share the queue and the budget with the pump; `settled` is called for each message that was taken."""
        self._outbox = outbox
        self._bucket = bucket
        self._settled = settled
        self._identifiers: set[str] = set()  # properties whose values are in a hurry
        self._hurried = asyncio.Event()

    def hurry(self, identifiers: Collection[str]) -> None:
        """Post soon what waits of these properties."""
        self._identifiers.update(identifiers)
        self._hurried.set()

    async def run(
        self, post: Callable[[Lane, Sequence[Sample]], Awaitable[Reply]], *, is_suspected: Callable[[], bool]
    ) -> None:
        """Post over one link until cancelled; no message waits for the reply to another.

        `is_suspected` tells whether a waiting value is suspected of spoiling its message: then nothing is taken along.
        """
        self._identifiers.clear()  # a new link begins with all that waits anyway
        async with asyncio.TaskGroup() as posting:
            while True:
                self._hurried.clear()
                while not self._identifiers:
                    await self._hurried.wait()
                    self._hurried.clear()
                # Values that come to be in a hurry before the budget lets the message through share it.
                while (delay := self._bucket.delay_borrowed(now := time.monotonic())) > 0.0:  # noqa: ASYNC110  # a time
                    await asyncio.sleep(delay)
                identifiers, self._identifiers = self._identifiers, set()
                batch = self._outbox.take_ahead(identifiers, PROPERTIES_PER_POST, filled=not is_suspected())
                if batch is not None:
                    self._bucket.spend(now)
                    # It begins at once: a task that is cancelled before it has begun would give nothing back.
                    posting.create_task(self._post(post, batch), eager_start=True)

    async def _post(self, post: Callable[[Lane, Sequence[Sample]], Awaitable[Reply]], batch: Ahead) -> None:
        try:
            reply = await post(Lane.LIVE, batch.samples)
        except TimeoutError:
            self._outbox.give_back_ahead(batch)
            return
        except BaseException:
            self._outbox.give_back_ahead(batch)
            raise
        if reply.code == SUCCESS:
            self._outbox.settle_ahead(batch)
            self._settled(batch.samples, reply)
        else:
            self._outbox.give_back_ahead(batch)
