"""Reporting: posts values over a session until the platform has decided on each."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from .outbox.bucket import TokenBucket
from .outbox.pump import Pace, Pump
from .outbox.putting_off import PutOff
from .outbox.queue import Lane
from .outbox.spool import Spool
from .protocol.messages import SUCCESS, Refusal, Reply, Sample, history_post, parse_reply, property_post
from .rejections import Rejection, Rejections
from .session import Session
from .transport.platform_clock import now_ms

# Replies missed until a product that has never replied counts as one that does not. A link ends after three in a row,
# so that these are of two links at least: a link that is dead in one direction is not mistaken for such a product.
_NEVER: Final = 6

# Messages without a reply whose samples are kept: a reply that comes at all comes within seconds.
_GRANTED: Final = 10

_POSTS: Final = {Lane.LIVE: property_post, Lane.PAST: history_post}


class Reporting:
    """Posts the values that it is offered, and counts confirmed and rejected ones."""

    def __init__(
        self,
        session: Session,
        bucket: TokenBucket,
        *,
        on_change: Callable[[], None],
        on_taken: Callable[[Mapping[str, int]], None],
        pace: Pace,
        spool: Spool,
        answers: bool | None,
        rejections: Mapping[str, Rejection],
        reply_timeout: float,
    ) -> None:
        """Register for the replies; nothing is sent before `run`.

        `reply_timeout` is in seconds. `on_change` runs on the event loop after every change of the attributes below,
        and `on_taken` for each message with values that the platform has taken: their newest time (ms UTC) by
        identifier.
        """
        self.answers = answers  # whether the platform replies to posts; None until that is known
        self.confirmed = 0  # values that the platform has taken
        self.last_confirmed: int | None = None  # ms UTC, when the newest reply came that took a value
        self.rejected = 0  # values that the platform has refused
        self.rejections = Rejections(rejections)
        self._session = session
        self._on_change = on_change
        self._on_taken = on_taken
        self._spool = spool
        self._reply_timeout = reply_timeout
        self._silences = 0  # messages that were acknowledged and not replied to
        self._granted: dict[str, tuple[Lane, Sequence[Sample]]] = {}  # by message id; taken without a reply
        self._pump = Pump(self._settled, spool, pace, bucket, pause=reply_timeout, on_put_off=on_change)
        # Bound here, because every change in the house goes this way.
        self.offer: Callable[[Sample], None] = self._pump.offer
        topics = session.topics
        for topic in (
            topics.property_post_reply,
            topics.property_batch_post_reply,
            topics.property_history_post_reply,
        ):
            session.on_topic(topic, self._replied)

    # The queue, at any time

    def offer_now(self, samples: Iterable[Sample]) -> None:
        """Queue samples that no interval holds back."""
        self._pump.offer_now(samples)

    def offer_first(self, samples: Iterable[Sample]) -> None:
        """Post samples at once, ahead of all that waits."""
        self._pump.offer_first(samples)

    @property
    def waiting(self) -> int:
        """How many values in memory are not confirmed."""
        return len(self._pump.outbox)

    @property
    def oldest_waiting(self) -> int | None:
        """When about the oldest value was sampled that is not confirmed, in memory or in the spool; in ms UTC."""
        return min((time for time in (self._spool.oldest, self._pump.oldest) if time is not None), default=None)

    @property
    def put_off(self) -> PutOff | None:
        """The message that the platform puts off now."""
        return self._pump.put_off

    def unconfirmed(self) -> Iterator[tuple[str, int]]:
        """Yield identifier and time (ms UTC) of each sample in memory that is not confirmed, but for repetitions."""
        return self._pump.unconfirmed()

    def is_sending(self, identifiers: Collection[str]) -> bool:
        """Tell if a value of any of these properties is on its way."""
        return self._pump.outbox.is_sending(identifiers)

    def waiting_of(self, identifiers: Collection[str]) -> set[str]:
        """Return those of the identifiers with values in memory, repetitions included."""
        return self._pump.waiting_of(identifiers)

    def forget(self, identifiers: Collection[str]) -> None:
        """Forget properties of which nothing waits, so that others can have their identifiers."""
        self._pump.outbox.forget(identifiers)
        self.rejections.forget(identifiers)

    def withdraw(self, identifiers: Collection[str]) -> None:
        """Take values back that were not sent yet."""
        self._pump.withdraw(identifiers)

    async def drain(self) -> None:
        """Wait until nothing of the present is left to send."""
        await self._pump.drain()

    # Posting, while a link is up

    async def run(self) -> None:
        """Post over one link; returns when the platform has fallen silent on it."""
        pump = asyncio.ensure_future(self._pump.run(self._post))
        # These two only end with a fault.
        others = asyncio.ensure_future(self._recall()), asyncio.ensure_future(self._pump.run_ahead(self._post_ahead))
        try:
            await asyncio.wait((pump, *others), return_when=asyncio.FIRST_COMPLETED)
            for task in others:
                if task.done():
                    task.result()
            await pump
        finally:
            for task in (pump, *others):
                task.cancel()
            await asyncio.gather(pump, *others, return_exceptions=True)

    async def _recall(self) -> None:
        """Read back from the spool as fast as it is sent."""
        while True:
            await self._pump.wants_more()
            page = await self._spool.read()
            self._pump.recall(page)
            if not page:
                self._on_change()  # no reply follows that would tell what was lost in it

    async def _post(self, lane: Lane, samples: Sequence[Sample]) -> Reply:
        """Post one message and wait for the reply; raises TimeoutError when none came, or while no time is known."""
        clock = self._session.clock
        clock.look()
        if clock.is_to_ask:
            await self._session.ask_time()
        return await self._sent(lane, samples)

    async def _post_ahead(self, lane: Lane, samples: Sequence[Sample]) -> Reply:
        """Post one message as `_post` does, without a wait for the platform's time."""
        self._session.clock.look()
        return await self._sent(lane, samples)

    async def _sent(self, lane: Lane, samples: Sequence[Sample]) -> Reply:
        clock = self._session.clock
        if clock.is_adrift:
            raise TimeoutError
        if clock.is_correcting:
            samples = [sample._replace(time=clock.corrected(sample.time)) for sample in samples]
        message = _POSTS[lane](self._session.topics, self._session.next_id(), samples)
        with self._session.awaiting(message.id) as answer:
            acknowledged = self._session.publish(message.topic, message.payload)
            try:
                # Not `await answer`, which would cancel it at the timeout: it may still come while the time is asked.
                waited = (answer, acknowledged) if self.answers is False else (answer,)
                async with asyncio.timeout(self._reply_timeout):
                    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                return answer.result() if answer.done() else self._taken_for_granted(message.id, lane, samples)
            except TimeoutError:
                self._silences += acknowledged.done()
                if self.answers is None and self._silences >= _NEVER and await self._session.ask_time():
                    # It takes messages, it answers other questions, and it has never replied to a post: this product's
                    # data format has no replies that we could read. The acknowledgement has to do, unless a reply has
                    # come meanwhile.
                    if answer.done():
                        return answer.result()
                    if self.answers is None:
                        self.answers = False
                        self._on_change()
                        return self._taken_for_granted(message.id, lane, samples)
                raise

    def _taken_for_granted(self, message: str, lane: Lane, samples: Sequence[Sample]) -> Reply:
        """Count a message without a reply as taken, and keep its samples for a while in case there is one after all."""
        while len(self._granted) >= _GRANTED:
            del self._granted[next(iter(self._granted))]
        self._granted[message] = lane, samples
        return Reply(id=message, code=SUCCESS)

    def _replied(self, _topic: str, payload: bytes) -> None:
        reply = parse_reply(payload)
        if not self.answers:
            self.answers = True
            self._on_change()
        self._session.answered(reply)
        if (granted := self._granted.pop(reply.id, None)) is not None:
            rejected = self._decided(*granted, reply)
            self.rejected += rejected
            self.confirmed -= rejected
            self._on_change()

    def _settled(self, lane: Lane, samples: Sequence[Sample], reply: Reply) -> None:
        rejected = self._decided(lane, samples, reply)
        self.rejected += rejected
        self.confirmed += len(samples) - rejected
        if rejected < len(samples):
            self.last_confirmed = now_ms()
        self._on_change()

    def _decided(self, lane: Lane, samples: Sequence[Sample], reply: Reply) -> int:
        """Write down the decision on a message; returns how many of its samples were refused."""
        refused = reply.rejected
        if reply.code != SUCCESS:
            refused = dict.fromkeys(
                (sample.identifier for sample in samples), Refusal(code=reply.code, text=reply.text)
            )
        if any(refusal.is_about_time for refusal in refused.values()):
            self._session.clock.doubt()
        taken: dict[str, int] = {}
        for name, _, time in samples:
            if name not in refused:
                taken[name] = max(time, taken.get(name, time))
        if taken:
            self._on_taken(taken)
        return self.rejections.decided(lane, samples, refused)
