"""The past in the recorder: numbers seen, and traffic."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from homeassistant.components.recorder import statistics
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

HOUR = 3600.0
DAY = 24 * HOUR
WATT = {"unit_of_measurement": "W"}


def write(
    hass: HomeAssistant, entity_id: str, states: Iterable[tuple[str, float]], attributes: dict[str, Any] | None = None
) -> None:
    """Have states recorded, each with its own time."""
    for text, at in states:
        hass.states.async_set(entity_id, text, attributes, timestamp=at)


def keep_statistics(
    hass: HomeAssistant, entity_id: str, hours: Iterable[tuple[timedelta, StatisticData]], **metadata: Any
) -> None:
    """Have hourly statistics recorded, each so long before now."""
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    described: dict[str, Any] = {
        "has_sum": False,
        "mean_type": StatisticMeanType.ARITHMETIC,
        "name": None,
        "source": "recorder",
        "statistic_id": entity_id,
        "unit_class": "power",
        "unit_of_measurement": "W",
        **metadata,
    }
    rows = [StatisticData(**{**row, "start": now - ago}) for ago, row in hours]
    statistics.async_import_statistics(hass, StatisticMetaData(**described), rows)  # type: ignore[typeddict-item]


def extremes(low: float, high: float) -> StatisticData:
    return StatisticData(mean=(low + high) / 2, min=low, max=high)  # type: ignore[typeddict-item]


def total(state: float) -> StatisticData:
    return StatisticData(state=state, sum=state)  # type: ignore[typeddict-item]
