"""The menu of the options."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

MENU: Final = ("selection", "preview", "properties", "attributes", "file", "delivery")


class OptionsMenu(OptionsFlow):
    """Leads to each page, and is where those lead back to that are done at once."""

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show where to go."""
        return self.async_show_menu(step_id="init", menu_options=list(MENU))
