"""Renames: the entity ids that entities have given up and taken, as far as the recorder's events tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
import math
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import States, StatesMeta
from homeassistant.helpers.entity_registry import EVENT_ENTITY_REGISTRY_UPDATED
from homeassistant.helpers.recorder import session_scope
from sqlalchemy import select
from sqlalchemy.orm import Session

from .events import read_events

# Changes that are looked at. A person renames some thousands at most, by a script, and each takes a query and 200 bytes
# until they are sorted out; of rows from before the oldest of them nothing is known then.
_MOST: Final = 10_000

# Entity ids in one query: the recorder's smallest limit for bound values is 1,000.
_NAMES: Final = 500

# How the recorder writes the events that matter among all of the registry: its JSON has no spaces.
_TELLING: Final = ('%"old_entity_id"%', '%"action":"remove"%')


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entity id that was given up."""

    at: float  # s UTC
    before: str
    after: str | None  # the one that was taken in its place; None where the entity was removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes of entity ids, and the database after them."""

    changes: Sequence[Change]  # in the order in which they happened
    since: float  # s UTC; changes before that are unknown, and infinity where none is recorded
    first: Mapping[str, float]  # when the first row was written (s UTC), by entity id, of those in the changes


def read_changes(recorder: Recorder) -> Changes:
    """Read the changes; blocks, and raises SQLAlchemyError."""
    if EVENT_ENTITY_REGISTRY_UPDATED in recorder.exclude_event_types:
        return Changes(changes=(), since=math.inf, first={})
    with session_scope(session=recorder.get_session(), read_only=True) as session:
        events = read_events(session, EVENT_ENTITY_REGISTRY_UPDATED, _TELLING, _MOST)
        changes = [change for at, data in events if (change := _change(at, data)) is not None]
        names = {one.before for one in changes} | {one.after for one in changes if one.after is not None}
        first = _first_rows(session, sorted(names))
    return Changes(changes=changes, since=events[0][0] if len(events) == _MOST else -math.inf, first=first)


def _change(at: Any, read: Mapping[str, Any]) -> Change | None:
    entity_id, before = read.get("entity_id"), read.get("old_entity_id")
    if not isinstance(entity_id, str) or not isinstance(at, float):
        return None
    if read.get("action") == "remove":
        return Change(at=at, before=entity_id, after=None)
    return Change(at=at, before=before, after=entity_id) if isinstance(before, str) else None


def _first_rows(session: Session, names: Sequence[str]) -> dict[str, float]:
    first = (
        select(States.last_updated_ts)
        .where(States.metadata_id == StatesMeta.metadata_id)
        .order_by(States.last_updated_ts)
        .limit(1)
        .correlate(StatesMeta)
        .scalar_subquery()
    )
    found = {}
    for part in batched(names, _NAMES, strict=False):
        rows = session.execute(select(StatesMeta.entity_id, first).where(StatesMeta.entity_id.in_(part)))
        found.update({name: at for name, at in rows if name is not None and at is not None})
    return found
