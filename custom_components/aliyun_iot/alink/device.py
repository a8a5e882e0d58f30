"""One cloud device: the public face of the library."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
import itertools
import random
import ssl
import time
from typing import Final

from .outbox.pump import Pump
from .protocol.connection import connect_with_secret
from .protocol.endpoints import Endpoint
from .protocol.errors import ConnectRefusedError, MalformedAnswerError, RemoteError, Unreachable, UnreachableError
from .protocol.identity import DeviceCredentials
from .protocol.messages import SUCCESS, Reply, Sample, message_id, parse_reply, property_post
from .protocol.topics import Topics
from .transport.backoff import retry_delay
from .transport.link import Link

_SETTLED_SESSION: Final = 60.0  # s; a link that ends sooner counts as one more failure


class Connection(StrEnum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    REFUSED = "refused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What there is to know about a device at one moment; counts are values since `Device` was made."""

    connection: Connection = Connection.CONNECTING
    problem: RemoteError | None = None
    waiting: int = 0
    confirmed: int = 0
    last_confirmed: int | None = None  # ms UTC, when the newest reply came
    unreadable: int = 0  # messages from the platform that nobody could make sense of
    rejected: Mapping[str, str] = field(default_factory=dict)  # identifier -> the platform's latest reason


class Device:
    """Keeps one device connected and posts what it is offered, until the platform has confirmed it."""

    def __init__(
        self,
        credentials: DeviceCredentials,
        endpoint: Endpoint,
        context: ssl.SSLContext,
        *,
        on_status: Callable[[Status], None],
        rate: float = 1.0,
        reply_timeout: float = 10.0,
    ) -> None:
        """Post at most `rate` messages a second and wait `reply_timeout` seconds for the reply to each.

        `on_status` runs on the event loop after every change.
        """
        self._reply_timeout = reply_timeout
        self._credentials = credentials
        self._endpoint = endpoint
        self._context = context
        self._on_status = on_status
        self._topics = Topics(credentials.identity)
        self._pump = Pump(self._settled, rate=rate, pause=reply_timeout)
        self._numbers = itertools.count(int(time.time()))
        self._awaited: tuple[str, asyncio.Future[Reply]] | None = None
        self.status = Status()

    def offer(self, samples: Iterable[Sample]) -> None:
        """Queue samples; one that repeats the value before it is left out."""
        self._pump.offer(samples)

    async def run(self) -> None:
        """Stay connected until cancelled, or until the platform refuses the credentials."""
        failures = 0
        while True:
            try:
                failures = await self._session(failures)
            except ConnectRefusedError as err:
                if err.is_credentials:
                    self._report(connection=Connection.REFUSED, problem=err)
                    return
                self._report(connection=Connection.WAITING, problem=err)
            except RemoteError as err:
                self._report(connection=Connection.WAITING, problem=err)
            failures += 1
            await asyncio.sleep(retry_delay(failures, random.random()))  # noqa: S311  # spreads load, guards nothing

    async def _session(self, failures: int) -> int:
        """Connect and post until the link ends; returns how many failures count from there."""
        self._report(connection=Connection.CONNECTING)
        connect = connect_with_secret(self._credentials, timestamp=_now())
        link = await Link.open(connect, self._endpoint, self._context, self._received)
        started = time.monotonic()
        try:
            # The first reply may be late for a SUBSCRIBE, and `_ss=1` covers single posts only: both are asked for.
            link.subscribe([self._topics.property_post_reply, self._topics.property_batch_post_reply])
            self._report(connection=Connection.CONNECTED, problem=None)
            lost = await self._until_closed(link)
        finally:
            link.close()
        self._report(
            connection=Connection.WAITING, problem=UnreachableError(lost, self._endpoint.host, self._endpoint.port)
        )
        return 0 if time.monotonic() - started > _SETTLED_SESSION else failures

    async def _until_closed(self, link: Link) -> Unreachable:
        pump = asyncio.ensure_future(self._pump.run(partial(self._post, link)))
        closed = asyncio.ensure_future(link.closed.wait())
        try:
            await asyncio.wait((pump, closed), return_when=asyncio.FIRST_COMPLETED)
            if not pump.done():
                return Unreachable.CLOSED
            pump.result()
            return Unreachable.TIMEOUT
        finally:
            pump.cancel()
            closed.cancel()
            await asyncio.gather(pump, closed, return_exceptions=True)

    async def _post(self, link: Link, samples: Sequence[Sample]) -> Reply:
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
        if topic not in (self._topics.property_post_reply, self._topics.property_batch_post_reply):
            return
        try:
            reply = parse_reply(payload)
        except MalformedAnswerError:
            self._report(unreadable=self.status.unreadable + 1)
            return
        if self._awaited is not None and self._awaited[0] == reply.id and not self._awaited[1].done():
            self._awaited[1].set_result(reply)

    def _settled(self, samples: Sequence[Sample], reply: Reply) -> None:
        rejected = (
            reply.rejected if reply.code == SUCCESS else {sample.identifier: str(reply.code) for sample in samples}
        )
        taken = sum(sample.identifier not in rejected for sample in samples)
        self._report(
            confirmed=self.status.confirmed + taken,
            last_confirmed=_now() if taken else self.status.last_confirmed,
            rejected={**self.status.rejected, **rejected},
        )

    def _report(self, **changes: object) -> None:
        self.status = replace(self.status, waiting=self._pump.waiting, **changes)  # type: ignore[arg-type]  # checked there
        self._on_status(self.status)


def _now() -> int:
    return int(time.time() * 1000)
