"""One cloud device: the public face of the library."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
import logging

from .control import Control
from .outbox.bucket import TokenBucket
from .outbox.pump import Pace
from .outbox.spool import NoSpool, Spool
from .protocol.commands import CommandHandler
from .protocol.messages import Sample, parse_thing_model_reply, thing_model_get
from .protocol.thing_model import PlatformModel
from .rejections import Rejection, Stretch
from .repeats import Repeats
from .reporting import Reporting
from .session import Session
from .status import Connection, Status
from .transport.access import Access
from .transport.trust import Trust

_LOGGER = logging.getLogger(__name__)


class Device:
    """Keeps one device connected and posts the values that it is offered, until the platform has confirmed each.

    Everything here runs on one event loop, and only `run` and `flush` wait.
    """

    def __init__(
        self,
        access: Access,
        trust: Trust,
        *,
        on_status: Callable[[Status], None],
        on_taken: Callable[[Mapping[str, int]], None] | None = None,
        on_command: CommandHandler | None = None,
        pace: Pace | None = None,
        spool: Spool | None = None,
        answers: bool | None = None,
        rejections: Mapping[str, Rejection] | None = None,
        repeats: Repeats | None = None,
        reply_timeout: float = 10.0,
    ) -> None:
        """Keep to a pace, and wait `reply_timeout` seconds for the reply to each message.

        Values for which the queue has no room go to the spool and are read back from there. `answers` and `rejections`
        are those of an earlier status. `on_status` runs on the event loop after every change, and `on_taken` with the
        newest time (ms UTC) of the values that the platform has taken, by identifier. The first error that they raise
        is logged, and none harms anything else. `on_command` carries out what the cloud sets or asks for; without it
        each such command is answered with 403. It is called once for each, never for one that is late or repeated, and
        never cancelled. `repeats` are those of the same device's former life, where its commands are known and may run.
        """
        pace, rejections = pace or Pace(), rejections or {}
        bucket = TokenBucket(pace.rate, pace.burst)
        self._on_status = on_status
        self._on_taken = on_taken
        self._has_complained = False
        self._spool = spool or NoSpool()
        self._model: PlatformModel | None = None
        self._model_link = 0  # the number of the link that it came over
        self._session = Session(access, trust, bucket, on_change=self._report)
        self._reporting = Reporting(
            self._session,
            bucket,
            on_change=self._report,
            on_taken=self._tell_taken,
            pace=pace,
            spool=self._spool,
            answers=answers,
            rejections=rejections,
            reply_timeout=reply_timeout,
        )
        self._control = Control(
            self._session, bucket, on_command, repeats=repeats or Repeats(), rate=pace.rate, on_change=self._report
        )
        self._session.on_topic(self._session.topics.thing_model_get_reply, self._told_model)
        self.status = Status(answers=answers, rejections=rejections)
        # Queue a sample, unless it repeats the value before it. Bound here, because every change in the house comes
        # this way.
        self.offer: Callable[[Sample], None] = self._reporting.offer

    def offer_now(self, samples: Iterable[Sample]) -> None:
        """Queue samples that no interval holds back."""
        self._reporting.offer_now(samples)

    def offer_first(self, samples: Iterable[Sample]) -> None:
        """Post samples at once, ahead of all that waits and of the budget, which pays afterwards.

        The other values of their properties that wait go along, and a `Repetition` says a value again that has not
        changed. Does not wait for the reply to another message. Without a link they wait as all others do.
        """
        self._reporting.offer_first(samples)

    def ask_model(self) -> bool:
        """Ask which properties the product has ("Obtain the TSL model of a device"); a status tells the answer.

        Not every product answers. Returns whether the question was sent: without a link it is not.
        """
        if not self._session.is_up:
            return False
        message = thing_model_get(self._session.topics, self._session.next_id())
        self._session.publish_now(message.topic, message.payload)
        return True

    def unconfirmed(self) -> Iterator[tuple[str, int]]:
        """Yield identifier and time (ms UTC) of each sample in memory that is not confirmed, but for repetitions."""
        return self._reporting.unconfirmed()

    def is_sending(self, identifiers: Collection[str]) -> bool:
        """Tell if a value of any of these properties is on its way to the platform."""
        return self._reporting.is_sending(identifiers)

    def waiting_of(self, identifiers: Collection[str]) -> set[str]:
        """Return those of the identifiers with values in memory that are not confirmed, repetitions included."""
        return self._reporting.waiting_of(identifiers)

    def forget(self, identifiers: Collection[str]) -> None:
        """Forget properties of which nothing waits, so that others can have their identifiers."""
        self._reporting.forget(identifiers)

    def withdraw(self, identifiers: Collection[str]) -> None:
        """Take back the values of properties that were not sent yet, because these are of another kind from now on.

        The spool gets them, to make them anew.
        """
        self._reporting.withdraw(identifiers)

    def take_missed(self, identifier: str) -> Sequence[Stretch]:
        """Return the stretches (ms UTC) with refused values of a property, and forget them: they will be sent again."""
        return self._reporting.rejections.take_missed(identifier)

    def is_ordered(self, start: int, end: int) -> bool:
        """Tell whether times of a stretch (ms UTC by our clock) follow each other as their events did."""
        return self._session.clock.is_ordered(start, end)

    def report(self) -> None:
        """Tell the status as it is now: values come to wait, and are lost, without the platform's doing."""
        self._session.clock.look()
        self._report()

    async def flush(self) -> None:
        """Send the waiting values of the present.

        Returns when the platform has decided on each, and at once where there is no connection.
        """
        if self.status.connection is Connection.CONNECTED:
            await self._reporting.drain()

    async def run(self) -> None:
        """Stay connected until cancelled.

        Errors are told by the status and never raised.
        """
        await self._session.run(self._reporting.run)

    def _told_model(self, _topic: str, payload: bytes) -> None:
        self._model = parse_thing_model_reply(payload)
        self._model_link = self._session.links if self._session.is_up else 0
        self._report()

    def _report(self) -> None:
        session, reporting, control, model = self._session, self._reporting, self._control, self._model
        self.status = Status(
            connection=session.connection,
            problem=session.problem,
            waiting=reporting.waiting,
            oldest_waiting=reporting.oldest_waiting,
            confirmed=reporting.confirmed,
            last_confirmed=reporting.last_confirmed,
            rejected=reporting.rejected,
            rejections=reporting.rejections.known,
            losses=self._spool.losses,
            messages=session.messages,
            unreadable=session.unreadable,
            clock_error=session.clock_error,
            is_clock_known=session.clock.offset is not None,
            model=None if model is None else model.types,
            access={} if model is None else model.access,
            services={} if model is None else model.services,
            is_model_current=model is not None and session.is_up and self._model_link == session.links,
            commands_executed=control.executed,
            commands_refused=dict(control.refused),
            is_unencrypted_command=control.is_unencrypted,
            is_subscribe_dropped=session.is_subscribe_dropped,
            answers=reporting.answers,
            has_lasted=session.has_lasted,
            is_contested=session.is_contested,
            put_off=reporting.put_off,
        )
        self._tell(lambda: self._on_status(self.status))

    def _tell_taken(self, taken: Mapping[str, int]) -> None:
        if (on_taken := self._on_taken) is not None:
            self._tell(lambda: on_taken(taken))

    def _tell(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:
            if not self._has_complained:
                self._has_complained = True
                _LOGGER.exception("Unexpected error while telling of the device's status")
