"""The live selection: the chosen entities and their properties, kept up with the registries."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import batched
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, State, callback, split_entity_id
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_call_later

from ..const import DOMAIN
from ..mapping.attributes import default_keys
from ..mapping.definition import Definition
from ..mapping.facets import AVAILABILITY
from ..mapping.house_units import silent_units
from ..mapping.kinds import AVAILABLE
from ..mapping.property import Property
from ..mapping.words import async_load_words
from ..thing_model.entity import Entity, Reference
from ..thing_model.fitting import async_fit
from ..thing_model.model import ThingModel
from ..thing_model.store import StoredModel
from .criteria import Criteria, async_follow_renames, is_alive, resolve

_LOGGER = logging.getLogger(__name__)

# s, from a change in the registries to the next look. While Home Assistant starts, thousands of changes come within
# seconds, and one look serves them all.
_QUIET: Final = 1.0

# Entities whose properties are fixed in one turn of the event loop; a house may have thousands.
_AT_ONCE: Final = 20

# The fields of an entity's registry entry that the criteria depend on.
_TELLING: Final = frozenset(
    {"area_id", "device_class", "device_id", "disabled_by", "entity_category", "entity_id", "hidden_by", "labels"}
    | {"options", "original_device_class", "unit_of_measurement"}
)
_EVENTS: Final = (dr.EVENT_DEVICE_REGISTRY_UPDATED, ar.EVENT_AREA_REGISTRY_UPDATED)

type Changed = Callable[[Sequence[Property]], None]


class Selection:
    """Resolves the criteria, lets the model fix new entities, and holds the published properties by entity id."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        model: StoredModel,
        changed: Changed,
        *,
        on_disk: Callable[[OSError | None], None],
    ) -> None:
        """Choose nothing before the first `async_look`.

        `changed` is called with new properties after each look, `on_disk` after each attempt to write the model.
        """
        self._hass = hass
        self._entry = entry
        self._criteria = Criteria.read(entry.options)
        self.model = model
        self._changed = changed
        self._on_disk = on_disk
        self._later: CALLBACK_TYPE | None = None
        self._look: asyncio.Task[None] | None = None
        self._fit: asyncio.Task[None] | None = None
        self._is_to_fit = False  # whether a look has ended since the last fit began
        self._renamed_since: dict[str, str] = {}  # entity ids, since the last look began
        self.chosen: dict[Reference, str] = {}  # with the entity ids of now
        self._references: dict[str, Reference] = {}
        self.properties: dict[str, tuple[Property, ...]] = {}  # by entity id; empty before anything is fixed
        self._now: set[str] = set()  # identifiers that are published
        self.incomplete: set[str] = set()  # ids of entities with facets that are not fixed yet
        self.growing: set[str] = set()  # ids of entities that may get further attributes
        self.without_room: set[str] = set()  # ids of entities with facets that found no room in the model
        # By identifier, of entities that were chosen before as well: their past may still wait to be sent.
        self.sources: dict[str, tuple[str, Property]] = {}

    @callback
    def async_follow(self) -> CALLBACK_TYPE:
        """Follow the registries until the returned function is called."""
        bus = self._hass.bus
        ends = [bus.async_listen(event, self.async_look_soon) for event in _EVENTS]
        ends.append(bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._entity_updated))
        ends.append(bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._config_updated))
        self.async_look_soon()  # the first look could not wait for the recorder

        @callback
        def end() -> None:
            for one in ends:
                one()
            if self._later is not None:
                self._later()
            for task in (self._look, self._fit):
                if task is not None:
                    task.cancel()

        return end

    async def async_look(self) -> None:
        """Resolve the criteria anew, and fix the properties of new entities."""
        async_follow_renames(self._hass, self._entry)
        self._criteria = Criteria.read(self._entry.options)
        self._renamed_since.clear()
        chosen = resolve(self._hass, self._criteria)
        self.model.rebind(chosen, partial(is_alive, self._hass))
        await async_load_words(self._hass, {split_entity_id(entity_id)[0] for entity_id in chosen.values()})
        make_room(self._hass, self.model, chosen)
        await async_adopt_states(self._hass, self.model, chosen)
        for some in batched(chosen.items(), _AT_ONCE, strict=False):
            await asyncio.sleep(0)  # a turn for the rest of the house
            for reference, entity_id in some:
                if (state := self._hass.states.get(entity_id)) is not None:
                    self._look_at(reference, state)
        await asyncio.sleep(0)
        renamed = self._renamed_since
        self._publish({reference: renamed.get(entity_id, entity_id) for reference, entity_id in chosen.items()})
        await self.async_keep()

    async def async_keep(self) -> None:
        """Keep the model on the disk, if it has changed."""
        try:
            await self.model.async_save()
        except OSError as err:
            self._on_disk(err)
        else:
            self._on_disk(None)

    def _look_at(self, reference: Reference, state: State) -> None:
        entity = self.model.entities.get(reference)
        # An enum may have got options since.
        if self._is_incomplete(entity) or (entity and any(one.options for one in entity.definitions.values())):
            self._adopt(reference, state)

    @callback
    def async_look_soon(self, _event: Event[Any] | None = None) -> None:
        """Look again in a moment."""
        if self._later is None:
            self._later = async_call_later(self._hass, _QUIET, self._async_look_again)

    @callback
    def async_adopt(self, state: State) -> bool:
        """Fix the facets that a state shows for the first time; returns whether there were any."""
        reference = self._references.get(state.entity_id)
        if reference is None:
            return False
        if not self._adopt(reference, state):
            if not self._is_incomplete(self.model.entities.get(reference)):
                self.incomplete.discard(state.entity_id)
            return False
        self._publish(self.chosen)
        self.async_look_soon()  # which writes the model to the disk
        return True

    @callback
    def async_refresh(self) -> None:
        """Publish by the model after a person has changed it."""
        self._publish(self.chosen)

    # How

    @callback
    def _async_look_again(self, _now: object) -> None:
        self._later = None
        if self._look is not None and not self._look.done():
            self.async_look_soon()
            return
        self._look = self._entry.async_create_background_task(
            self._hass, self._async_look_and_fit(), f"{DOMAIN} selection"
        )

    async def _async_look_and_fit(self) -> None:
        await self.async_look()
        # The recorder may take many seconds for its answer, and the next look must not wait for that.
        self._is_to_fit = True
        if self._fit is None or self._fit.done():
            self._fit = self._entry.async_create_background_task(
                self._hass, self._async_fit(), f"{DOMAIN} fitting", eager_start=False
            )

    async def _async_fit(self) -> None:
        while self._is_to_fit:
            self._is_to_fit = False
            if await async_fit(self._hass, self.model, self.chosen):
                self._publish(self.chosen)
            await self.async_keep()

    @callback
    def _config_updated(self, _event: Event[Any]) -> None:
        # At once: the first temperature in another unit may come in the same second.
        self.model.note_house()
        self._publish(self.chosen)
        self.async_look_soon()

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
        # At once: the first change under the new name already belongs to the same series.
        self._renamed_since[before] = now
        for reference, entity_id in self.chosen.items():
            if entity_id == before:
                # An entity that had this entity id has been removed, though it is still chosen until the next look.
                others = {other: name for other, name in self.chosen.items() if name != now}
                self.chosen = {**others, reference: now}
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
        """Publish the model's properties of the chosen entities; runs in one turn, so it must be quick."""
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
                units = silent_units(self.model.house, entity_id, key, definition)
                _, former = sources.get(definition.wire, (None, None))
                property_ = former
                if property_ is None or not property_.is_same(definition, key, units):
                    property_ = Property(definition, key, units)
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
    """Forget entities that exist and are no longer chosen, if the model is full and new ones need their room."""
    model.without_room.clear()
    if model.is_full and not chosen.keys() <= model.entities.keys():
        others = (reference for reference in model.entities if reference not in chosen)
        model.forget([reference for reference in others if is_alive(hass, reference)])


async def async_adopt_states(hass: HomeAssistant, model: ThingModel, chosen: Mapping[Reference, str]) -> None:
    """Fix the states of new entities before any attribute takes their room."""
    new = [(reference, entity_id) for reference, entity_id in chosen.items() if reference not in model.entities]
    for some in batched(new, _AT_ONCE, strict=False):
        await asyncio.sleep(0)
        for reference, entity_id in some:
            if (state := hass.states.get(entity_id)) is not None:
                model.adopt_state(reference, state)


def _may_grow(entity: Entity) -> bool:
    return not default_keys(split_entity_id(entity.entity_id)[0]) <= entity.definitions.keys()
