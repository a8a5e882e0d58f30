"""The watch: sees that this machine was asleep, or this process stopped or stuck.

A command has no time of its own. What the network has kept meanwhile looks as if it had been sent just now.
"""

import time
from typing import Final

# s of sleep. Two clocks of one machine differ by far less while it is awake.
_ASLEEP: Final = 2.0

# s without a look. The link's timer looks every second, so that so long a pause is nine seconds in which the event loop
# has not turned. An action of somebody's that blocks it for a few seconds is common, and no reason to end a link.
_STUCK: Final = 10.0


class Watch:
    """Compares each look with the one before."""

    def __init__(self) -> None:
        """Begin awake."""
        self._looked = time.monotonic()
        self._slept = _slept()

    def has_slept(self) -> bool:
        """Look, and tell whether this machine was asleep or this process stood still since the look before."""
        looked, slept = self._looked, self._slept
        self._looked, self._slept = time.monotonic(), _slept()
        return self._slept - slept > _ASLEEP or self._looked - looked > _STUCK


def _slept() -> float:
    """Return the seconds for which this machine has slept, from any beginning.

    The running time stands still in sleep, and Linux has a clock that does not. Elsewhere the wall clock has to do: it
    is also set now and then, which costs a link and nothing else.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return (time.time() if boot is None else time.clock_gettime(boot)) - time.monotonic()
