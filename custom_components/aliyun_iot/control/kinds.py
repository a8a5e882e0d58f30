"""Kinds: the entities that can be granted by device, area or label, and those that can be granted one by one."""

from enum import Enum, auto
from typing import Final

from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

# Each of these does one harmless thing that is seen in the room. Covers are looked at one by one: see `danger`.
_BULK: Final = frozenset(
    {
        *(Platform.CLIMATE, Platform.COVER, Platform.FAN, Platform.HUMIDIFIER, Platform.LAWN_MOWER, Platform.LIGHT),
        *(Platform.MEDIA_PLAYER, Platform.SWITCH, Platform.VACUUM),
    }
)
# Their effect depends on an automation, a device's set-up or hot water, and an area does not tell it.
_SINGLE: Final = frozenset(
    {
        *(Platform.NUMBER, Platform.SELECT, Platform.TEXT, Platform.VALVE, Platform.WATER_HEATER),
        *("automation", "input_boolean", "input_number", "input_select", "input_text"),
    }
)
# The entity does whatever its owner has written or put into it.
_COMPOSED: Final = frozenset({"group", "template"})


class Manner(Enum):
    """How an entity can be granted."""

    BULK = auto()  # by its device, area or label, and one by one
    SINGLE = auto()  # one by one
    NONE = auto()


@callback
def manner_of(hass: HomeAssistant, entry: er.RegistryEntry) -> Manner:
    """Return how an entity can be granted, as far as its kind goes."""
    if entry.domain in _BULK:
        return Manner.SINGLE if _is_composed(hass, entry) else Manner.BULK
    return Manner.SINGLE if entry.domain in _SINGLE else Manner.NONE


def _is_composed(hass: HomeAssistant, entry: er.RegistryEntry) -> bool:
    if entry.platform in _COMPOSED:
        return True
    state = hass.states.get(entry.entity_id)  # groups of other integrations name their members likewise
    return state is not None and ATTR_ENTITY_ID in state.attributes
