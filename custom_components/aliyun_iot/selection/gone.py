"""Gone: the entities of the model that are not there any more, and since when."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..thing_model.entity import Entity, Reference
from ..thing_model.model import ThingModel
from .criteria import is_alive
from .turns import in_turns


class Gone:
    """Remembers which entities are not there; nothing counts as gone while Home Assistant starts."""

    def __init__(self, hass: HomeAssistant, model: ThingModel) -> None:
        """Know of none before the first look."""
        self._hass = hass
        self._model = model
        self.ended: set[Reference] = set()  # without a state, or disabled
        # s of the running time, since when nothing of an entity is left; the longest gone come first. It is not kept
        # over a restart, after which many entities come back late: then all count from the start, in the order in which
        # they came.
        self.since: dict[Reference, float] = {}

    async def async_look(self, chosen: Mapping[Reference, str]) -> list[Entity]:
        """Look at every entity of the model; returns those that have ended since the last look."""
        if self._hass.state is not CoreState.running:
            return []
        new: list[Entity] = []
        async for some in in_turns(list(self._model.entities.items())):
            for reference, entity in some:
                if self._has_ended(reference):
                    if reference not in self.ended:
                        new.append(entity)
                    self.ended.add(reference)
                else:
                    self.ended.discard(reference)
                    self._model.note_deselected(entity, reference not in chosen)
                if reference in chosen or not is_gone(self._hass, entity):
                    self.since.pop(reference, None)
                else:
                    self.since.setdefault(reference, self._hass.loop.time())
        self.forget(self.since.keys() - self._model.entities.keys())
        return new

    @callback
    def forget(self, references: set[Reference]) -> None:
        """Forget entities that the model has forgotten."""
        for reference in references:
            self.since.pop(reference, None)
        self.ended -= references

    def _has_ended(self, reference: Reference) -> bool:
        """Tell if an entity can have no value now.

        One that is in the registry has no state for moments, while it gets another id; for longer only if it is
        disabled.
        """
        entry = er.async_get(self._hass).entities.get_entry(reference)
        return entry.disabled if entry is not None else not is_alive(self._hass, reference)


def is_gone(hass: HomeAssistant, entity: Entity) -> bool:
    """Tell if nothing of an entity is left: no state, no entry in the registry, no integration that may bring it back.

    An integration that is not loaded, because its server is down for instance, brings its entities when it is.
    """
    if is_alive(hass, entity.reference):
        return False
    source = None if entity.source is None else hass.config_entries.async_get_entry(entity.source)
    return source is None or source.state is ConfigEntryState.LOADED
