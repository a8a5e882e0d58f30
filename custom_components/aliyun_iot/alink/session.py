"""The session: one device's conversation with the platform, over a link that is kept up.

Theory of operation
===================

A link is one MQTT connection and ends sooner or later. The session opens the next one, and `Supervision` says when. It
is the only place that knows the current link; everything else speaks through the session, with a link or without. While
a link is up, the session runs the `work` that it was given (posting, above all). Three things end a link: the platform
or the network closes it, `work` returns because the platform has fallen silent, or the session that authentication over
HTTPS has granted is about to expire. Whichever it is, `work` is cancelled before the link is closed, so nothing above
ever holds a link that is gone.

Coming in, a message is looked up in the table of topics and handed to one handler. A handler runs on the event loop,
outside of paho's frame, one after the other in the order of arrival, and must not block. MalformedAnswerError from it
means that the platform wrote something in no documented form: it is counted. Any other exception is a fault of ours: it
is logged, once for each filter, and ends neither the link nor another handler.

Going out, the platform counts every message, and drops in silence those above its limit for a second. Values wait for
the budget (the pump does that, then calls `publish`). A question or an answer cannot wait (`publish_now`): it is
counted in the same budget, so that the values after it stay below that limit.

A reply carries the id of the message that it answers. Whoever wants one enters the table of awaited answers before it
publishes, and leaves it when it has stopped waiting. A reply to an id that is not in the table is late or repeated, and
is dropped: its message was given back and will be, or has been, confirmed by another reply.

Commands differ from other messages in two ways. Their topics are asked for in a SUBSCRIBE of its own, on trial: where
the platform closes links because of it, they go on without. And a session that takes commands has its links watched:
each is closed unread when this machine was asleep or stuck, because what was sent meanwhile must not run late.

Invariants: all of this runs on one event loop. At most one link exists. Topics are registered before `run`, and each
link begins with a SUBSCRIBE to those that are asked for. Only a cancel ends `run`. `on_change` never raises. A crash
leaves nothing behind: the session keeps no state that outlives the process.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
import itertools
import logging
import random
import time
from typing import Final

from .outbox.bucket import BOTH_WAYS, TokenBucket
from .protocol.errors import (
    AlinkError,
    AuthenticationRefusedError,
    MalformedAnswerError,
    MisdirectedError,
    RemoteError,
    UnexpectedError,
    Unreachable,
    UnreachableError,
)
from .protocol.messages import Reply, message_id
from .protocol.topics import Topics, topic_matches
from .status import Connection
from .transport.access import Access, open_link
from .transport.link import Link
from .transport.platform_clock import PlatformClock
from .transport.supervision import SETTLED, Supervision
from .transport.trial import Trial
from .transport.trust import Trust

_LOGGER = logging.getLogger(__name__)

# s. A fault of ours will most likely happen again at once. A minute keeps the log readable and is well within the
# platform's limit of connects, and it is short enough for whoever has just mended the cause.
_AFTER_FAULT: Final = 60.0

# s. A session that began with authentication over HTTPS ends after seven days ("HTTPS authentication"). A day before
# that the session is renewed, at a moment of our own rather than in the middle of a message.
_SESSION_LIFETIME: Final = 6 * 24 * 3600.0

type Handler = Callable[[str, bytes], None]  # takes topic and payload; may raise MalformedAnswerError
type Work = Callable[[], Awaitable[None]]  # runs while a link is up; returns when the platform has fallen silent


class Session:
    """Keeps a link up, hands over the messages that arrive, and publishes those of others."""

    def __init__(self, access: Access, trust: Trust, bucket: TokenBucket, *, on_change: Callable[[], None]) -> None:
        """Prepare; nothing is opened before `run`.

        `bucket` is the budget of messages, which is shared with the pump. `on_change` runs on the event loop after
        every change of the attributes below, and must not raise.
        """
        self.topics = Topics(access.credentials.identity)
        self.clock = PlatformClock(self.topics.identity)
        self.connection = Connection.CONNECTING
        self.problem: AlinkError | None = None  # why there is no link; None while there is one
        self.has_lasted = False  # whether a link has lasted for a minute since the beginning
        self.is_contested = False  # whether another client of the same name keeps taking the connection over
        self.messages = 0  # sent since the beginning
        self.unreadable = 0  # received in no documented form
        self.clock_error: int | None = None  # ms by which the platform's clock is ahead of ours, if that is too much
        self._access = access
        self._trust = trust
        self._bucket = bucket
        self._on_change = on_change
        self._supervision = Supervision(random.random)
        self._numbers = itertools.count(int(time.time()))  # so no late reply matches after a restart
        self._link: Link | None = None  # while it is up
        self._handlers: dict[str, Handler] = {}  # by topic filter
        self._asked: list[str] = []  # topic filters of the SUBSCRIBE
        self._tried: list[str] = []  # topics of the SUBSCRIBE on trial; where there are any, links are watched
        self._trial = Trial()
        self.links = 0  # that were up, this one included
        self._awaited: dict[str, asyncio.Future[Reply]] = {}  # by message id
        self._faults: set[type[Exception]] = set()  # types of unexpected errors that are in the log
        self._faulty: set[str] = set()  # filters of handlers whose first unexpected error is in the log
        self.on_topic(self.clock.response_topic, self._told_time)

    # Registration, before `run`

    def on_topic(self, topic_filter: str, handler: Handler) -> None:
        """Subscribe to a topic on every link, and hand each message there to `handler`.

        A filter may have a `+` for any one level. A filter without comes first where several match.
        """
        self._handlers[topic_filter] = handler
        self._asked.append(topic_filter)

    def on_command(self, topic: str, handler: Handler, *, is_asked: bool) -> None:
        """Hand each message on a topic of commands to `handler`; where it is asked for, on trial, links are watched."""
        self._handlers[topic] = handler
        if is_asked:
            self._tried.append(topic)

    # Publishing, at any time

    @property
    def is_up(self) -> bool:
        """True if there is a link to publish on."""
        return self._link is not None

    @property
    def link(self) -> Link | None:
        """The link, while it is up."""
        return self._link

    @property
    def is_subscribe_dropped(self) -> bool:
        """True if links go on without the SUBSCRIBE on trial, because the platform has closed those with it."""
        return self._trial.is_over

    def next_id(self) -> str:
        """Return an id for a message that no other has."""
        return message_id(next(self._numbers))

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[None]:
        """Send a message that the budget has let through.

        The result comes when the platform has acknowledged it: never if the link ends first, or if there is none.
        """
        if self._link is None:
            return asyncio.get_running_loop().create_future()
        acknowledged = self._link.publish(topic, payload)
        self.messages += 1
        self._on_change()
        return acknowledged

    def publish_now(self, topic: str, payload: bytes, messages: int = BOTH_WAYS) -> asyncio.Future[None]:
        """Send a message that cannot wait for the budget, and count it there: values after it leave room for it.

        With the platform's reply to it, if there is one, it makes so many `messages`.
        """
        if self.is_up:
            self._bucket.note(time.monotonic(), messages)
        return self.publish(topic, payload)

    @contextmanager
    def awaiting(self, message: str) -> Iterator[asyncio.Future[Reply]]:
        """Await the reply to the message with this id; enter before it is published."""
        answer = self._awaited[message] = asyncio.get_running_loop().create_future()
        try:
            yield answer
        finally:
            del self._awaited[message]

    def answered(self, reply: Reply) -> None:
        """Give a reply to whoever awaits it, if anybody does."""
        answer = self._awaited.get(reply.id)
        if answer is not None and not answer.done():
            answer.set_result(reply)

    async def ask_time(self) -> bool:
        """Ask for the platform's time and wait a moment for the answer; returns whether it came."""
        return await self.clock.ask(self.publish_now)

    # Links, one after the other

    async def run(self, work: Work) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                delay = await self._connect(work)
            except Exception as err:
                # A fault of ours must not end the deliveries for good, and not in silence either.
                if type(err) not in self._faults:
                    self._faults.add(type(err))
                    _LOGGER.exception("Unexpected error; connecting again every %d s", _AFTER_FAULT)
                self._stands(Connection.WAITING, UnexpectedError(type(err).__name__))
                delay = _AFTER_FAULT
            await asyncio.sleep(delay)

    async def _connect(self, work: Work) -> float:
        """Connect and work until the link ends; returns the seconds to wait."""
        self._stands(Connection.CONNECTING, self.problem)
        try:
            link = await open_link(self._access, self._trust, self._received, is_watched=bool(self._tried))
        except RemoteError as err:
            return self._not_connected(err)
        started = time.monotonic()
        self._supervision.accepted()
        lasted = asyncio.get_running_loop().call_later(SETTLED, self._lasted)
        try:
            self.links += 1
            self._stands(Connection.CONNECTED, None)
            self._link = link
            # `_ss=1` covers replies to single posts only, and a SUBSCRIBE may take seconds to work: both are asked for.
            link.subscribe(self._asked)
            if not self._trial.is_over:
                link.subscribe(self._tried)
            await self.ask_time()
            lost = await self._until_closed(link, work)
        finally:
            lasted.cancel()
            self._link = None
            link.close()
        is_kick = isinstance(lost, UnreachableError) and lost.reason is Unreachable.CLOSED
        duration = time.monotonic() - started
        if self._tried:
            self._trial.ended(duration, by_platform=is_kick)
        delay = self._supervision.ended(duration, by_platform=is_kick)
        self.is_contested = self._supervision.is_contested
        if lost is None:
            self._stands(Connection.CONNECTING, None)
        else:
            self._stands(Connection.TAKEN_OVER if self.is_contested else Connection.WAITING, lost)
        return delay

    def _not_connected(self, error: RemoteError) -> float:
        if isinstance(error, MisdirectedError):
            self._supervision.accepted()
        if not isinstance(error, AuthenticationRefusedError) or (error.code is not None and not error.is_final):
            return self._failed(error)
        delay, is_refused = self._supervision.refused(time.monotonic(), is_final=error.is_final)
        self._stands(Connection.REFUSED if is_refused else Connection.WAITING, error)
        return delay

    def _failed(self, error: RemoteError) -> float:
        delay = self._supervision.failed(error)
        self.is_contested = self._supervision.is_contested
        self._stands(Connection.WAITING, error)
        return delay

    def _lasted(self) -> None:
        self._supervision.lasted()
        self.has_lasted, self.is_contested = True, False
        self._on_change()

    async def _until_closed(self, link: Link, work: Work) -> RemoteError | None:
        """Work until the link ends; returns the reason, or None when it is to be renewed, after a sleep for one."""
        working = asyncio.ensure_future(work())
        closed = asyncio.ensure_future(link.closed.wait())
        lifetime = _SESSION_LIFETIME if self._access.authenticate_first else None
        try:
            await asyncio.wait((working, closed), return_when=asyncio.FIRST_COMPLETED, timeout=lifetime)
            if working.done():
                await working  # raises the exception with which it ended, if there is one
                return UnreachableError(Unreachable.TIMEOUT, link.endpoint.host, link.endpoint.port)
            return link.lost if closed.done() and not link.is_stale else None
        finally:
            for task in (working, closed):
                task.cancel()
            await asyncio.gather(working, closed, return_exceptions=True)

    def _stands(self, connection: Connection, problem: AlinkError | None) -> None:
        self.connection = connection
        self.problem = problem
        self._on_change()

    # Messages that arrive

    def _received(self, topic: str, payload: bytes) -> None:
        topic_filter = self._filter_of(topic)
        if topic_filter is None:  # `_ss=1` also brings topics that nothing here asks for
            return
        try:
            self._handlers[topic_filter](topic, payload)
        except MalformedAnswerError:
            self.unreadable += 1
            self._on_change()
        except Exception:  # whatever it is, it is a fault of ours
            if topic_filter not in self._faulty:
                self._faulty.add(topic_filter)
                _LOGGER.exception("Unexpected error while handling a message on %s", topic_filter)

    def _filter_of(self, topic: str) -> str | None:
        if topic in self._handlers:
            return topic
        return next((known for known in self._handlers if topic_matches(known, topic)), None)

    def _told_time(self, _topic: str, payload: bytes) -> None:
        self.clock.answered(payload)
        self.clock_error = self.clock.offset if self.clock.is_ours_wrong else None
        self._on_change()
