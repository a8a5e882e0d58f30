"""A house as large as they come: Home Assistant's own demo, its helpers, and a sensor of every kind that it knows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle
from typing import Any, Final

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS, SensorDeviceClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

_NOON: Final = datetime(2026, 11, 21, 4, tzinfo=UTC)
_HELPERS: Final[dict[str, Any]] = {
    "counter": {"visits": {"initial": 3, "maximum": 100}, "endless": {}},
    "group": {"lamps": {"entities": ["light.bed_light", "light.ceiling_lights"]}, "nothing": {"entities": []}},
    "input_boolean": {"guests": {"name": "Guests", "initial": True}},
    "input_button": {"bell": {"name": "Bell"}},
    "input_datetime": {
        "alarm": {"has_time": True, "has_date": False, "initial": "07:30:00"},
        "birthday": {"has_time": False, "has_date": True, "initial": "2026-11-21"},
        "holidays": {"has_time": True, "has_date": True, "initial": "2026-12-24 18:00:00"},
    },
    "input_number": {"noise": {"min": 0, "max": 10, "initial": 3, "unit_of_measurement": "dB"}},
    "input_select": {"cook": {"options": ["Paulus", "安妮", "🍕 delivery"], "initial": "安妮"}},
    "input_text": {"note": {"initial": "milk, 面包 & 🥚"}},
    "person": [{"id": "anne", "name": "Anne 安妮", "device_trackers": []}],
    "schedule": {"heating": {"name": "Heating", "monday": [{"from": "06:00:00", "to": "09:00:00"}]}},
    "sun": {},
    "timer": {"laundry": {"duration": "01:00:00"}},
    "zone": [{"name": "School", "latitude": 31.2, "longitude": 121.5, "radius": 100}],
}
# What the demo says nothing of, and what sets these states would have said.
_OTHERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "assist_satellite.kitchen": ("listening", {}),
    "device_tracker.phone": ("not_home", {"latitude": 31.23, "longitude": 121.47, "gps_accuracy": 12}),
    "geo_location.quake": ("42.5", {"latitude": -31.2, "longitude": 1.5, "unit_of_measurement": "km"}),
    "image.door": ("2026-11-21T04:00:00+00:00", {"access_token": "x" * 64}),
    "lawn_mower.garden": ("mowing", {}),
    "plant.ficus": ("ok", {"moisture": 40, "unit_of_measurement_dict": {"moisture": "%"}}),
    "scene.evening": ("2026-11-21T04:00:00+00:00", {}),
    "todo.shopping": ("3", {}),
    "automation.morning": ("on", {"last_triggered": _NOON, "mode": "single", "current": 0}),
    "script.goodbye": ("off", {"last_triggered": None, "mode": "single", "current": 0}),
}
_MOMENTS: Final = (SensorDeviceClass.TIMESTAMP, SensorDeviceClass.UPTIME)
_ROOMS: Final = ("Kitchen", "客厅", "Bath 🛁", "Garden")
_FLOORS: Final = ("Ground", "二楼")


async def async_build(hass: HomeAssistant, names: Sequence[str] = ()) -> None:
    """Set up the house; what is made for it alone has these names in turn, if any are given."""
    for domain, configured in _HELPERS.items():
        assert await async_setup_component(hass, domain, {domain: configured})
    assert await async_setup_component(hass, "homeassistant", {})
    entry = MockConfigEntry(domain="demo", title="Demo")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    given = cycle(names or [""])
    for entity_id, (state, attributes) in {**_OTHERS, **dict(_sensors())}.items():
        name = next(given)
        hass.states.async_set(entity_id, state, attributes | ({"friendly_name": name} if name else {}))
    _furnish(hass)


def _sensors() -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """Return a sensor of each device class in each of its units."""
    for device_class in SensorDeviceClass:
        units = sorted(map(str, DEVICE_CLASS_UNITS.get(device_class) or {None}))
        for number, unit in enumerate(units):
            said: dict[str, Any] = {"device_class": str(device_class)}
            if unit != "None":
                said |= {"unit_of_measurement": unit, "state_class": "measurement"}
            yield f"sensor.{device_class}_{number}", (_state(device_class), said | _options(device_class))


def _state(device_class: SensorDeviceClass) -> str:
    match device_class:
        case SensorDeviceClass.DATE:
            return "2026-11-21"
        case SensorDeviceClass.TIMESTAMP | SensorDeviceClass.UPTIME:
            return _NOON.isoformat()
        case SensorDeviceClass.ENUM:
            return "rinsing"
        case _:
            return "7.25"


def _options(device_class: SensorDeviceClass) -> dict[str, Any]:
    return {"options": ["idle", "rinsing", "脱水"]} if device_class is SensorDeviceClass.ENUM else {}


def _furnish(hass: HomeAssistant) -> None:
    """Put what is in the registry into rooms on floors, and labels on every third of it."""
    floors = [fr.async_get(hass).async_create(name).floor_id for name in _FLOORS]
    areas = [ar.async_get(hass).async_create(name, floor_id=floor) for name, floor in zip(_ROOMS, cycle(floors))]
    label = lr.async_get(hass).async_create("Every third").label_id
    registry = er.async_get(hass)
    for number, entry in enumerate(list(registry.entities.values())):
        area_id = areas[number % len(areas)].id
        registry.async_update_entity(entry.entity_id, labels={label} if number % 3 == 0 else set())
        if entry.device_id is None:
            registry.async_update_entity(entry.entity_id, area_id=area_id)
        else:
            dr.async_get(hass).async_update_device(entry.device_id, area_id=area_id)
