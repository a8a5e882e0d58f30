"""Property pages: change a property at once, without a new connection."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode

from ..alink import BrokenRuleError
from ..const import CONF_PROPERTY, CONF_UNIT
from ..durable import reason
from ..issues import async_update_disk_issue
from ..mapping.definition import Definition
from ..mapping.facets import AVAILABILITY, facets
from ..mapping.house_units import HouseUnits, silent_units
from ..mapping.kinds import ATTRIBUTE, AVAILABLE, attributes_of
from ..mapping.property import Property
from ..mapping.told import with_registry
from ..mapping.words import async_load_words, facet_name, with_names
from ..markdown import cut, plain
from ..recorder.unrecorded import is_recorded
from ..schema import vol
from ..selection.criteria import Criteria, resolve
from ..thing_model.entity import Entity
from ..thing_model.model import ThingModel
from ..thing_model.store import StoredModel
from .handed import handed
from .menu import OptionsMenu
from .numbers import number_errors, without
from .preview import name_of
from .property_form import Nature, UnitError, changes_by, field_of, property_schema, typed_property
from .shown_values import Words, aside, async_words, shown_value

_LENGTH: Final = 60  # characters of a value, which stands within a sentence: the page is about the property


class PropertyPages(OptionsMenu):
    """Picks a property, and changes it."""

    _wire: str | None = None  # the wire name of the property that was picked

    async def async_step_properties(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Pick a property."""
        model = await self._async_model()
        errors: dict[str, str] = {}
        if user_input is not None:
            if model.find(user_input[CONF_PROPERTY]) is not None:
                self._wire = user_input[CONF_PROPERTY]
                return await self.async_step_property()
            errors[CONF_PROPERTY] = "no_such_property"
        words = await async_words(self.hass)
        options = [
            SelectOptionDict(value=definition.wire, label=self._label(entity, definition, words))
            for entity, definition in self._definitions(model)
        ]
        # The frontend lets a user search a list only where it takes values that are not listed.
        picker = SelectSelector(
            SelectSelectorConfig(options=options, custom_value=True, mode=SelectSelectorMode.DROPDOWN, sort=True)
        )
        return self.async_show_form(
            step_id="properties", data_schema=vol.Schema({vol.Required(CONF_PROPERTY): picker}), errors=errors
        )

    async def async_step_property(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the property that was picked."""
        model = await self._async_model()
        wire = handed(self._wire)
        found = model.find(wire)
        if found is None:  # another dialog has given the property another identifier
            return await self.async_step_properties()
        entity, key, definition = found
        nature, unit = await self._nature(entity, key, definition), self._unit(entity, key, definition)
        schema = property_schema(definition, nature, unit)
        errors = number_errors(user_input or {})
        if user_input is not None and not errors:
            try:
                model.revise(wire, **changes_by(definition, nature, unit, user_input))
            except BrokenRuleError as err:
                errors[field_of(err.rule, schema)] = err.rule.value
            except UnitError:
                errors[CONF_UNIT] = "unit_not_convertible"
            else:
                await self._async_apply(model)
                return await self.async_step_init()
        shown = typed_property(definition) if user_input is None else without(user_input, number_errors(user_input))
        return self.async_show_form(
            step_id="property",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders=await self._placeholders(entity, key, definition),
        )

    async def _async_apply(self, model: StoredModel) -> None:
        """Save the changed model, and publish by it."""
        try:
            await model.async_save()
        except OSError as err:
            async_update_disk_issue(self.hass, self.config_entry, reason(err))
        self._republish()

    @callback
    def _chosen(self) -> dict[str, str]:
        return resolve(self.hass, Criteria.read(self.config_entry.options))

    def _definitions(self, model: ThingModel) -> list[tuple[Entity, Definition]]:
        """Return the properties of the selection, those that were left out included."""
        has_availability = Criteria.read(self.config_entry.options).availability
        return [
            (entity, definition)
            for reference in self._chosen()
            if (entity := model.entities.get(reference)) is not None
            for key, definition in entity.definitions.items()
            if has_availability or key != AVAILABLE
        ]

    def _label(self, entity: Entity, definition: Definition, words: Words) -> str:
        label = f"{name_of(self.hass, entity.entity_id)} \N{MIDDLE DOT} {definition.wire}"
        return aside(label, words["left_out"], words) if definition.is_left_out else label

    async def _nature(self, entity: Entity, key: str, definition: Definition) -> Nature:
        """Return the nature that a property would have if it were defined now."""
        if (state := self.hass.states.get(entity.entity_id)) is not None:
            await async_load_words(self.hass, {state.domain})
            state = with_registry(self.hass, state)
            for facet in (*facets(state, self.hass.config.units), AVAILABILITY):
                if facet.key == key:
                    options = {option: number for number, option in enumerate(facet.options)}
                    return Nature(
                        data_type=with_names(self.hass, state, facet),
                        options=options,
                        unit=facet.unit,
                        device_class=facet.device_class or definition.device_class,
                    )
        return Nature(
            data_type=definition.data_type,
            options=definition.options,
            unit=definition.unit,
            device_class=definition.device_class,
        )

    def _unit(self, entity: Entity, key: str, definition: Definition) -> str | None:
        """Return the unit in which the entity measures now."""
        state = self.hass.states.get(entity.entity_id)
        return None if state is None else self._property(entity, key, definition).unit_of(state)

    def _property(self, entity: Entity, key: str, definition: Definition) -> Property:
        house = HouseUnits().found(0, self.hass.config.units.temperature_unit)
        return Property(definition, key, silent_units(house, entity.entity_id, key, definition))

    async def _placeholders(self, entity: Entity, key: str, definition: Definition) -> Mapping[str, str]:
        state = self.hass.states.get(entity.entity_id)
        words = await async_words(self.hass)
        value = shown_value(self._property(entity, key, definition), state, words)
        what = facet_name(self.hass, entity.entity_id.partition(".")[0], key)
        shown = {
            "name": name_of(self.hass, entity.entity_id),
            "entity_id": entity.entity_id,
            "what": aside(what, key.removeprefix(ATTRIBUTE), words) if key.startswith(ATTRIBUTE) else what,
            "value": cut(value, _LENGTH),
        }
        is_past = state is None or is_recorded(state, attributes_of(key))
        return {
            **{name: plain(text) for name, text in shown.items()},
            "note": "" if is_past else f"\n\n{words['no_past']}",
        }
