"""Sensors: count the values that were confirmed, that wait, and that did not arrive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .alink import Status
from .control.journal import Counts
from .control.refusing import Cause as RefusalCause
from .coordinator import AliyunIotConfigEntry
from .delivery.losses import Cause
from .entity import AliyunIotEntity

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class AliyunIotSensorEntityDescription(SensorEntityDescription):
    """A sensor that reads one fact from the status."""

    value_fn: Callable[[Status], datetime | int | None]
    attributes_fn: Callable[[Status], dict[str, Any]] | None = None


def _moment(time: int | None) -> datetime | None:
    return None if time is None else dt_util.utc_from_timestamp(time / 1000)


def _rejections(status: Status) -> dict[str, Any]:
    return {
        "properties": {
            identifier: {
                "count": rejection.count,
                "code": rejection.latest.code,
                "text": rejection.latest.text,
                "is_over": rejection.is_over,
            }
            for identifier, rejection in status.rejections.items()
        }
    }


SENSORS = (
    AliyunIotSensorEntityDescription(
        key="last_confirmed",
        translation_key="last_confirmed",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: _moment(status.last_confirmed),
    ),
    AliyunIotSensorEntityDescription(
        key="values_confirmed",
        translation_key="values_confirmed",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.confirmed,
    ),
    AliyunIotSensorEntityDescription(
        key="values_rejected",
        translation_key="values_rejected",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.rejected,
        attributes_fn=_rejections,
    ),
    AliyunIotSensorEntityDescription(
        key="waiting",
        translation_key="waiting",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda status: status.waiting,
    ),
    AliyunIotSensorEntityDescription(
        key="oldest_waiting",
        translation_key="oldest_waiting",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda status: _moment(status.oldest_waiting),
    ),
)

MESSAGES_TODAY: Final = SensorEntityDescription(
    key="messages_today",
    translation_key="messages_today",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)

VALUES_UNFIT: Final = SensorEntityDescription(
    key="values_unfit",
    translation_key="values_unfit",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
)


VALUES_LOST = SensorEntityDescription(
    key="values_lost",
    translation_key="values_lost",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
)


@dataclass(frozen=True, kw_only=True)
class CommandsSensorEntityDescription(SensorEntityDescription):
    """A sensor that counts commands from the cloud."""

    value_fn: Callable[[Counts], int]
    attributes_fn: Callable[[Counts], dict[str, int] | None] = lambda _: None


COMMANDS: Final = (
    CommandsSensorEntityDescription(
        key="commands_executed",
        translation_key="commands_executed",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda counts: counts.executed,
    ),
    CommandsSensorEntityDescription(
        key="commands_refused",
        translation_key="commands_refused",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda counts: sum(counts.refused.values()),
        attributes_fn=lambda counts: {cause.value: counts.refused.get(cause, 0) for cause in RefusalCause},
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: AliyunIotConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of an entry."""
    async_add_entities([AliyunIotSensor(entry.runtime_data, description) for description in SENSORS])
    async_add_entities([MessagesTodaySensor(entry.runtime_data, MESSAGES_TODAY)])
    async_add_entities([ValuesUnfitSensor(entry.runtime_data, VALUES_UNFIT)])
    async_add_entities([ValuesLostSensor(entry.runtime_data, VALUES_LOST)])
    async_add_entities([CommandsSensor(entry.runtime_data, description) for description in COMMANDS])


class AliyunIotSensor(AliyunIotEntity, SensorEntity):
    """One fact of the device's status."""

    entity_description: AliyunIotSensorEntityDescription
    _unrecorded_attributes = frozenset({"properties"})

    @property
    @override
    def native_value(self) -> datetime | int | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        attributes = self.entity_description.attributes_fn
        return None if attributes is None else attributes(self.coordinator.data)


class ValuesUnfitSensor(AliyunIotEntity, SensorEntity):
    """The number of states that do not fit their property, and were not sent for that."""

    _unrecorded_attributes = frozenset({"properties"})

    @property
    @override
    def native_value(self) -> int:
        return self.coordinator.bridge.misfits.total

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        return {
            "properties": {
                identifier: {"count": case.count, "reason": case.misfit.value, "state": case.shown}
                for identifier, case in self.coordinator.bridge.misfits.cases.items()
            }
        }


class ValuesLostSensor(AliyunIotEntity, SensorEntity):
    """The number of values that will never arrive, in all and by cause.

    Rows that were purged while nobody was there to read them cannot be counted; their time is told instead.
    """

    @property
    @override
    def native_value(self) -> int:
        return self.coordinator.data.lost

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        losses = self.coordinator.data.losses
        counts = {cause.value: losses.get(cause.value, 0) for cause in Cause}
        return {**counts, "purged_before": _moment(self.coordinator.bridge.purged_until)}


class CommandsSensor(AliyunIotEntity, SensorEntity):
    """A number of commands, as the journal tells it."""

    entity_description: CommandsSensorEntityDescription

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.journal.async_listen_to_counts(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> int:
        return self.entity_description.value_fn(self.coordinator.journal.counts)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, int] | None:
        return self.entity_description.attributes_fn(self.coordinator.journal.counts)


class MessagesTodaySensor(AliyunIotEntity, RestoreSensor):
    """The number of messages since midnight, including those before a restart: the platform counts them as well."""

    _before = 0  # messages of today that were sent before this start
    _past = 0  # messages that were sent after this start, but not today

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        state, data = await self.async_get_last_state(), await self.async_get_last_sensor_data()
        if state is not None and data is not None and state.last_updated >= dt_util.start_of_local_day():
            self._before = int(str(data.native_value))
        self.async_on_remove(async_track_time_change(self.hass, self._midnight, hour=0, minute=0, second=0))

    @callback
    def _midnight(self, _now: datetime) -> None:
        self._before, self._past = 0, self.coordinator.data.messages
        self.async_write_ha_state()

    @property
    @override
    def native_value(self) -> int:
        return self._before + self.coordinator.data.messages - self._past
