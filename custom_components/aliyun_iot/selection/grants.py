"""Grants: what the owner has allowed the cloud to control, in the form in which an entry's options keep it.

Entities stand here by their ids in the registry, never by name: whatever gets a name later has no grant by it. An
entity that has no such id cannot be granted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from homeassistant.helpers import entity_registry as er

from ..const import CONF_BY, CONF_CONFIRMED, CONF_CONTROL, CONF_GRANTED, CONF_LIVES, CONF_NEVER, CONF_OPENS, CONF_SINGLE
from ..thing_model.entity import Reference
from .targets import TARGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """One entry's grants. What of it is in force depends on the registries of the moment: see `control.consent`."""

    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # devices, areas, floors and labels
    granted: Mapping[Reference, str] = field(default_factory=dict)  # that `by` reached then, with the entity ids then
    single: Mapping[Reference, str] = field(default_factory=dict)  # that were chosen one by one, likewise
    lives: Mapping[Reference, str] = field(default_factory=dict)  # the lives of both: see `life_of`
    never: frozenset[Reference] = frozenset()  # that `by` reaches, and that the owner does not want to be asked about
    opens: frozenset[Reference] = frozenset()  # that the owner has marked as opening the house; also by entity id
    confirmed: frozenset[str] = frozenset()  # the fingerprints of the settable properties that the owner has imported

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """Read an entry's options; what somebody has broken by hand grants nothing."""
        kept = _mapping(options.get(CONF_CONTROL))
        by = _mapping(kept.get(CONF_BY))
        return cls(
            by={key: tuple(_texts(by[key])) for key in TARGETS if _texts(by.get(key))},
            granted=_named(kept.get(CONF_GRANTED)),
            single=_named(kept.get(CONF_SINGLE)),
            lives=_named(kept.get(CONF_LIVES)),
            never=frozenset(_texts(kept.get(CONF_NEVER))),
            opens=frozenset(_texts(kept.get(CONF_OPENS))),
            confirmed=frozenset(_texts(kept.get(CONF_CONFIRMED))),
        )

    def written(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return an entry's options with these grants in place of those that it has."""
        kept = {
            CONF_BY: {key: list(several) for key, several in self.by.items()},
            CONF_GRANTED: dict(self.granted),
            CONF_SINGLE: dict(self.single),
            CONF_LIVES: dict(self.lives),
            CONF_NEVER: sorted(self.never),
            CONF_OPENS: sorted(self.opens),
            CONF_CONFIRMED: sorted(self.confirmed),
        }
        return {**options, CONF_CONTROL: kept}

    @property
    def is_any(self) -> bool:
        """True if something is granted, or would be if it joined."""
        return bool(self.by or self.granted or self.single)

    @property
    def entities(self) -> Mapping[Reference, str]:
        """All entities with a grant, in force or not."""
        return {**self.granted, **self.single}

    def without(self, references: Iterable[Reference]) -> Self:
        """Return the grants without those of some entities. Marks and refusals stay, since they allow nothing."""
        gone = set(references)
        return replace(
            self,
            granted={reference: name for reference, name in self.granted.items() if reference not in gone},
            single={reference: name for reference, name in self.single.items() if reference not in gone},
            lives={reference: life for reference, life in self.lives.items() if reference not in gone},
        )

    def is_of_life(self, entry: er.RegistryEntry) -> bool:
        """Tell whether an entity that has a grant still lives the life in which it was granted."""
        return self.lives.get(entry.id) == life_of(entry)


def life_of(entry: er.RegistryEntry) -> str:
    """Return what tells an entity from a later one that Home Assistant hands the same registry id to.

    That one has the same platform, unique id and time of creation as well, but if its integration was removed in
    between, another config entry. An entity without a config entry cannot be told apart.
    """
    return entry.config_entry_id or ""


def lives_of(registry: er.EntityRegistry, references: Iterable[Reference]) -> dict[Reference, str]:
    """Return the lives of those entities that are there."""
    entries = map(registry.entities.get_entry, references)
    return {entry.id: life_of(entry) for entry in entries if entry is not None}


def _mapping(kept: Any) -> Mapping[str, Any]:
    return kept if isinstance(kept, Mapping) else {}


def _texts(kept: Any) -> list[str]:
    return [one for one in kept if isinstance(one, str)] if isinstance(kept, list | tuple) else []


def _named(kept: Any) -> dict[Reference, str]:
    return {key: name for key, name in _mapping(kept).items() if isinstance(key, str) and isinstance(name, str)}
