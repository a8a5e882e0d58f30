"""Joined repair: asks which of the entities that have joined the cloud may control."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.repairs import RepairsFlow
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..control.consent import Consent
from ..control.watch import named
from ..schema import vol
from ..selection.grants import Grants, lives_of

if TYPE_CHECKING:  # Home Assistant 2026.5 has no name for it
    from homeassistant.components.repairs import RepairsFlowResult

_ALLOWED: Final = "allowed"


class JoinedRepairFlow(RepairsFlow):
    """Allows what is chosen, and asks about the others never again."""

    def __init__(self, entry_id: str) -> None:
        """Serve one entry."""
        self._entry_id = entry_id
        self._shown: dict[str, str] = {}  # the entities that the page has listed; others may have joined since

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin with the question."""
        return await self.async_step_choose()

    async def async_step_choose(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask, then keep the answer."""
        if (entry := self.hass.config_entries.async_get_entry(self._entry_id)) is None:
            return self.async_abort(reason="entry_removed")
        waiting = Consent(self.hass, entry.options).waiting()
        if user_input is None:
            self._shown = waiting
            return self._form(entry.title)
        grants = Grants.read(entry.options)
        # An entity that has left again since the page was shown is neither allowed nor refused.
        still = {reference: name for reference, name in waiting.items() if reference in self._shown}
        allowed = {reference: name for reference, name in still.items() if reference in user_input.get(_ALLOWED, ())}
        answered = replace(
            grants,
            granted={**grants.granted, **allowed},
            lives={**grants.lives, **lives_of(er.async_get(self.hass), allowed)},
            never=grants.never | (still.keys() - allowed.keys()),
        )
        self.hass.config_entries.async_update_entry(entry, options=answered.written(entry.options))
        self.hass.config_entries.async_schedule_reload(self._entry_id)
        return self.async_create_entry(data={})

    def _form(self, title: str) -> RepairsFlowResult:
        options = [
            SelectOptionDict(value=reference, label=named(self.hass, entity_id))
            for reference, entity_id in self._shown.items()
        ]
        picker = SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="choose",
            data_schema=vol.Schema({vol.Optional(_ALLOWED): picker}),
            description_placeholders={"name": title},
        )
