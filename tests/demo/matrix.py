"""Each way to register with each way to connect, in one Home Assistant: one device after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
import time
from typing import Any

from .client import AnswerError
from .comparison import Value, compared
from .flow import answers, give_up, walk
from .polling import LateError, polled
from .rig import Rig
from .table import aligned
from .verdict import CheckError, Clock, judged
from .ways import ASSIGNED, Way, products

# This entity changes every second.
ENTITY = "sensor.house_power"
PROPERTY = "house_power"
ENTRY = "/api/config/config_entries/entry"
SECONDS = 20


class RowError(Exception):
    """A row is not as expected."""


@dataclass(slots=True, kw_only=True)
class Row:
    """The outcome of one way."""

    way: Way
    seen: str = "-"
    seconds: float = 0.0
    value: str = "-"
    outcome: str = "ok"

    def as_cells(self) -> tuple[str, ...]:
        way = self.way
        return way.register, way.connect, way.instance, self.seen, f"{self.seconds:.1f}", self.value, self.outcome


async def matrix(ways: Sequence[Way]) -> int:
    """Go all ways and return the exit code: 0 when each ended as it should and the log is clean."""
    assigned = "{}:{}".format(*ASSIGNED)
    return await judged(partial(_matrix, ways), extra=["--assign", assigned], products=products(ways))


async def _matrix(ways: Sequence[Way], rig: Rig, since: Clock) -> None:
    rows = []
    for way in ways:
        row = Row(way=way)
        began = time.monotonic()
        try:
            await _go(rig, row)
        except (RowError, LateError, AnswerError) as error:
            row.outcome = str(error)
        row.seconds = time.monotonic() - began
        rows.append(row)
        print(
            f"{since()} {len(rows):2}/{len(ways)} {way.register}, {way.connect}, {way.instance}: {row.outcome}",
            flush=True,
        )
    heads = ("register", "connect", "instance", "platform saw", "s", "values stored", "result")
    print("", aligned([heads, *(row.as_cells() for row in rows)]), "", sep="\n")
    failed = [row for row in rows if row.outcome != "ok"]
    if failed:
        raise CheckError(f"{len(failed)} of {len(rows)} rows are not as expected")
    print(f"{since()} {len(rows)} rows, all as expected")


async def _go(rig: Rig, row: Row) -> None:
    way = row.way
    asked_before = len(rig.platform.asked_for())
    known = answers(way.typed, [ENTITY], network=way.network, device_secret=way.device_secret)
    walked = await walk(rig.client, known)
    if walked.entry is None:
        await give_up(rig.client, walked)
        if walked.problems == {way.refusal}:
            row.seen, row.value = f"refused: {way.refusal}", "none, as expected"
            return
        raise RowError(f"the flow ended with {walked}")
    try:
        if way.refusal:
            raise RowError(f"the flow should have refused with {way.refusal}")
        await _lives(rig, row, walked.entry["entry_id"])
    finally:
        await rig.client.delete(f"{ENTRY}/{walked.entry['entry_id']}")
    asked = set(rig.platform.asked_for()[asked_before:])
    if asked != way.places:
        raise RowError(f"asked for {sorted(asked)} instead of {sorted(way.places)}")
    await polled("the device is offline", partial(_is_offline, rig, way), SECONDS)


async def _lives(rig: Rig, row: Row, entry_id: str) -> None:
    """Check the state of the entry, the device's last CONNECT, and a value."""

    async def is_loaded() -> bool | None:
        states = {entry["entry_id"]: entry["state"] for entry in await rig.client.get(ENTRY)}
        return states[entry_id] == "loaded" or None

    await polled("the entry is loaded", is_loaded, SECONDS)
    first, last = await polled(f"two values of {ENTITY} as in the history", partial(_values, rig, row.way), SECONDS)
    row.value = f"{first.stored}, {last.stored}"
    device = await _device(rig, row.way)
    connect = device["recent_connects"][-1]
    pairs = dict(pair.partition("=")[::2] for pair in connect["client_id"].split("|")[1].split(","))
    row.seen = ", ".join([connect["transport"], pairs.get("securemode", "no securemode"), *_extra(pairs)])
    if not device["online"]:
        raise RowError("the device is not online")
    if connect["code"] != 0 or connect["transport"] != row.way.carrier or not row.way.pairs.items() <= pairs.items():
        raise RowError(f"expected {row.way.carrier} with {row.way.pairs}, the last CONNECT was {connect}")


def _extra(pairs: dict[str, str]) -> list[str]:
    return [pairs["authType"]] if "authType" in pairs else []


async def _device(rig: Rig, way: Way) -> dict[str, Any]:
    return await rig.platform.device(rig.http, way.device_name, way.typed["product_key"])


async def _is_offline(rig: Rig, way: Way) -> bool | None:
    return not (await _device(rig, way))["online"] or None


async def _values(rig: Rig, way: Way) -> tuple[Value, Value] | None:
    """Return the first and the last stored value when the history agrees with both."""
    history = await rig.platform.history(rig.http, PROPERTY, way.device_name, product_key=way.typed["product_key"])
    stored = [
        Value(entity_id=ENTITY, identifier=PROPERTY, time=sample["time"], stored=sample["value"]) for sample in history
    ]
    if len(stored) < 2:
        return None
    recorded = await rig.client.get("/api/history/period", filter_entity_id=ENTITY, significant_changes_only="0")
    values = compared((stored[0], stored[-1]), recorded, {ENTITY: {}})
    return (values[0], values[1]) if all(value.equal for value in values) else None
