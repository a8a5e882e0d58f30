"""Control pages: what the cloud may control, from an empty form over a preview to grants that are saved."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from ..alink import Status
from ..control.controllable import confirmed, unconfirmed
from ..selection.grants import Grants
from ..verdict.model_pages import FindProof
from .control_form import CONTROL_SCHEMA, Asked, asked_by, typed_grants
from .control_preview import async_control_preview
from .handed import handed
from .menu import OptionsMenu
from .preview_pages import PreviewPages


class ControlPages(PreviewPages, OptionsMenu):
    """Grants nothing before the preview is saved."""

    find_proof: FindProof

    _asked: Asked | None = None

    async def async_step_control(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose what the cloud may control, and mark what opens the house."""
        options = self.config_entry.options
        if user_input is not None:
            self._asked = asked_by(self.hass, user_input, options)
            return await self.async_step_control_review()
        grants = Grants.read(options) if self._asked is None else self._asked.grants
        return self.async_show_form(
            step_id="control",
            data_schema=self.add_suggested_values_to_schema(CONTROL_SCHEMA, typed_grants(self.hass, grants)),
        )

    async def async_step_control_review(self, _user_input: None = None) -> ConfigFlowResult:
        """Show what the cloud may do."""
        entry, model, asked = self.config_entry, await self._async_model(), handed(self._asked)
        proof = self.find_proof()
        status = Status() if proof is None else proof.status
        preview = await async_control_preview(self.hass, entry, model, asked, status)
        # Whoever has changed something has not imported it yet.
        is_saved = asked.grants.written(entry.options) == Grants.read(entry.options).written(entry.options)
        is_to_confirm = (
            is_saved and proof is not None and status.model is None and unconfirmed(self.hass, entry.options, model)
        )
        ways = ("control_imported",) if is_to_confirm else ()
        return self._show_preview("control_review", preview, "control_save", *ways, "control")

    async def async_step_control_save(self, _user_input: None = None) -> ConfigFlowResult:
        """Keep the grants; the entry starts again with them."""
        return self.async_create_entry(data=handed(self._asked).grants.written(self.config_entry.options))

    async def async_step_control_imported(self, _user_input: None = None) -> ConfigFlowResult:
        """Keep the owner's word that the file is imported, where the platform does not tell its thing model."""
        return self.async_create_entry(data=confirmed(self.hass, self.config_entry.options, await self._async_model()))
