"""Limits: the platform's limits, each of which can be changed or switched off (None)."""

from collections import deque
from dataclasses import dataclass

MOST_PROPERTIES_PER_MESSAGE = 200
LONGEST_TOPIC = 128
MOST_SLASHES = 7
MOST_FILTERS_PER_SUBSCRIBE = 8
MOST_SUBSCRIPTIONS = 100
# The platform waits so long for the answer to a synchronous call.
RRPC_SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one device and of the whole instance; None is no limit.

    Over-quick messages vanish silently (a PUBACK comes, no reply), over-quick CONNECTs get CONNACK 3, and a wrong
    keep-alive gets CONNACK 2.
    """

    qos0_per_second: int | None = 30
    qos1_per_second: int | None = 10
    connects_per_minute: int | None = 5
    shortest_keep_alive: int | None = 30
    longest_keep_alive: int | None = 1200
    largest_payload: int | None = 256 * 1024
    # Counts the messages of all devices in both directions; a free instance allows 5.
    instance_per_second: int | None = None

    @classmethod
    def none(cls) -> Limits:
        """Return a platform without any limit."""
        return cls(
            qos0_per_second=None,
            qos1_per_second=None,
            connects_per_minute=None,
            shortest_keep_alive=None,
            longest_keep_alive=None,
            largest_payload=None,
        )

    def admit_keep_alive(self, seconds: int) -> bool:
        shortest = self.shortest_keep_alive
        longest = self.longest_keep_alive
        return (shortest is None or seconds >= shortest) and (longest is None or seconds <= longest)


class Window:
    """Count the events of the last seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()

    def admits(self, limit: int | None, now: float) -> bool:
        """Count one more, unless the limit is reached."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if limit is not None and len(self._times) >= limit:
            return False
        self._times.append(now)
        return True
