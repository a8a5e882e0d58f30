"""The CONNECTs that a platform has seen, and the house that each came from."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One CONNECT: its time (ms), the platform's answer, and the house that it came from."""

    time: int
    code: int
    house: str


class StrangerError(Exception):
    """The platform saw more or other connections than the houses have made."""


def attributed(seen: Sequence[Mapping[str, Any]], asked: Mapping[str, Sequence[int]], since: int) -> list[Attempt]:
    """Assign each CONNECT to a house, in the order in which the houses asked for the platform's address.

    The CONNECTs of one device look the same from every house, even in their signatures.
    """
    begun = sorted((time, house) for house, times in asked.items() for time in times if time >= since)
    attempts = [attempt for attempt in seen if attempt["time"] >= since]
    if len(begun) != len(attempts):
        raise StrangerError(f"{len(attempts)} CONNECTs at the platform, {len(begun)} from the houses")
    pairs = list(zip(begun, attempts, strict=True))
    if late := [attempt for (time, _), attempt in pairs if not 0 <= attempt["time"] - time < 2000]:
        raise StrangerError(f"nobody has begun {late}")
    return [Attempt(time=attempt["time"], code=attempt["code"], house=house) for (_, house), attempt in pairs]


def most_in_a_minute(times: Sequence[int]) -> int:
    """Return the largest number within any 60 seconds."""
    ordered = sorted(times)
    return max((bisect_left(ordered, time + MINUTE) - index for index, time in enumerate(ordered)), default=0)
