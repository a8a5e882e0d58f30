"""Menu: the first page of the options."""

from collections.abc import Callable
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import AbortFlow

from ..thing_model.store import StoredModel, async_model
from .removed import aborting_without_entry

MENU: Final = ("selection", "preview", "properties", "attributes", "control", "file", "delivery")


class OptionsMenu(OptionsFlow):
    """Leads to each page; the pages that take effect at once lead back to it."""

    def __init__(self, republish: Callable[[], None]) -> None:
        """Take a callback that has a loaded entry publish by a changed model."""
        self._republish = republish

    @property
    @override
    def config_entry(self) -> ConfigEntry:
        """The entry; a page of one that was removed meanwhile ends the dialog with a text."""
        with aborting_without_entry():
            return super().config_entry

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the menu."""
        _ = self.config_entry
        return self.async_show_menu(step_id="init", menu_options=list(MENU))

    async def _async_model(self) -> StoredModel:
        """Return the entry's model, or end the dialog with a text if the disk cannot be read."""
        try:
            return await async_model(self.hass, self.config_entry.entry_id)
        except OSError as err:
            raise AbortFlow("model_not_read") from err
