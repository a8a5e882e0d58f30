"""Chaos listener: a custom component of the chaos run's home that raises whenever the integration has news.

It stands for the entities, automations and custom components of others. It knows of the integration what these can
know: its coordinator, the states of its entities, its issues.
"""

import random
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType

INTEGRATION = "aliyun_iot"
# Of the changes of all other entities; more would fill the log.
SHARE = 0.01


class ChaosError(Exception):
    """Raised on purpose; the judge of the log knows it by this name."""


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    registry = er.async_get(hass)
    dice = random.Random()

    @callback
    def fail() -> None:
        raise ChaosError("an entity that cannot take the news")

    @callback
    def attach(change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        if entry.domain != INTEGRATION:
            return
        if change is ConfigEntryChange.UPDATED and entry.state is ConfigEntryState.LOADED:
            entry.runtime_data.async_add_listener(fail, "of chaos_listener")
        raise ChaosError(f"an entry that is {entry.state.value}")

    @callback
    def look(event: Event[Any]) -> None:
        entity_id = event.data["entity_id"]
        found = registry.async_get(entity_id)
        if (found is not None and found.platform == INTEGRATION) or dice.random() < SHARE:
            raise ChaosError(f"a state of {entity_id}")

    @callback
    def worry(event: Event[Any]) -> None:
        if event.data["domain"] == INTEGRATION:
            raise ChaosError(f"the issue {event.data['issue_id']}")

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, attach)
    hass.bus.async_listen(EVENT_STATE_CHANGED, look)
    hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, worry)
    return True
