"""Actions: an automation fetches the thing model's files, or sends history."""

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service

from .const import CONF_CONFIG_ENTRY_ID, CONF_DAYS, DOMAIN
from .control.model_files import async_files
from .coordinator import AliyunIotConfigEntry
from .schema import vol

SERVICE_GET_THING_MODEL: Final = "get_thing_model"
SERVICE_SEND_HISTORY: Final = "send_history"

_GET_THING_MODEL: Final = vol.Schema({vol.Required(CONF_CONFIG_ENTRY_ID): cv.string})
_SEND_HISTORY: Final = vol.Schema(
    {
        vol.Required(CONF_CONFIG_ENTRY_ID): cv.string,
        vol.Required(CONF_DAYS): vol.All(vol.Coerce(float), vol.Range(min=0, max=3650, min_included=False)),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    async_register_admin_service(hass, DOMAIN, SERVICE_SEND_HISTORY, _async_send_history, schema=_SEND_HISTORY)
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_GET_THING_MODEL,
        _async_get_thing_model,
        schema=_GET_THING_MODEL,
        supports_response=SupportsResponse.ONLY,
    )


def _entry(call: ServiceCall) -> AliyunIotConfigEntry:
    entry: AliyunIotConfigEntry | None = call.hass.config_entries.async_get_entry(call.data[CONF_CONFIG_ENTRY_ID])
    if entry is None or entry.domain != DOMAIN:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="entry_not_found")
    return entry


async def _async_get_thing_model(call: ServiceCall) -> ServiceResponse:
    """Return the files of the thing model that the console imports."""
    entry = _entry(call)
    try:
        return {"files": dict(await async_files(call.hass, entry))}
    except OSError as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="model_not_read") from err


async def _async_send_history(call: ServiceCall) -> None:
    """Send the recorder's values of the last days."""
    entry = _entry(call)
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entry_not_loaded",
            translation_placeholders={"name": entry.title},
        )
    if "recorder" not in call.hass.config.components:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_recorder")
    await entry.runtime_data.bridge.async_send_history(call.data[CONF_DAYS])
