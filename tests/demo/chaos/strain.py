"""Strain: bounds the faults that the integration, by design, heals from later than this run ends.

Three links in a row that lasted for less than a minute and were ended by the platform look like another client of the
same name, and five refusals without a reason over five minutes look like a wrong secret. After either the integration
connects once an hour (`_KICKS`, `_REFUSALS` and `_SELDOM` in `alink/transport/supervision.py`). A reload begins both
counts anew, an attempt that reaches nobody the first one, and a connection the other. There are fewer such faults
between two of these.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MOST_KICKS = 2
MOST_REFUSALS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The most that one fault can add: links that the platform ends, and refusals without a reason."""

    kicks: int = 0
    refusals: int = 0


class Strain:
    """Counts as the integration does, or more."""

    def __init__(self) -> None:
        self._kicks = 0
        self._refusals = 0
        self._now: list[Weight] = []

    def allows(self, weight: Weight) -> bool:
        """Tell whether the integration stays within its quick attempts."""
        kicks, refusals = self._kicks + weight.kicks, self._refusals + weight.refusals
        return (not weight.kicks or kicks <= MOST_KICKS) and (not weight.refusals or refusals <= MOST_REFUSALS)

    @contextmanager
    def under(self, weight: Weight) -> Iterator[None]:
        """Count a fault, from its beginning on."""
        self._kicks += weight.kicks
        self._refusals += weight.refusals
        self._now.append(weight)
        try:
            yield
        finally:
            self._now.remove(weight)

    # The faults that have not ended may go on, so they count in any case.

    def renewed(self) -> None:
        """Note that the entry is reloaded."""
        self.missed()
        self.connected()

    def missed(self) -> None:
        """Note an attempt that reached nobody."""
        self._kicks = sum(weight.kicks for weight in self._now)

    def connected(self) -> None:
        """Note that there is a link."""
        self._refusals = sum(weight.refusals for weight in self._now)
