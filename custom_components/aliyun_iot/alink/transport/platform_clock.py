"""The platform's clock beside ours."""

import asyncio
from contextlib import suppress
import time
from typing import Final

from ..protocol.clock import clock_offset, clock_request, clock_response_topic
from ..protocol.identity import Identity
from .link import Link

_PATIENCE: Final = 2.0  # s; not every platform answers, and values need not wait for it
_ERROR: Final = 60_000  # ms; less than that is no reason to touch a time
_JUMP: Final = 30.0  # s
_SLACK: Final = 5_000  # ms


class PlatformClock:
    """Asks the platform for the time when a link begins, and again when our own clock jumps.

    The platform refuses values from more than a day ahead, and shows all others where their time puts them. A jump
    divides time: what was sampled before it is corrected by what was known before it.
    """

    def __init__(self, identity: Identity) -> None:
        """Know nothing yet."""
        self._identity = identity
        self._known = asyncio.Event()
        self._age_of_zero = _age_of_zero()
        self._looked = time.monotonic()
        self._since = 0  # ms UTC by our clock, when it last jumped at the earliest
        self._before = 0  # the correction up to then
        self.response_topic = clock_response_topic(identity)
        self.offset: int | None = None  # ms by which the platform is ahead of us

    async def ask(self, link: Link) -> bool:
        """Ask, and wait a moment for the answer; returns whether it came."""
        self.has_jumped()
        self._known.clear()
        link.publish(*clock_request(self._identity, sent=now_ms()))
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._known.wait()
        return self._known.is_set()

    def has_jumped(self) -> bool:
        """Look whether our clock has jumped since the last look; then it is time to ask again."""
        now, age = time.monotonic(), _age_of_zero()
        has_jumped = abs(age - self._age_of_zero) > _JUMP
        if has_jumped:
            self._before = self._correction
            self._since = int((self._looked + age) * 1000)
            self.offset = None  # it was that of another time
            self._age_of_zero = age
        self._looked = now
        return has_jumped

    def answered(self, payload: bytes) -> None:
        """Take the answer; raises MalformedAnswerError."""
        self.offset = clock_offset(payload, received=now_ms())
        self._known.set()

    @property
    def is_ours_wrong(self) -> bool:
        """Whether our clock is so far off that times are corrected."""
        return self.offset is not None and abs(self.offset) > _ERROR

    @property
    def _correction(self) -> int:
        return (self.offset or 0) if self.is_ours_wrong else 0

    @property
    def is_correcting(self) -> bool:
        """Whether there is any time that `corrected` would change."""
        return self._correction != 0 or self._before != 0

    def corrected(self, moment: int) -> int:
        """Return a time of ours, in milliseconds UTC, as the platform would have told it."""
        is_of_now = self._since <= moment <= now_ms() + _SLACK
        return moment + (self._correction if is_of_now else self._before)


def now_ms() -> int:
    """Return our clock in milliseconds UTC."""
    return int(time.time() * 1000)


def _age_of_zero() -> float:
    """Return what moves only when the wall clock does not go with time."""
    return time.time() - time.monotonic()
