"""Watch: keeps what is stored of the consent up with the registries, and asks about what has joined.

A grant is erased with its entity: Home Assistant hands the id of an entity that was removed to one that comes back.
"""

from collections.abc import Callable, Collection
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ENTITY_ID, EVENT_STATE_CHANGED, Platform
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
    split_entity_id,
)
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.helpers.event import async_call_later

from ..alink import one_line
from ..const import DOMAIN
from ..issues import async_update_joined_issue
from ..markdown import plain
from ..selection.grants import Grants
from .consent import Consent

# s, from a change to the next look, which serves all that come until then: a start brings thousands. What has left is
# out before, since every command looks for itself.
QUIET: Final = 1.0

_LISTED: Final = 10  # entities that the issue names; its dialog lists all of them
_TELLING: Final = (ATTR_DEVICE_CLASS, ATTR_ENTITY_ID)
_EVENTS: Final = (
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    ar.EVENT_AREA_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
    lr.EVENT_LABEL_REGISTRY_UPDATED,
)


@callback
def async_erase_removed(hass: HomeAssistant) -> None:
    """Erase grants with their entities, of entries that are not loaded too, for as long as Home Assistant runs."""

    @callback
    def updated(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] == "remove":
            for entry in hass.config_entries.async_entries(DOMAIN):
                async_erase_departed(hass, entry)

    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, updated)


@callback
def async_erase_departed(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Erase the grants of one entry that nothing brings back into force."""
    if departed := Consent(hass, entry.options).departed():
        options = Grants.read(entry.options).without(departed).written(entry.options)
        hass.config_entries.async_update_entry(entry, options=options)


class ConsentWatch:
    """Follows the registries for one entry, and the states that tell what opens the house."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, changed: Callable[[], None]) -> None:
        """Take a callback for each change of what the cloud may control; nothing is followed yet."""
        self._hass = hass
        self._entry = entry
        self._changed = changed
        self._later: CALLBACK_TYPE | None = None
        self._allowed: dict[str, str] = {}

    @callback
    def async_follow(self) -> CALLBACK_TYPE:
        """Look now, and follow until the returned function is called."""
        bus = self._hass.bus
        ends: list[CALLBACK_TYPE] = []
        if Grants.read(self._entry.options).is_any:  # a home without grants has nothing to follow
            ends = [bus.async_listen(event, self._async_look_soon) for event in _EVENTS]
            ends.append(bus.async_listen(EVENT_STATE_CHANGED, self._async_look_soon, event_filter=self._tells))
        self._async_look()

        @callback
        def end() -> None:
            for one in ends:
                one()
            if self._later is not None:
                self._later()

        return end

    @callback
    def _tells(self, data: EventStateChangedData) -> bool:
        """Tell if a state has another class, or other members: what is behind a grant may be any entity."""
        before, now = data["old_state"], data["new_state"]
        if now is None or before is None:
            return split_entity_id(data["entity_id"])[0] == Platform.COVER
        if before.attributes is now.attributes:
            return False
        return any(
            before.attributes.get(name) != now.attributes.get(name) for name in (ATTR_DEVICE_CLASS, ATTR_ENTITY_ID)
        )

    @callback
    def _async_look_soon(self, _event: Event[Any]) -> None:
        if self._later is None:
            self._later = async_call_later(self._hass, QUIET, self._async_look)

    @callback
    def _async_look(self, _now: object = None) -> None:
        self._later = None
        async_erase_departed(self._hass, self._entry)
        consent = Consent(self._hass, self._entry.options)
        before, self._allowed = self._allowed, consent.allowed()
        async_update_joined_issue(self._hass, self._entry, listed(self._hass, consent.waiting().values()))
        if self._allowed.keys() != before.keys():
            self._changed()


@callback
def listed(hass: HomeAssistant, entity_ids: Collection[str]) -> str:
    """Write entities as a list in Markdown: the first few, and the number of the others."""
    lines = [f"- {plain(named(hass, entity_id))}" for entity_id in sorted(entity_ids)[:_LISTED]]
    if len(entity_ids) > _LISTED:
        lines.append(f"- +{len(entity_ids) - _LISTED}")
    return "\n".join(lines)


@callback
def named(hass: HomeAssistant, entity_id: str) -> str:
    """Return an entity's name and its id, by which two of one name can be told apart."""
    state = hass.states.get(entity_id)
    return entity_id if state is None else f"{one_line(state.name)} \N{MIDDLE DOT} {entity_id}"
