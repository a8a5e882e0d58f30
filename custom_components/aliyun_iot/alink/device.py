"""One cloud device: the public face of the library."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
import itertools
import logging
import random
import time
from typing import Final

from .outbox.pump import Pace, Pump
from .outbox.queue import Lane
from .outbox.spool import NoSpool, Spool
from .protocol.errors import (
    AuthenticationRefusedError,
    MalformedAnswerError,
    RemoteError,
    Unreachable,
    UnreachableError,
)
from .protocol.messages import (
    SUCCESS,
    Refusal,
    Reply,
    Sample,
    history_post,
    message_id,
    parse_reply,
    parse_thing_model_reply,
    property_post,
    thing_model_get,
)
from .protocol.topics import Topics
from .status import Connection, Rejection, Status, Stretch
from .transport.access import Access, open_link
from .transport.link import Link
from .transport.platform_clock import PlatformClock, now_ms
from .transport.supervision import Supervision
from .transport.trust import Trust

_LOGGER = logging.getLogger(__name__)

_AFTER_FAULT: Final = 60.0  # s

# A session that began with authentication over HTTPS ends after seven days; it is renewed a day before.
_SESSION_LIFETIME: Final = 6 * 24 * 3600.0  # s

# Replies missed, over at least two links, until a product that has never replied counts as one that does not.
_NEVER: Final = 6

_POSTS: Final = {Lane.LIVE: property_post, Lane.PAST: history_post}


class Device:
    """Keeps one device connected and posts what it is offered, until the platform has confirmed it."""

    def __init__(
        self,
        access: Access,
        trust: Trust,
        *,
        on_status: Callable[[Status], None],
        pace: Pace | None = None,
        spool: Spool | None = None,
        answers: bool | None = None,
        rejections: Mapping[str, Rejection] | None = None,
        reply_timeout: float = 10.0,
    ) -> None:
        """Keep to a pace, and wait `reply_timeout` seconds for the reply to each message.

        What the queue has no room for goes to the spool and is read back from there. `answers` and `rejections`
        are what an earlier status said. `on_status` runs on the event loop after every change.
        """
        self._access = access
        self._trust = trust
        self._on_status = on_status
        self._reply_timeout = reply_timeout
        self._identity = access.credentials.identity
        self._topics = Topics(self._identity)
        self._reply_topics = (
            self._topics.property_post_reply,
            self._topics.property_batch_post_reply,
            self._topics.property_history_post_reply,
        )
        self._spool = spool or NoSpool()
        self._pump = Pump(self._settled, self._spool, pace or Pace(), pause=reply_timeout)
        self._clock = PlatformClock(self._identity)
        self._supervision = Supervision(random.random)
        self._numbers = itertools.count(int(time.time()))
        self._awaited: tuple[str, asyncio.Future[Reply]] | None = None
        self._link: Link | None = None  # while it is up
        self._silences = 0  # messages that were acknowledged and not replied to
        self.status = Status(answers=answers, rejections=rejections or {})
        # Bound here, because every change in the house goes this way.
        self.offer: Callable[[Sample], None] = self._pump.offer

    def offer_now(self, samples: Iterable[Sample]) -> None:
        """Queue samples that no interval holds back."""
        self._pump.offer_now(samples)

    def ask_model(self) -> bool:
        """Ask which properties the product has; the answer, if there is one, is in the status.

        Returns whether the question was sent: without a link it is not.
        """
        if self._link is None:
            return False
        self._pump.note_message()
        message = thing_model_get(self._topics, message_id(next(self._numbers)))
        self._link.publish(message.topic, message.payload)
        self._report(messages=self.status.messages + 1)
        return True

    def unconfirmed(self) -> Iterator[tuple[str, int]]:
        """Yield identifier and time (ms UTC) of each sample in memory that is not confirmed, but for repetitions."""
        return self._pump.unconfirmed()

    def take_missed(self, identifier: str) -> Sequence[Stretch]:
        """Return the stretches that the platform has rejected of a property, and forget them: they are sent again."""
        rejection = self.status.rejections[identifier]
        taken = {identifier: replace(rejection, missed={})}
        self.status = replace(self.status, rejections={**self.status.rejections, **taken})
        return tuple(rejection.missed.values())

    def report(self) -> None:
        """Tell the status as it is now; what waits, and what is lost, changes also without the platform."""
        self._clock.look()
        self._report()

    async def flush(self) -> None:
        """Send what waits of the present; returns when the platform has confirmed it, or when it is not there."""
        if self.status.connection is Connection.CONNECTED:
            await self._pump.drain()

    async def run(self) -> None:
        """Stay connected until cancelled, refused for good, or taken over by another client of the same name."""
        while True:
            try:
                delay = await self._session()
            except Exception:
                # A fault of ours must not end the deliveries for good, and not in silence either.
                _LOGGER.exception("Unexpected error; connecting again in %d s", _AFTER_FAULT)
                self._report(connection=Connection.WAITING)
                delay = _AFTER_FAULT
            if delay is None:
                return
            await asyncio.sleep(delay)

    async def _session(self) -> float | None:
        """Connect and post until the link ends; returns the seconds to wait, or None when there is no use in it."""
        self._report(connection=Connection.CONNECTING)
        try:
            link = await open_link(self._access, self._trust, self._received)
        except RemoteError as err:
            if isinstance(err, AuthenticationRefusedError) and err.is_credentials:
                self._report(connection=Connection.REFUSED, problem=err)
                return None
            self._report(connection=Connection.WAITING, problem=err)
            return self._supervision.failed(err)
        started = time.monotonic()
        try:
            self._report(connection=Connection.CONNECTED, problem=None)
            self._link = link
            await self._greet(link)
            lost = await self._until_closed(link)
        finally:
            self._link = None
            link.close()
        delay = self._supervision.ended(time.monotonic() - started, by_platform=lost is Unreachable.CLOSED)
        endpoint = self._access.endpoint
        self._report(
            connection=Connection.WAITING if delay is not None else Connection.TAKEN_OVER,
            problem=UnreachableError(lost, endpoint.host, endpoint.port),
        )
        return delay

    async def _greet(self, link: Link) -> None:
        # `_ss=1` covers replies to single posts only, and a SUBSCRIBE may take seconds to work: both are asked for.
        link.subscribe([*self._reply_topics, self._clock.response_topic, self._topics.thing_model_get_reply])
        await self._ask_time(link)

    async def _ask_time(self, link: Link) -> bool:
        self._pump.note_message()
        self._report(messages=self.status.messages + 1)
        return await self._clock.ask(link)

    async def _until_closed(self, link: Link) -> Unreachable:
        pump = asyncio.ensure_future(self._pump.run(partial(self._post, link)))
        recall = asyncio.ensure_future(self._recall())
        closed = asyncio.ensure_future(link.closed.wait())
        lifetime = _SESSION_LIFETIME if self._access.authenticate_first else None
        try:
            await asyncio.wait((pump, recall, closed), return_when=asyncio.FIRST_COMPLETED, timeout=lifetime)
            if recall.done():
                recall.result()  # it only ends with a fault
            if not pump.done():
                return Unreachable.CLOSED
            pump.result()
            return Unreachable.TIMEOUT
        finally:
            for task in (pump, recall, closed):
                task.cancel()
            await asyncio.gather(pump, recall, closed, return_exceptions=True)

    async def _recall(self) -> None:
        """Read back from the spool as fast as it is sent."""
        while True:
            await self._pump.wants_more()
            self._pump.recall(await self._spool.read())

    async def _post(self, link: Link, lane: Lane, samples: Sequence[Sample]) -> Reply:
        self._clock.look()
        if self._clock.is_unsure:
            await self._ask_time(link)
        if self._clock.is_correcting:
            samples = [sample._replace(time=self._clock.corrected(sample.time)) for sample in samples]
        message = _POSTS[lane](self._topics, message_id(next(self._numbers)), samples)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._awaited = (message.id, answer)
        acknowledged = link.publish(message.topic, message.payload)
        self._report(messages=self.status.messages + 1)
        try:
            async with asyncio.timeout(self._reply_timeout):
                if self.status.answers is False:
                    await acknowledged
                    return Reply(id=message.id, code=SUCCESS)
                return await answer
        except TimeoutError:
            self._silences += acknowledged.done()
            if self.status.answers is None and self._silences >= _NEVER and await self._ask_time(link):
                # It takes messages, it answers other questions, and it has never replied to a post: this product's
                # data format has no replies that we could read. The acknowledgement has to do.
                self._report(answers=False)
                return Reply(id=message.id, code=SUCCESS)
            raise
        finally:
            self._awaited = None

    def _received(self, topic: str, payload: bytes) -> None:
        try:
            if topic in self._reply_topics:
                self._replied(parse_reply(payload))
            elif topic == self._clock.response_topic:
                self._clock.answered(payload)
                self._report(clock_error=self._clock.offset if self._clock.is_ours_wrong else None)
            elif topic == self._topics.thing_model_get_reply:
                self._report(model=parse_thing_model_reply(payload))
        except MalformedAnswerError:
            self._report(unreadable=self.status.unreadable + 1)

    def _replied(self, reply: Reply) -> None:
        if not self.status.answers:
            self._report(answers=True)
        if self._awaited is not None and self._awaited[0] == reply.id and not self._awaited[1].done():
            self._awaited[1].set_result(reply)

    def _settled(self, lane: Lane, samples: Sequence[Sample], reply: Reply) -> None:
        refused = reply.rejected
        if reply.code != SUCCESS:
            refused = dict.fromkeys(
                (sample.identifier for sample in samples), Refusal(code=reply.code, text=reply.text)
            )
        rejected = sum(sample.identifier in refused for sample in samples) if refused else 0
        self._report(
            confirmed=self.status.confirmed + len(samples) - rejected,
            last_confirmed=now_ms() if rejected < len(samples) else self.status.last_confirmed,
            rejected=self.status.rejected + rejected,
            rejections=self._rejections(lane, samples, refused),
        )

    def _rejections(
        self, lane: Lane, samples: Sequence[Sample], refused: Mapping[str, Refusal]
    ) -> Mapping[str, Rejection]:
        known = self.status.rejections
        if not refused and not known:
            return known
        result = dict(known)
        for sample in samples:
            name, before = sample.identifier, result.get(sample.identifier)
            if (refusal := refused.get(name)) is not None:
                before = before or Rejection(count=0, latest=refusal)
                result[name] = before.again(refusal, lane, sample.time)
            elif before is not None and not before.is_over:
                result[name] = replace(before, is_over=True)
        # The same one where nothing has changed, which is easy to see.
        return known if result == known else result

    def _report(self, **changes: object) -> None:
        oldest = (time for time in (self._spool.oldest, self._pump.oldest) if time is not None)
        self.status = replace(
            self.status,
            waiting=len(self._pump.outbox),
            oldest_waiting=min(oldest, default=None),
            losses=self._spool.losses,
            **changes,  # type: ignore[arg-type]  # checked there
        )
        self._on_status(self.status)
