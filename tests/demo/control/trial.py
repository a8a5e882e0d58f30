"""Trial: sets one value as the cloud does, and sees what becomes of it at home and on the platform."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import math
import time
from typing import Any

import aiohttp
from homeassistant.core import State

from tests.home_assistant.mapping.commanded import ROWS, STATE, Row

from ..comparison import identifier_of
from ..platform import DEVICE_NAME, PRODUCT_KEY
from ..polling import LateError, polled
from ..rig import Rig

SET = f"/api/devices/{PRODUCT_KEY}/{DEVICE_NAME}/set"
# s, for a vacuum that goes to its dock and a cover that goes all the way
PATIENCE = 45.0
POLL = 0.05
# s. A command costs two messages of ten in a second; what moves meanwhile posts as well, and the platform drops in
# silence what is beyond ten on its way through a busy machine.
PACE = 0.4
# The integration takes this many commands for one entity in so many seconds, and some for the way there.
MOST, WITHIN = 10, 62.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The device's reply, or the platform's where there is none."""

    code: int | None
    message: str
    sent: int  # ms, when it was asked for
    seconds: float


@dataclass(slots=True, kw_only=True)
class Trial:
    """One row, and its times in seconds since the set."""

    row: Row
    code: int | None = None
    reply: float | None = None
    action: float | None = None  # the state has changed
    confirmed: float | None = None  # the platform has got the new value
    outcome: str = "not tried"

    @property
    def is_good(self) -> bool:
        return self.outcome == "ok"

    def as_cells(self) -> tuple[str, ...]:
        times = (self.reply, self.action, self.confirmed)
        return (
            self.row.entity_id,
            self.row.key.removeprefix("attribute."),
            str(self.row.raw),
            "-" if self.code is None else str(self.code),
            *("-" if one is None else f"{1000 * one:.0f}" for one in times),
            self.outcome,
        )


def wire_of(row: Row) -> str:
    """Return the property that a row sets."""
    state = identifier_of(row.entity_id)
    return state if row.key == STATE else f"{state}_{row.key.removeprefix('attribute.')}"


class Cloud:
    """Sets properties, no faster than the integration takes commands."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._next = 0.0
        self._begun: dict[str, deque[float]] = {}

    async def set(self, params: dict[str, Any], *entity_ids: str) -> Reply:
        """Set properties of these entities."""
        for entity_id in entity_ids:
            await self._until_free(entity_id)
        now = time.monotonic()
        self._next = max(now, self._next) + PACE
        await asyncio.sleep(self._next - PACE - now)
        sent, began = time.time_ns() // 1_000_000, time.monotonic()
        url = f"{self._rig.platform.console_url.rstrip('/')}{SET}"
        async with self._rig.http.post(url, json={"params": params}) as response:
            reply = await response.json()
        if reply.get("code") in {200, None}:  # a refusal does not count; one without a reply may have run
            for entity_id in entity_ids:
                self._begun[entity_id].append(began)
        return Reply(
            code=reply.get("code"), message=reply.get("message", ""), sent=sent, seconds=time.monotonic() - began
        )

    async def _until_free(self, entity_id: str) -> None:
        begun = self._begun.setdefault(entity_id, deque(maxlen=MOST))
        if len(begun) == MOST:
            await asyncio.sleep(begun[0] + WITHIN - time.monotonic())


async def tried(rig: Rig, cloud: Cloud, row: Row) -> Trial:
    """Set a row's value, and wait until it is seen in the state and stored by the platform."""
    trial = Trial(row=row)
    reply = await cloud.set({wire_of(row): row.raw}, row.entity_id)
    trial.code, trial.reply = reply.code, reply.seconds
    if reply.code != 200:
        trial.outcome = reply.message or "no reply"
        return trial
    try:
        state = await polled("seen in the state", partial(_state, rig, row), PATIENCE, POLL)
        changed = datetime.fromisoformat(state["last_updated"]).timestamp() - reply.sent / 1000
        trial.action = changed if changed > 0 else None
        arrived = await polled("confirmed", partial(_stored, rig, row, reply.sent), PATIENCE, POLL)
        trial.confirmed = (arrived - reply.sent) / 1000
    except (LateError, aiohttp.ClientError) as error:
        trial.outcome = str(error)
    else:
        trial.outcome = "ok"
    return trial


async def _state(rig: Rig, row: Row) -> dict[str, Any] | None:
    state: dict[str, Any] = await rig.client.get(f"/api/states/{row.entity_id}")
    # JSON has no tuples.
    plain = {name: tuple(one) if isinstance(one, list) else one for name, one in state["attributes"].items()}
    return state if row.is_seen(State(row.entity_id, state["state"], plain)) else None


async def _stored(rig: Rig, row: Row, since: int) -> int | None:
    """Return when the platform stored what was wanted; brightness 0 is no brightness, and seen in the state alone."""
    is_off = row.seen is None
    identifier = identifier_of(row.entity_id) if is_off else wire_of(row)
    wanted = [0] if is_off else [row.raw, *_synonyms(row)]
    for sample in await rig.platform.history(rig.http, identifier, limit=20):
        if sample["received"] >= since and any(same(raw, sample["value"]) for raw in wanted):
            return int(sample["received"])
    return None


def _synonyms(row: Row) -> list[Any]:
    """Return the other values by which the same is seen: a player that is turned on plays."""
    what = row.entity_id.partition(".")[0], row.key, row.seen
    return [one.raw for one in ROWS if (one.entity_id.partition(".")[0], one.key, one.seen) == what]


def same(raw: Any, stored: Any) -> bool:
    """Tell whether the platform stored what was sent to the device, written as a number or a text."""
    if isinstance(raw, dict):
        return isinstance(stored, dict) and all(same(raw[name], stored.get(name)) for name in raw)
    try:
        return math.isclose(float(raw), float(stored), abs_tol=1e-6)
    except TypeError, ValueError:
        return bool(raw == stored)
