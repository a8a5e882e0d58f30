"""Unit systems: the settings of Home Assistant's unit system that the recorder has among its events."""

from collections.abc import Sequence
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, UnitOfTemperature
from homeassistant.helpers.recorder import session_scope

from .events import read_events

# Settings that are looked at, the newest: nobody saves that page more often before the recorder purges them.
_MOST: Final = 1000

_TELLING: Final = ('%"unit_system"%',)
_UNITS: Final[dict[Any, str]] = {
    "metric": UnitOfTemperature.CELSIUS,
    "us_customary": UnitOfTemperature.FAHRENHEIT,
    "imperial": UnitOfTemperature.FAHRENHEIT,
}


def read_temperature_units(recorder: Recorder) -> Sequence[tuple[int, str]]:
    """Return when a unit of temperature was set (ms UTC), the oldest first; blocks, and raises SQLAlchemyError."""
    with session_scope(session=recorder.get_session(), read_only=True) as session:
        events = read_events(session, EVENT_CORE_CONFIG_UPDATE, _TELLING, _MOST)
    return [(int(at * 1000), unit) for at, data in events if (unit := _UNITS.get(data.get("unit_system"))) is not None]
