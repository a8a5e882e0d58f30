"""Control: answers what the cloud asks of the device, and has it carried out by a handler.

Theory of operation
===================

A message on the topic of set or get goes through these steps, each of which may end it with an answer:

    read        bounded before it is parsed. Without an id there is nobody to answer: it is counted as unreadable
    repeat      a command that was carried out gets its answer again, one that runs gets the answer to come
    budget      charged in advance with two messages: our reply and the post of the new value. Beyond it 429; and where
                the 429s themselves are beyond a quarter of the budget, nothing, and it is counted
    refused     400 for what is no command, 403 without a handler and over plain TCP
    begun       in a task of its own, unless it is late by then: another link, a sleep, or three seconds since it was
                read. From here on it is never cancelled, because half an action is worse than a late one
    answered    by the handler's answer, or after four seconds with a 200 that says that it still runs

The handler decides on properties, values and the limits of one entity. Only what its answer calls executed is
remembered: a command that was refused may be sent again, and a flood of refusals must not push out what has run. An
error of the handler's counts as executed, in part.

Budget. There are two accounts. The control's own fills with the device's rate, has room for two commands, and pays two
for each command and one for any other reply, so that all of them together stay below the rate. The device's budget
pays the same, so that values wait; the share of the post goes back when the command ends, because the post pays for
itself (outbox/overtaking.py). A reply that is due waits for a second at most, where the present one is full.

Invariants. All of this runs on one event loop. A command that is charged gets one reply, and its handler runs once or
never. A restart forgets what was executed; nothing is delivered again after it, because each link is a clean session.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from enum import StrEnum
from functools import partial
import logging
import time
from typing import Any, Final

from .outbox.bucket import ONE_WAY, TokenBucket, Tokens
from .protocol.commands import (
    Answer,
    BadCommandError,
    Code,
    Command,
    CommandHandler,
    CommandKind,
    OwnCode,
    parse_command,
    reply_message,
)
from .protocol.endpoints import Transport
from .protocol.limits import MESSAGES_PER_SECOND
from .repeats import Key, Repeats, key_of
from .session import Session
from .transport.link import Link

_LOGGER = logging.getLogger(__name__)

# Messages of ours that a command costs: the reply, and the post of the new value.
_COST: Final = 2.0
_POST: Final = 1.0

# Commands that may come at once after a pause: somebody who turns two lamps off does not wait between them.
_BURST: Final = 2

# The share of the budget for replies that there are too many commands. A sender learns from one in a while as much as
# from a hundred, and the values need the rest.
_COMPLAINTS: Final = 0.25

# s from reading a command to its reply. The platform waits for seven or eight; the rest is for the ways there and back,
# and for the second that a reply may have to wait.
_PATIENCE: Final = 4.0

# s from reading a command until it is begun. On an event loop that turns it takes milliseconds, and whoever has waited
# for longer has pressed the button again.
_LATE: Final = 3.0

# Commands that run at a time. The handler has limits of its own for an entity; this one is for a handler that hangs.
_RUNNING_MAX: Final = 100


class Refused(StrEnum):
    """The reasons for which commands are counted that were not carried out."""

    FORBIDDEN = "forbidden"  # nothing here takes commands
    UNENCRYPTED = "unencrypted"
    MALFORMED = "malformed"
    TOO_MANY = "too_many"
    UNANSWERED = "unanswered"  # too many, and not even answered
    LATE = "late"
    HANDLER = "handler"  # by the handler, which knows why


class Control:
    """Takes commands from a session and answers each once."""

    def __init__(
        self,
        session: Session,
        bucket: TokenBucket,
        handler: CommandHandler | None,
        *,
        repeats: Repeats,
        rate: float,
        on_change: Callable[[], None],
    ) -> None:
        """Register for commands; without a handler each gets 403, and no SUBSCRIBE asks for them.

        `rate` is that of the device's budget, in messages a second. `on_change` runs on the event loop after every
        change of the attributes below.
        """
        self.executed = 0
        self.refused: Counter[str] = Counter()  # by reason, see `Refused`
        self.is_unencrypted = False  # whether a command came over plain TCP that a handler would have taken
        self._session = session
        self._bucket = bucket
        self._handler = handler
        self._on_change = on_change
        rate = min(rate, MESSAGES_PER_SECOND)
        self._account = Tokens(rate, _BURST * _COST)
        self._complaints = Tokens(rate * _COMPLAINTS, 1.0)
        self._repeats = repeats
        self._tasks: set[asyncio.Task[Any]] = set()  # the event loop itself keeps none of them
        self._faults: set[type[BaseException]] = set()  # types of the handler's errors that are in the log
        topics = session.topics
        for kind, topic in ((CommandKind.SET, topics.property_set), (CommandKind.GET, topics.property_get)):
            session.on_command(topic, partial(self._received, kind), is_asked=handler is not None)

    def _received(self, kind: CommandKind, _topic: str, payload: bytes) -> None:
        link, now = self._session.link, time.monotonic()
        if link is None:  # it ended while this message was on its way here
            self._refuse(Refused.LATE)
            return
        try:
            command = parse_command(kind, payload, read_at=link.read_at)
        except BadCommandError as error:
            if self._is_affordable(kind, error.id, now):
                self._decline(kind, error.id, Answer(code=Code.BAD_FORM, message="no command"), Refused.MALFORMED)
            return
        key = key_of(command)
        if (known := self._repeats.find(key, now)) is not None:
            if self._account.delay(now) > 0.0:
                self._refuse(Refused.UNANSWERED)
                return
            self._charge(now, 1.0)
            self._start(self._answer(command, known))
        elif not self._is_affordable(kind, command.id, now):
            return
        elif self._handler is None:
            self._decline(kind, command.id, _FORBIDDEN, Refused.FORBIDDEN)
        elif link.endpoint.transport is Transport.TCP:
            self.is_unencrypted = True
            self._decline(kind, command.id, _UNENCRYPTED, Refused.UNENCRYPTED)
        else:
            task = self._start(self._carry_out(command, self._handler, link))
            self._repeats.began(key, task)
            task.add_done_callback(partial(self._ended, key))
            self._start(self._answer(command, task))

    # The budget

    def _is_affordable(self, kind: CommandKind, id_: str, now: float) -> bool:
        """Charge for a command; where there are too many say so, or say nothing at all."""
        if self._account.delay(now, _COST) <= 0.0 and self._repeats.running < _RUNNING_MAX:
            self._charge(now, _COST)
            return True
        if self._complaints.delay(now) > 0.0:
            self._refuse(Refused.UNANSWERED)
            return False
        self._complaints.take(now)
        self._charge(now, 1.0)
        self._refuse(Refused.TOO_MANY)
        self._start(self._reply(kind, id_, Answer(code=Code.TOO_MANY, message="too many commands")))
        return False

    def _charge(self, now: float, cost: float) -> None:
        self._account.take(now, cost)
        self._bucket.charge(now, cost)

    def _decline(self, kind: CommandKind, id_: str, answer: Answer, reason: Refused) -> None:
        self._bucket.give_back(_POST)
        self._refuse(reason)
        self._start(self._reply(kind, id_, answer))

    def _refuse(self, reason: Refused) -> None:
        self.refused[reason] += 1
        self._on_change()

    # Carrying out and answering

    async def _carry_out(self, command: Command, handler: CommandHandler, link: Link) -> Answer:
        # A look at the watch first: it is the last moment before something happens at home.
        if not link.is_awake() or self._session.link is not link or time.monotonic() - command.read_at > _LATE:
            return _TOO_LATE
        try:
            return await handler(command)
        except Exception as err:  # noqa: BLE001  # whatever it is, it is answered
            self._complain(err)
        return _FAULT

    def _ended(self, key: Key, task: asyncio.Task[Answer]) -> None:
        answer = _answer_of(task)
        self._repeats.ended(key, answer, time.monotonic())
        self._bucket.give_back(_POST)
        if answer.is_executed:
            self.executed += 1
        elif answer is _TOO_LATE:
            self.refused[Refused.LATE] += 1
        elif answer.code != Code.SUCCESS:
            self.refused[Refused.HANDLER] += 1
        self._on_change()

    async def _answer(self, command: Command, known: asyncio.Task[Answer] | Answer) -> None:
        if isinstance(known, asyncio.Task):
            left = command.read_at + _PATIENCE - time.monotonic()
            await asyncio.wait((known,), timeout=max(0.0, left))
            known = _answer_of(known) if known.done() else _STILL_RUNNING
        await self._reply(command.kind, command.id, known)

    async def _reply(self, kind: CommandKind, id_: str, answer: Answer) -> None:
        try:
            message = reply_message(self._session.topics, kind, id_, answer)
        except (TypeError, ValueError) as err:  # a value that JSON has no form for
            self._complain(err)
            message = reply_message(self._session.topics, kind, id_, _FAULT)
        while (delay := self._bucket.delay_reply(time.monotonic())) > 0.0:  # noqa: ASYNC110  # it waits for a time
            await asyncio.sleep(delay)
        self._session.publish_now(message.topic, message.payload, ONE_WAY)

    def _complain(self, error: Exception) -> None:
        """Log an error of the handler's, once for each type and without its text: it may hold a value."""
        if type(error) not in self._faults:
            self._faults.add(type(error))
            _LOGGER.error("Unexpected %s while carrying out a command%s", type(error).__name__, _place(error))

    def _start[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


_FORBIDDEN: Final = Answer(code=Code.FORBIDDEN, message="not allowed")
_UNENCRYPTED: Final = Answer(code=Code.FORBIDDEN, message="not allowed without TLS")
_TOO_LATE: Final = Answer(code=OwnCode.LATE, message="too late, not carried out")
_FAULT: Final = Answer(code=OwnCode.FAULT, message="unexpected error", is_executed=True)
_STILL_RUNNING: Final = Answer(code=Code.SUCCESS, message="still running")


def _answer_of(task: asyncio.Task[Answer]) -> Answer:
    """Return the answer of a task that is done; the handler's own tasks may have cancelled it."""
    return _FAULT if task.cancelled() else task.result()


def _place(error: BaseException) -> str:
    """Name the innermost line that an error comes from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f", in {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
