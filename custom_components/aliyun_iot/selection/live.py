"""The chosen entities and their properties, kept as they are now."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import batched
import logging
from typing import Any, Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, State, callback, split_entity_id
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_call_later
from homeassistant.util.unit_conversion import TemperatureConverter

from ..const import DOMAIN
from ..mapping.attributes import default_keys
from ..mapping.definition import Definition
from ..mapping.facets import AVAILABILITY
from ..mapping.kinds import AVAILABLE, STATE, word
from ..mapping.property import Property
from ..mapping.words import async_load_words
from ..thing_model.fitting import async_fit
from ..thing_model.model import Entity, Reference, ThingModel
from .criteria import Criteria, is_alive, resolve

_LOGGER = logging.getLogger(__name__)

_QUIET: Final = 1.0  # s, after a change in the registries; a house that starts has thousands
_AT_ONCE: Final = 20  # entities whose properties are fixed before anything else has its turn
_IN_DEGREES: Final = ("climate.", "water_heater.")  # their attributes do not say in which

# What may change in an entity's registry entry so that it is chosen, or not any more.
_TELLING: Final = frozenset(
    {"area_id", "device_class", "device_id", "disabled_by", "entity_category", "entity_id", "hidden_by", "labels"}
    | {"options", "original_device_class", "unit_of_measurement"}
)
_EVENTS: Final = (dr.EVENT_DEVICE_REGISTRY_UPDATED, ar.EVENT_AREA_REGISTRY_UPDATED, EVENT_CORE_CONFIG_UPDATE)

type Changed = Callable[[Sequence[Property]], None]


class Selection:
    """Resolves the criteria, has the model fix what is new, and says what is published under which entity id."""

    def __init__(self, hass: HomeAssistant, criteria: Callable[[], Criteria], model: ThingModel) -> None:
        """Choose nothing yet; `async_look` does, by the criteria of then."""
        self._hass = hass
        self._read_criteria = criteria
        self._criteria = criteria()
        self.model = model
        self._changed: Changed = _nobody
        self._later: CALLBACK_TYPE | None = None
        self._look: asyncio.Task[None] | None = None
        self._renamed_since: dict[str, str] = {}  # entity ids, since the last look began
        self.chosen: dict[Reference, str] = {}  # with the entity ids of now
        self._references: dict[str, Reference] = {}
        self.properties: dict[str, tuple[Property, ...]] = {}  # by entity id; empty where nothing is fixed yet
        self._now: set[str] = set()  # identifiers of what is published
        self.incomplete: set[str] = set()  # entity ids of which not everything is fixed yet
        self.growing: set[str] = set()  # entity ids that may get attributes which they have not had so far
        self.without_room: set[str] = set()  # entity ids of which not everything has found room in the model
        # By identifier, also of what was chosen before: its past may still wait.
        self.sources: dict[str, tuple[str, Property]] = {}
        self.mixed: set[str] = set()  # identifiers whose past may be in another unit

    @callback
    def async_follow(self, changed: Changed) -> CALLBACK_TYPE:
        """Follow the registries until the returned function is called; tell of changes, and what is new by them."""
        self._changed = changed
        bus = self._hass.bus
        ends = [bus.async_listen(event, self.async_look_soon) for event in _EVENTS]
        ends.append(bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._entity_updated))
        self.async_look_soon()  # also at what the recorder knows

        @callback
        def end() -> None:
            for one in ends:
                one()
            if self._later is not None:
                self._later()
            if self._look is not None:
                self._look.cancel()

        return end

    async def async_look(self) -> None:
        """Resolve the criteria anew, and fix what is new."""
        self._criteria = self._read_criteria()
        self._renamed_since.clear()
        chosen = resolve(self._hass, self._criteria)
        self.model.rebind(chosen, partial(is_alive, self._hass))
        await async_load_words(self._hass, {split_entity_id(entity_id)[0] for entity_id in chosen.values()})
        make_room(self._hass, self.model, chosen)
        await async_adopt_states(self._hass, self.model, chosen)
        for some in batched(chosen.items(), _AT_ONCE, strict=False):
            await asyncio.sleep(0)  # the rest of the house has its turn
            for reference, entity_id in some:
                if (state := self._hass.states.get(entity_id)) is not None:
                    self._look_at(reference, state)
        await asyncio.sleep(0)
        renamed = self._renamed_since
        self._publish({reference: renamed.get(entity_id, entity_id) for reference, entity_id in chosen.items()})
        await self.model.async_save()

    def _look_at(self, reference: Reference, state: State) -> None:
        entity = self.model.entities.get(reference)
        # Where there are options, some may be new.
        if self._is_incomplete(entity) or (entity and any(one.options for one in entity.definitions.values())):
            self._adopt(reference, state)
        unit = word(state.attributes, ATTR_UNIT_OF_MEASUREMENT)
        if unit is not None and (identifier := self.model.note_unit(reference, unit)) is not None:
            self.mixed.add(identifier)

    @callback
    def async_look_soon(self, _event: Event[Any] | None = None) -> None:
        """Look again in a moment."""
        if self._later is None:
            self._later = async_call_later(self._hass, _QUIET, self._async_look_again)

    @callback
    def async_adopt(self, state: State) -> bool:
        """Fix what a state shows for the first time; returns whether that was anything."""
        reference = self._references.get(state.entity_id)
        if reference is None:
            return False
        if not self._adopt(reference, state):
            if not self._is_incomplete(self.model.entities.get(reference)):
                self.incomplete.discard(state.entity_id)
            return False
        self._publish(self.chosen)
        self.async_look_soon()  # and keeps it
        return True

    @callback
    def async_refresh(self) -> None:
        """Take over what a person has changed in the model."""
        self._publish(self.chosen)

    # How

    @callback
    def _async_look_again(self, _now: object) -> None:
        self._later = None
        if self._look is not None and not self._look.done():
            self.async_look_soon()
            return
        self._look = self._hass.async_create_background_task(self._async_look_and_fit(), f"{DOMAIN} selection")

    async def _async_look_and_fit(self) -> None:
        await self.async_look()
        if await async_fit(self._hass, self.model, self.chosen):
            self._publish(self.chosen)
        await self.model.async_save()

    @callback
    def _entity_updated(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        data = event.data
        if data["action"] == "update":
            if "old_entity_id" in data:
                self._renamed(data["old_entity_id"], data["entity_id"])
            if not _TELLING & data["changes"].keys():
                return
        self.async_look_soon()

    @callback
    def _renamed(self, before: str, now: str) -> None:
        # At once: what changes under the new name belongs to the same series.
        self._renamed_since[before] = now
        for reference, entity_id in self.chosen.items():
            if entity_id == before:
                self.chosen[reference] = now
                self.model.rebind({reference: now}, lambda _: True)
                self._publish(self.chosen)
                return

    def _is_incomplete(self, entity: Entity | None) -> bool:
        if entity is None or not entity.is_complete:
            return True
        return self._criteria.availability and AVAILABLE not in entity.definitions

    def _adopt(self, reference: Reference, state: State) -> bool:
        return self.model.adopt(reference, state, *((AVAILABILITY,) if self._criteria.availability else ()))

    def _publish(self, chosen: dict[Reference, str]) -> None:
        """Take over what the model has of the chosen entities; in a large house this must not take long."""
        sources, entities = self.sources, self.model.entities
        properties: dict[str, tuple[Property, ...]] = {}
        incomplete: set[str] = set()
        growing: set[str] = set()
        now: set[str] = set()
        new: list[Property] = []
        for reference, entity_id in chosen.items():
            entity = entities.get(reference)
            if self._is_incomplete(entity):
                incomplete.add(entity_id)
            several: list[Property] = []
            for key, definition in self._published(entity):
                unit = silent_unit(self._hass, entity_id, key, definition)
                _, former = sources.get(definition.wire, (None, None))
                property_ = former
                if property_ is None or not property_.is_same(definition, key, unit):
                    property_ = Property(definition, key, unit)
                    property_.is_mixed = former is not None and former.is_mixed
                if property_ is not former or property_.identifier not in self._now:
                    new.append(property_)
                several.append(property_)
                now.add(property_.identifier)
                sources[property_.identifier] = (entity_id, property_)
            properties[entity_id] = tuple(several)
            if entity is not None and _may_grow(entity):
                growing.add(entity_id)
        self.chosen, self.properties, self._now = chosen, properties, now
        without_room = {chosen[reference] for reference in self.model.without_room if reference in chosen}
        if len(without_room) > len(self.without_room):
            _LOGGER.warning(
                "The thing model is full; entities that are not published as a whole: %d", len(without_room)
            )
        self.without_room = without_room
        self.incomplete, self.growing = incomplete - self.without_room, growing - self.without_room
        self._references = {entity_id: reference for reference, entity_id in chosen.items()}
        self._changed(new)

    def _published(self, entity: Entity | None) -> Iterable[tuple[str, Definition]]:
        if entity is None:
            return ()
        return entity.published(availability=self._criteria.availability)


def make_room(hass: HomeAssistant, model: ThingModel, chosen: Mapping[Reference, str]) -> None:
    """Forget what is there and not chosen any more, if nothing else makes room for what is new."""
    model.without_room.clear()
    if model.is_full and not chosen.keys() <= model.entities.keys():
        others = (reference for reference in model.entities if reference not in chosen)
        model.forget([reference for reference in others if is_alive(hass, reference)])


async def async_adopt_states(hass: HomeAssistant, model: ThingModel, chosen: Mapping[Reference, str]) -> None:
    """Fix the states of what is new before any attribute takes their room."""
    new = [(reference, entity_id) for reference, entity_id in chosen.items() if reference not in model.entities]
    for some in batched(new, _AT_ONCE, strict=False):
        await asyncio.sleep(0)
        for reference, entity_id in some:
            if (state := hass.states.get(entity_id)) is not None:
                model.adopt_state(reference, state)


def silent_unit(hass: HomeAssistant, entity_id: str, key: str, definition: Definition) -> str | None:
    """Return the unit of what says nowhere what unit it is in."""
    is_silent = (
        key != STATE and entity_id.startswith(_IN_DEGREES) and definition.unit in TemperatureConverter.VALID_UNITS
    )
    return hass.config.units.temperature_unit if is_silent else None


def _may_grow(entity: Entity) -> bool:
    return not default_keys(split_entity_id(entity.entity_id)[0]) <= entity.definitions.keys()


def _nobody(_new: Iterable[Property]) -> None:
    pass
