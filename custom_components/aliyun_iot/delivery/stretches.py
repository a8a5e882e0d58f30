"""Stretches: spans of time, kept apart for each property and joined where they touch."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..alink import Stretch

# Stretches of one property. Beyond that the two with the least time between them become one, and the values between
# them are sent once more: the file of the mark must not grow with every short outage.
_MOST: Final = 8


class Stretches:
    """The stretches of many properties, by identifier."""

    def __init__(self, stretches: Mapping[str, Sequence[Stretch]] | None = None) -> None:
        """Begin with some stretches, in any order."""
        self._stretches: dict[str, list[Stretch]] = {}
        for identifier, several in (stretches or {}).items():
            for start, end in several:
                self.add(identifier, start, end)

    def __bool__(self) -> bool:
        return bool(self._stretches)

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._stretches

    def __iter__(self) -> Iterator[tuple[str, Stretch]]:
        return ((identifier, one) for identifier, several in self._stretches.items() for one in several)

    def add(self, identifier: str, start: int, end: int) -> None:
        """Add a stretch, joined with those that it touches."""
        apart = []
        for one in self._stretches.get(identifier, ()):
            if one[1] + 1 < start or end + 1 < one[0]:
                apart.append(one)
            else:
                start, end = min(start, one[0]), max(end, one[1])
        several = sorted([*apart, (start, end)])
        if len(several) > _MOST:
            nearest = min(range(1, len(several)), key=lambda number: several[number][0] - several[number - 1][1])
            several[nearest - 1 : nearest + 1] = [(several[nearest - 1][0], several[nearest][1])]
        self._stretches[identifier] = several

    def pop(self, identifier: str) -> Sequence[Stretch]:
        """Remove the stretches of a property and return them."""
        return self._stretches.pop(identifier, ())

    def to_mapping(self) -> dict[str, tuple[Stretch, ...]]:
        """Return the stretches by identifier, in an order that compares equal for equal stretches."""
        return {identifier: tuple(several) for identifier, several in sorted(self._stretches.items())}
