"""Which entities are published, found again after a rename."""

from collections.abc import Callable, Iterable, Mapping

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .mapping.property import Property


def references(hass: HomeAssistant, entity_ids: Iterable[str]) -> dict[str, str]:
    """Map what lasts of an entity, its registry id where it has one, to its entity id."""
    registry = er.async_get(hass)
    result: dict[str, str] = {}
    for entity_id in entity_ids:
        entry = registry.async_get(entity_id)
        result[entry.id if entry else entity_id] = entity_id
    return result


def entity_id_of(registry: er.EntityRegistry, reference: str) -> str:
    """Return the entity id that a reference has now; an entity that is gone keeps its reference."""
    entry = registry.entities.get_entry(reference)
    return entry.entity_id if entry else reference


class Selection:
    """The chosen entities by the entity ids that they have now."""

    def __init__(self, hass: HomeAssistant, chosen: Mapping[str, str]) -> None:
        """Take the mapping of references to identifiers."""
        self._hass = hass
        self._chosen = chosen
        self.properties: dict[str, Property] = {}  # by entity id
        self.entity_ids: dict[str, str] = {}  # by identifier
        self._resolve()

    @callback
    def async_follow(self, changed: Callable[[], None]) -> CALLBACK_TYPE:
        """Follow renames until the returned function is called, and tell of each."""
        self._changed = changed
        return self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._registry_updated)

    @callback
    def _registry_updated(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        # Nearly all are about something else, and a large house has thousands of them while it starts.
        entity_id = event.data["entity_id"]
        entry = er.async_get(self._hass).async_get(entity_id)
        if (entry is not None and self._chosen.get(entry.id)) or entity_id in self.properties:
            is_known = entry is not None and self.entity_ids.get(self._chosen.get(entry.id, "")) == entity_id
            if not is_known:
                self._resolve()
                self._changed()

    def _resolve(self) -> None:
        registry = er.async_get(self._hass)
        known = self.entity_ids
        now = {identifier: entity_id_of(registry, reference) for reference, identifier in self._chosen.items()}
        # An entity that is gone has left its history under the id that it had last.
        self.entity_ids = {
            identifier: entity_id if "." in entity_id else known.get(identifier, entity_id)
            for identifier, entity_id in now.items()
        }
        self.properties = {entity_id: Property(identifier) for identifier, entity_id in self.entity_ids.items()}
