"""The platform's clock: by how much it is ahead of ours, and times corrected by that."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import combinations
import math
import time
from typing import Final

from ..protocol.clock import clock_offset, clock_request, clock_response_topic
from ..protocol.identity import Identity

# s to wait for the answer. It comes within one, if it comes at all: not every platform answers, and values need not
# wait longer for it.
_PATIENCE: Final = 2.0

# s after which an answer is not taken any more. Half of the way there and back is wrong by half of the delay, if that
# was on one way only, and an error of five seconds shows in no chart.
_LATE: Final = 10.0

# s until an unanswered question is asked again, and at most, since each costs a message and makes values wait: a lost
# answer comes with the next one, and a platform without this service is asked once an hour.
_AGAIN: Final = 15.0
_SELDOM: Final = 3600.0

# s for which nothing is sent after our clock has jumped, while a platform that has told the time before does not
# answer: values sent meanwhile would lie hours beside their time for ever. Later it counts as one that never answers.
_ADRIFT: Final = 300.0

# ms from which on times are corrected. Less is a right clock that drifts, and the measurement itself is off by as much
# as the line is slow. A clock without a battery, or in the wrong zone, is off by hours.
_ERROR: Final = 60_000

# s by which the wall clock must leave the running time to have been set. Time synchronization that slews stays far
# below, and a correction of half a minute is not worth asking the platform.
_JUMP: Final = 30.0

# Jumps that are remembered. What was rejected, or was not sent yet, may lie behind several of them.
_FORMER: Final = 20

# ms by which a time may lie ahead of the clock and still count as taken by it: between a sample and its message the
# clock may be slewed, and a jump is noticed at the next look only.
_SLACK: Final = 5_000


class PlatformClock:
    """Asks the platform for the time when a link begins, and again when our own clock jumps ("NTP service").

    The platform refuses values from more than a day ahead, and shows all others where their time puts them. A jump
    divides time: values sampled before it are corrected by the offset that was known then. Values sampled before
    this machine was started are left alone, because nothing is known of the clock that they were sampled by.
    """

    def __init__(self, identity: Identity) -> None:
        """Begin without an offset: no time is corrected before the platform has answered."""
        self._identity = identity
        self._known = asyncio.Event()
        self._age_of_zero = _age_of_zero()
        self._looked = time.monotonic()
        self._since = int(self._age_of_zero * 1000)  # ms UTC by our clock: when it was last set, at first the boot
        # Former times of our clock, the latest first: beginning and end (ms UTC by it), and the correction.
        self._former = deque[tuple[int, int, int]](maxlen=_FORMER)
        self._is_unsure = True  # whether the platform has yet to tell the time, at first or since our clock has jumped
        self._open: dict[int, float] = {}  # questions since the last answer: time in it (ms UTC), s of the running time
        self._asked_at = 0.0  # s of the running time, of the last question
        self._again = _AGAIN  # s from that one to the next
        self._jumped_at: float | None = None  # s of the running time, until the platform has told the time again
        self.response_topic = clock_response_topic(identity)
        self.offset: int | None = None  # ms by which the platform is ahead of us

    async def ask(self, publish: Callable[[str, bytes], object]) -> bool:
        """Ask by `publish`, wait two seconds at most, and return whether the answer came."""
        self.look()
        self._known.clear()
        now = time.monotonic()
        self._again = min(_SELDOM, self._again * 2.0) if self._open else _AGAIN
        self._open = {sent: at for sent, at in self._open.items() if now - at <= _LATE}
        sent = now_ms()
        self._open[sent] = self._asked_at = now
        publish(*clock_request(self._identity, sent=sent))
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._known.wait()
        return self._known.is_set()

    @property
    def is_to_ask(self) -> bool:
        """True if it is time to ask, because the platform has not told the time of our clock as it goes now."""
        return self.is_adrift or (self._is_unsure and time.monotonic() - self._asked_at >= self._again)

    @property
    def is_adrift(self) -> bool:
        """True if our clock has jumped lately, and the platform has yet to tell by how much."""
        return self._jumped_at is not None and time.monotonic() - self._jumped_at < _ADRIFT

    def doubt(self) -> None:
        """Have the platform asked soon: it finds a time wrong that was right by the offset that is known."""
        self._is_unsure = True

    def look(self) -> None:
        """Note whether our clock has jumped since the last look."""
        now, age = time.monotonic(), _age_of_zero()
        if abs(age - self._age_of_zero) > _JUMP:
            until = int((now + self._age_of_zero) * 1000) + _SLACK
            self._former.appendleft((self._since, until, self._correction))
            self._since = int((self._looked + age) * 1000)
            self._age_of_zero = age
            if self.offset is not None:
                self._jumped_at = now
            self.offset = None  # it was measured against the clock as it was before
            self._is_unsure, self._again = True, 0.0
            self._open.clear()
        self._looked = now

    def answered(self, payload: bytes) -> None:
        """Take the payload of an answer to an open question, if it is one; raises MalformedAnswerError."""
        self.look()
        sent, offset = clock_offset(payload, received=now_ms())
        if time.monotonic() - self._open.get(sent, -math.inf) > _LATE:
            return
        self.offset, self._is_unsure, self._jumped_at = offset, False, None
        self._open.clear()
        self._known.set()

    @property
    def is_ours_wrong(self) -> bool:
        """True if our clock is so far off, a minute or more, that times are corrected."""
        return self.offset is not None and abs(self.offset) > _ERROR

    @property
    def _correction(self) -> int:
        return (self.offset or 0) if self.is_ours_wrong else 0

    @property
    def is_correcting(self) -> bool:
        """True if there is any time that `corrected` would change."""
        return self._correction != 0 or any(correction for _, _, correction in self._former)

    def corrected(self, moment: int) -> int:
        """Return the time by the platform's clock for a moment by ours; both in milliseconds UTC."""
        if self._since <= moment <= now_ms() + _SLACK:
            return moment + self._correction
        former = (correction for since, until, correction in self._former if since <= moment <= until)
        return moment + next(former, 0)

    def is_ordered(self, start: int, end: int) -> bool:
        """Tell whether times of a stretch (ms UTC by our clock, both ends) follow each other as their events did.

        They do not where our clock went through a part of it twice, or was set from or to a time in it: the event
        before then has a time elsewhere.
        """
        self.look()
        periods = [(self._since, now_ms() + _SLACK), *((since, until) for since, until, _ in self._former)]
        settings = [since for since, _ in periods[:-1]] + [until for _, until in periods[1:]]
        return not any(start <= moment <= end for moment in settings) and not any(
            max(start, one[0], other[0]) <= min(end, one[1], other[1]) for one, other in combinations(periods, 2)
        )


def now_ms() -> int:
    """Return our clock in milliseconds UTC."""
    return int(time.time() * 1000)


def _age_of_zero() -> float:
    """Return the wall time at which the running time was 0: it moves only when the wall clock is set."""
    return time.time() - time.monotonic()
