"""The budget of messages."""


class TokenBucket:
    """Let through `rate` messages a second, and up to `burst` at once after a pause."""

    def __init__(self, rate: float, burst: float = 1.0) -> None:
        """Start full: the first message goes at once."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None

    def delay(self, now: float) -> float:
        """Seconds until a message may go; `now` is any clock in seconds that does not jump."""
        self._fill(now)
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def spend(self, now: float) -> None:
        """Take what one message costs."""
        self._fill(now)
        self._tokens -= 1.0

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
