"""The publication: the properties of the chosen entities, as the states of now are converted by."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import entity_registry as er

from ..mapping.attributes import default_keys
from ..mapping.house_units import silent_units
from ..mapping.property import Property
from ..thing_model.entity import Entity, Reference
from ..thing_model.model import ThingModel
from .fixing import is_incomplete


class Publication:
    """Holds the published properties by entity id and by identifier; a change of one entity costs the work of one."""

    def __init__(self, hass: HomeAssistant, model: ThingModel) -> None:
        """Publish nothing yet."""
        self._hass = hass
        self._model = model
        self._published: dict[Reference, tuple[str, tuple[Property, ...]]] = {}
        self._references: dict[str, Reference] = {}  # by entity id
        self._now: set[str] = set()  # identifiers that are published
        self.properties: dict[str, tuple[Property, ...]] = {}  # by entity id; empty before anything is fixed
        self.incomplete: set[str] = set()  # ids of entities with facets that are not fixed yet
        self.growing: set[str] = set()  # ids of entities that may get further attributes
        self.unsettled: set[str] = set()  # ids of entities that have not told the kinds of all their properties
        self.without_room: set[str] = set()  # ids of entities with facets that found no room in the model
        # By identifier, of entities that were chosen before as well: their past may still wait to be sent.
        self.sources: dict[str, tuple[str, Property]] = {}
        self.changes = 0  # grows with every change of `properties`

    def reference(self, entity_id: str) -> Reference | None:
        """Return the reference of a published entity."""
        return self._references.get(entity_id)

    @property
    def references(self) -> set[Reference]:
        """The references of all published entities."""
        return set(self._published)

    @callback
    def put(self, reference: Reference, entity_id: str, *, availability: bool) -> list[Property]:
        """Publish what the model has of an entity; returns the properties that are new, or were revised."""
        if (owner := self._references.get(entity_id, reference)) != reference:
            self.remove(owner)
        before, former = self._published.get(reference, (entity_id, ()))
        if before != entity_id:
            self._forget_id(before, reference)
        entity = self._model.entities.get(reference)
        several = tuple(self._several(entity, entity_id, availability=availability))
        now = {property_.identifier for property_ in several}
        known = {id(property_) for property_ in former}
        new = [one for one in several if id(one) not in known or one.identifier not in self._now]
        self._now.difference_update(one.identifier for one in former if one.identifier not in now)
        self._now |= now
        for property_ in several:
            self.sources[property_.identifier] = (entity_id, property_)
        if new or len(several) != len(former) or self.properties.get(entity_id) != several:
            self.changes += 1
        self._published[reference] = (entity_id, several)
        self._references[entity_id] = reference
        self.properties[entity_id] = several
        self._note(reference, entity_id, entity, availability=availability)
        return new

    @callback
    def remove(self, reference: Reference) -> None:
        """Publish an entity no more; its sources stay, since its past may still wait to be sent."""
        entity_id, several = self._published.pop(reference)
        self._now.difference_update(one.identifier for one in several)
        self._forget_id(entity_id, reference)
        self.changes += 1

    @callback
    def add_sources(self, entity: Entity) -> None:
        """Let the past of an entity be read back that was not chosen since the start.

        Rows of another entity under its id must not be taken for its own; a registry id has no rows.
        """
        entry = er.async_get(self._hass).async_get(entity.entity_id)
        owner = entity.entity_id if entry is None else entry.id
        is_free = entry is None and self._hass.states.get(entity.entity_id) is None
        entity_id = entity.entity_id if is_free or entity.reference == owner else entity.reference
        for key, definition in entity.definitions.items():
            property_ = Property(definition, key, silent_units(self._model.house, entity.entity_id, key, definition))
            self.sources.setdefault(definition.wire, (entity_id, property_))

    @callback
    def forget(self, identifiers: Iterable[str]) -> None:
        """Forget properties whose past is sent, so that others can have their identifiers."""
        for identifier in identifiers:
            self.sources.pop(identifier, None)

    def _forget_id(self, entity_id: str, reference: Reference) -> None:
        if self._references.get(entity_id) != reference:
            return  # another entity has this id by now
        del self._references[entity_id]
        del self.properties[entity_id]
        for ids in (self.incomplete, self.growing, self.unsettled, self.without_room):
            ids.discard(entity_id)

    def _several(self, entity: Entity | None, entity_id: str, *, availability: bool) -> list[Property]:
        if entity is None:
            return []
        several: list[Property] = []
        for key, definition in entity.published(availability=availability):
            units = silent_units(self._model.house, entity_id, key, definition)
            _, former = self.sources.get(definition.wire, (None, None))
            property_ = former
            if property_ is None or not property_.is_same(definition, key, units):
                property_ = Property(definition, key, units)
            several.append(property_)
        return several

    def _note(self, reference: Reference, entity_id: str, entity: Entity | None, *, availability: bool) -> None:
        has_room = reference not in self._model.without_room
        for ids, is_member in (
            (self.without_room, not has_room),
            (self.incomplete, has_room and is_incomplete(entity, availability=availability)),
            (self.unsettled, entity is not None and bool(entity.guesses)),
            (self.growing, has_room and entity is not None and _may_grow(entity)),
        ):
            if is_member:
                ids.add(entity_id)
            else:
                ids.discard(entity_id)


def _may_grow(entity: Entity) -> bool:
    return not default_keys(split_entity_id(entity.entity_id)[0]) <= entity.definitions.keys()
