"""The platform's clock beside ours."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import time
from typing import Final

from ..protocol.clock import clock_offset, clock_request, clock_response_topic
from ..protocol.identity import Identity

_PATIENCE: Final = 2.0  # s; not every platform answers, and values need not wait for it
_ERROR: Final = 60_000  # ms; less than that is no reason to touch a time
_JUMP: Final = 30.0  # s
_SLACK: Final = 5_000  # ms


class PlatformClock:
    """Asks the platform for the time when a link begins, and again when our own clock jumps.

    The platform refuses values from more than a day ahead, and shows all others where their time puts them. A jump
    divides time: what was sampled before it is corrected by what was known before it, and what was sampled before this
    machine was started is left alone.
    """

    def __init__(self, identity: Identity) -> None:
        """Know nothing yet."""
        self._identity = identity
        self._known = asyncio.Event()
        self._age_of_zero = _age_of_zero()
        self._looked = time.monotonic()
        self._since = int(self._age_of_zero * 1000)  # ms UTC by our clock: when it was last set, at first the boot
        self._before = (0, 0, 0)  # ms UTC: from when and until when it went as before, and the correction for that
        self.is_unsure = False  # whether our clock has jumped since the platform was asked
        self.response_topic = clock_response_topic(identity)
        self.offset: int | None = None  # ms by which the platform is ahead of us

    async def ask(self, publish: Callable[[str, bytes], object]) -> bool:
        """Ask, and wait a moment for the answer; returns whether it came."""
        self.look()
        self.is_unsure = False
        self._known.clear()
        publish(*clock_request(self._identity, sent=now_ms()))
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._known.wait()
        return self._known.is_set()

    def look(self) -> None:
        """Note whether our clock has jumped since the last look."""
        now, age = time.monotonic(), _age_of_zero()
        if abs(age - self._age_of_zero) > _JUMP:
            self._before = (self._since, int((now + self._age_of_zero) * 1000) + _SLACK, self._correction)
            self._since = int((self._looked + age) * 1000)
            self._age_of_zero = age
            self.offset = None  # it was that of another time
            self.is_unsure = True
        self._looked = now

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
        return self._correction != 0 or self._before[2] != 0

    def corrected(self, moment: int) -> int:
        """Return a time of ours, in milliseconds UTC, as the platform would have told it."""
        if self._since <= moment <= now_ms() + _SLACK:
            return moment + self._correction
        since, until, correction = self._before
        return moment + correction if since <= moment <= until else moment


def now_ms() -> int:
    """Return our clock in milliseconds UTC."""
    return int(time.time() * 1000)


def _age_of_zero() -> float:
    """Return what moves only when the wall clock does not go with time."""
    return time.time() - time.monotonic()
