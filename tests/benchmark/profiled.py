"""Profile: the functions in which the integration spends its time."""

import cProfile
import time
from typing import Any, Final

from .broker import Platform
from .deliver import exporting, repetition
from .load import CHANGES

_OURS: Final = "custom_components/aliyun_iot/"
_MOST: Final = 25


def _place(function: tuple[str, int, str]) -> str | None:
    """Name a function of ours by its file below the integration; None for any other function."""
    path, line, name = function
    _, ours, rest = path.replace("\\", "/").partition(_OURS)
    return f"{rest}:{line} {name}" if ours else None


async def profiled(platform: Platform) -> dict[str, Any]:
    """Profile one repetition: microseconds a change in each of our functions.

    `own` is the time in the function itself, `library` the time in its calls of Python, paho and Home Assistant and in
    their callbacks. The profiler slows everything down, small functions most of all: the numbers are for comparing.
    """
    profile = cProfile.Profile(time.process_time)
    async with exporting("ours", platform) as (load, observer):
        profile.enable()
        await repetition("ours", load, observer)
        profile.disable()
    profile.create_stats()
    rows: dict[str, dict[str, float]] = {}
    stats: dict[Any, Any] = profile.stats
    for function, (_, calls, own, _, callers) in stats.items():
        if (place := _place(function)) is not None:
            row = rows.setdefault(place, {"calls": 0, "own": 0.0, "library": 0.0})
            row["calls"], row["own"] = calls / CHANGES, 1e6 * own / CHANGES
            continue
        for caller, (_, _, _, cumulative) in callers.items():
            if (place := _place(caller)) is not None:
                row = rows.setdefault(place, {"calls": 0, "own": 0.0, "library": 0.0})
                row["library"] += 1e6 * cumulative / CHANGES
    ordered = sorted(rows.items(), key=lambda item: -(item[1]["own"] + item[1]["library"]))[:_MOST]
    return {"us_per_change": {place: {k: round(v, 3) for k, v in row.items()} for place, row in ordered}}


def table(measured: dict[str, Any]) -> str:
    """Write it down for a person."""
    lines = [f"{'function':56} {'calls':>7} {'own us':>8} {'library us':>10}"]
    lines += [
        f"{place:56} {row['calls']:7.3f} {row['own']:8.2f} {row['library']:10.2f}"
        for place, row in measured["us_per_change"].items()
    ]
    return "\n".join(lines)
