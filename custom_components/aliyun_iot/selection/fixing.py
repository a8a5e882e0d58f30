"""Fixing: the properties of entities, as soon as their states show them."""

from collections.abc import Callable, Collection, Mapping

from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers.entity import entity_sources

from ..mapping.facets import AVAILABILITY, facets
from ..mapping.kinds import AVAILABLE, COLOUR, Facet
from ..thing_model.entity import Entity, Reference
from ..thing_model.model import ThingModel
from .turns import in_turns


class Fixing:
    """Lets the model fix what is new of chosen entities, and notes what their states say beside that."""

    def __init__(self, hass: HomeAssistant, model: ThingModel, is_sending: Callable[[Collection[str]], bool]) -> None:
        """Fix nothing yet; `is_sending` tells if a value of any of some properties is on its way."""
        self._hass = hass
        self._model = model
        self._is_sending = is_sending
        self.availability = False  # whether a further property of each entity tells if it is available
        self.granted: Collection[Reference] = ()  # that the cloud may control

    async def async_fix(self, chosen: Mapping[Reference, str]) -> None:
        """Fix the properties that the states of now show for the first time."""
        await async_adopt_states(self._hass, self._model, chosen)
        self._model.note_granted(self.granted)
        async for some in in_turns(chosen.items()):
            for reference, entity_id in some:
                if (state := self._hass.states.get(entity_id)) is not None:
                    self._look_at(reference, state)

    @callback
    def adopt(self, reference: Reference, state: State) -> bool:
        """Fix what is new of one entity; returns whether anything was.

        While a value of a property is on its way whose kind is a guess, nobody knows if it may still be fixed anew: its
        next state tells.
        """
        entity = self._model.entities.get(reference)
        if entity is not None and any(
            self._is_sending((entity.definitions[key].wire,)) for key in entity.guesses if key in entity.definitions
        ):
            return False
        more = _granted_facets(self._hass, entity, state)
        return self._model.adopt(reference, state, *more, *((AVAILABILITY,) if self.availability else ()))

    @callback
    def is_incomplete(self, reference: Reference) -> bool:
        """Tell if an entity has facets that are not fixed yet."""
        entity = self._model.entities.get(reference)
        return is_incomplete(entity, availability=self.availability)

    def _look_at(self, reference: Reference, state: State) -> None:
        entity = self._model.entities.get(reference)
        self._model.note_settable(reference, state)
        # An enum may have got options since, or another entity may have told its kind.
        has_more = entity is not None and (entity.guesses or any(one.options for one in entity.definitions.values()))
        if has_more or self.is_incomplete(reference):
            self.adopt(reference, state)
        source = entity_sources(self._hass).get(state.entity_id)
        if source is not None and "config_entry" in source:
            self._model.note_source(reference, source["config_entry"])


async def async_adopt_states(hass: HomeAssistant, model: ThingModel, chosen: Mapping[Reference, str]) -> None:
    """Fix the states of new entities before any attribute takes their room."""
    new = [(reference, entity_id) for reference, entity_id in chosen.items() if reference not in model.entities]
    async for some in in_turns(new):
        for reference, entity_id in some:
            if (state := hass.states.get(entity_id)) is not None:
                model.adopt_state(reference, state)


def is_incomplete(entity: Entity | None, *, availability: bool) -> bool:
    """Tell if an entity has facets that are not fixed yet."""
    if entity is None or not entity.is_complete or _lacks_colour(entity):
        return True
    return availability and AVAILABLE not in entity.definitions


def _lacks_colour(entity: Entity) -> bool:
    """Tell if the cloud may set a light's colour, which is sent only for that."""
    return entity.was_granted and COLOUR in entity.settable and COLOUR not in entity.definitions


def _granted_facets(hass: HomeAssistant, entity: Entity | None, state: State) -> list[Facet]:
    if entity is None or not _lacks_colour(entity):
        return []
    return [facet for facet in facets(state, hass.config.units) if facet.key == COLOUR]
