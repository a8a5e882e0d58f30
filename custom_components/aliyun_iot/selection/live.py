"""The live selection: the chosen entities and their properties, kept up with the registries."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
import logging
from typing import Any, Final

from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_HOMEASSISTANT_STARTED,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
    split_entity_id,
)
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_call_later

from ..const import DOMAIN
from ..mapping.house_units import is_in_degrees
from ..mapping.kinds import AVAILABLE
from ..mapping.property import Property
from ..mapping.words import async_load_words
from ..thing_model.entity import Entity, Reference
from ..thing_model.fitting import async_fit
from ..thing_model.store import StoredModel
from .criteria import Criteria, async_follow_renames, is_alive, resolve
from .fixing import Fixing
from .gone import Gone
from .places import Places, places_left
from .publication import Publication
from .turns import in_turns

_LOGGER = logging.getLogger(__name__)

# s, from a change in the registries to the next look. While Home Assistant starts, thousands of changes come within
# seconds, and one look serves them all.
_QUIET: Final = 1.0

# s, to the next look while an entity needs a place that others keep for values that wait, or that were gone for a short
# time. Both are matters of minutes.
_PLACES: Final = 60.0

# The fields of an entity's registry entry that the criteria depend on.
_TELLING: Final = frozenset(
    {"area_id", "capabilities", "device_class", "device_id", "disabled_by", "entity_category", "entity_id", "hidden_by"}
    | {"labels", "options", "original_device_class", "supported_features", "unit_of_measurement"}
)
# The attributes of a state that the criteria depend on.
_CLASSES: Final = (ATTR_DEVICE_CLASS, ATTR_STATE_CLASS)
_EVENTS: Final = (
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    ar.EVENT_AREA_REGISTRY_UPDATED,
    EVENT_HOMEASSISTANT_STARTED,
)

# With new properties, and with the identifiers that tell if entities are available that have ended.
type Changed = Callable[[Sequence[Property], Sequence[str]], None]


class Selection:
    """Resolves the criteria, lets the model fix new entities, and holds the published properties by entity id."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        model: StoredModel,
        changed: Changed,
        *,
        settle: Callable[[Collection[str]], set[str]],
        forget: Callable[[Collection[str]], None],
        is_sending: Callable[[Collection[str]], bool],
        on_disk: Callable[[OSError | None], None],
    ) -> None:
        """Choose nothing before the first `async_look`.

        `changed` is called when properties are new, and when entities have ended; `settle` to have all values of
        identifiers delivered, of which it returns those with values that wait; `forget` for identifiers that the next
        entity may have; and `on_disk` after each attempt to write the model.
        """
        self._hass = hass
        self._entry = entry
        self._criteria = Criteria.read(entry.options)
        self.model = model
        self._changed = changed
        self._on_disk = on_disk
        self._later: CALLBACK_TYPE | None = None
        self._places_later: CALLBACK_TYPE | None = None
        self._look: asyncio.Task[None] | None = None
        self._fit: asyncio.Task[None] | None = None
        self._is_to_fit = False  # whether a look has ended since the last fit began
        self._publication = published = Publication(hass, model)
        self._gone = Gone(hass, model)
        self._places = Places(hass, model, self._gone, published, settle=settle, forget=forget)
        self._fixing = Fixing(hass, model, is_sending)
        self._is_following = False
        self.by_class = False  # whether entities are included or excluded by their device class or state class
        self.chosen: dict[Reference, str] = {}  # with the entity ids of now
        # Those of the publication. They are never replaced: every change in the house looks into them.
        self.properties, self.sources = published.properties, published.sources
        self.incomplete, self.growing, self.without_room = (
            published.incomplete,
            published.growing,
            published.without_room,
        )
        self.unsettled = published.unsettled

    @callback
    def async_follow(self) -> CALLBACK_TYPE:
        """Follow the registries until the returned function is called."""
        bus = self._hass.bus
        ends = [bus.async_listen(event, self.async_look_soon) for event in _EVENTS]
        ends.append(bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._entity_updated))
        ends.append(bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._config_updated))
        self._is_following = True
        self.async_look_soon()  # the first look could not wait for the recorder

        @callback
        def end() -> None:
            for one in ends:
                one()
            for cancel in (self._later, self._places_later):
                if cancel is not None:
                    cancel()
            for task in (self._look, self._fit):
                if task is not None:
                    task.cancel()

        return end

    async def async_look(self) -> None:
        """Resolve the criteria anew, and fix the properties of new entities."""
        async_follow_renames(self._hass, self._entry)
        self._criteria = Criteria.read(self._entry.options)
        self._fixing.availability = self._criteria.availability
        self._fixing.granted = self._criteria.granted
        include, exclude = self._criteria.include, self._criteria.exclude
        self.by_class = bool(include.device_classes or exclude.device_classes) or include.measuring
        chosen = resolve(self._hass, self._criteria)
        self.model.rebind(chosen, partial(is_alive, self._hass))
        self._leave(chosen)
        await async_load_words(self._hass, {split_entity_id(entity_id)[0] for entity_id in chosen.values()})
        self.model.without_room.clear()
        await self._fixing.async_fix(chosen)
        ended = await self._gone.async_look(chosen)
        # Before the start, nobody knows yet which values are owed.
        while self._is_following and (lacking := self._places.take_back(chosen)):
            await self._fixing.async_fix(lacking)
        await self._async_publish(chosen)
        if over := list(self._availability_of(ended)):
            self._changed((), over)
        if self._places.is_awaited and self._places_later is None:
            self._places_later = async_call_later(self._hass, _PLACES, self._async_look_for_places)
        await self.async_keep()

    def _leave(self, chosen: Mapping[Reference, str]) -> None:
        """Publish what is not chosen no more; first of all, because others may get its places.

        Where another entity goes on under the same id, it takes over as soon as it is published.
        """
        ids = set(chosen.values())
        for reference in self._publication.references - chosen.keys():
            if self.chosen.get(reference) not in ids:
                self._publication.remove(reference)
                self.chosen.pop(reference, None)

    async def _async_publish(self, chosen: Mapping[Reference, str]) -> None:
        """Publish the model's properties of the chosen entities."""
        entries = er.async_get(self._hass).entities
        # An entity may have been renamed since the criteria were resolved.
        self.chosen = {
            reference: entity_id if (entry := entries.get_entry(reference)) is None else entry.entity_id
            for reference, entity_id in chosen.items()
        }
        could_not = len(self.without_room)
        async for some in in_turns(list(self.chosen)):
            self._put(some)
        if len(self.without_room) > could_not:
            _LOGGER.warning(
                "The thing model is full; entities that are not published as a whole: %d", len(self.without_room)
            )

    async def async_keep(self) -> None:
        """Keep the model on the disk, if it has changed."""
        try:
            await self.model.async_save()
        except OSError as err:
            self._on_disk(err)
        else:
            self._on_disk(None)

    @callback
    def async_look_soon(self, _event: Event[Any] | None = None) -> None:
        """Look again in a moment."""
        if self._later is None:
            self._later = async_call_later(self._hass, _QUIET, self._async_look_again)

    @callback
    def async_adopt(self, state: State) -> bool:
        """Fix the facets that a state shows for the first time; returns whether there were any."""
        reference = self._publication.reference(state.entity_id)
        if reference is None:
            return False
        if not self._fixing.adopt(reference, state):
            if not self._fixing.is_incomplete(reference):
                self.incomplete.discard(state.entity_id)
            return False
        self._put((reference,))
        self.async_look_soon()  # which writes the model to the disk
        return True

    @callback
    def async_refresh(self) -> None:
        """Publish by the model after a person has changed it."""
        self._put(self.chosen)

    @property
    def places_left(self) -> int:
        """The number of properties that the model has room for, also in place of others that are not needed."""
        return places_left(self._hass, self.model, self.chosen)

    @property
    def changes(self) -> int:
        """A number that grows with every change of `properties`."""
        return self._publication.changes

    @property
    def has_ended(self) -> Iterable[str]:
        """The identifiers that tell if entities are available that are not there."""
        entities = (self.model.entities.get(reference) for reference in self._gone.ended)
        return self._availability_of(entity for entity in entities if entity is not None)

    @callback
    def has_other_class(self, data: EventStateChangedData) -> bool:
        """Tell if an entity that was there shows another device class or state class."""
        before, now = data["old_state"], data["new_state"]
        if before is None or now is None or before.attributes is now.attributes:
            return False
        return any(before.attributes.get(name) != now.attributes.get(name) for name in _CLASSES)

    @callback
    def is_renamed(self, entity_id: str) -> bool:
        """Tell if a published entity has another id in the registry than here, where its rename is about to be told."""
        entry = er.async_get(self._hass).entities.get_entry(self._publication.reference(entity_id) or "")
        return entry is not None and entry.entity_id != entity_id

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
                async for some in in_turns(list(self.chosen)):
                    self._put(some)
            await self.async_keep()

    @callback
    def _config_updated(self, _event: Event[Any]) -> None:
        # At once: the first temperature in another unit may come in the same second.
        self.model.note_house()
        self._put([reference for reference, entity_id in self.chosen.items() if is_in_degrees(entity_id)])
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
        if (reference := self._publication.reference(before)) is not None:
            # An entity that had this entity id has been removed, though it is still chosen until the next look.
            if (removed := self._publication.reference(now)) is not None:
                self.chosen.pop(removed, None)
            self.chosen[reference] = now
            self.model.rename(reference, now)
            self._put((reference,))
            self._changed((), ())

    def _put(self, references: Iterable[Reference]) -> None:
        """Publish what the model has of chosen entities, and tell of new properties."""
        availability, new = self._criteria.availability, list[Property]()
        for reference in references:
            if (entity_id := self.chosen.get(reference)) is not None:
                new += self._publication.put(reference, entity_id, availability=availability)
        if new:
            self._changed(new, ())

    def _availability_of(self, entities: Iterable[Entity]) -> Iterable[str]:
        """Yield the identifiers that tell if these entities are available, as far as they are published."""
        if self._criteria.availability:
            for entity in entities:
                definition = entity.definitions.get(AVAILABLE)
                is_unwanted = entity.is_deselected or entity.reference in self._criteria.exclude.entities
                if definition is not None and not definition.is_left_out and not is_unwanted:
                    yield definition.wire

    # Places

    @callback
    def _async_look_for_places(self, _now: object) -> None:
        self._places_later = None
        self.async_look_soon()
