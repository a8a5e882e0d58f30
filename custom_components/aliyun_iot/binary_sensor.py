"""Binary sensor: tells whether the MQTT client is connected."""

from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alink import Connection
from .coordinator import AliyunIotConfigEntry
from .entity import AliyunIotEntity
from .errors import error_key

PARALLEL_UPDATES = 0

MQTT_CLIENT = BinarySensorEntityDescription(
    key="mqtt_client",
    translation_key="mqtt_client",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: AliyunIotConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensor of an entry."""
    async_add_entities([MqttClientBinarySensor(entry.runtime_data, MQTT_CLIENT)])


class MqttClientBinarySensor(AliyunIotEntity, BinarySensorEntity):
    """The connection to the platform; its attributes have its state in detail and the latest problem."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.data.connection is Connection.CONNECTED

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        status = self.coordinator.data
        return {
            "connection": status.connection,
            "problem": error_key(status.problem) or "none",
            "unreadable_messages": status.unreadable,
        }
