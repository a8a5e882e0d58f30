"""Base entity: ties every entity of an entry to its one service device."""

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .access.settings import Settings
from .alink import console_url
from .const import DOMAIN, MANUFACTURER
from .coordinator import AliyunIotCoordinator


class AliyunIotEntity(CoordinatorEntity[AliyunIotCoordinator]):
    """An entity of the service device; it tells local facts, so it stays available while the cloud is away."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: AliyunIotCoordinator, description: EntityDescription) -> None:
        """Tie the entity to its entry's device."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        settings = Settings.read(entry.data)
        self.entity_description = description
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            configuration_url=console_url(settings.region, settings.instance_id),
            identifiers={(DOMAIN, str(entry.unique_id))},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            model="IoT Platform",
            name=settings.identity.device_name,
        )
