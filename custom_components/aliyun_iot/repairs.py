"""Repairs: the dialogs behind the buttons of issues."""

from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id

from .access.secret_file import secret_file
from .access.settings import device_name_of
from .const import CONF_HOME
from .coordinator import find_proof
from .errors import SecretFileError
from .issues import COPIED, JOINED, REMOVED, THING_MODEL
from .pages.joined_repair import JoinedRepairFlow
from .schema import vol
from .verdict.repair import ThingModelRepairFlow

if TYPE_CHECKING:  # Home Assistant 2026.5 has no name for it
    from homeassistant.components.repairs import RepairsFlowResult


async def async_create_fix_flow(hass: HomeAssistant, _issue_id: str, data: dict[str, Any] | None) -> RepairsFlow:
    """Make the dialog behind an issue's button."""
    assert data is not None
    if data["kind"] == REMOVED:
        return ForgetRepairFlow(data["fingerprint"])
    if data["kind"] == THING_MODEL:
        entry = hass.config_entries.async_get_entry(data["entry_id"])
        return ThingModelRepairFlow(data["entry_id"], partial(find_proof, entry))
    if data["kind"] == JOINED:
        return JoinedRepairFlow(data["entry_id"])
    return ConnectRepairFlow(entry_id=data["entry_id"], is_copy=data["kind"] == COPIED)


class ConnectRepairFlow(ConfirmRepairFlow):
    """Connects after all, once the user confirms that the device belongs to this Home Assistant."""

    def __init__(self, *, entry_id: str, is_copy: bool) -> None:
        """Take the entry's id; a copy is an entry that another Home Assistant made."""
        self._entry_id = entry_id
        self._is_copy = is_copy

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask, then connect."""
        if user_input is not None:
            if (entry := self.hass.config_entries.async_get_entry(self._entry_id)) is None:
                return self.async_abort(reason="entry_removed")
            if self._is_copy:
                home = await instance_id.async_get(self.hass)
                self.hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOME: home})
            self.hass.config_entries.async_schedule_reload(self._entry_id)
        return await super().async_step_confirm(user_input)


class ForgetRepairFlow(RepairsFlow):
    """Forgets the secret of a device that was removed."""

    def __init__(self, fingerprint: str) -> None:
        """Take the fingerprint of the device."""
        self._fingerprint = fingerprint

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin with the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask, then forget."""
        file = secret_file(self.hass)
        try:
            if user_input is not None:
                await file.async_forget(self._fingerprint)
            unique_id = await file.async_find(self._fingerprint)
            is_set_aside = await file.async_is_set_aside()
        except SecretFileError as err:
            return self.async_abort(reason="secret_not_kept", description_placeholders={"reason": err.reason})
        if unique_id is not None:
            placeholders = {"name": device_name_of(unique_id)}
            return self.async_show_form(
                step_id="confirm", data_schema=vol.Schema({}), description_placeholders=placeholders
            )
        if is_set_aside:
            return self.async_show_form(step_id="unreadable", data_schema=vol.Schema({}))
        return self.async_create_entry(data={})

    async def async_step_unreadable(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask as well when only a file that could not be read may hold the secret."""
        return await self.async_step_confirm(user_input)
