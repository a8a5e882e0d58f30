"""One cloud device: the public face of the library."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
import itertools
import logging
import random
import time
from typing import Final

from .outbox.pump import Pump
from .protocol.errors import (
    AuthenticationRefusedError,
    MalformedAnswerError,
    RemoteError,
    Unreachable,
    UnreachableError,
)
from .protocol.messages import SUCCESS, Reply, Sample, message_id, parse_reply, property_post
from .protocol.topics import Topics
from .transport.access import Access, open_link
from .transport.link import Link
from .transport.platform_clock import PlatformClock, now_ms
from .transport.supervision import Supervision
from .transport.trust import Trust

_LOGGER = logging.getLogger(__name__)

_AFTER_FAULT: Final = 60.0  # s

# A session that began with authentication over HTTPS ends after seven days; it is renewed a day before.
_SESSION_LIFETIME: Final = 6 * 24 * 3600.0  # s


class Connection(StrEnum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    REFUSED = "refused"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What there is to know about a device at one moment; counts are values since `Device` was made."""

    connection: Connection = Connection.CONNECTING
    problem: RemoteError | None = None
    waiting: int = 0
    confirmed: int = 0
    last_confirmed: int | None = None  # ms UTC, when the newest reply came
    unreadable: int = 0  # messages from the platform that nobody could make sense of
    clock_error: int | None = None  # ms by which the platform's clock is ahead of ours, if that is too much
    rejected: Mapping[str, str] = field(default_factory=dict)  # identifier -> the platform's latest reason


class Device:
    """Keeps one device connected and posts what it is offered, until the platform has confirmed it."""

    def __init__(
        self,
        access: Access,
        trust: Trust,
        *,
        on_status: Callable[[Status], None],
        rate: float = 1.0,
        reply_timeout: float = 10.0,
    ) -> None:
        """Post at most `rate` messages a second and wait `reply_timeout` seconds for the reply to each.

        `on_status` runs on the event loop after every change.
        """
        self._access = access
        self._trust = trust
        self._on_status = on_status
        self._reply_timeout = reply_timeout
        self._identity = access.credentials.identity
        self._topics = Topics(self._identity)
        self._reply_topics = (self._topics.property_post_reply, self._topics.property_batch_post_reply)
        self._pump = Pump(self._settled, rate=rate, pause=reply_timeout)
        self._clock = PlatformClock(self._identity)
        self._supervision = Supervision(random.random)
        self._numbers = itertools.count(int(time.time()))
        self._awaited: tuple[str, asyncio.Future[Reply]] | None = None
        self.status = Status()

    def offer(self, samples: Iterable[Sample]) -> None:
        """Queue samples; one that repeats the value before it is left out."""
        self._pump.offer(samples)

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
            await self._greet(link)
            lost = await self._until_closed(link)
        finally:
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
        link.subscribe([*self._reply_topics, self._clock.response_topic])
        await self._clock.ask(link)

    async def _until_closed(self, link: Link) -> Unreachable:
        pump = asyncio.ensure_future(self._pump.run(partial(self._post, link)))
        closed = asyncio.ensure_future(link.closed.wait())
        lifetime = _SESSION_LIFETIME if self._access.authenticate_first else None
        try:
            await asyncio.wait((pump, closed), return_when=asyncio.FIRST_COMPLETED, timeout=lifetime)
            if not pump.done():
                return Unreachable.CLOSED
            pump.result()
            return Unreachable.TIMEOUT
        finally:
            pump.cancel()
            closed.cancel()
            await asyncio.gather(pump, closed, return_exceptions=True)

    async def _post(self, link: Link, samples: Sequence[Sample]) -> Reply:
        await self._clock.check(link)
        samples = [replace(sample, time=self._clock.corrected(sample.time)) for sample in samples]
        message = property_post(self._topics, message_id(next(self._numbers)), samples)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._awaited = (message.id, answer)
        try:
            async with asyncio.timeout(self._reply_timeout):
                link.publish(message.topic, message.payload)
                return await answer
        finally:
            self._awaited = None

    def _received(self, topic: str, payload: bytes) -> None:
        try:
            if topic in self._reply_topics:
                self._replied(parse_reply(payload))
            elif topic == self._clock.response_topic:
                self._clock.answered(payload)
                self._report(clock_error=self._clock.offset if self._clock.is_ours_wrong else None)
        except MalformedAnswerError:
            self._report(unreadable=self.status.unreadable + 1)

    def _replied(self, reply: Reply) -> None:
        if self._awaited is not None and self._awaited[0] == reply.id and not self._awaited[1].done():
            self._awaited[1].set_result(reply)

    def _settled(self, samples: Sequence[Sample], reply: Reply) -> None:
        rejected = (
            reply.rejected if reply.code == SUCCESS else {sample.identifier: str(reply.code) for sample in samples}
        )
        answered = {sample.identifier for sample in samples}
        taken = sum(sample.identifier not in rejected for sample in samples)
        self._report(
            confirmed=self.status.confirmed + taken,
            last_confirmed=now_ms() if taken else self.status.last_confirmed,
            rejected={**{name: why for name, why in self.status.rejected.items() if name not in answered}, **rejected},
        )

    def _report(self, **changes: object) -> None:
        self.status = replace(self.status, waiting=self._pump.waiting, **changes)  # type: ignore[arg-type]  # checked there
        self._on_status(self.status)
