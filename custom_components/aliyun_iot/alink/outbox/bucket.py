"""The budget of messages."""

from collections import deque
from typing import Final

from ..protocol.limits import MESSAGES_PER_SECOND

# s; the platform counts when a message arrives, and on the way they come closer together
_SECOND: Final = 1.05


class TokenBucket:
    """Let through `rate` messages a second, and up to `burst` at once after a pause.

    In no second there are more than the platform takes of one device; it drops the others in silence.
    """

    def __init__(self, rate: float, burst: float = 1.0) -> None:
        """Start full: the first message goes at once."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None
        self._last = deque[float](maxlen=MESSAGES_PER_SECOND)

    def delay(self, now: float) -> float:
        """Seconds until a message may go; `now` is any clock in seconds that does not jump."""
        self._fill(now)
        free = self._last[0] + _SECOND if len(self._last) == MESSAGES_PER_SECOND else now
        return max(0.0, (1.0 - self._tokens) / self._rate, free - now)

    def spend(self, now: float) -> None:
        """Take what one message costs."""
        self._fill(now)
        self._tokens -= 1.0
        self._last.append(now)

    def note(self, now: float) -> None:
        """Count a message that had to go in any case."""
        self._last.append(now)

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
