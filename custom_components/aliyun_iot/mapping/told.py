"""Told kinds: the attributes of an entity, and those that its registry entry has where the state has none."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er

# The attributes that tell the kind of a state, or of other attributes.
_TELLING: Final = (
    *(ATTR_UNIT_OF_MEASUREMENT, ATTR_DEVICE_CLASS, "state_class", "options"),
    *("temperature_unit", "pressure_unit", "wind_speed_unit", "visibility_unit"),
)


@callback
def with_registry(hass: HomeAssistant, state: State) -> State:
    """Return a state with what the registry knows of the entity's kind; the very same where that is nothing more."""
    if (entry := er.async_get(hass).async_get(state.entity_id)) is None:
        return state
    more = {key: value for key, value in _told(entry) if key not in state.attributes}
    if not more:
        return state
    return State(state.entity_id, state.state, {**more, **state.attributes}, validate_entity_id=False)


def tells_otherwise(before: State | None, now: State) -> bool:
    """Tell whether an entity may tell its kinds otherwise than before."""
    if before is None:
        return True
    former, attributes = before.attributes, now.attributes
    if former is attributes:
        return False
    return former.keys() != attributes.keys() or any(former.get(name) != attributes.get(name) for name in _TELLING)


def _told(entry: er.RegistryEntry) -> Iterator[tuple[str, Any]]:
    yield from (entry.capabilities or {}).items()
    if (device_class := entry.device_class or entry.original_device_class) is not None:
        yield ATTR_DEVICE_CLASS, device_class
    if entry.unit_of_measurement is not None:
        yield ATTR_UNIT_OF_MEASUREMENT, entry.unit_of_measurement
