"""Entities: the properties that were fixed of each, and their form on the disk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
import json
from typing import Any, Self

from homeassistant.core import valid_entity_id

from ..alink import Number, Struct, Text
from ..mapping.definition import Definition
from ..mapping.kinds import AVAILABLE, COLOUR, LOCATION, STATE

type Reference = str  # an entity's registry id if it has one, otherwise its entity id


class Guess(StrEnum):
    """The state of a property that was fixed before its entity told its kind."""

    OPEN = "open"  # it is fixed anew as soon as the entity tells more
    CONFIRMED = "confirmed"  # the platform has values of it, so that only a person fixes it anew


@dataclass(slots=True, kw_only=True)
class Entity:
    """One entity that is, or was, published."""

    reference: Reference
    entity_id: str
    definitions: dict[str, Definition] = field(default_factory=dict)  # by the facet's key
    is_complete: bool = False  # whether it was seen while it was available, with all of its attributes
    is_fitted: bool = False  # whether its ranges were fitted to the recorder's numbers
    source: str | None = None  # the id of the config entry that it comes from, if it comes from one
    is_deselected: bool = False  # whether it was there when it was not chosen any more
    guesses: dict[str, Guess] = field(default_factory=dict)  # by the facet's key: kinds that it has not told yet
    # The keys of the facets by which it could ever be set: a light that is off or away shows fewer.
    settable: frozenset[str] = frozenset()
    # True once the cloud could control it: then its identifiers stay its own, also after its end. A rule in the
    # cloud that turns a lamp on must not open something else because it has got the lamp's identifier.
    was_granted: bool = False

    def published(self, *, availability: bool) -> Iterator[tuple[str, Definition]]:
        """Yield the properties that are sent, with their keys."""
        for key, definition in self.definitions.items():
            if not definition.is_left_out and (availability or key != AVAILABLE):
                yield key, definition

    def copy(self) -> Self:
        """Return a copy with tables of its own; definitions are immutable."""
        return replace(self, definitions=dict(self.definitions), guesses=dict(self.guesses))

    def to_json(self) -> dict[str, Any]:
        """Write it for the disk."""
        return {
            "entity_id": self.entity_id,
            "is_complete": self.is_complete,
            "is_fitted": self.is_fitted,
            "source": self.source,
            "is_deselected": self.is_deselected,
            "settable": sorted(self.settable),
            "was_granted": self.was_granted,
            "guesses": {key: guess.value for key, guess in self.guesses.items()},
            "properties": {key: definition.to_json() for key, definition in self.definitions.items()},
        }

    @classmethod
    def from_json(cls, reference: Reference, kept: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; anything else raises whatever goes wrong with it."""
        # JSON can hold half of a surrogate pair, which nothing that shows it can.
        json.dumps([reference, kept], ensure_ascii=False).encode()
        entity_id, source = kept["entity_id"], kept.get("source")
        if not isinstance(entity_id, str) or not valid_entity_id(entity_id) or not isinstance(source, str | None):
            raise ValueError("no entity")
        definitions = {key: Definition.from_json(read) for key, read in kept["properties"].items()}
        structs = {key for key, one in definitions.items() if isinstance(one.data_type, Struct)}
        # An entity that is complete and has no property would never get one; only these are made of several values.
        if not definitions or structs - {COLOUR, LOCATION}:
            raise ValueError("no properties of ours")
        return cls(
            reference=reference,
            entity_id=entity_id,
            is_complete=bool(kept.get("is_complete")),
            is_fitted=bool(kept.get("is_fitted")),
            source=source,
            is_deselected=bool(kept.get("is_deselected")),
            definitions=definitions,
            guesses=_guesses(definitions, kept.get("guesses")),
            settable=_settable(kept.get("settable")),
            was_granted=bool(kept.get("was_granted")),
        )


def _settable(kept: Any) -> frozenset[str]:
    """Read the settable keys. The first versions did not keep any, and the next look at the entity finds them anew."""
    return frozenset(key for key in kept if isinstance(key, str)) if isinstance(kept, list) else frozenset()


def _guesses(definitions: Mapping[str, Definition], kept: Mapping[str, Any] | None) -> dict[str, Guess]:
    """Read the guesses. The first versions did not keep any.

    They made a text, or a number without a unit, of an entity that had told nothing yet.
    """
    if kept is not None:
        return {key: Guess(guess) for key, guess in kept.items() if key in definitions}
    state = definitions.get(STATE)
    is_guess = state is not None and state.unit is None and isinstance(state.data_type, Number | Text)
    return {STATE: Guess.CONFIRMED} if is_guess else {}
