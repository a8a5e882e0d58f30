"""Latency: the time that a single change takes to the broker while nothing else happens."""

import asyncio
import statistics
import time
from typing import Any, Final

from .broker import Platform
from .home import add_ours, home
from .least import Wire
from .load import Load
from .observer import Observer

_TIMES: Final = 25
_QUIET: Final = 0.25  # s; longer than the pause that the budget puts between two messages


async def latency(platform: Platform) -> dict[str, Any]:
    """Measure milliseconds from a change to its PUBLISH at a subscriber, and beside it those of a bare publish."""
    ours: list[float] = []
    bare: list[float] = []
    observer = await Observer.open(platform.control_port)
    async with home() as hass:
        load = Load(hass, entities=1)
        load.change(1)
        await add_ours(hass, platform.broker_port, load.properties)
        wire = Wire("bare")
        await wire.connect(platform.broker_port)
        await asyncio.sleep(2)
        for _ in range(_TIMES):
            ours.append(await _one(observer, load))
            bare.append(await _one(observer, wire))
        wire.close()
    observer.close()
    return {
        "ours_ms": statistics.median(ours),
        "ours_longest_ms": max(ours),
        "bare_ms": statistics.median(bare),
        "bare_longest_ms": max(bare),
    }


async def _one(observer: Observer, sender: Load | Wire) -> float:
    await asyncio.sleep(_QUIET)
    await observer.take()
    began = time.monotonic()
    if isinstance(sender, Load):
        sender.change(1)
    else:
        sender.client.publish("probe/bare", "21.37", qos=1)
    seen = await observer.wait(1, seconds=5)
    return 1000 * (seen.arrivals[0] - began)
