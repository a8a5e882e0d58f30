"""The demo without a person: set up, watch values arrive, and compare."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
import time
from typing import Any

from .comparison import Value, compared, identifier_of
from .flow import configure
from .home import OTHERS, SENSORS
from .platform import PRODUCT_KEY
from .rig import Rig
from .table import aligned
from .verdict import CheckError, Clock, judged

CHOSEN = SENSORS + OTHERS
CHANGES_WANTED = 5
SECONDS = 40


async def check(language: str = "en") -> int:
    """Run the whole way once and return the exit code: 0 when everything arrived and the log is clean."""
    return await judged(_check, language=language)


async def _check(rig: Rig, since: Clock) -> None:
    await configure(rig.client, rig.platform.typed, SENSORS, OTHERS)
    print(f"{since()} the integration is set up; waiting for {len(CHOSEN)} entities")
    values = await _arrived(rig)
    print(f"{since()} all arrived\n\n{_table(values)}\n")
    properties = await import_model(rig, await written_model(rig))
    print(f"{since()} the platform has the house's thing model; waiting for {properties} properties")
    await _taken(rig, {value.identifier for value in values})
    print(f"{since()} all taken")


async def written_model(rig: Rig) -> dict[str, Any]:
    """Return the thing model that the house has written."""
    (entry,) = await rig.client.get("/api/config/config_entries/entry", domain="aliyun_iot")
    answer = await rig.client.post(
        "/api/services/aliyun_iot/get_thing_model?return_response", {"config_entry_id": entry["entry_id"]}
    )
    (model,) = answer["service_response"]["files"].values()
    return dict(model)


async def import_model(rig: Rig, model: Mapping[str, Any]) -> int:
    """Import a thing model and return the number of its properties."""
    imported = await rig.platform.post(rig.http, f"/api/products/{PRODUCT_KEY}/thing_model", model)
    return int(imported["properties"])


async def _taken(rig: Rig, identifiers: set[str]) -> None:
    """Have every value sent again, and wait until the platform has checked each by the model."""
    began = time.time() * 1000
    (button,) = [name for name in await rig.client.states() if name.startswith("button.") and "send" in name]
    await rig.client.post("/api/services/button/press", {"entity_id": button})
    deadline = time.monotonic() + SECONDS
    while True:
        device = await rig.platform.device(rig.http)
        if device["rejected"]:
            raise CheckError(f"the platform rejected {device['rejected']}")
        missing = {name for name in identifiers if device["properties"][name]["time"] < began}
        if not missing:
            return
        if time.monotonic() > deadline:
            raise CheckError(f"after {SECONDS} s nothing new of {', '.join(sorted(missing))}")
        await asyncio.sleep(0.4)


async def _arrived(rig: Rig) -> list[Value]:
    """Wait for a value of every chosen entity and later changes of some; return all values seen, compared."""
    seen: dict[tuple[str, int], Value] = {}
    deadline = time.monotonic() + SECONDS
    while True:
        device = await rig.platform.device(rig.http)
        if device["rejected"]:
            raise CheckError(f"the platform rejected {device['rejected']}")
        for value in _stored(device["properties"]):
            seen.setdefault((value.identifier, value.time), value)
        states = await rig.client.states()
        histories = await rig.client.get(
            "/api/history/period", filter_entity_id=",".join(CHOSEN), significant_changes_only="0"
        )
        values = compared(seen.values(), histories, {name: states[name]["attributes"] for name in CHOSEN})
        missing = _missing(values, {entity_id: states[entity_id]["state"] for entity_id in CHOSEN})
        if missing is None:
            return values
        if time.monotonic() > deadline:
            raise CheckError(f"after {SECONDS} s {missing}\n{_table(values)}")
        await asyncio.sleep(0.4)


def _stored(properties: dict[str, Any]) -> list[Value]:
    return [
        Value(entity_id=entity_id, identifier=name, time=properties[name]["time"], stored=properties[name]["value"])
        for entity_id in CHOSEN
        if (name := identifier_of(entity_id)) in properties
    ]


def _missing(values: list[Value], states: dict[str, str]) -> str | None:
    """Describe the missing part, or return None when nothing is missing."""
    arrived = {value.entity_id for value in values}
    if waiting := [name for name in states if name not in arrived]:  # also for those without a state yet
        return f"nothing has arrived of {', '.join(waiting)}"
    # The recorder writes once a second: a value may be here before the history shows it.
    if different := [value for value in values if not value.equal]:
        return f"the history says otherwise about {', '.join(f'{v.identifier} at {v.time}' for v in different)}"
    changed = {value.entity_id for value in values if _first(values, value.entity_id) < value.time}
    if len(changed) < CHANGES_WANTED:
        return f"only {len(changed)} entities have changed"
    return None


def _first(values: list[Value], entity_id: str) -> int:
    return min(value.time for value in values if value.entity_id == entity_id)


def _table(values: list[Value]) -> str:
    """Show the newest value of every entity, and the number of values that were seen."""
    rows = [("entity", "identifier", "value sent", "value stored", "time (UTC)", "seen")]
    for entity_id in CHOSEN:
        own = sorted((value for value in values if value.entity_id == entity_id), key=lambda value: value.time)
        if not own:
            rows.append((entity_id, identifier_of(entity_id), "-", "-", "unavailable or unknown", "0"))
            continue
        last = own[-1]
        moment = datetime.fromtimestamp(last.time / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        rows.append((entity_id, last.identifier, repr(last.sent), repr(last.stored), moment, str(len(own))))
    return aligned(rows)
