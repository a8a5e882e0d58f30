"""A recorder's database with a day in it, as if Home Assistant had run all the time."""

import asyncio
from collections.abc import Iterator, Sequence
import json
import os
from pathlib import Path
import sqlite3
import time
from typing import Any, Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import StateAttributes
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.core import HomeAssistant

from .home import home

DATABASE: Final = "home-assistant_v2.db"
_DAY: Final = 24 * 60 * 60  # s


def recorder(folder: Path) -> dict[str, Any]:
    """Return the recorder's part of the configuration."""
    return {"db_url": f"sqlite:///{folder / DATABASE}", "auto_purge": False, "commit_interval": 1}


async def settled(hass: HomeAssistant) -> None:
    """Wait until the recorder has started and emptied its queue; asked to stop earlier, it never would."""
    for _ in range(2):
        done: asyncio.Future[None] = hass.loop.create_future()
        get_instance(hass).queue_task(SynchronizeTask(done))
        await done


async def record(folder: Path, entity_ids: Sequence[str], *attributes: dict[str, Any], every: float) -> int:
    """Have the recorder make its tables, then fill in a day that ends now; returns the number of states.

    Each sensor has these attributes in turn.
    """
    async with home(folder, recorder=recorder(folder)) as hass:
        await settled(hass)
    with sqlite3.connect(folder / DATABASE) as database:
        shared = [json.dumps(one, separators=(",", ":"), ensure_ascii=False).encode() for one in attributes]
        attributes_ids = [
            database.execute(
                "INSERT INTO state_attributes (hash, shared_attrs) VALUES (?, ?)",
                (StateAttributes.hash_shared_attrs_bytes(one), one.decode()),
            ).lastrowid
            for one in shared
        ]
        ids = [
            database.execute("INSERT INTO states_meta (entity_id) VALUES (?)", (entity_id,)).lastrowid
            for entity_id in entity_ids
        ]
        rows = database.executemany(
            "INSERT INTO states (state, last_updated_ts, attributes_id, origin_idx, context_id_bin, metadata_id)"
            " VALUES (?, ?, ?, 0, ?, ?)",
            _states(_known(ids), _known(attributes_ids), every),
        ).rowcount
    database.close()
    return rows


def _known(ids: Sequence[int | None]) -> list[int]:
    return [number for number in ids if number is not None]


def _states(
    ids: Sequence[int], attributes_ids: Sequence[int], every: float
) -> Iterator[tuple[str, float, int, bytes, int]]:
    """Yield rows: each sensor changes a little after the one before it, and no value equals the last."""
    began = time.time() - _DAY - every
    for step in range(int(_DAY / every)):
        attributes_id = attributes_ids[step % len(attributes_ids)]
        for place, metadata_id in enumerate(ids):
            moment = began + (step + place / len(ids)) * every
            yield f"{(step + 37 * place) % 9973 / 100:.2f}", moment, attributes_id, os.urandom(16), metadata_id
