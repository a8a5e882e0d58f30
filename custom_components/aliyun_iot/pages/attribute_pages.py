"""Attribute pages: choose the attributes of an entity that are properties."""

from collections.abc import Collection
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import State, split_entity_id
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_ATTRIBUTES, CONF_ENTITY
from ..mapping.facets import facets
from ..mapping.kinds import AVAILABLE, STATE, Facet, attributes_of
from ..mapping.words import async_load_words, facet_name
from ..markdown import cut, plain
from ..recorder.unrecorded import is_recorded
from ..schema import vol
from ..thing_model.entity import Entity, Reference
from ..thing_model.model import ThingModel
from .handed import handed
from .preview import name_of
from .property_pages import PropertyPages
from .shown_values import Words, aside, async_words, shown_raw

_LENGTH: Final = 40  # characters of a value: with the attribute's name in front, its checkbox stays one or two lines


class AttributePages(PropertyPages):
    """Picks an entity, and then the attributes that are sent beside its state."""

    _reference: Reference | None = None  # of the entity that was picked

    async def async_step_attributes(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Pick an entity."""
        model = await self._async_model()
        published = {
            entity_id: model.entities[reference]
            for reference, entity_id in self._chosen().items()
            if reference in model.entities
        }
        errors: dict[str, str] = {}
        if user_input is not None:
            entity = published.get(user_input[CONF_ENTITY])
            if entity is not None and await self._async_offered(entity):
                self._reference = entity.reference
                return await self.async_step_entity_attributes()
            errors[CONF_ENTITY] = "no_attributes"
        picker = EntitySelector(EntitySelectorConfig(include_entities=list(published)))
        return self.async_show_form(
            step_id="attributes", data_schema=vol.Schema({vol.Required(CONF_ENTITY): picker}), errors=errors
        )

    async def async_step_entity_attributes(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose attributes of the entity that was picked."""
        model = await self._async_model()
        entity = model.entities.get(handed(self._reference))
        if entity is None:  # the entity has got another reference since, for instance a registry id
            return await self.async_step_attributes()
        errors: dict[str, str] = {}
        if user_input is not None:
            has_room = self._choose(model, entity, user_input.get(CONF_ATTRIBUTES, []))
            await self._async_apply(model)
            if has_room:
                return await self.async_step_init()
            errors["base"] = "model_full"
        options = [
            SelectOptionDict(value=key, label=label) for key, label in (await self._async_offered(entity)).items()
        ]
        picker = SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
        sent = [key for key, definition in entity.definitions.items() if not definition.is_left_out]
        offered = {option["value"] for option in options}
        return self.async_show_form(
            step_id="entity_attributes",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({vol.Optional(CONF_ATTRIBUTES): picker}),
                {CONF_ATTRIBUTES: [key for key in sent if key in offered]} if user_input is None else user_input,
            ),
            errors=errors,
            description_placeholders={
                "name": plain(name_of(self.hass, entity.entity_id)),
                "entity_id": plain(entity.entity_id),
            },
        )

    async def _async_offered(self, entity: Entity) -> dict[str, str]:
        """Return the keys of the attributes that can be sent, each labelled with its name and present value."""
        domain = split_entity_id(entity.entity_id)[0]
        await async_load_words(self.hass, {domain})
        state, words = self.hass.states.get(entity.entity_id), await async_words(self.hass)
        keys = [*(facet.key for facet in self._facets(state)), *entity.definitions]
        return {
            key: _label(facet_name(self.hass, domain, key), key, state, words)
            for key in dict.fromkeys(keys)
            if key not in (STATE, AVAILABLE)
        }

    def _facets(self, state: State | None) -> tuple[Facet, ...]:
        return () if state is None else facets(state, self.hass.config.units)

    def _choose(self, model: ThingModel, entity: Entity, wanted: Collection[str]) -> bool:
        """Send the wanted attributes and leave out the rest; return whether there was room for all of them."""
        state = self.hass.states.get(entity.entity_id)
        if state is not None:
            new = [
                facet for facet in self._facets(state) if facet.key in wanted and facet.key not in entity.definitions
            ]
            model.adopt(entity.reference, state, *new)
        for key, definition in list(entity.definitions.items()):
            if key not in (STATE, AVAILABLE) and definition.is_left_out is (key in wanted):
                model.revise(definition.wire, is_left_out=not definition.is_left_out)
        return all(key in entity.definitions for key in wanted)


def _label(name: str, key: str, state: State | None, words: Words) -> str:
    value = "" if state is None else shown_raw(key, state)
    label = words["valued"].format(name=name, value=cut(value, _LENGTH)) if value else name
    is_past = state is None or is_recorded(state, attributes_of(key))
    return label if is_past else aside(label, words["never_recorded"], words)
