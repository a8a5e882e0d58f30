"""When to connect again, and when not to."""

from collections.abc import Callable
from typing import Final

from ..protocol.errors import Connack, ConnectRefusedError, RemoteError, UnreachableError

_FIRST: Final = 5.0  # s
# At the earliest four more a minute: with the one that just failed the platform's limit of five a minute is kept.
_SHORTEST_STEP: Final = 15.0  # s
_LONGEST_STEP: Final = 120.0  # s
_SLOW_DOWN: Final = 60.0  # s, when the platform is limited or away; its limits count by the minute
_SETTLED: Final = 60.0  # s; a link that lasted that long stands for itself
_KICKS: Final = 3  # short links in a row, ended by the platform: somebody else connects with our name


class Supervision:
    """Counts what became of the links and says how long to wait.

    The four ends of a link stay apart: refused credentials are for the caller, a lost network is tried for ever, a link
    that another client takes over is given up, and a platform that is limited gets time.
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
            self._kicks = 0  # a network that comes and goes ends links, too
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
        """Quick once, then doubling; spread, so that a neighbourhood does not come back in the same second."""
        jitter = self._jitter()
        if self._failures <= 1:
            return 1.0 + (_FIRST - 1.0) * jitter
        step = _SHORTEST_STEP * 2.0 ** min(self._failures - 2, 16)
        if step <= _SHORTEST_STEP:
            return step * (1.0 + jitter / 2.0)
        return min(_LONGEST_STEP, step) * (1.0 + jitter) / 2.0
