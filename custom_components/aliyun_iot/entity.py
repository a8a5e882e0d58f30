"""What all entities of an entry share."""

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_DEVICE_NAME, DOMAIN, MANUFACTURER
from .coordinator import AliyunIotCoordinator


class AliyunIotEntity(CoordinatorEntity[AliyunIotCoordinator]):
    """An entity of the one service device; it tells local facts, so it stays available when the cloud is not."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: AliyunIotCoordinator, description: EntityDescription) -> None:
        """Tie the entity to its entry's device."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, str(entry.unique_id))},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            model="IoT Platform",
            name=entry.data[CONF_DEVICE_NAME],
        )
