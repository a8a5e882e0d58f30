"""Button: sends every current value now."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AliyunIotConfigEntry
from .entity import AliyunIotEntity

PARALLEL_UPDATES = 0

SEND_NOW: Final = ButtonEntityDescription(
    key="send_now", translation_key="send_now", entity_category=EntityCategory.DIAGNOSTIC
)


async def async_setup_entry(
    hass: HomeAssistant, entry: AliyunIotConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the button of an entry."""
    async_add_entities([SendNowButton(entry.runtime_data, SEND_NOW)])


class SendNowButton(AliyunIotEntity, ButtonEntity):
    """Sends the current value of every chosen entity, changed or not."""

    @override
    async def async_press(self) -> None:
        self.coordinator.bridge.async_send_now()
