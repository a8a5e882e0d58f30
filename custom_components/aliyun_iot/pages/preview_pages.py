"""Preview pages: show what is there, or would be, page by page."""

from dataclasses import dataclass, replace
from typing import Protocol

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult

from .handed import handed


class Paged(Protocol):
    """A preview of several pages."""

    @property
    def pages(self) -> int:
        """The number of pages."""

    def placeholders(self, page: int) -> dict[str, str]:
        """Return the values of a page's placeholders, as Markdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A preview that is open at one of its pages."""

    step_id: str
    preview: Paged
    ways_on: tuple[str, ...]
    page: int = 0

    @property
    def menu_options(self) -> list[str]:
        """List the steps that lead away from the page: turning it, and the ways on."""
        turns = {"next_page": self.page + 1 < self.preview.pages, "previous_page": self.page > 0}
        return [*(name for name, is_there in turns.items() if is_there), *self.ways_on]


class PreviewPages(ConfigEntryBaseFlow):
    """Shows a preview page by page, as a menu: it has more than one way on."""

    _opened: Opened | None = None

    async def async_step_next_page(self, _user_input: None = None) -> ConfigFlowResult:
        """Turn to the next page."""
        return self._turn(1)

    async def async_step_previous_page(self, _user_input: None = None) -> ConfigFlowResult:
        """Turn to the page before."""
        return self._turn(-1)

    def _turn(self, pages: int) -> ConfigFlowResult:
        opened = handed(self._opened)
        return self._show(replace(opened, page=opened.page + pages))

    def _show_preview(self, step_id: str, preview: Paged, *ways_on: str) -> ConfigFlowResult:
        """Show the first page; `ways_on` are the steps that it leads to."""
        return self._show(Opened(step_id=step_id, preview=preview, ways_on=ways_on))

    def _show(self, opened: Opened) -> ConfigFlowResult:
        self._opened = opened
        return self.async_show_menu(
            step_id=opened.step_id,
            menu_options=opened.menu_options,
            description_placeholders=opened.preview.placeholders(opened.page),
        )
