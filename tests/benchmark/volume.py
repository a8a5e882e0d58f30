"""Volume: many changes at once, over a long time, and without a connection."""

import asyncio
from dataclasses import asdict
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from tests.demo.processes import free_port

from .broker import Platform
from .home import add_ours, home
from .load import Load
from .meters import memory, stall
from .observer import Observer

_SUSTAINED: Final = 60_000  # changes
_SUSTAINED_RATE: Final = 5.0  # messages a second, the limit of a free instance
_MANY: Final = 5_000  # entities
_OFFLINE: Final = 1_000_000  # changes
_OFFLINE_FIRST: Final = 100_000  # changes, before memory is looked at


async def confirmed(entry: ConfigEntry[Any]) -> int:
    """Wait until nothing waits, and return the number of values that the integration knows to be confirmed.

    Its entities are updated only once a minute.
    """
    deadline = time.monotonic() + 5
    while entry.runtime_data.data.waiting and time.monotonic() < deadline:  # noqa: ASYNC110  # no event tells of it
        await asyncio.sleep(0.05)
    return int(entry.runtime_data.data.confirmed)


async def sustained(platform: Platform) -> dict[str, Any]:
    """Make 1,000 changes a second for a minute, at the five messages a second that a free instance takes."""
    observer = await Observer.open(platform.control_port)
    async with home() as hass:
        load = Load(hass)
        load.change(len(load.entity_ids))
        entry = await add_ours(hass, platform.broker_port, load.properties, rate=_SUSTAINED_RATE)
        await observer.wait(len(load.entity_ids), seconds=10)
        before = await confirmed(entry)
        await observer.take()
        async with stall() as stood:
            began = time.monotonic()
            await load.run(_SUSTAINED, each=100, every=0.1)
            changed = time.monotonic()
            seen = await observer.wait(_SUSTAINED, seconds=30)
        result = {
            "changes": _SUSTAINED,
            "values": seen.values,
            "confirmed": await confirmed(entry) - before,
            "messages_per_second": seen.messages / (seen.last - began),
            "after_the_last_s": seen.last - changed,
            "longest_on_its_way_s": seen.late / 1000,
            "stall": asdict(stood),
        }
    observer.close()
    return result


async def many(platform: Platform) -> dict[str, Any]:
    """Set up 5,000 entities."""
    observer = await Observer.open(platform.control_port)
    async with home() as hass:
        load = Load(hass, entities=_MANY)
        await load.burst(_MANY)
        await observer.take()
        async with stall() as stood:
            began = time.monotonic()
            await add_ours(hass, platform.broker_port, load.properties)
            done = time.monotonic()
            seen = await observer.wait(_MANY, seconds=30)
        result = {
            "entities": _MANY,
            "set_up_s": done - began,
            "first_values": seen.distinct,
            "first_values_s": seen.last - began,
            "messages": seen.messages,
            "stall": asdict(stood),
        }
    observer.close()
    return result


async def offline(platform: Platform) -> dict[str, Any]:
    """Make a million changes while no platform can be reached."""
    async with home() as hass:
        load = Load(hass)
        load.change(len(load.entity_ids))
        await add_ours(hass, free_port(), load.properties)
        async with stall() as stood:
            used = time.process_time()
            await load.burst(_OFFLINE_FIRST)
            first = memory()
            await load.burst(_OFFLINE - _OFFLINE_FIRST)
            last = memory()
            cpu = time.process_time() - used
    return {
        "changes": _OFFLINE,
        "cpu_us": 1e6 * cpu / _OFFLINE,
        "after_100k_mb": first,
        "after_1m_mb": last,
        "grown_mb_per_million": (last - first) * 1e6 / (_OFFLINE - _OFFLINE_FIRST),
        "stall": asdict(stood),
    }
