"""Check: sets every row of the table from the platform, then what has to be refused."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
import statistics
from typing import Any

from tests.home_assistant.mapping.commanded import CONFIGURATION, Row

from ..check import import_model, written_model
from ..client import AnswerError
from ..comparison import identifier_of
from ..flow import configure
from ..polling import polled
from ..rig import Rig
from ..table import aligned
from ..verdict import CheckError, Clock, judged
from .grants import grant, quicken
from .home import GARAGE, rows, show_as_shutters, write
from .trial import Cloud, Reply, Trial, tried

# Answers where the entry starts again with its grants, where the home has just started, or where it has not read the
# model that was just imported.
EARLY = (None, 9201, 100002, 100003)
HEADS = ("entity", "property", "set", "code", "reply ms", "state ms", "confirmed ms", "result")
LAMP = "bed_light"


async def control(language: str = "en") -> int:
    """Set everything once and return the exit code: 0 when each row is as expected and the log is clean."""
    return await judged(_control, language=language, furnished=write)


async def _control(rig: Rig, since: Clock) -> None:
    granted = sorted({row.entity_id for row in rows()})
    await polled("all entities", partial(_missing_none, rig, granted), 30)
    await show_as_shutters(rig.client)
    entry = await configure(rig.client, rig.platform.typed, [GARAGE], [])
    await quicken(rig.client, entry["entry_id"])
    review = await grant(rig.client, entry["entry_id"], granted)
    if int(review["entities"]) != len(granted):
        raise CheckError(f"{review['entities']} of {len(granted)} entities are granted: {review['notes']}")
    model = await polled("the model with all of them", partial(written, rig, len(granted)), 20, 0.2)
    properties = await import_model(rig, model)
    print(f"{since()} {len(granted)} entities are granted, and {properties} properties imported", flush=True)
    cloud = Cloud(rig)
    await polled("the home takes commands", partial(_is_ready, cloud), 60, 1.0)
    print(f"{since()} the home takes commands", flush=True)
    trials = [trial for lane in await asyncio.gather(*(_lane(rig, cloud, lane) for lane in lanes())) for trial in lane]
    print("", aligned([HEADS, *(trial.as_cells() for trial in trials)]), "", *_times(trials), "", sep="\n")
    problems = [f"{trial.row.entity_id} {trial.row.key} {trial.row.raw}" for trial in trials if not trial.is_good]
    problems += [problem async for problem in _refusals(rig, cloud)]
    if throttled := (await rig.platform.device(rig.http))["throttled"]:
        problems.append(f"{throttled} messages beyond the platform's limit")
    if problems:
        raise CheckError(f"not as expected: {', '.join(problems)}")
    print(f"{since()} {len(trials)} rows, all as expected")


def lanes() -> list[list[Row]]:
    """Return the rows in lanes that do not disturb each other: a group goes after its members."""
    leaders: dict[str, str] = {}
    for domain in ("cover", "fan", "light", "media_player", "switch"):
        for group in CONFIGURATION[domain]:
            name = f"{domain}.{group['name'].lower().replace(' ', '_')}"
            leaders |= dict.fromkeys([name, *group["entities"]], name)
    found: dict[str, list[Row]] = {}
    for row in rows():
        found.setdefault(leaders.get(row.entity_id, row.entity_id), []).append(row)
    return list(found.values())


async def _lane(rig: Rig, cloud: Cloud, lane: Sequence[Row]) -> list[Trial]:
    return [await tried(rig, cloud, row) for row in lane]


async def _missing_none(rig: Rig, entity_ids: Sequence[str]) -> bool | None:
    states = await rig.client.states()
    return all(entity_id in states for entity_id in entity_ids) or None


async def written(rig: Rig, entities: int) -> dict[str, Any] | None:
    """Return the model once the entry has started again with its grants."""
    try:
        model = await written_model(rig)
    except AnswerError:  # not loaded at this moment
        return None
    settable = [one for one in model["properties"] if one["accessMode"] == "rw"]
    return model if len(settable) >= entities else None


async def _is_ready(cloud: Cloud) -> Reply | None:
    reply = await cloud.set({LAMP: 1}, f"light.{LAMP}")
    return None if reply.code in EARLY else reply


def _times(trials: Sequence[Trial]) -> Iterator[str]:
    for name, what in (
        ("reply", "set to reply"),
        ("action", "set to changed state"),
        ("confirmed", "set to confirmed state"),
    ):
        seconds = [one for trial in trials if trial.is_good and (one := getattr(trial, name)) is not None]
        if len(seconds) > 1:
            p95 = statistics.quantiles(seconds, n=20)[-1]
            print_ = f"median {1000 * statistics.median(seconds):.0f} ms, p95 {1000 * p95:.0f} ms"
            yield f"{what}: {print_}, longest {1000 * max(seconds):.0f} ms, of {len(seconds)}"


async def _refusals(rig: Rig, cloud: Cloud) -> Any:
    """Yield what was not refused as it should be; a set that is refused in part changes nothing."""
    brightness, garage = f"{LAMP}_brightness", identifier_of(GARAGE)
    before = await rig.client.states()
    table = [("refused", "code", "message")]
    for params, code in (
        ({garage: 0}, 403),
        ({brightness: 256}, 460),
        ({brightness: "1e1"}, 460),
        ({"nobody": 1}, 460),
        ({"ac": 0, garage: 0}, 403),
    ):
        reply = await cloud.set(params)
        table.append((str(params), str(reply.code), reply.message))
        if reply.code != code:
            yield f"{params} got {reply.code} {reply.message}"
    (switch,) = [name for name in before if name.startswith("switch.") and name.endswith("_control_from_the_cloud")]
    await rig.client.post("/api/services/switch/turn_off", {"entity_id": switch})
    reply = await cloud.set({"ac": 0})
    table.append(("switched off", str(reply.code), reply.message))
    if reply.code != 403:
        yield f"switched off, a set got {reply.code} {reply.message}"
    print(aligned(table), "", sep="\n")
    after = await rig.client.states()
    for entity_id in (GARAGE, "switch.ac", f"light.{LAMP}"):
        if after[entity_id]["last_updated"] != before[entity_id]["last_updated"]:
            yield f"{entity_id} has changed"
