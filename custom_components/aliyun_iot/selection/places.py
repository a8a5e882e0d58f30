"""Places: the room of the thing model, and the entities that give theirs back when others need it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from homeassistant.core import CoreState, HomeAssistant, callback

from ..thing_model.entity import Entity, Reference
from ..thing_model.model import ThingModel
from .criteria import is_alive
from .gone import Gone, is_gone
from .publication import Publication

# s, for which an entity has to be gone before it gives its place back. A reload takes an entity away for seconds, and
# an integration whose server is down is tried again every 80 s: ten minutes hold several attempts.
_GONE_FOR: Final = 600.0

type Chosen = Mapping[Reference, str]


class Places:
    """Takes places back: first those of entities that a person has deselected, then of those that went first.

    An entity that is gone may come back, and those that went first are the least likely to.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        model: ThingModel,
        gone: Gone,
        publication: Publication,
        *,
        settle: Callable[[Collection[str]], set[str]],
        forget: Callable[[Collection[str]], None],
    ) -> None:
        """Take the functions that `Selection` takes."""
        self._hass = hass
        self._model = model
        self._gone = gone
        self._publication = publication
        self._settle = settle
        self._forget = forget
        self.is_awaited = False  # whether an entity needs a place that another may give back later

    @callback
    def take_back(self, chosen: Chosen) -> dict[Reference, str]:
        """Forget as many entities as others need their places; returns the others, or none if nothing was forgotten.

        An entity keeps its place while values of it wait, so no other entity gets their identifier.
        """
        lacking = _lacking(self._model, chosen)
        self.is_awaited = False
        if not lacking or self._hass.state is not CoreState.running:
            return {}
        others = _others(self._hass, self._model, chosen)
        ripe = self._ripe(others)
        for entity in ripe:
            self._publication.add_sources(entity)
        waiting = self._settle(_identifiers(ripe))
        ready = [entity for entity in ripe if waiting.isdisjoint(_identifiers([entity]))]
        self.is_awaited = len(ready) < len(self._model.entities.keys() - chosen.keys())
        given = _forget_some(self._model, ready, len(lacking))
        self._publication.forget(_identifiers(given))
        self._forget(_identifiers(given))
        return lacking if given else {}

    def _ripe(self, others: Collection[Entity]) -> list[Entity]:
        since, until = self._gone.since, self._hass.loop.time() - _GONE_FOR
        ripe = {entity.reference: entity for entity in others if since.get(entity.reference, until) <= until}
        first = [entity for reference, entity in ripe.items() if reference not in since]
        return first + [ripe[reference] for reference in since if reference in ripe]


def places_left(hass: HomeAssistant, model: ThingModel, chosen: Chosen) -> int:
    """Return how many properties there is room for, also in place of others that are not needed any more."""
    return model.places_left + sum(len(entity.definitions) for entity in _others(hass, model, chosen))


@callback
def try_take_back(hass: HomeAssistant, model: ThingModel, chosen: Chosen) -> dict[Reference, str]:
    """Do to a copy of the model what `Places` will do to the model, sooner or later."""
    lacking = _lacking(model, chosen)
    return lacking if _forget_some(model, _others(hass, model, chosen), len(lacking)) else {}


def _lacking(model: ThingModel, chosen: Chosen) -> dict[Reference, str]:
    """Return the chosen entities with a property for which there was no room."""
    return {reference: chosen[reference] for reference in model.without_room if reference in chosen}


def _forget_some(model: ThingModel, entities: Sequence[Entity], count: int) -> Sequence[Entity]:
    """Forget the first of these entities and return them; those that lacked room are tried again."""
    given = entities[:count]
    if given:
        model.forget(entity.reference for entity in given)
        model.without_room.clear()
    return given


def _identifiers(entities: Iterable[Entity]) -> list[str]:
    return [one.wire for entity in entities for one in entity.definitions.values()]


def _others(hass: HomeAssistant, model: ThingModel, chosen: Chosen) -> list[Entity]:
    """Return the entities that nobody needs: one that was chosen by name is among the chosen also while it is gone.

    What the cloud could ever control keeps its identifiers, so that no other entity gets them.
    """
    return [
        entity
        for reference, entity in model.entities.items()
        if reference not in chosen and not entity.was_granted and (is_alive(hass, reference) or is_gone(hass, entity))
    ]
