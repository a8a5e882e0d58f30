"""Polling: looks at another program again until it has an answer."""

import asyncio
from collections.abc import Awaitable, Callable
import time


class LateError(Exception):
    """The wanted fact did not come true in time."""


async def polled[T](what: str, look: Callable[[], Awaitable[T | None]], seconds: float, pause: float = 0.1) -> T:
    """Call `look` until it returns something; LateError when the time is over."""
    deadline = time.monotonic() + seconds
    while (seen := await look()) is None:
        if time.monotonic() > deadline:
            raise LateError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(pause)
    return seen
