"""Excerpt: a property's history for a chart, by time and thinned to the points that the eye can tell apart."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from .device import JsonObject, Kind, Sample

# Of the values on one spot of the chart the lowest, the highest and the last stay.
KEPT_OF_A_SPOT = 3


def excerpt(samples: Sequence[Sample], start: int | None, end: int | None, most: int) -> JsonObject:
    """Describe the samples between two times (ms), given in order of time; only the points are thinned."""
    first = 0 if start is None else bisect_left(samples, start, key=_time)
    last = len(samples) if end is None else bisect_right(samples, end, key=_time)
    found = samples[first:last]
    is_numeric = bool(found) and all(isinstance(sample.value, int | float) for sample in found)
    return {
        "total": len(found),
        "history": sum(sample.kind is Kind.HISTORY for sample in found),
        "lowest": _point(min(found, key=_value)) if is_numeric else None,
        "highest": _point(max(found, key=_value)) if is_numeric else None,
        # The value that held at the start of the excerpt.
        "before": _point(samples[first - 1]) if first else None,
        "points": [_point(sample) for sample in _thinned(found, most, is_numeric=is_numeric)],
    }


def _thinned(samples: Sequence[Sample], most: int, *, is_numeric: bool) -> Sequence[Sample]:
    if len(samples) <= most:
        return samples
    if not is_numeric:
        return samples[-most:]
    start = samples[0].time
    spots = max(1, most // KEPT_OF_A_SPOT)
    width = (samples[-1].time - start) // spots + 1
    kept: list[Sample] = []
    for _, group in groupby(samples, lambda sample: (sample.time - start) // width):
        spot = list(group)
        chosen = {id(sample): sample for sample in (min(spot, key=_value), max(spot, key=_value), spot[-1])}
        kept += sorted(chosen.values(), key=_time)
    return kept


def _point(sample: Sample) -> JsonObject:
    return {"time": sample.time, "received": sample.received, "value": sample.value, "kind": sample.kind}


def _time(sample: Sample) -> int:
    return sample.time


def _value(sample: Sample) -> Any:
    return sample.value
