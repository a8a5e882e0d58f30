"""Supervision: when to connect again, and when not to."""

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
_SETTLED: Final = 60.0

# Short links in a row that the platform ended. One or two happen when the platform restarts its gateways; three mean
# that another client connects with our name and is thrown out by us in turn, for ever.
_KICKS: Final = 3


class Supervision:
    """Counts how links and attempts ended and says how long to wait.

    Four ends stay apart: refused credentials are the caller's business, a lost network is tried for ever, a link that
    another client takes over is given up, and a platform that is over its limits gets time.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        """Spread the attempts by `jitter`, a number in 0 to 1."""
        self._jitter = jitter
        self._failures = 0
        self._kicks = 0

    def failed(self, problem: RemoteError) -> float:
        """Note an attempt that led to no link; returns the seconds to wait."""
        self._failures += 1
        if isinstance(problem, UnreachableError):
            self._kicks = 0  # a network that comes and goes ends links, too, and proves no other client
        delay = self._delay()
        if isinstance(problem, ConnectRefusedError) and problem.code is Connack.SERVER_UNAVAILABLE:
            return max(delay, _SLOW_DOWN * (1.0 + self._jitter() / 2.0))
        return delay

    def ended(self, lasted: float, *, by_platform: bool) -> float | None:
        """Note the end of a link after so many seconds; returns the seconds to wait, or None to give up."""
        if lasted >= _SETTLED:
            self._failures = self._kicks = 0
        elif by_platform:
            self._kicks += 1
        self._failures += 1
        return None if self._kicks >= _KICKS else self._delay()

    def _delay(self) -> float:
        """Quick once, then doubling; spread, so that after a power cut not every home connects in the same second."""
        jitter = self._jitter()
        if self._failures <= 1:
            return 1.0 + (_FIRST - 1.0) * jitter
        step = _SHORTEST_STEP * 2.0 ** min(self._failures - 2, 16)
        if step <= _SHORTEST_STEP:
            return step * (1.0 + jitter / 2.0)
        return min(_LONGEST_STEP, step) * (1.0 + jitter) / 2.0
