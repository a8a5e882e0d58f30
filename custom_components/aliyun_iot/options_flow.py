"""What is published, and how fast."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig, EntityWithDeviceFilterSelectorConfig

from .const import CONF_DELIVERY, CONF_OTHERS, CONF_PROPERTIES, CONF_SENSORS, DOMAIN
from .delivery import Delivery
from .flow_schemas import DELIVERY
from .mapping.identifiers import identifiers
from .schema import vol
from .selection import entity_id_of, references

_SENSOR_DOMAINS: Final = ("sensor", "binary_sensor")
_OTHER_DOMAINS: Final = (
    "alarm_control_panel",
    "automation",
    "button",
    "calendar",
    "camera",
    "climate",
    "counter",
    "cover",
    "date",
    "datetime",
    "device_tracker",
    "event",
    "fan",
    "group",
    "humidifier",
    "image",
    "input_boolean",
    "input_button",
    "input_datetime",
    "input_number",
    "input_select",
    "input_text",
    "lawn_mower",
    "light",
    "lock",
    "media_player",
    "number",
    "person",
    "remote",
    "scene",
    "schedule",
    "script",
    "select",
    "siren",
    "sun",
    "switch",
    "text",
    "time",
    "timer",
    "todo",
    "update",
    "vacuum",
    "valve",
    "water_heater",
    "weather",
    "zone",
)


def entities_schema(hass: HomeAssistant) -> vol.Schema:
    """Offer everything but our own entities: they change when something was sent, and would be sent again."""
    registry = er.async_get(hass)
    own = [entry.entity_id for entry in registry.entities.values() if entry.platform == DOMAIN]
    return vol.Schema(
        {
            vol.Optional(key): EntitySelector(
                EntitySelectorConfig(
                    multiple=True,
                    exclude_entities=own,
                    filter=[EntityWithDeviceFilterSelectorConfig(domain=list(domains))],
                )
            )
            for key, domains in ((CONF_SENSORS, _SENSOR_DOMAINS), (CONF_OTHERS, _OTHER_DOMAINS))
        }
    )


def chosen_properties(
    hass: HomeAssistant, user_input: Mapping[str, Any], *, known: Mapping[str, str]
) -> dict[str, Any] | None:
    """Turn the picked entities into an entry's options; None when nothing was picked."""
    picked = [*user_input.get(CONF_SENSORS, []), *user_input.get(CONF_OTHERS, [])]
    if not picked:
        return None
    return {CONF_PROPERTIES: identifiers(references(hass, picked), known)}


class AliyunIotOptionsFlow(OptionsFlowWithReload):
    """Changes the selection and its delivery; properties that stay keep their identifiers."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Pick what is published, and how fast it goes."""
        known: Mapping[str, str] = self.config_entry.options.get(CONF_PROPERTIES, {})
        errors: dict[str, str] = {}
        if user_input is not None:
            options = chosen_properties(self.hass, user_input, known=known)
            if options is not None:
                return self.async_create_entry(data={**options, CONF_DELIVERY: user_input[CONF_DELIVERY]})
            errors["base"] = "no_entities"
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({**entities_schema(self.hass).schema, **DELIVERY}),
                self._chosen(known) if user_input is None else user_input,
            ),
            errors=errors,
        )

    def _chosen(self, known: Mapping[str, str]) -> dict[str, Any]:
        return {**self._picked(known), CONF_DELIVERY: asdict(Delivery.read(self.config_entry.options))}

    def _picked(self, known: Mapping[str, str]) -> dict[str, list[str]]:
        registry = er.async_get(self.hass)
        picked: dict[str, list[str]] = {CONF_SENSORS: [], CONF_OTHERS: []}
        for reference in known:
            entity_id = entity_id_of(registry, reference)
            if "." not in entity_id:  # the registry's id of an entity that is gone
                continue
            is_sensor = entity_id.partition(".")[0] in _SENSOR_DOMAINS
            picked[CONF_SENSORS if is_sensor else CONF_OTHERS].append(entity_id)
        return picked
