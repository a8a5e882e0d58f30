"""The token bucket: the budget of messages that goes with a rate."""

from collections import deque
from typing import Final

from ..protocol.limits import MESSAGES_PER_SECOND

# s; the platform counts messages as they arrive, and on the way some come closer together. By how much has
# not been measured; a twentieth covers the usual jitter of a line, and costs nothing below ten messages a second.
_SECOND: Final = 1.05


class TokenBucket:
    """Lets through `rate` messages a second, and up to `burst` at once after a pause.

    Whatever rate and burst are, no second has more messages than the platform takes of one device, because it drops the
    others in silence ("Limits").
    """

    def __init__(self, rate: float, burst: float = 1.0) -> None:
        """Start full, so that the first message goes at once."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None
        self._last = deque[float](maxlen=MESSAGES_PER_SECOND)

    def delay(self, now: float) -> float:
        """Return the seconds until a message may go; `now` is any clock in seconds that does not jump."""
        self._fill(now)
        free = self._last[0] + _SECOND if len(self._last) == MESSAGES_PER_SECOND else now
        return max(0.0, (1.0 - self._tokens) / self._rate, free - now)

    def spend(self, now: float) -> None:
        """Pay for one message."""
        self._fill(now)
        self._tokens -= 1.0
        self._last.append(now)

    def note(self, now: float) -> None:
        """Count a message that could not wait: it pays nothing, and counts for the platform's limit all the same."""
        self._last.append(now)

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
