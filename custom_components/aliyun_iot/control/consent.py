"""Consent: which entities the cloud may control at this moment, and what keeps the others from it.

Consent is a snapshot of what the owner has seen and saved. What has left it since (by its label, area, device or class,
hidden, disabled, excluded, or because it opens the house by now) is out at once, since every question looks at the
registries of now. What has joined since waits until the owner allows it.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import DOMAIN
from ..selection.criteria import Criteria, Exclusion
from ..selection.grants import Grants
from ..thing_model.entity import Reference
from .danger import opening_parts, opens_house
from .kinds import Manner, manner_of


class Obstacle(StrEnum):
    """The reasons why the cloud may not control an entity; each has a text."""

    NO_UNIQUE_ID = "no_unique_id"  # or the entity was removed
    OWN = "own"  # an entity of this integration
    KIND = "kind"
    DISABLED = "disabled"
    EXCLUDED = "excluded"
    OPENS = "opens"
    HIDDEN = "hidden"  # the reasons from here on concern only what is granted by device, area or label
    CATEGORY = "category"
    SINGLE_ONLY = "single_only"
    NOT_GRANTED = "not_granted"  # or not reached any more


_UNSAID = (Obstacle.OWN, Obstacle.KIND, Obstacle.DISABLED)


class Consent:
    """The consent of one entry: ask a new one each time, for one command about each of its entities."""

    def __init__(self, hass: HomeAssistant, options: Mapping[str, Any]) -> None:
        """Take the entry's options of now."""
        self._hass = hass
        self._options = options
        self.grants = Grants.read(options)

    @callback
    def obstacle(self, reference: Reference) -> Obstacle | None:
        """Return what keeps the cloud from controlling an entity; None where it may."""
        entry = er.async_get(self._hass).entities.get_entry(reference)
        if entry is None:
            return Obstacle.NO_UNIQUE_ID
        if not self.grants.is_of_life(entry):
            return Obstacle.NOT_GRANTED
        if (found := self.hindrance(entry)) is not None or reference in self.grants.single:
            return found
        if reference in self.grants.granted:
            bulk = self.bulk_hindrance(entry)
            return bulk if bulk is not None or entry.entity_id in self._reached_ids else Obstacle.NOT_GRANTED
        return Obstacle.NOT_GRANTED

    @callback
    def allowed(self) -> dict[Reference, str]:
        """Return the entities that the cloud may control, with their entity ids of now."""
        registry = er.async_get(self._hass).entities
        entries = map(registry.get_entry, self.grants.entities)
        return {entry.id: entry.entity_id for entry in entries if entry is not None and self.obstacle(entry.id) is None}

    @callback
    def reached(self, but: Collection[Reference] = ()) -> dict[Reference, str]:
        """Return the entities that device, area, floor or label reach now and that can be granted by these."""
        registry = er.async_get(self._hass)
        entries = (registry.async_get(entity_id) for entity_id in sorted(self._reached_ids))
        return {
            entry.id: entry.entity_id
            for entry in entries
            if entry is not None
            and entry.id not in but
            and self.bulk_hindrance(entry) is None  # the cheaper question, and most entities are sensors
            and self.hindrance(entry) is None
        }

    @callback
    def out_of_bulk(self) -> dict[str, Obstacle]:
        """Return what device, area, floor or label reach and cannot be granted by these, by entity id.

        An area has sensors and many other things that nobody means; what opens the house is worth a word, also where
        it is of no kind that can be granted.
        """
        registry, found = er.async_get(self._hass), dict[str, Obstacle]()
        for entity_id in self._reached_ids:
            if (entry := registry.async_get(entity_id)) is not None:
                obstacle = self.hindrance(entry) or self.bulk_hindrance(entry)
                if obstacle is not None and obstacle not in _UNSAID:
                    found[entity_id] = obstacle
        return found

    @callback
    def waiting(self) -> dict[Reference, str]:
        """Return the entities that have joined since the owner saved, and that were neither allowed nor refused."""
        return self.reached(but=self.grants.entities.keys() | self.grants.never)

    @callback
    def departed(self) -> set[Reference]:
        """Return the grants that nothing brings back into force: entities that were removed, came anew, or left."""
        registry = er.async_get(self._hass).entities
        entries = {reference: registry.get_entry(reference) for reference in self.grants.entities}
        return {
            reference
            for reference, entry in entries.items()
            if entry is None
            or not self.grants.is_of_life(entry)
            or (reference not in self.grants.single and self._is_out_of_reach(entry))
        }

    @callback
    def hindrance(self, entry: er.RegistryEntry) -> Obstacle | None:
        """Return what keeps an entity from being granted in any manner."""
        if entry.platform == DOMAIN:
            return Obstacle.OWN
        if entry.disabled:
            return Obstacle.DISABLED
        if opens_house(self._hass, entry.entity_id, self.grants.opens, self._parts):
            return Obstacle.OPENS
        if manner_of(self._hass, entry) is Manner.NONE:
            return Obstacle.KIND
        return Obstacle.EXCLUDED if self._exclusion.has(entry) else None

    @callback
    def bulk_hindrance(self, entry: er.RegistryEntry) -> Obstacle | None:
        """Return what keeps an entity from being granted by its device, area, floor or label."""
        if entry.hidden_by is not None:
            return Obstacle.HIDDEN
        if entry.entity_category is not None:
            return Obstacle.CATEGORY
        return None if manner_of(self._hass, entry) is Manner.BULK else Obstacle.SINGLE_ONLY

    @cached_property
    def _exclusion(self) -> Exclusion:
        return Exclusion(self._hass, Criteria.read(self._options))

    @cached_property
    def _parts(self) -> frozenset[str]:
        return opening_parts(self._hass, self.grants.opens)

    def _is_out_of_reach(self, entry: er.RegistryEntry) -> bool:
        # One that is disabled, hidden or of a category is reached by nothing, wherever it is; it may be so for a day.
        is_reachable = not entry.disabled and entry.hidden_by is None and entry.entity_category is None
        return is_reachable and entry.entity_id not in self._reached_ids

    @cached_property
    def _reached_ids(self) -> set[str]:
        by = {key: list(several) for key, several in self.grants.by.items()}
        targets = TargetSelection(by)
        return async_extract_referenced_entity_ids(self._hass, targets, expand_group=False).indirectly_referenced
