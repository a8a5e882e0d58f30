"""Supervision: the time until the next attempt to connect."""

from collections.abc import Callable
from typing import Final

from ..protocol.errors import Connack, ConnectRefusedError, RemoteError, UnreachableError

# s at most until the first attempt after a link: most links end because a router or the platform's gateway has been
# restarted, and the next attempt succeeds.
_FIRST: Final = 5.0

# s. At the earliest four more attempts a minute: with the one that just failed the platform's limit of five connects a
# minute is kept.
_SHORTEST_STEP: Final = 15.0

# s. After a long outage the values arrive two minutes late at most, and a platform that is away for a day sees about
# a thousand attempts.
_LONGEST_STEP: Final = 120.0

# s, when the platform says that it is not available now. Its limits count by the minute, so that an earlier attempt
# would only use up the next one's.
_SLOW_DOWN: Final = 60.0

# s. A link that lasted for a minute is taken as a working one, and the count of failures starts anew. Another client
# of the same name mostly connects again within seconds.
SETTLED: Final = 60.0

# Short links in a row that the platform ended. One or two happen when the platform restarts its gateways; three mean
# most likely that another client connects with our name and is thrown out by us in turn.
_KICKS: Final = 3

# Refusals without a reason, and s from the first to the last of them, until the credentials count as refused. The same
# CONNACK comes from a platform that is upset for a moment, and five of them take about two minutes by themselves.
_REFUSALS: Final = 5
_REFUSED_FOR: Final = 300.0

# s, for an attempt that will most likely fail until a person has acted: a second client throws this one out, or is
# thrown out by it, once an hour at most, and a home that nobody looks after heals within the hour.
_SELDOM: Final = 3600.0


class Supervision:
    """Counts how links and attempts ended and says how long to wait.

    Four ends stay apart, and none is for good: a lost network and a platform that refuses are tried again, more and
    more slowly; credentials that were refused for minutes, and a link that another client takes over, once an hour; and
    a platform that is over its limits gets time.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        """Spread the attempts by `jitter`, a number in 0 to 1."""
        self._jitter = jitter
        self._failures = 0
        self._kicks = 0
        self._refusals = 0
        self._refused_at = 0.0  # when the first of them came

    @property
    def is_contested(self) -> bool:
        """True if another client of the same name keeps taking the connection over, as far as that can be told."""
        return self._kicks >= _KICKS

    def failed(self, problem: RemoteError) -> float:
        """Note an attempt that led to no link; returns the seconds to wait."""
        self._failures += 1
        if isinstance(problem, UnreachableError):
            self._kicks = 0  # a network that comes and goes ends links, too, and proves no other client
        delay = self._delay()
        if isinstance(problem, ConnectRefusedError) and problem.code is Connack.SERVER_UNAVAILABLE:
            return max(delay, _SLOW_DOWN * (1.0 + self._jitter() / 2.0))
        return delay

    def refused(self, now: float, *, is_final: bool = False) -> tuple[float, bool]:
        """Note a refusal at a running time in seconds: one that names the credentials as wrong, or gives no reason.

        Returns the seconds to wait, and whether the credentials count as refused by now.
        """
        self._failures += 1
        if self._refusals == 0:
            self._refused_at = now
        self._refusals += 1
        if is_final:
            return self._seldom(), True
        if self._refusals < _REFUSALS or now - self._refused_at < _REFUSED_FOR:
            return self._delay(), False
        return self._seldom(), True

    def accepted(self) -> None:
        """Note that the platform has taken the credentials."""
        self._refusals = 0

    def lasted(self) -> None:
        """Note that a link has lasted for `SETTLED` seconds."""
        self._failures = self._kicks = 0

    def ended(self, lasted: float, *, by_platform: bool) -> float:
        """Note the end of a link after so many seconds; returns the seconds to wait."""
        if lasted >= SETTLED:
            self.lasted()
        elif by_platform:
            self._kicks += 1
        self._failures += 1
        return self._seldom() if self.is_contested else self._delay()

    def _seldom(self) -> float:
        return _SELDOM * (1.0 + self._jitter() / 10.0)

    def _delay(self) -> float:
        """Quick once, then doubling; spread, so that after a power cut not every home connects in the same second."""
        jitter = self._jitter()
        if self._failures <= 1:
            return 1.0 + (_FIRST - 1.0) * jitter
        step = _SHORTEST_STEP * 2.0 ** min(self._failures - 2, 16)
        if step <= _SHORTEST_STEP:
            return step * (1.0 + jitter / 2.0)
        return min(_LONGEST_STEP, step) * (1.0 + jitter) / 2.0
