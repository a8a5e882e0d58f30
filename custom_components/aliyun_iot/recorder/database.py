"""The recorder's database: asked only when it is ready, in queries of bounded size."""

from collections.abc import Iterable
import logging
from typing import Any, Final, cast

from homeassistant.components.recorder import Recorder, history
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import SQLAlchemyError

_LOGGER = logging.getLogger(__name__)

HOUR: Final = 3600.0  # s
# s, for one question in all its parts. A busy day of a large house on an SD card takes some seconds to read, and a
# dialog is open meanwhile; the answer is an estimate that an incomplete one serves as well.
PATIENCE: Final = 20.0
# In one query: many enough that the queries' own cost does not count, and few enough that others get their turn in the
# recorder's executor.
ENTITIES_AT_ONCE: Final = 200
EDGE: Final = 0.001  # s; the recorder leaves out a row just at the edge of a period, and rounds times
NO_VALUE: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN, "", None})
# The errors of a recorder that cannot be read; RuntimeError comes from an executor that was shut down.
READ_ERRORS: Final = (RuntimeError, SQLAlchemyError)

type Rows = dict[str, list[dict[str, Any]]]  # by entity id


def ready_recorder(hass: HomeAssistant) -> Recorder | None:
    """Return the recorder if it can be asked."""
    recorder = hass.data.get(DATA_INSTANCE)
    if recorder is None or not recorder.async_recorder_ready.is_set() or recorder.migration_in_progress:
        return None
    return recorder


def complain(err: Exception) -> None:
    """Log that the database cannot be read."""
    _LOGGER.warning("The recorder's database cannot be read (%s); going on without it", type(err).__name__)


def read_rows(hass: HomeAssistant, entity_ids: Iterable[str], start: float, end: float, *, has_before: bool) -> Rows:
    """Read the states of a period (s UTC) that differ from the one before; raises SQLAlchemyError.

    They are in the recorder's compressed form: making a State of each row would take most of the time. With
    `has_before` the state at `start` comes first.
    """
    rows = history.get_significant_states(
        hass,
        dt_util.utc_from_timestamp(start),
        dt_util.utc_from_timestamp(end),
        list(entity_ids),
        include_start_time_state=has_before,
        minimal_response=True,
        no_attributes=True,
        compressed_state_format=True,
    )
    return cast("Rows", rows)
