"""The pages that show what is published, or would be."""

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult

from .preview import Preview


class PreviewPages(ConfigEntryBaseFlow):
    """Shows a preview page by page, as a menu: it has more than one way on."""

    _preview: Preview
    _step: str
    _ways_on: tuple[str, ...]
    _page: int

    async def async_step_next_page(self, _user_input: None = None) -> ConfigFlowResult:
        """Turn to the next page."""
        self._page += 1
        return self._show_page()

    async def async_step_previous_page(self, _user_input: None = None) -> ConfigFlowResult:
        """Turn to the page before."""
        self._page -= 1
        return self._show_page()

    def _show_preview(self, step_id: str, preview: Preview, *ways_on: str) -> ConfigFlowResult:
        """Show the first page; `ways_on` are the steps that it leads to."""
        self._step, self._preview, self._ways_on, self._page = step_id, preview, ways_on, 0
        return self._show_page()

    def _show_page(self) -> ConfigFlowResult:
        turns = {
            "next_page": self._page + 1 < self._preview.pages,
            "previous_page": self._page > 0,
        }
        return self.async_show_menu(
            step_id=self._step,
            menu_options=[*(name for name, is_there in turns.items() if is_there), *self._ways_on],
            description_placeholders=self._preview.placeholders(self._page),
        )
