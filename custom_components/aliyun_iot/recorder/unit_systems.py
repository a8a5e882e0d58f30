"""Unit systems: the settings of Home Assistant's unit system that the recorder has among its events."""

from collections.abc import Sequence
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import EventData, Events, EventTypes
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, UnitOfTemperature
from homeassistant.helpers.recorder import session_scope
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads_object
from sqlalchemy import select

# Settings that are looked at, the newest: nobody saves that page more often before the recorder purges them.
_MOST: Final = 1000

_TELLING: Final = '%"unit_system"%'
_UNITS: Final[dict[Any, str]] = {
    "metric": UnitOfTemperature.CELSIUS,
    "us_customary": UnitOfTemperature.FAHRENHEIT,
    "imperial": UnitOfTemperature.FAHRENHEIT,
}


def read_temperature_units(recorder: Recorder) -> Sequence[tuple[int, str]]:
    """Return when a unit of temperature was set (ms UTC), the oldest first; blocks, and raises SQLAlchemyError."""
    with session_scope(session=recorder.get_session(), read_only=True) as session:
        rows = session.execute(
            select(Events.time_fired_ts, EventData.shared_data)
            .join(EventTypes, Events.event_type_id == EventTypes.event_type_id)
            .join(EventData, Events.data_id == EventData.data_id)
            .where(EventTypes.event_type == EVENT_CORE_CONFIG_UPDATE)
            .where(EventData.shared_data.like(_TELLING))
            .order_by(Events.event_id.desc())
            .limit(_MOST)
        ).all()
    return [(int(at * 1000), unit) for at, data in reversed(rows) if (unit := _unit(data)) is not None]


def _unit(data: Any) -> str | None:
    try:
        return _UNITS.get(json_loads_object(data).get("unit_system"))
    except JSON_DECODE_EXCEPTIONS:
        return None
