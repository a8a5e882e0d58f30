"""What the platform has confirmed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .alink.device import Status
from .coordinator import AliyunIotConfigEntry
from .entity import AliyunIotEntity

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class AliyunIotSensorEntityDescription(SensorEntityDescription):
    """A sensor that reads one fact from the status."""

    value_fn: Callable[[Status], datetime | int | None]


def _last_confirmed(status: Status) -> datetime | None:
    if status.last_confirmed is None:
        return None
    return dt_util.utc_from_timestamp(status.last_confirmed / 1000)


SENSORS = (
    AliyunIotSensorEntityDescription(
        key="last_confirmed",
        translation_key="last_confirmed",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_last_confirmed,
    ),
    AliyunIotSensorEntityDescription(
        key="values_confirmed",
        translation_key="values_confirmed",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.confirmed,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: AliyunIotConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the counters of an entry."""
    async_add_entities(AliyunIotSensor(entry.runtime_data, description) for description in SENSORS)


class AliyunIotSensor(AliyunIotEntity, SensorEntity):
    """One fact about what was sent."""

    entity_description: AliyunIotSensorEntityDescription

    @property
    @override
    def native_value(self) -> datetime | int | None:
        return self.entity_description.value_fn(self.coordinator.data)
