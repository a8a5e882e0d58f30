"""Options flow: changes the selection, the properties and the delivery of an entry."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.util.dt import utcnow

from ..const import AFTER_SET_UP, CONF_DELIVERY, CONF_SELECTION
from ..delivery.options import Delivery
from ..selection.criteria import Criteria, resolve
from ..verdict.model_pages import FindProof, ModelPages
from .attribute_pages import AttributePages
from .control_pages import ControlPages
from .flow_schemas import DELIVERY_SCHEMA
from .numbers import number_errors, without
from .preview import Preview, async_preview
from .preview_pages import Opened
from .selection_form import Selected, async_selection_schema, selected_by, typed_selection

_JUST_NOW: Final = timedelta(minutes=1)  # ample for a slow phone to start the dialog; later, a person has opened it


class AliyunIotOptionsFlow(ControlPages, AttributePages, ModelPages[ConfigFlowResult], OptionsFlowWithReload):
    """Leads from a menu to each page; a new selection leaves the definitions of properties as they are."""

    more_ways = ("init",)
    ways_after = ("control",)

    _has_begun = False
    _selected: Selected | None = None

    def __init__(self, republish: Callable[[], None], find_proof: FindProof) -> None:
        """Take a callback that has a loaded entry publish by a changed model, and one that finds its proof."""
        super().__init__(republish)
        self.find_proof = find_proof

    @property
    @override
    def entry_id(self) -> str:
        return self.config_entry.entry_id

    @override
    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Begin with the menu, or after the set-up with the thing model."""
        begins, self._has_begun = not self._has_begun, True
        if begins and (self.source == AFTER_SET_UP or self._follow_set_up()):
            return await self.async_step_file()
        return await super().async_step_init(user_input)

    async def async_step_selection(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the entities that are published."""
        before: Selected = self.config_entry.options.get(CONF_SELECTION, {})
        errors: dict[str, str] = {}
        if user_input is not None:
            self._selected = selected_by(self.hass, user_input, before)
            if self._selected is not None:
                return await self.async_step_review()
            errors["base"] = "nothing_chosen"
        selected = before if self._selected is None else self._selected
        return self.async_show_form(
            step_id="selection",
            data_schema=self.add_suggested_values_to_schema(
                await async_selection_schema(self.hass, selected),
                typed_selection(self.hass, selected) if user_input is None else user_input,
            ),
            errors=errors,
        )

    async def async_step_review(self, _user_input: None = None) -> ConfigFlowResult:
        """Show the properties that the choice publishes."""
        return self._show_preview("review", await self._async_preview(), "save", "selection")

    async def async_step_save(self, _user_input: None = None) -> ConfigFlowResult:
        """Keep the choice; the entry starts again with it."""
        return self.async_create_entry(data=self._options())

    async def async_step_preview(self, _user_input: None = None) -> ConfigFlowResult:
        """Show the properties that are published now."""
        self._selected = None
        return self._show_preview("preview", await self._async_preview(), "init")

    async def async_step_delivery(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the pace of the deliveries."""
        errors = number_errors(user_input or {})
        if user_input is not None and not errors:
            return self.async_create_entry(data={**self.config_entry.options, CONF_DELIVERY: user_input})
        shown = asdict(Delivery.read(self.config_entry.options)) if user_input is None else without(user_input, errors)
        return self.async_show_form(
            step_id="delivery",
            data_schema=self.add_suggested_values_to_schema(DELIVERY_SCHEMA, shown),
            errors=errors,
        )

    def _follow_set_up(self) -> bool:
        """Take the place of the dialog that the set-up has just opened; returns whether there is one.

        The frontend is told that dialog's flow id. As of 2026.10 it starts another one all the same.
        """
        if utcnow() - self.config_entry.created_at > _JUST_NOW:
            return False
        manager = self.hass.config_entries.options
        waiting = [
            flow["flow_id"]
            for flow in manager.async_progress_by_handler(self.handler)
            if flow["context"].get("source") == AFTER_SET_UP and flow["step_id"] == "file"
        ]
        for flow_id in waiting:
            manager.async_abort(flow_id)
        return bool(waiting)

    @override
    def _show(self, opened: Opened) -> ConfigFlowResult:
        _ = self.config_entry  # turning a page asks for nothing else of it
        return super()._show(opened)

    def _options(self) -> dict[str, Any]:
        chosen = {} if self._selected is None else {CONF_SELECTION: self._selected}
        return {**self.config_entry.options, **chosen}

    async def _async_preview(self) -> Preview:
        model = await self._async_model()
        before = resolve(self.hass, Criteria.read(self.config_entry.options))
        pace = Delivery.read(self.config_entry.options).pace
        return await async_preview(self.hass, model.copy(), self._options(), pace, before=before)
