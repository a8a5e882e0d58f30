"""Identity in the past: the entity ids under which the recorder has the rows of an entity.

How it works. When an entity is renamed, the recorder gives all of its rows the new entity id, but not if any row has
that one already: then the older rows stay where they are. It does not note which of the two it did. So the changes are
gone through backwards, from the entity ids of now. At each rename the holder of the new entity id is taken back to the
old one, and it is found out where the rows of that are today: they were left if there is any from before the rename.
Who takes an entity id after a removal goes on with its rows, as its property does.

Nothing can be told where the older rows are gone and others from before the rename may be those of another entity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
import math
from typing import Final

from homeassistant.core import State

from ..recorder.renames import Change, Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one time that the recorder has under one entity id."""

    entity_id: str
    since: float = -math.inf  # s UTC
    until: float = math.inf  # s UTC, not included
    is_sure: bool = True  # whether they are rows of that entity

    @property
    def is_whole(self) -> bool:
        """True if it has all rows of its entity id."""
        return self.since == -math.inf and self.until == math.inf

    def has(self, row: State) -> bool:
        """Tell if a row of its entity id is in it."""
        return self.since <= row.last_updated_timestamp < self.until


@dataclass(frozen=True, slots=True)
class _Place:
    """The entity id that rows have today; None where there are none."""

    entity_id: str | None
    is_sure: bool = True


@dataclass(slots=True)
class _Holder:
    """An entity on the way back through its entity ids."""

    until: float = math.inf
    parts: list[Part] = field(default_factory=list)  # the latest first

    def leave(self, place: _Place, since: float) -> None:
        """Note the rows that it has from `since` on."""
        until, self.until = self.until, since
        if place.entity_id is None or since >= until:
            return
        part = Part(entity_id=place.entity_id, since=since, until=until, is_sure=place.is_sure)
        if self.parts and (later := self.parts[-1]).since == until and replace(later, since=since, until=until) == part:
            self.parts[-1] = replace(later, since=since)
        else:
            self.parts.append(part)


class Identities:
    """The parts of the past of all entities whose entity ids have ever had another holder."""

    def __init__(self, known: Changes) -> None:
        """Go back through all changes."""
        self._since: Final = known.since
        self._first: Final = known.first
        self._places: dict[str, _Place] = {}  # of rows with an entity id of the time that was reached
        names = {name for one in known.changes for name in (one.before, one.after) if name is not None}
        self._of_now: Final = {name: _Holder() for name in names}
        self._of_before: Final[dict[str, _Holder]] = {}  # the one that held an entity id before the one of now
        self._holders = {name: [holder] for name, holder in self._of_now.items()}
        for one, is_taken in reversed([*zip(known.changes, _taken(known.changes), strict=True)]):
            if one.after is None:
                self._displaced(one.before, one.at)
            else:
                self._go_back(one, one.after, is_taken=is_taken)
        for name, holders in self._holders.items():
            for holder in holders:
                holder.leave(self._place(name), -math.inf)

    def parts(self, entity_id: str, *, is_displaced: bool, unchanged_since: float) -> Sequence[Part]:
        """Return the parts of the holder of an entity id, in the order of time.

        With `is_displaced` that is the one before the holder of now. `unchanged_since` (s UTC) is when anything of the
        entity changed last; it counts where the recorder does not know the changes.
        """
        holder = (self._of_before if is_displaced else self._of_now).get(entity_id)
        parts = (Part(entity_id=entity_id),) if holder is None else holder.parts[::-1]
        unknown = min(self._since, unchanged_since)
        if unknown == -math.inf:
            return parts
        before = [replace(one, until=min(one.until, unknown), is_sure=False) for one in parts if one.since < unknown]
        return [*before, *(replace(one, since=max(one.since, unknown)) for one in parts if one.until > unknown)]

    def _go_back(self, change: Change, after: str, *, is_taken: bool) -> None:
        """Undo a rename; `is_taken` tells that there should have been rows with its new entity id."""
        before, at = change.before, change.at
        old, new = self._place(before), self._place(after)
        for holder in self._holders.pop(before, ()):
            holder.leave(old, at)  # it took the entity id after this one had left
        moved = self._holders.pop(after, [])
        for holder in moved:
            holder.leave(new, at)
        self._holders[before] = moved
        self._displaced(after, at)
        if self._has_rows(old, at):
            return
        if is_taken and self._has_rows(new, at):
            self._places[before] = self._places[after] = replace(new, is_sure=False)
        else:
            self._places[before], self._places[after] = new, _Place(None)

    def _displaced(self, entity_id: str, at: float) -> None:
        """Note that an entity had an entity id until then."""
        if entity_id not in self._of_before:
            holder = self._of_before[entity_id] = _Holder(until=at)
            self._holders.setdefault(entity_id, []).append(holder)

    def _place(self, entity_id: str) -> _Place:
        return self._places.get(entity_id) or _Place(entity_id)

    def _has_rows(self, place: _Place, before: float) -> bool:
        return place.entity_id is not None and self._first.get(place.entity_id, math.inf) < before


def _taken(changes: Sequence[Change]) -> Iterator[bool]:
    """Tell of each change whether the recorder must have had rows with the new entity id, unless they were purged."""
    names = set[str]()
    for one in changes:
        is_taken = one.after in names
        yield is_taken
        if one.after is None or is_taken:
            names.add(one.before)
        else:
            names.discard(one.before)
            names.add(one.after)
