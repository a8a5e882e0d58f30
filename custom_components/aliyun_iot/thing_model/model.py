"""The thing model: every property as it was fixed when it was first chosen."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State, callback

from ..alink import BrokenRuleError, ModelProperty, Number, Rule, check_property, is_name, now_ms
from ..mapping.commands import settable
from ..mapping.definition import Definition
from ..mapping.facets import facets
from ..mapping.house_units import HouseUnits
from ..mapping.kinds import Facet
from ..mapping.names import readable_name, takes_names, with_item_names
from ..mapping.told import with_registry
from .allocator import Allocator
from .entity import Entity, Guess, Reference
from .fixing import (
    fixed_type,
    is_alike,
    keys_of,
    new_options,
    proposed_identifier,
    proposed_name,
    tells_more,
    with_options,
)


class ThingModel:
    """Fixes properties, finds them, and changes them when a person asks for it."""

    def __init__(self, hass: HomeAssistant, entities: Iterable[Entity] = (), house: HouseUnits | None = None) -> None:
        """Start with entities that were fixed before, and the units of the house that were noted."""
        self._hass = hass
        self.entities: dict[Reference, Entity] = {}
        self._by_wire: dict[str, tuple[Entity, str]] = {}  # by the name in messages; with the facet's key
        self._allocator = Allocator()
        self.changes = 0  # grows with every change
        self.house = house or HouseUnits()
        self._put_house(self.house.found(now_ms(), hass.config.units.temperature_unit))
        self.without_room: set[Reference] = set()  # entities with a property for which no module had room
        self._open: set[str] = set()  # names in messages of properties that may be fixed anew
        self.outgrown: dict[
            str, Definition
        ] = {}  # by the same names: how an entity would be fixed that tells more by now
        self._take(entities)

    def copy(self) -> ThingModel:
        """Return a copy to try something with."""
        copy = ThingModel(self._hass)
        # Taking in each definition anew would hold up the event loop in a large house.
        copy.entities = {reference: entity.copy() for reference, entity in self.entities.items()}
        copy.house = self.house
        copy._by_wire = {wire: (copy.entities[entity.reference], key) for wire, (entity, key) in self._by_wire.items()}
        copy._allocator = self._allocator.copy()
        copy._open = set(self._open)
        return copy

    # What is there

    @property
    def identifiers(self) -> Collection[str]:
        """Return the names in messages of all properties."""
        return self._by_wire.keys()

    @property
    def places_left(self) -> int:
        """Return how many properties there is room for."""
        return self._allocator.places_left

    def find(self, wire: str) -> tuple[Entity, str, Definition] | None:
        """Return the property that has a name in messages, with its entity and the facet's key."""
        if (found := self._by_wire.get(wire)) is None:
            return None
        entity, key = found
        return entity, key, entity.definitions[key]

    def published(self, chosen: Iterable[Reference], *, availability: bool) -> Iterator[tuple[Entity, str, Definition]]:
        """Yield the properties of chosen entities that are sent."""
        for reference in chosen:
            if (entity := self.entities.get(reference)) is not None:
                for key, definition in entity.published(availability=availability):
                    yield entity, key, definition

    # What is seen of entities

    @callback
    def rebind(self, chosen: Mapping[Reference, str], is_alive: Callable[[Reference], bool]) -> None:
        """Note the present entity ids; an entity that was removed and came back under its entity id goes on."""
        for reference, entity_id in chosen.items():
            self.rename(reference, entity_id)
        if all(reference in self.entities for reference in chosen):
            return
        former = {
            entity.entity_id: name
            for name, entity in self.entities.items()
            if not entity.was_granted and not is_alive(name)
        }
        for reference, entity_id in chosen.items():
            if reference not in self.entities and (name := former.pop(entity_id, None)) is not None:
                entity = self.entities[reference] = self.entities.pop(name)
                entity.reference = reference
                self.changes += 1

    @callback
    def note_house(self) -> None:
        """Note that Home Assistant was set now to a unit for temperatures which name none."""
        self._put_house(self.house.heard(now_ms(), self._hass.config.units.temperature_unit))

    @callback
    def rename(self, reference: Reference, entity_id: str) -> None:
        """Note the present entity id of an entity, if it is known."""
        known = self.entities.get(reference)
        if known is not None and known.entity_id != entity_id:
            known.entity_id = entity_id
            self.changes += 1

    @callback
    def note_source(self, reference: Reference, entry_id: str) -> None:
        """Note the config entry that an entity comes from."""
        known = self.entities.get(reference)
        if known is not None and known.source != entry_id:
            known.source = entry_id
            self.changes += 1

    @callback
    def note_settable(self, reference: Reference, state: State) -> None:
        """Note the facets by which an entity can be set, as far as its state tells them now."""
        known = self.entities.get(reference)
        if known is not None and not (told := settable(with_registry(self._hass, state))) <= known.settable:
            known.settable |= told
            self.changes += 1

    @callback
    def note_granted(self, references: Iterable[Reference]) -> None:
        """Note that the cloud may control entities."""
        for reference in references:
            known = self.entities.get(reference)
            if known is not None and not known.was_granted:
                known.was_granted = True
                self.changes += 1

    @callback
    def note_confirmed(self, wires: Collection[str]) -> bool:
        """Note that the platform has values of properties, which only a person fixes anew; returns if any was open."""
        confirmed = self._open.intersection(wires)
        for wire in confirmed:
            entity, key = self._by_wire[wire]
            entity.guesses[key] = Guess.CONFIRMED
        self._open -= confirmed
        self.changes += len(confirmed)
        return bool(confirmed)

    @callback
    def settle(self, wire: str) -> None:
        """Keep a property as it is, whatever its entity tells."""
        if (found := self.find(wire)) is not None:
            self._note_guess(found[0], found[1], None)

    @callback
    def note_deselected(self, entity: Entity, is_deselected: bool) -> None:
        """Note whether an entity that is there is not chosen any more."""
        if entity.is_deselected is not is_deselected:
            entity.is_deselected = is_deselected
            self.changes += 1

    @callback
    def note_fitted(self, entity: Entity) -> None:
        """Note that the ranges of an entity were fitted to the recorder's numbers."""
        entity.is_fitted = True
        self.changes += 1

    # Fixing

    @callback
    def adopt(self, reference: Reference, state: State, *more: Facet) -> bool:
        """Fix the facets of an entity that are new: those that are sent by default, and `more`.

        Options that are new get keys of their own, and what the entity did not tell before is fixed anew. Returns
        whether anything has changed.
        """
        state = with_registry(self._hass, state)
        entity = self.entities.get(reference) or Entity(reference=reference, entity_id=state.entity_id)
        has_changed = False
        told = facets(state, self._hass.config.units)
        for facet in (*told, *more):
            known = entity.definitions.get(facet.key)
            if known is None and (facet.is_default or facet in more):
                has_changed |= self._define(entity, state, facet)
            elif known is not None and (extended := self._extended(known, state, facet)) is not None:
                self._put(entity, facet.key, extended)
                has_changed = True
            elif known is not None:
                has_changed |= self._fix_anew(entity, known, state, facet)
        if not entity.definitions:
            return False
        self.entities[reference] = entity
        self.note_settable(reference, state)
        if told and not entity.is_complete and state.state != STATE_UNAVAILABLE:
            entity.is_complete = True
            self.changes += 1
        return has_changed

    @callback
    def adopt_state(self, reference: Reference, state: State) -> None:
        """Fix the state of an entity that is new, and none of its attributes yet."""
        state = with_registry(self._hass, state)
        for facet in facets(state, self._hass.config.units)[:1]:
            if facet.is_default:
                entity = Entity(reference=reference, entity_id=state.entity_id)
                if self._define(entity, state, facet):
                    self.entities[reference] = entity

    def _define(self, entity: Entity, state: State, facet: Facet) -> bool:
        if self._allocator.is_full:  # known before the names are made, since thousands may find no room
            self.without_room.add(entity.reference)
            return False
        data_type = fixed_type(self._hass, state, facet)
        identifier = proposed_identifier(entity, state, facet.key)
        name = proposed_name(self._hass, state, facet.key, identifier)
        place = self._allocator.place(identifier, name, data_type, state.entity_id)
        if place is None:
            self.without_room.add(entity.reference)
            return False
        definition = Definition(
            identifier=place.identifier,
            name=place.name,
            data_type=data_type,
            module=place.module,
            options=keys_of(facet),
            unit=facet.unit,
            device_class=facet.device_class,
        )
        self._put(entity, facet.key, definition)
        self._note_guess(entity, facet.key, Guess.OPEN if facet.is_guess else None)
        return True

    def _fix_anew(self, entity: Entity, known: Definition, state: State, facet: Facet) -> bool:
        """Fix a property by what its entity tells by now; once the platform has values of it, only offer that."""
        self.outgrown.pop(known.wire, None)
        if (guess := entity.guesses.get(facet.key)) is None:
            return False
        if is_alike(known, facet) and not facet.is_guess:
            self._note_guess(entity, facet.key, None)
        elif tells_more(known, facet) and self._allocator.takes_items(known.module, len(facet.options)):
            anew = self._anew(known, state, facet)
            if guess is Guess.OPEN:
                self._put(entity, facet.key, anew)
                self._note_guess(entity, facet.key, Guess.OPEN if facet.is_guess else None)
                entity.is_fitted = False
                return True
            self.outgrown[known.wire] = anew
        return False

    def _extended(self, known: Definition, state: State, facet: Facet) -> Definition | None:
        """Return the definition with keys for options that are new; None where there are none, or no room for them."""
        new = new_options(known, facet)
        if not new or not self._allocator.takes_items(known.module, len(new)):
            return None
        return with_options(self._hass, known, state, facet, new)

    @callback
    def heal_names(self) -> None:
        """Change names that the console does not take: they were fixed before that was known of their characters."""
        for entity in self.entities.values():
            for key, known in list(entity.definitions.items()):
                healed = known
                if not is_name(known.name):
                    name = self._allocator.free_name(readable_name(known.name, known.identifier))
                    healed = replace(healed, name=name)
                if not takes_names(known.data_type):
                    healed = replace(healed, data_type=with_item_names(known.data_type))
                if healed is not known:
                    self._put(entity, key, healed)

    @callback
    def as_told(self, wire: str, state: State) -> Definition | None:
        """Return a property as it would be fixed by a state of its entity; None where the state does not tell."""
        if (found := self.find(wire)) is None:
            return None
        state = with_registry(self._hass, state)
        for facet in facets(state, self._hass.config.units):
            if facet.key == found[1]:
                return self._anew(found[2], state, facet)
        return None

    def _anew(self, known: Definition, state: State, facet: Facet) -> Definition:
        data_type = fixed_type(self._hass, state, facet)
        return replace(
            known, data_type=data_type, options=keys_of(facet), unit=facet.unit, device_class=facet.device_class
        )

    # What a person changes

    @callback
    def revise(self, wire: str, **changes: Any) -> Definition:
        """Change a definition; raises BrokenRuleError for one that the console would refuse."""
        found = self.find(wire)
        if found is None:
            raise KeyError(wire)
        entity, key, known = found
        revised = replace(known, **changes)
        if not revised.is_left_out or revised.identifier != known.identifier:
            check_property(ModelProperty(identifier=revised.identifier, name=revised.name, data_type=revised.data_type))
        if revised.wire != wire and revised.wire in self._by_wire:
            raise BrokenRuleError(Rule.IDENTIFIER_TAKEN)
        if revised.name != known.name and self._allocator.has_name(revised.name):
            raise BrokenRuleError(Rule.NAME_TAKEN)
        self._put(entity, key, revised)
        if (revised.data_type, revised.unit) != (known.data_type, known.unit):
            self._note_guess(entity, key, None)
        return revised

    @callback
    def refit(self, wire: str, change: Callable[[Number], Number]) -> bool:
        """Change the range of a number; returns whether it is another now."""
        if (found := self.find(wire)) is None or not isinstance(found[2].data_type, Number):
            return False
        number = found[2].data_type
        if (fitted := change(number)) == number:
            return False
        self._put(found[0], found[1], replace(found[2], data_type=fitted))
        return True

    @callback
    def forget(self, references: Iterable[Reference]) -> None:
        """Forget entities, to make room for others."""
        for reference in references:
            for definition in self.entities.pop(reference).definitions.values():
                self._allocator.vacate(definition)
                self._by_wire.pop(definition.wire, None)
                self._open.discard(definition.wire)
                self.outgrown.pop(definition.wire, None)
            self.without_room.discard(reference)
            self.changes += 1

    # The tables

    def _take(self, entities: Iterable[Entity]) -> None:
        for entity in entities:
            taken = self.entities[entity.reference] = replace(entity, definitions={}, guesses=dict(entity.guesses))
            for key, definition in entity.definitions.items():
                self._put(taken, key, definition)

    def _put_house(self, house: HouseUnits) -> None:
        if house is not self.house:
            self.house = house
            self.changes += 1

    def _put(self, entity: Entity, key: str, definition: Definition) -> None:
        if (before := entity.definitions.get(key)) is not None:
            self._allocator.vacate(before)
            self._by_wire.pop(before.wire, None)
            self._open.discard(before.wire)
            self.outgrown.pop(before.wire, None)
        self._allocator.occupy(definition)
        self._by_wire[definition.wire] = (entity, key)
        if entity.guesses.get(key) is Guess.OPEN:
            self._open.add(definition.wire)
        entity.definitions[key] = definition
        self.changes += 1

    def _note_guess(self, entity: Entity, key: str, guess: Guess | None) -> None:
        """Note whether a property is a guess."""
        wire = entity.definitions[key].wire
        self.outgrown.pop(wire, None)
        if guess is None:
            self._open.discard(wire)
            self.changes += entity.guesses.pop(key, None) is not None
        else:
            self._open.add(wire)
            entity.guesses[key] = guess
            self.changes += 1
