"""Traffic: an estimate of the values and messages of a day, from the recorder's states."""

import asyncio
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import batched, chain
import math
import time
from typing import Final

from homeassistant.components.recorder import Recorder
from homeassistant.const import COMPRESSED_STATE_LAST_UPDATED, COMPRESSED_STATE_STATE
from homeassistant.core import HomeAssistant

from ..alink import PROPERTIES_PER_POST, Pace, TokenBucket
from .database import EDGE, ENTITIES_AT_ONCE, HOUR, NO_VALUE, PATIENCE, READ_ERRORS, complain, read_rows, ready_recorder

_DAY: Final = 24 * HOUR
_SAMPLED: Final = (0.0, 8 * HOUR, 16 * HOUR)  # s before now; a morning, an evening and a night differ
_LEAST: Final = 600.0  # s; in less, a single value would stand for more than 144 a day
# s; an integration writes all its states in one turn of the event loop, and the sender has the next one, so that they
# share a message. A turn takes milliseconds.
_TURN: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How much is to be sent in a day."""

    values: int
    messages: int


@dataclass(slots=True)
class _Sample:
    """Parts of the last day, with the times at which each recorded entity would have sent a value."""

    covered: float = 0.0  # s
    parts: list[Mapping[str, Sequence[float]]] = field(default_factory=list)

    def of(self, entity_ids: Collection[str]) -> _Sample:
        """Return what the sample has of some of its entities."""
        return _Sample(
            covered=self.covered,
            parts=[{name: part[name] for name in entity_ids if name in part} for part in self.parts],
        )


async def async_traffic(hass: HomeAssistant, entity_ids: Collection[str], pace: Pace) -> Traffic | None:
    """Estimate the traffic from parts of the last day; None where too little is recorded for that."""
    (traffic,) = await async_traffics(hass, [entity_ids], pace)
    return traffic


async def async_traffics(
    hass: HomeAssistant, choices: Sequence[Collection[str]], pace: Pace
) -> Sequence[Traffic | None]:
    """Estimate the traffic of several choices of entities, which the recorder is asked for together."""
    sample = await _async_sample(hass, set(chain.from_iterable(choices)), pace)
    if sample is None:
        return [None] * len(choices)
    return await hass.async_add_executor_job(lambda: [_estimate(sample.of(choice), pace) for choice in choices])


async def _async_sample(hass: HomeAssistant, entity_ids: Collection[str], pace: Pace) -> _Sample | None:
    if (recorder := ready_recorder(hass)) is None:
        return None
    sample = _Sample()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await _take_sample(hass, recorder, sorted(entity_ids), pace, sample)
    except READ_ERRORS as err:
        complain(err)
        return None
    return sample


async def _take_sample(
    hass: HomeAssistant, recorder: Recorder, entity_ids: Sequence[str], pace: Pace, sample: _Sample
) -> None:
    """Add one part after the other, the newest first; one that is not read in time is left out as a whole."""
    oldest = recorder.states_manager.oldest_ts
    if oldest is None:
        return
    for start, end in _windows(time.time(), pace.interval):
        covered = end - max(start, oldest)
        if covered <= 0:
            return
        times: dict[str, list[float]] = {}
        for part in batched(entity_ids, ENTITIES_AT_ONCE, strict=False):
            times |= await recorder.async_add_executor_job(
                _value_times, hass, list(part), start, end, int(pace.interval * 1000)
            )
        sample.covered += covered
        sample.parts.append(times)


def _windows(now: float, interval: float) -> Iterator[tuple[float, float]]:
    """Cut out the parts to look at (s UTC): about an hour each, and whole intervals if these are shorter."""
    is_cut = 0 < interval <= HOUR
    for ago in _SAMPLED:
        end = now - ago
        if is_cut:
            end -= end % interval
        yield end - (HOUR - HOUR % interval if is_cut else HOUR), end


def _value_times(
    hass: HomeAssistant, entity_ids: list[str], start: float, end: float, interval: int
) -> dict[str, list[float]]:
    """Return when each entity's values would have gone to the sender (s UTC); raises SQLAlchemyError.

    As in the sender, a value that repeats the one before it does not count, and of an `interval` (ms) only the last
    value counts, when the interval is over.
    """
    result = {}
    for entity_id, rows in read_rows(hass, entity_ids, start, end, has_before=True).items():
        before = None
        due: dict[float, str] = {}
        for row in rows:
            text, at = row[COMPRESSED_STATE_STATE], row[COMPRESSED_STATE_LAST_UPDATED]
            if text in NO_VALUE:
                continue
            if at < start + EDGE:
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


def _estimate(sample: _Sample, pace: Pace) -> Traffic | None:
    if sample.covered < _LEAST or not any(sample.parts):
        return None
    if pace.interval > HOUR:
        # No part shows a whole interval. An entity that changes in any part is taken to change in every interval.
        changing = {entity_id for part in sample.parts for entity_id, times in part.items() if times}
        values, messages = len(changing), math.ceil(len(changing) / PROPERTIES_PER_POST)
        scale = _DAY / pace.interval
    else:
        by_part = [sorted(chain.from_iterable(part.values())) for part in sample.parts]
        values, messages = sum(map(len, by_part)), sum(_messages(times, pace) for times in by_part)
        scale = _DAY / sample.covered
    return Traffic(values=round(values * scale), messages=min(round(messages * scale), int(pace.rate * _DAY)))


def _messages(times: Sequence[float], pace: Pace) -> int:
    """Count the messages that bundle values of these times, which are in order."""
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
