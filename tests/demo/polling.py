"""Looking again until something is there."""

import asyncio
from collections.abc import Awaitable, Callable
import time


class LateError(Exception):
    """It did not come true in time."""


async def polled[T](what: str, look: Callable[[], Awaitable[T | None]], seconds: float, pause: float = 0.1) -> T:
    """Look again and again until there is something to see; LateError when the time is over."""
    deadline = time.monotonic() + seconds
    while (seen := await look()) is None:
        if time.monotonic() > deadline:
            raise LateError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(pause)
    return seen
