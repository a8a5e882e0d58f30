"""Commands: the time from a set to the action and to the confirmed state, and what a flood of sets costs."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
import os
import statistics
import time
from typing import Any, Final

from homeassistant.auth import auth_manager_from_config
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID, ATTR_SERVICE_DATA, EVENT_CALL_SERVICE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from tests.demo.polling import polled

from .broker import Platform
from .cloud import BARE, SET, Cloud, bare, cloud
from .home import DOMAIN, FASTEST, add_ours, home
from .load import Load
from .meters import stall

_LAMPS: Final = 20
_TIMES: Final = 100
# s, in which the fastest budget has room for a command
_QUIET: Final = 0.25
# s, likewise of one message a second, and some for the jitter
_SLOW: Final = 2.3
_SENSORS: Final = 200
_WAITING: Final = 5_000  # values at the beginning; each message takes two hundred
_CONFIRMED: Final = 10  # commands
# s of the flood; FLOOD_SECONDS=60 for a whole minute
_FLOOD: Final = float(os.environ.get("FLOOD_SECONDS", "10"))
_PER_SECOND: Final = 20
_WINDOW: Final = 1.05  # s, in which messages are counted

type Passages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _House:
    """A home whose lamps the cloud may turn on, and its entry."""

    hass: HomeAssistant
    entry: ConfigEntry[Any]
    load: Load
    lamps: Mapping[str, str]  # names in messages, by entity id

    @property
    def waiting(self) -> int:
        return int(self.entry.runtime_data.data.waiting)


@asynccontextmanager
async def _house(cloud: Cloud, *, sensors: int, rate: float) -> AsyncIterator[_House]:
    """Set up a home, import its thing model, and return once commands run."""
    names = {f"lamp_{number}": {"initial": False} for number in range(_LAMPS)}
    async with home() as hass:
        hass.auth = await auth_manager_from_config(hass, [], [])
        await _set_up_lamps(hass, names)
        registry = er.async_get(hass)
        granted = {entry.id: entry.entity_id for entry in registry.entities.values()}
        load = Load(hass, entities=sensors)
        load.change(sensors)
        properties = {**load.properties, **{name: name for name in granted.values()}}
        entry = await add_ours(
            hass, cloud.port, properties, transport="tls", granted=granted, rate=rate, burst=1 if rate < 2 else 5
        )
        answer = await hass.services.async_call(
            DOMAIN, "get_thing_model", {"config_entry_id": entry.entry_id}, blocking=True, return_response=True
        )
        assert answer is not None
        files: Any = answer["files"]
        await cloud.import_models(list(files.values()))
        await hass.config_entries.async_reload(entry.entry_id)
        # An entry that begins with grants is switched off: its grants must come from a lost home.
        switches = [one.entity_id for one in registry.entities.values() if one.domain == "switch"]
        await hass.services.async_call("switch", "turn_on", {ATTR_ENTITY_ID: switches}, blocking=True)
        house = _House(hass=hass, entry=entry, load=load, lamps=dict(_named(files.values(), granted.values())))

        async def is_current() -> bool | None:
            status = entry.runtime_data.data
            return (status.is_model_current and status.waiting == 0) or None

        await polled("the model is read, and the first values are confirmed", is_current, 60)
        yield house


async def _set_up_lamps(hass: HomeAssistant, names: Mapping[str, Any]) -> None:
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": dict(names)})
    await hass.async_block_till_done()


def _named(models: Iterable[Mapping[str, Any]], entity_ids: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield each entity with the name of its property in messages, which begins with that of its module."""
    wanted = {entity_id.partition(".")[2]: entity_id for entity_id in entity_ids}
    for model in models:
        module = model.get("functionBlockId")
        for one in model["properties"]:
            if one["identifier"] in wanted:
                name = one["identifier"] if module is None else f"{module}:{one['identifier']}"
                yield wanted[one["identifier"]], name


class _Actions:
    """The moments at which Home Assistant was asked for an action."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.moments: dict[str, float] = {}
        hass.bus.async_listen(EVENT_CALL_SERVICE, self._called)

    @callback
    def _called(self, event: Event[Any]) -> None:
        self.moments[event.data[ATTR_SERVICE_DATA].get(ATTR_ENTITY_ID, "")] = time.monotonic()


async def commands(_platform: Platform) -> dict[str, Any]:
    """Measure commands one by one, among values that wait, and in a flood."""
    async with cloud() as platform, _house(platform, sensors=1, rate=FASTEST) as house, bare(platform):
        result = await _one_by_one(platform, house)
    async with cloud() as platform, _house(platform, sensors=_SENSORS, rate=1.0) as house:
        result |= await _among_others(platform, house)
        result |= await _in_a_flood(platform, house)
    return result


async def _one_by_one(cloud: Cloud, house: _House) -> dict[str, Any]:
    """Return milliseconds from a set to the action and to its reply, and beside it those of paho's reply."""
    actions = _Actions(house.hass)
    ours: list[float] = []
    replies: list[float] = []
    paho: list[float] = []
    for number in range(_TIMES):
        entity_id, name = list(house.lamps.items())[number % len(house.lamps)]
        await asyncio.sleep(_QUIET)
        began = time.monotonic()
        reply = await cloud.set({name: 1 - number // len(house.lamps) % 2})
        assert reply["code"] == 200, reply
        passed = _round_trip(await cloud.passages(began))
        ours.append(1000 * (actions.moments[entity_id] - passed[0]))
        replies.append(1000 * (passed[1] - passed[0]))
        began = time.monotonic()
        await cloud.set({name: 1}, BARE)
        sent, answered = _round_trip(await cloud.passages(began, BARE))
        paho.append(1000 * (answered - sent))
    return {"action_ms": _p95(ours), "reply_ms": _p95(replies), "paho_ms": _p95(paho)}


def _round_trip(passages: Passages) -> tuple[float, float]:
    moments = {one["topic"]: one["time"] for one in passages}
    return moments[SET], moments[f"{SET}_reply"]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def _among_others(cloud: Cloud, house: _House) -> dict[str, Any]:
    """Return seconds from a change by command to its confirmation, while a thousand other values wait."""
    house.load.change(_WAITING)
    began, seconds, waiting = time.monotonic(), list[float](), list[int]()
    for entity_id, name in list(house.lamps.items())[:_CONFIRMED]:
        await asyncio.sleep(_SLOW)
        waiting.append(house.waiting)
        reply = await cloud.set({name: 1})
        assert reply["code"] == 200, reply

        async def arrived(name: str = name) -> int | None:
            return next((one["received"] for one in await cloud.stored(name) if one["value"] == 1), None)

        received = await polled("the new state", arrived, 20, 0.02)
        state = house.hass.states.get(entity_id)
        assert state is not None
        seconds.append(received / 1000 - state.last_changed_timestamp)
    return {
        "confirmed_s": max(seconds),
        "waiting": min(waiting),
        "most_in_a_window": _most(await cloud.passages(began)),
    }


async def _in_a_flood(cloud: Cloud, house: _House) -> dict[str, Any]:
    """Return what becomes of the event loop, the values and the budget in a flood of commands."""

    async def nothing_waits() -> bool | None:
        return house.waiting == 0 or None

    await polled("the values before are confirmed", nothing_waits, 120)
    before = await cloud.shown()
    confirmed = int(house.entry.runtime_data.data.confirmed)
    began, sets = time.monotonic(), round(_FLOOD * _PER_SECOND)
    async with stall() as stood:
        (name, *_) = house.lamps.values()
        await cloud.faults(flood={"params": {name: 0}, "per_second": _PER_SECOND, "times": sets})
        await house.load.run(round(_FLOOD * 100), each=10, every=0.1)
    await polled("the values of the flood are confirmed", nothing_waits, 60)
    after = await cloud.shown()
    passages = await cloud.passages(began)
    return {
        "flood_s": _FLOOD,
        "sets": sum(one["topic"] == SET for one in passages),
        "answers": {code: count - before["answers"].get(code, 0) for code, count in after["answers"].items()},
        "changes": round(_FLOOD * 100),
        "confirmed": int(house.entry.runtime_data.data.confirmed) - confirmed,
        "most_in_a_flood": _most(passages),
        "stall": asdict(stood),
    }


def _most(passages: Passages) -> int:
    """Count our messages and the replies to them in the busiest window."""
    times = [one["time"] for one in passages if one["is_up"] or one["topic"].endswith("_reply")]
    return max((sum(start <= at < start + _WINDOW for at in times) for start in times), default=0)
