"""Crowds: thousands of entities that appear, are renamed, or are seen for the first time, beside a tenth of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .broker import Platform
from .home import add_ours, home
from .load import ATTRIBUTES
from .meters import Stall, collecting, stall
from .observer import Observer

_TENTH: Final = 10
_APPEARING: Final = 3_000  # sensors
_RENAMED: Final = 2_000  # sensors
_LAMPS: Final = 1_200
_AFTERWARDS: Final = 3.0  # s; the selection is looked at once more, a second after the last change
_VALUES_OF_A_LAMP: Final = 3  # on or off, the brightness and the colour temperature
_LIT: Final[dict[str, Any]] = {
    "brightness": 200,
    "color_mode": "color_temp",
    "color_temp_kelvin": 3000,
    "effect": "off",
    "effect_list": ["off", "candle", "fire"],
    "hs_color": (27.0, 56.0),
    "max_color_temp_kelvin": 6500,
    "min_color_temp_kelvin": 2000,
    "rgb_color": (255, 180, 112),
    "supported_color_modes": ["color_temp", "hs"],
}

type Prepare = Callable[[HomeAssistant, Sequence[str]], Awaitable[int]]  # returns how many values there are then
type Act = Callable[[HomeAssistant, Sequence[str]], Awaitable[None]]


async def appearing(platform: Platform) -> dict[str, Any]:
    """Let sensors appear at once in a home that publishes all sensors."""
    return await _compared(platform, "sensor", _APPEARING, prepare=_nothing, act=_appear)


async def renamed(platform: Platform) -> dict[str, Any]:
    """Rename sensors one after the other, and let each change once under its new name."""
    return await _compared(platform, "sensor", _RENAMED, prepare=_register, act=_rename)


async def lamps(platform: Platform) -> dict[str, Any]:
    """Let lamps that were unavailable from the start show all their attributes."""
    return await _compared(platform, "light", _LAMPS, prepare=_plug_in, act=_light, each=_VALUES_OF_A_LAMP)


async def _compared(
    platform: Platform, domain: str, count: int, *, prepare: Prepare, act: Act, each: int = 1
) -> dict[str, Any]:
    """Measure a tenth of the crowd, and then all of it, each in a home of its own."""
    few = await _measured(platform, domain, count // _TENTH, prepare=prepare, act=act, each=each)
    many = await _measured(platform, domain, count, prepare=prepare, act=act, each=each)
    return {"count": count, "few": few, "many": many, "ratio": many["cpu_s"] / few["cpu_s"], "stall": many["stall"]}


async def _measured(
    platform: Platform, domain: str, count: int, *, prepare: Prepare, act: Act, each: int
) -> dict[str, Any]:
    observer = await Observer.open(platform.control_port)
    entity_ids = [f"{domain}.room_{number:04}" for number in range(count)]
    async with home() as hass:
        before = await prepare(hass, entity_ids)
        await add_ours(hass, platform.broker_port, include={"domains": [domain]})
        await observer.wait(before, seconds=60)
        await asyncio.sleep(_AFTERWARDS)
        await observer.take()
        idle, _ = await _spent()
        began = time.monotonic()
        spent, stood = await _spent(act(hass, entity_ids), observer.wait(count * each, seconds=120))
        seen = await observer.take()
        # The watch over the event loop takes its share of the processor at any time.
        cpu = spent - idle * (time.monotonic() - began) / _AFTERWARDS
        result = {
            "values": seen.values,
            "wanted": count * each,
            "cpu_s": cpu,
            "seconds": seen.last - began,
            "stall": asdict(stood),
        }
    observer.close()
    return result


async def _spent(*acts: Awaitable[object]) -> tuple[float, Stall]:
    """Do one after the other, and wait a while; return the seconds of processor time, and the longest stall."""
    async with stall() as stood:
        with collecting() as collected:
            used = time.process_time()
            for one in acts:
                await one
            await asyncio.sleep(_AFTERWARDS)
            return time.process_time() - used - sum(collected), stood


async def _nothing(_hass: HomeAssistant, _entity_ids: Sequence[str]) -> int:
    return 0


async def _appear(hass: HomeAssistant, entity_ids: Sequence[str]) -> None:
    for number, entity_id in enumerate(entity_ids):
        hass.states.async_set(entity_id, f"{number % 9973 / 100:.2f}", ATTRIBUTES)
        await asyncio.sleep(0)


async def _register(hass: HomeAssistant, entity_ids: Sequence[str]) -> int:
    registry = er.async_get(hass)
    for entity_id in entity_ids:
        name = entity_id.partition(".")[2]
        registry.async_get_or_create("sensor", "benchmark", name, suggested_object_id=name)
    await _appear(hass, entity_ids)
    return len(entity_ids)


async def _rename(hass: HomeAssistant, entity_ids: Sequence[str]) -> None:
    registry = er.async_get(hass)
    for number, entity_id in enumerate(entity_ids):
        now = f"{entity_id}_renamed"
        registry.async_update_entity(entity_id, new_entity_id=now)
        hass.states.async_remove(entity_id)
        hass.states.async_set(now, f"{100 + number % 9973 / 100:.2f}", ATTRIBUTES)
        await asyncio.sleep(0)


async def _plug_in(hass: HomeAssistant, entity_ids: Sequence[str]) -> int:
    for entity_id in entity_ids:
        hass.states.async_set(entity_id, "unavailable", {"restored": True})
        await asyncio.sleep(0)
    return 0


async def _light(hass: HomeAssistant, entity_ids: Sequence[str]) -> None:
    for entity_id in entity_ids:
        hass.states.async_set(entity_id, "on", _LIT)
        await asyncio.sleep(0)
