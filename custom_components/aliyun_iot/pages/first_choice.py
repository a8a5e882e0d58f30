"""First choice: what a new device publishes, by one click or by the form of every choice."""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..alink import FREE_MESSAGES_PER_SECOND, one_line
from ..const import CONF_AREAS, CONF_HISTORY_DAYS, CONF_INCLUDE, CONF_MEASURING, CONF_SELECTION
from ..delivery.options import Delivery
from ..errors import ErrorText
from ..schema import vol
from ..thing_model.model import ThingModel
from .alike import latest_entry
from .amounts import Amount, async_amounts, grouped
from .connect_pages import ConnectPages
from .flow_schemas import HISTORY
from .handed import handed
from .numbers import number_errors, without
from .preview import async_preview
from .preview_pages import PreviewPages
from .selection_form import Selected, async_selection_schema, selected_by, selection_of, typed_selection
from .shown_values import aside, async_words

_DAY: Final = 24 * 3600  # s
_AREA: Final = "area_id"
_MEASURING: Final = selection_of(**{CONF_MEASURING: True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The choices that take one click, and how much each would publish."""

    amounts: dict[str, Amount]  # by the step that makes the choice
    areas: dict[str, Amount]  # by the id of an area with something to publish; in the order of their names
    alike: ConfigEntry | None  # the entry of the same product whose choice can be taken over


class FirstChoice(PreviewPages, ConnectPages):
    """Leads over one of several choices to the preview, and from there back to all of them."""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        super().__init__()
        self._selected: Selected | None = None  # the choice made last
        self._offer: Offer | None = None

    async def async_step_publish(self, _user_input: None = None) -> ConfigFlowResult:
        """Offer each choice with the properties and messages that it makes; without any, show the form at once."""
        self._offer = offer = await self._async_offer()
        if not offer.amounts:
            return await self.async_step_entities()
        words = await async_words(self.hass)
        return self.async_show_menu(
            step_id="publish",
            menu_options=[*offer.amounts, "entities"],
            description_placeholders={
                **{name: amount.text(words) for name, amount in offer.amounts.items()},
                "device": "" if offer.alike is None else one_line(offer.alike.title),
                "rate": str(FREE_MESSAGES_PER_SECOND),
                "allowed": grouped(FREE_MESSAGES_PER_SECOND * _DAY),
            },
        )

    async def async_step_alike(self, _user_input: None = None) -> ConfigFlowResult:
        """Choose what another device of the product publishes."""
        return await self._choose(dict(handed(handed(self._offer).alike).options[CONF_SELECTION]))

    async def async_step_measuring(self, _user_input: None = None) -> ConfigFlowResult:
        """Choose all sensors that measure something."""
        return await self._choose(_MEASURING)

    async def async_step_areas(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose everything in some areas, at first in all that have anything."""
        offered = handed(self._offer).areas
        if user_input is not None:
            wanted = user_input.get(CONF_AREAS, [])
            self._typed["areas"] = {CONF_AREAS: wanted}
            if wanted:
                return await self._choose(selection_of(**{_AREA: wanted}))
            self._problem = ErrorText(field="base", key="nothing_chosen")
        before = self._typed.get("areas", {CONF_AREAS: list(offered)})[CONF_AREAS]
        self._typed["areas"] = {CONF_AREAS: [area_id for area_id in before if area_id in offered]}
        words = await async_words(self.hass)
        names = ar.async_get(self.hass)
        options = [
            SelectOptionDict(value=area_id, label=aside(_name(names, area_id), amount.text(words), words))
            for area_id, amount in offered.items()
        ]
        picker = SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
        return self._form("areas", vol.Schema({vol.Optional(CONF_AREAS): picker}), {})

    async def async_step_entities(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose by every kind of criteria; the form has the choice made last, or that of the device alike."""
        if user_input is not None:
            errors = number_errors(user_input)
            self._typed["entities"] = without(user_input, errors)
            self._selected = selected_by(self.hass, user_input, {})
            if self._selected is not None and not errors:
                return await self.async_step_preview()
            self._problem = ErrorText(field="base", key="nothing_chosen")
            for field, key in errors.items():
                self._problem = ErrorText(field=field, key=key)
        history = HISTORY if "recorder" in self.hass.config.components else {}
        alike = handed(self._offer).alike
        selected = self._selected or ({} if alike is None else alike.options[CONF_SELECTION])
        schema = await async_selection_schema(self.hass, selected, history)
        return self._form("entities", schema, typed_selection(self.hass, selected) if selected else {})

    async def async_step_preview(self, _user_input: None = None) -> ConfigFlowResult:
        """Show the properties that the choice publishes."""
        options = {CONF_SELECTION: handed(self._selected)}
        preview = await async_preview(self.hass, ThingModel(self.hass), options, Delivery().pace, before={})
        return self._show_preview("preview", preview, "save", "publish")

    async def _choose(self, selected: Selected) -> ConfigFlowResult:
        """Go on with a choice as if it had been typed into the form, which can be opened to change it."""
        days = {key: one for key, one in self._typed.get("entities", {}).items() if key == CONF_HISTORY_DAYS}
        self._typed["entities"] = {**typed_selection(self.hass, selected), **days}
        self._selected = selected
        return await self.async_step_preview()

    async def _async_offer(self) -> Offer:
        alike = latest_entry(self.hass, handed(self._obtained).settings.identity.product_key)
        if alike is not None and not any(alike.options.get(CONF_SELECTION, {}).get(CONF_INCLUDE, {}).values()):
            alike = None
        names = ar.async_get(self.hass)
        area_ids = sorted(names.areas, key=lambda area_id: _name(names, area_id).casefold())
        quick = {} if alike is None else {"alike": alike.options[CONF_SELECTION]}
        quick |= {"measuring": _MEASURING, "areas": selection_of(**{_AREA: area_ids})}
        choices = [*quick.values(), *(selection_of(**{_AREA: [area_id]}) for area_id in area_ids)]
        amounts = await async_amounts(self.hass, choices, Delivery().pace)
        areas = dict(zip(area_ids, amounts[len(quick) :], strict=True))
        return Offer(
            amounts={
                name: amount
                for name, amount in zip(quick, amounts, strict=False)
                if amount.properties or name == "alike"
            },
            areas={area_id: amount for area_id, amount in areas.items() if amount.properties},
            alike=alike,
        )


def _name(names: ar.AreaRegistry, area_id: str) -> str:
    """Return the name of an area, or its id when it has been removed meanwhile."""
    area = names.async_get_area(area_id)
    return area_id if area is None else one_line(area.name)
