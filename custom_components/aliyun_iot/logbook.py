"""Logbook: names the cloud as the source of what it has changed."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook import LOGBOOK_ENTRY_ENTITY_ID, LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_COMMAND

# The name in the manifest, which Home Assistant translates nowhere in its logbook.
_NAME = "Alibaba Cloud IoT Platform"


@callback
def async_describe_events(
    _hass: HomeAssistant, async_describe_event: Callable[[str, str, Callable[[Event[Any]], dict[str, str]]], None]
) -> None:
    """Describe the event that precedes an action, and through its context also the change that follows."""
    async_describe_event(DOMAIN, EVENT_COMMAND, _describe)


@callback
def _describe(event: Event[Any]) -> dict[str, str]:
    # The recorder may hold events of other versions.
    actions = ", ".join(map(str, event.data.get("actions", ())))
    described = {LOGBOOK_ENTRY_NAME: _NAME, LOGBOOK_ENTRY_MESSAGE: f"sent a command: {actions}"}
    if isinstance(entity_id := event.data.get("entity_id"), str):
        described[LOGBOOK_ENTRY_ENTITY_ID] = entity_id
    return described
