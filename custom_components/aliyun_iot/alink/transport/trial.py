"""The trial: finds out whether a platform closes links because of a SUBSCRIBE."""

from typing import Final

# s. Whoever closes a link because of a packet does so at once; ten seconds are the longest that the platform documents
# for a SUBSCRIBE to take effect ("Limits").
_AT_ONCE: Final = 10.0

# Links in a row that end at once with the SUBSCRIBE. One happens when the platform restarts a gateway; a third would
# count as another client's doing.
_PROOFS: Final = 2


class Trial:
    """Counts the links that the platform has closed right after a SUBSCRIBE.

    Where it closes one without the SUBSCRIBE as quickly, that was not the reason, and the count begins anew.
    """

    def __init__(self) -> None:
        """Begin without a suspicion."""
        self._closed = 0

    @property
    def is_over(self) -> bool:
        """True if the links go on without the SUBSCRIBE."""
        return self._closed >= _PROOFS

    def ended(self, lasted: float, *, by_platform: bool) -> None:
        """Note the end of a link after so many seconds; it had the SUBSCRIBE unless the trial was over."""
        if lasted < _AT_ONCE:
            if by_platform:
                self._closed = 0 if self.is_over else self._closed + 1
        elif not self.is_over:
            self._closed = 0
