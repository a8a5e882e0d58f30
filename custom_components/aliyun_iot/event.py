"""Event: tells of each command from the cloud, without its values."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control.journal import Kind
from .coordinator import AliyunIotConfigEntry
from .entity import AliyunIotEntity

PARALLEL_UPDATES = 0

COMMAND: Final = EventEntityDescription(
    key="command",
    translation_key="command",
    entity_category=EntityCategory.DIAGNOSTIC,
    event_types=[kind.value for kind in Kind],
)


async def async_setup_entry(
    hass: HomeAssistant, entry: AliyunIotConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entity of an entry."""
    async_add_entities([CommandEvent(entry.runtime_data, COMMAND)])


class CommandEvent(AliyunIotEntity, EventEntity):
    """The latest command, or the latest refusals for one reason."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.journal.async_listen(self._told))

    @callback
    def _told(self, kind: Kind, what: Mapping[str, Any]) -> None:
        self._trigger_event(kind.value, dict(what))
        self.async_write_ha_state()
