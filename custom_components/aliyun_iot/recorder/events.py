"""Events: those that the recorder has of one type, chosen by how it writes their data."""

from collections.abc import Mapping, Sequence
from typing import Any

from homeassistant.components.recorder.db_schema import EventData, Events, EventTypes
from homeassistant.util.event_type import EventType
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads_object
from sqlalchemy import or_, select
from sqlalchemy.orm import Session


def read_events(
    session: Session, event_type: EventType[Any] | str, telling: Sequence[str], most: int
) -> list[tuple[float, Mapping[str, Any]]]:
    """Return time (s UTC) and data of the newest events, at `most`, the oldest first; raises SQLAlchemyError.

    The data of each is like one of the patterns in `telling`; data that cannot be read is empty.
    """
    rows = session.execute(
        select(Events.time_fired_ts, EventData.shared_data)
        .join(EventTypes, Events.event_type_id == EventTypes.event_type_id)
        .join(EventData, Events.data_id == EventData.data_id)
        .where(EventTypes.event_type == str(event_type))
        .where(or_(*(EventData.shared_data.like(pattern) for pattern in telling)))
        .order_by(Events.event_id.desc())
        .limit(most)
    ).all()
    return [(at, _read(data)) for at, data in reversed(rows)]


def _read(data: Any) -> Mapping[str, Any]:
    try:
        return json_loads_object(data)
    except JSON_DECODE_EXCEPTIONS:
        return {}
