"""Numbers seen: the range and the decimals of the numbers that the recorder has of an entity."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, chain
import math
import time
from typing import Any, Final

from homeassistant.components.recorder import Recorder, statistics
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, COMPRESSED_STATE_STATE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .database import EDGE, ENTITIES_AT_ONCE, HOUR, NO_VALUE, PATIENCE, READ_ERRORS, complain, read_rows, ready_recorder

_DECIMALS: Final = 6  # no sensor of a home measures finer, while the rounding errors of its arithmetic are
_STATISTICS: Final = timedelta(days=10)  # in one query; hourly, so about as many rows as a busy hour of states
_SILENCE: Final = timedelta(days=366)  # a year without a statistic of any entity is taken as their beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The numbers that an entity has had, in the unit that it has now."""

    low: float
    high: float
    decimals: int  # most decimal places that a state had, at most 6


@dataclass(slots=True)
class _Range:
    """The numbers of one entity that were found so far."""

    low: float = math.inf
    high: float = -math.inf
    decimals: int | None = None  # None as long as only statistics were found

    def join(self, other: _Range) -> None:
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        if other.decimals is not None:
            self.decimals = max(self.decimals or 0, other.decimals)

    def seen(self) -> Seen:
        decimals = self.decimals
        if decimals is None:
            decimals = max(_significant_places(self.low), _significant_places(self.high))
        return Seen(low=self.low, high=self.high, decimals=decimals)


async def async_seen(hass: HomeAssistant, entity_ids: Collection[str]) -> dict[str, Seen]:
    """Return the numbers that the entities have had, as far as they are recorded and found in time."""
    if (recorder := ready_recorder(hass)) is None:
        return {}
    found: dict[str, _Range] = {}
    wanted = sorted(entity_id for entity_id in set(entity_ids) if _has_readable_unit(hass, entity_id))
    begun = hass.loop.time()
    try:
        # The states of a busy day must leave half of the time for the statistics of all years.
        for add, patience in ((_add_states, PATIENCE / 2), (_add_statistics, PATIENCE)):
            with suppress(TimeoutError):
                async with asyncio.timeout_at(begun + patience):
                    await add(hass, recorder, wanted, found)
    except READ_ERRORS as err:
        complain(err)
        return {}
    return {entity_id: of_entity.seen() for entity_id, of_entity in found.items()}


def _join(found: dict[str, _Range], part: Mapping[str, _Range]) -> None:
    for entity_id, of_entity in part.items():
        found.setdefault(entity_id, _Range()).join(of_entity)


async def _add_states(
    hass: HomeAssistant, recorder: Recorder, entity_ids: Sequence[str], found: dict[str, _Range]
) -> None:
    """Add the states of the last day."""
    now = time.time()
    starts = [now - hours * HOUR for hours in range(1, 25)]
    # The oldest hour comes first, because a state that has not changed all day is read with it; then the newest ones,
    # which matter most when time runs out.
    for start in (starts[-1], *starts[:-1]):
        for part in batched(entity_ids, ENTITIES_AT_ONCE, strict=False):
            read = await recorder.async_add_executor_job(
                _states_range, hass, list(part), start, start + HOUR + EDGE, start == starts[-1]
            )
            _join(found, read)


async def _add_statistics(
    hass: HomeAssistant, recorder: Recorder, entity_ids: Sequence[str], found: dict[str, _Range]
) -> None:
    """Add the statistics of all time, the newest first."""
    known = await recorder.async_add_executor_job(statistics.list_statistic_ids, hass, set(entity_ids))
    wanted: dict[bool, list[str]] = {False: [], True: []}
    for item in known:
        if _is_in_present_unit(hass, item):
            wanted[bool(item["has_sum"])].append(item["statistic_id"])
    # Totals and measurements are asked for apart: a column takes as long to read where a statistic leaves it empty.
    parts = [
        (ids, is_total) for is_total in wanted for ids in batched(wanted[is_total], ENTITIES_AT_ONCE, strict=False)
    ]
    oldest = end = dt_util.utcnow()
    while parts and oldest - end < _SILENCE:
        start = end - _STATISTICS
        for ids, is_total in parts:
            read = await recorder.async_add_executor_job(_statistics_range, hass, set(ids), is_total, start, end)
            if read:
                oldest = start
                _join(found, read)
        end = start


def _has_readable_unit(hass: HomeAssistant, entity_id: str) -> bool:
    """Tell if Home Assistant can ask for the statistics of an entity: a list for a unit makes it raise TypeError."""
    state = hass.states.get(entity_id)
    return state is None or isinstance(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), str | None)


def _is_in_present_unit(hass: HomeAssistant, statistic: Mapping[str, Any]) -> bool:
    """Tell whether the recorder gives a statistic in the unit that its entity has now, converted if need be."""
    state = hass.states.get(statistic["statistic_id"])
    unit = statistic["display_unit_of_measurement"]
    return state is None or bool(unit == state.attributes.get(ATTR_UNIT_OF_MEASUREMENT))


def _states_range(
    hass: HomeAssistant, entity_ids: list[str], start: float, end: float, has_before: bool
) -> dict[str, _Range]:
    """Read one period of states (s UTC); raises SQLAlchemyError."""
    result = {}
    for entity_id, rows in read_rows(hass, entity_ids, start, end, has_before=has_before).items():
        of_entity = _Range()
        for text in {row[COMPRESSED_STATE_STATE] for row in rows} - NO_VALUE:
            try:
                number = float(text)
            except ValueError:
                continue
            if math.isfinite(number):
                of_entity.join(_Range(number, number, _places(text, number)))
        if of_entity.decimals is not None:
            result[entity_id] = of_entity
    return result


def _statistics_range(
    hass: HomeAssistant, statistic_ids: set[str], is_total: bool, start: datetime, end: datetime
) -> dict[str, _Range]:
    """Read one period of statistics: the extremes of each hour, or where a total stood; raises SQLAlchemyError.

    Longer periods than hours would save nothing, because the recorder fetches each hour to sum them up. And of a total
    they have only the last state, which misses the highest one of a total that begins anew every day.
    """
    during = statistics.statistics_during_period
    found = during(hass, start, end, statistic_ids, "hour", None, {"state"} if is_total else {"max", "min"})
    result = {}
    for statistic_id, rows in found.items():
        values = chain.from_iterable((row.get("min"), row.get("max"), row.get("state")) for row in rows)
        numbers = [value for value in values if value is not None and math.isfinite(value)]
        if numbers:
            result[statistic_id] = _Range(min(numbers), max(numbers))
    return result


def _places(text: str, number: float) -> int:
    """Count the decimal places as written; the significant ones if there are too many, or an exponent."""
    fraction = text.partition(".")[2]
    return len(fraction) if fraction.isdecimal() and len(fraction) <= _DECIMALS else _significant_places(number)


def _significant_places(number: float) -> int:
    """Count the decimal places without rounding errors: 0.30000000000000004 has one."""
    return len(f"{number:.{_DECIMALS}f}".rstrip("0").partition(".")[2])
