"""The same changes for each exporter: their cost, and the messages and bytes that they become."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant

from .broker import Platform
from .home import add_ours, add_statestream, home
from .least import Least, Wire
from .load import CHANGES, ENTITIES, Load
from .meters import Stall, collecting, peak_memory, stall
from .observer import Observer, Seen
from .turns import over, turn

REPETITIONS: Final = 5
_EVERY: Final = 0.1  # s; ten bursts of 200 a second fill ten messages a second
_PATIENCE: Final = 30.0  # s

type Exporter = Callable[[HomeAssistant, Platform, Load], Awaitable[None]]


async def nothing(hass: HomeAssistant, platform: Platform, load: Load) -> None:
    """Set up (a), a home without an exporter."""


async def statestream(hass: HomeAssistant, platform: Platform, load: Load) -> None:
    """Set up (b), the exporter that Home Assistant brings along."""
    await add_statestream(hass, platform.broker_port)


async def ours(hass: HomeAssistant, platform: Platform, load: Load) -> None:
    """Set up (c), the integration."""
    await add_ours(hass, platform.broker_port, load.properties)


async def least(hass: HomeAssistant, platform: Platform, load: Load) -> None:
    """Set up (d), the least that is possible."""
    wire = Wire("least")
    await wire.connect(platform.broker_port)
    Least(hass, wire, dict(load.properties))


EXPORTERS: Final[dict[str, Exporter]] = {"nothing": nothing, "statestream": statestream, "ours": ours, "least": least}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One exporter's figures; each is the best of its repetitions, unless it says otherwise."""

    changes: int
    values: int  # that arrived, in the worst repetition
    cpu_us: list[float]  # per change, of each repetition
    collecting_us: list[float]  # the part of it that Python's garbage collection took
    messages: float  # per change
    bytes: float  # per change
    seconds: float  # from the last change to its confirmation
    peak_mb: float
    stall: Stall


@asynccontextmanager
async def exporting(name: str, platform: Platform) -> AsyncIterator[tuple[Load, Observer]]:
    """Set up a home with one exporter, and let it send its first values before anything is measured."""
    async with home() as hass:
        load = Load(hass)
        load.change(ENTITIES)
        observer = await Observer.open(platform.control_port)
        await EXPORTERS[name](hass, platform, load)
        if name != "nothing":
            # The least sends nothing by itself; this warms it up as well.
            await load.burst(ENTITIES)
            await observer.wait(2 * ENTITIES if name != "least" else ENTITIES, seconds=5)
        try:
            yield load, observer
        finally:
            observer.close()


async def deliver(name: str, platform: Platform, *, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Measure one exporter; the event loop is watched in a repetition of its own, which no other figure counts."""
    cpu: list[float] = []
    collections: list[float] = []
    lasting: list[float] = []
    seen: list[Seen] = []
    async with exporting(name, platform) as (load, observer):
        for _ in range(repetitions):
            await turn()
            with collecting() as lasted:
                used, seconds, counted = await repetition(name, load, observer)
            collections.append(1e6 * sum(lasted) / CHANGES)
            cpu.append(used)
            lasting.append(seconds)
            seen.append(counted)
            over()
        await turn()
        async with stall() as stood:
            await load.run(CHANGES // 2, each=ENTITIES, every=_EVERY)
        return asdict(
            Delivered(
                changes=CHANGES,
                values=min(counted.values for counted in seen),
                cpu_us=cpu,
                collecting_us=collections,
                messages=min(counted.messages for counted in seen) / CHANGES,
                bytes=min(counted.bytes for counted in seen) / CHANGES,
                seconds=min(lasting),
                peak_mb=peak_memory(),
                stall=stood,
            )
        )


async def repetition(name: str, load: Load, observer: Observer) -> tuple[float, float, Seen]:
    await observer.take()
    used = time.process_time()
    await load.run(CHANGES, each=ENTITIES, every=_EVERY)
    changed = time.monotonic()
    seen = await observer.wait(CHANGES if name != "nothing" else 0, seconds=_PATIENCE)
    cpu = 1e6 * (time.process_time() - used) / CHANGES
    return cpu, max(0.0, seen.last - changed), seen


async def unselected(platform: Platform) -> dict[str, Any]:
    """Measure a change of an entity that is not chosen: with the integration and without it, turn by turn."""
    without: list[float] = []
    with_ours: list[float] = []
    async with home() as hass:
        load = Load(hass)
        others = Load(hass, name="other")
        load.change(ENTITIES)
        for _ in range(4):
            without += [await _cost(others) for _ in range(5)]
            entry = await add_ours(hass, platform.broker_port, load.properties)
            await hass.async_block_till_done()
            with_ours += [await _cost(others) for _ in range(5)]
            await hass.config_entries.async_remove(entry.entry_id)
            await hass.async_block_till_done()
    return {"without_us": without, "with_us": with_ours}


async def _cost(load: Load) -> float:
    used = time.process_time()
    await load.burst(CHANGES)
    return 1e6 * (time.process_time() - used) / CHANGES
