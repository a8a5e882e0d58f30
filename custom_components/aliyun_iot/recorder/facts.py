"""What the recorder knows of the entities' past, for a model that fits them and for a look at the traffic ahead."""

import asyncio
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched, chain
import logging
import math
import time
from typing import Any, Final, cast

from homeassistant.components.recorder import Recorder, history, statistics
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    COMPRESSED_STATE_LAST_UPDATED,
    COMPRESSED_STATE_STATE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import SQLAlchemyError

from ..alink import PROPERTIES_PER_POST, Pace, TokenBucket

_LOGGER = logging.getLogger(__name__)

_HOUR: Final = 3600.0  # s
_DAY: Final = 24 * _HOUR
_PATIENCE: Final = 20.0  # s, for all there is to find
_ENTITIES: Final = 200  # in one query
_DECIMALS: Final = 6
_STATISTICS: Final = timedelta(days=10)  # in one query; hourly, so about as many rows as a busy hour of states
_SILENCE: Final = timedelta(days=366)  # where nobody has a statistic for so long, there are none before either
_SAMPLED: Final = (0.0, 8 * _HOUR, 16 * _HOUR)  # before now; a morning, an evening and a night are not alike
_LEAST: Final = 600.0  # s
_EDGE: Final = 0.001  # s; the recorder leaves out what lies just at the edge, and rounds times
_TURN: Final = 0.01  # s; an integration writes all its states in one turn of the loop, and the sender has the next
_ABSENT: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN, "", None})

type _Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The numbers that an entity has had, in the unit that it has now."""

    low: float
    high: float
    decimals: int  # most decimal places that a state had, at most 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How much is to be sent in a day."""

    values: int
    messages: int


@dataclass(slots=True)
class _Range:
    """What was found of one entity up to now."""

    low: float = math.inf
    high: float = -math.inf
    decimals: int | None = None  # None where only statistics are left

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


@dataclass(slots=True)
class _Sample:
    """When values would have come, of each entity that is recorded, in parts of the last day."""

    covered: float = 0.0  # s
    parts: list[Mapping[str, Sequence[float]]] = field(default_factory=list)


def ready_recorder(hass: HomeAssistant) -> Recorder | None:
    """Return the recorder if it can be asked."""
    recorder = hass.data.get(DATA_INSTANCE)
    if recorder is None or not recorder.async_recorder_ready.is_set() or recorder.migration_in_progress:
        return None
    return recorder


def _complain(err: Exception) -> None:
    _LOGGER.warning("The recorder's database cannot be read (%s); going on without it", type(err).__name__)


# The range of numbers


async def async_seen(hass: HomeAssistant, entity_ids: Collection[str]) -> dict[str, Seen]:
    """Return the numbers that the entities have had, as far as they are recorded and found in time."""
    if (recorder := ready_recorder(hass)) is None:
        return {}
    found: dict[str, _Range] = {}
    wanted = sorted(set(entity_ids))
    begun = hass.loop.time()
    try:
        # A busy day must leave some of the time for all the years.
        for add, patience in ((_add_states, _PATIENCE / 2), (_add_statistics, _PATIENCE)):
            with suppress(TimeoutError):
                async with asyncio.timeout_at(begun + patience):
                    await add(hass, recorder, wanted, found)
    except (RuntimeError, SQLAlchemyError) as err:  # the former from a recorder that has ended
        _complain(err)
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
    starts = [now - hours * _HOUR for hours in range(1, 25)]
    # The oldest hour first, since with it comes what has not changed all day; then the newest in case time is short.
    for start in (starts[-1], *starts[:-1]):
        for part in batched(entity_ids, _ENTITIES, strict=False):
            read = await recorder.async_add_executor_job(
                _states_range, hass, list(part), start, start + _HOUR + _EDGE, start == starts[-1]
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
    # Apart, since to fetch what a statistic does not have takes as long as what it has.
    parts = [(ids, is_total) for is_total in wanted for ids in batched(wanted[is_total], _ENTITIES, strict=False)]
    oldest = end = dt_util.utcnow()
    while parts and oldest - end < _SILENCE:
        start = end - _STATISTICS
        for ids, is_total in parts:
            read = await recorder.async_add_executor_job(_statistics_range, hass, set(ids), is_total, start, end)
            if read:
                oldest = start
                _join(found, read)
        end = start


def _is_in_present_unit(hass: HomeAssistant, statistic: Mapping[str, Any]) -> bool:
    """Tell whether the recorder gives a statistic in the unit that its entity has now, converted if need be."""
    state = hass.states.get(statistic["statistic_id"])
    unit = statistic["display_unit_of_measurement"]
    return state is None or bool(unit == state.attributes.get(ATTR_UNIT_OF_MEASUREMENT))


def _states_range(
    hass: HomeAssistant, entity_ids: list[str], start: float, end: float, has_before: bool
) -> dict[str, _Range]:
    """Read one stretch of states (s UTC); raises SQLAlchemyError."""
    result = {}
    for entity_id, rows in _rows(hass, entity_ids, start, end, has_before=has_before).items():
        of_entity = _Range()
        for text in {row[COMPRESSED_STATE_STATE] for row in rows} - _ABSENT:
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
    """Read one stretch of statistics: the extremes of each hour, or where a total stood; raises SQLAlchemyError.

    The recorder sums hours up to months only after it has fetched each, and of a total it keeps the last one, while one
    that starts anew every day is at its highest in between.
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
    """Count the decimal places as they are written, unless that is in another way or with more than matter."""
    fraction = text.partition(".")[2]
    return len(fraction) if fraction.isdecimal() and len(fraction) <= _DECIMALS else _significant_places(number)


def _significant_places(number: float) -> int:
    """Count the decimal places that say something: in 0.30000000000000004, it is one."""
    return len(f"{number:.{_DECIMALS}f}".rstrip("0").partition(".")[2])


# The traffic


async def async_traffic(hass: HomeAssistant, entity_ids: Collection[str], pace: Pace) -> Traffic | None:
    """Estimate from parts of the last day what there would be to send; None where too little is recorded for that."""
    if (recorder := ready_recorder(hass)) is None:
        return None
    sample = _Sample()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await _take_sample(hass, recorder, sorted(set(entity_ids)), pace, sample)
    except (RuntimeError, SQLAlchemyError) as err:  # the former from a recorder that has ended
        _complain(err)
        return None
    if sample.covered < _LEAST or not any(sample.parts):
        return None
    return await hass.async_add_executor_job(_estimate, sample, pace)


async def _take_sample(
    hass: HomeAssistant, recorder: Recorder, entity_ids: Sequence[str], pace: Pace, sample: _Sample
) -> None:
    """Add one part after the other, the newest first and each as a whole."""
    oldest = recorder.states_manager.oldest_ts
    if oldest is None:
        return
    for start, end in _windows(time.time(), pace.interval):
        covered = end - max(start, oldest)
        if covered <= 0:
            return
        times: dict[str, list[float]] = {}
        for part in batched(entity_ids, _ENTITIES, strict=False):
            times |= await recorder.async_add_executor_job(
                _value_times, hass, list(part), start, end, int(pace.interval * 1000)
            )
        sample.covered += covered
        sample.parts.append(times)


def _windows(now: float, interval: float) -> Iterator[tuple[float, float]]:
    """Cut out the parts to look at (s UTC): about an hour each, and whole intervals if such are shorter."""
    is_cut = 0 < interval <= _HOUR
    for ago in _SAMPLED:
        end = now - ago
        if is_cut:
            end -= end % interval
        yield end - (_HOUR - _HOUR % interval if is_cut else _HOUR), end


def _value_times(
    hass: HomeAssistant, entity_ids: list[str], start: float, end: float, interval: int
) -> dict[str, list[float]]:
    """Return when each entity's values would have gone to the sender (s UTC); raises SQLAlchemyError.

    As there, what repeats the value before it does not count, and of an `interval` (ms) only the last, when it is over.
    """
    result = {}
    for entity_id, rows in _rows(hass, entity_ids, start, end, has_before=True).items():
        before = None
        due: dict[float, str] = {}
        for row in rows:
            text, at = row[COMPRESSED_STATE_STATE], row[COMPRESSED_STATE_LAST_UPDATED]
            if text in _ABSENT:
                continue
            if at < start + _EDGE:
                before = text
            elif interval:
                due[(int(at * 1000) // interval + 1) * interval / 1000] = text
            else:
                due[at] = text
        times = []
        for at, text in due.items():
            if text != before:
                times.append(at)
                before = text
        result[entity_id] = times
    return result


def _estimate(sample: _Sample, pace: Pace) -> Traffic:
    if pace.interval > _HOUR:
        # No part of the day shows a whole interval. What changes in any of them does so in most of the intervals.
        changing = {entity_id for part in sample.parts for entity_id, times in part.items() if times}
        values, messages = len(changing), math.ceil(len(changing) / PROPERTIES_PER_POST)
        scale = _DAY / pace.interval
    else:
        by_part = [sorted(chain.from_iterable(part.values())) for part in sample.parts]
        values, messages = sum(map(len, by_part)), sum(_messages(times, pace) for times in by_part)
        scale = _DAY / sample.covered
    return Traffic(values=round(values * scale), messages=min(round(messages * scale), int(pace.rate * _DAY)))


def _messages(times: Sequence[float], pace: Pace) -> int:
    """Count the messages that values of these times, in order, are bundled in."""
    bucket = TokenBucket(pace.rate, pace.burst)
    now = -math.inf
    count = sent = 0
    while sent < len(times):
        now = max(now, times[sent])
        now += bucket.delay(now)
        bucket.spend(now)
        sent = min(sent + PROPERTIES_PER_POST, bisect_right(times, now + _TURN, sent))
        count += 1
    return count


def _rows(hass: HomeAssistant, entity_ids: Iterable[str], start: float, end: float, *, has_before: bool) -> _Rows:
    """Read the states that differ from the one before, as the recorder's own short form; with that from before `start`.

    Making a state of each row would take most of the time.
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
    return cast("_Rows", rows)
