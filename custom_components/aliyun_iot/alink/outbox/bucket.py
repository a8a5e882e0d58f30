"""The token bucket: the budget of messages that goes with a rate."""

from collections import deque
from typing import Final

from ..protocol.limits import FREE_MESSAGES_PER_SECOND, MESSAGES_PER_SECOND

# s; the platform counts messages as they arrive, and on the way some come closer together. By how much has
# not been measured; a twentieth covers the usual jitter of a line, and costs nothing below ten messages a second.
_SECOND: Final = 1.05

# s; the reply to a message comes that much later at most, by which it counts in another second than the message.
_WAY: Final = 0.25

# Messages of one conversation by which it counts: a post or a question and its reply, or a reply of ours alone.
BOTH_WAYS: Final = 2
ONE_WAY: Final = 1

# Messages that may be borrowed: two commands at once, with a reply and a confirmation each, and one more refusal. What
# waits then goes on after as many seconds at one message a second.
_DEBT_MAX: Final = 5.0

# Messages that are remembered. More go in a second only where all of them could not wait, at the highest rate.
_REMEMBERED: Final = 5 * MESSAGES_PER_SECOND

# Tokens, and s, that are lost in computing with binary fractions, at most: nobody must wait again for these.
_ROUNDING: Final = 1e-9


class Tokens:
    """A stock that fills at `rate` tokens a second, up to `burst`."""

    def __init__(self, rate: float, burst: float) -> None:
        """Start full."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None

    def delay(self, now: float, count: float = 1.0) -> float:
        """Return the seconds until there are so many; `now` is any clock in seconds that does not jump."""
        self._fill(now)
        missing = count - self._tokens
        return missing / self._rate if missing > _ROUNDING else 0.0

    def take(self, now: float, count: float = 1.0) -> None:
        """Take tokens, also those that are not there yet."""
        self._fill(now)
        self._tokens -= count

    def give_back(self, count: float = 1.0) -> None:
        """Put tokens back that were not needed."""
        self._tokens = min(self._burst, self._tokens + count)

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now


class TokenBucket:
    """Lets through `rate` messages a second, and up to `burst` at once after a pause.

    Whatever rate and burst are, no second has more messages than the platform takes of one device, because it drops the
    others in silence ("Limits").

    A command cannot wait for that: its reply and the confirmation of the new value are borrowed, and what waits pays
    for them by waiting longer. Those have a bound of their own: with what went before, and with the platform's
    replies, they keep within five times the rate in each second, which is what a free instance allows at the usual
    rate of one.
    """

    def __init__(self, rate: float, burst: float = 1.0) -> None:
        """Start full, so that the first message goes at once."""
        self._tokens = Tokens(rate, burst)
        self._most = FREE_MESSAGES_PER_SECOND * max(1.0, rate)  # messages in each second, both ways
        self._sent = deque[tuple[float, int]](maxlen=_REMEMBERED)  # when, and the messages of the conversation

    def delay(self, now: float) -> float:
        """Return the seconds until a message may go; `now` is any clock in seconds that does not jump."""
        return max(self._tokens.delay(now), self._room(now))

    def spend(self, now: float) -> None:
        """Pay for one message that goes now."""
        self._tokens.take(now)
        self.note(now)

    def note(self, now: float, messages: int = BOTH_WAYS) -> None:
        """Count a message that could not wait: it pays nothing, and counts for the platform's limit all the same."""
        self._sent.append((now, messages))

    def delay_borrowed(self, now: float) -> float:
        """Return the seconds until a message may go ahead of what waits, though it has to be borrowed."""
        return max(self._tokens.delay(now, 1.0 - _DEBT_MAX), self._room(now, BOTH_WAYS))

    def delay_reply(self, now: float) -> float:
        """Return the seconds until a reply of ours may go that was paid in advance."""
        return self._room(now, ONE_WAY)

    def charge(self, now: float, count: float) -> None:
        """Pay in advance for messages to come; what waits gives way to them from now on."""
        self._tokens.take(now, count)

    def give_back(self, count: float) -> None:
        """Return what was paid in advance for messages that did not come, or that paid for themselves."""
        self._tokens.give_back(count)

    def _room(self, now: float, messages: int = 0) -> float:
        """Return the seconds until there is room; `messages` is 0 for what has no bound but the platform's."""
        wait = 0.0
        if len(self._sent) >= MESSAGES_PER_SECOND:
            wait = self._sent[-MESSAGES_PER_SECOND][0] + _SECOND - now
        if messages:
            for at, count in reversed(self._sent):
                messages += count
                if messages > self._most:
                    wait = max(wait, at + _SECOND + _WAY - now)
                    break
        return wait if wait > _ROUNDING else 0.0
