"""Config flow: sets a device up, and mends the way to it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    FlowType,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import instance_id

from .access.claim import Registration
from .access.credentials import credentials_of
from .const import (
    AFTER_SET_UP,
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HISTORY_DAYS,
    CONF_HOME,
    CONF_NETWORK,
    CONF_PRODUCT_KEY,
    CONF_REGISTRATION,
    CONF_SELECTION,
    DOMAIN,
)
from .coordinator import AliyunIotConfigEntry, find_proof
from .pages.connect_pages import flat, typed_secrets
from .pages.first_choice import FirstChoice
from .pages.first_form import FirstForm
from .pages.flow_schemas import REAUTH_SCHEMA, RECONFIGURE_SCHEMA
from .pages.handed import handed
from .pages.options_flow import AliyunIotOptionsFlow
from .pages.removed import aborting_without_entry
from .schema import vol


@callback
def _republish(entry: AliyunIotConfigEntry) -> None:
    if entry.state is ConfigEntryState.LOADED:
        entry.runtime_data.bridge.selection.async_refresh()


def _without_credentials(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the refused credentials; a device that was not added to its product is registered that way again."""
    result = {key: value for key, value in data.items() if key not in credentials_of(data)}
    if CONF_DEVICE_SECRET not in data:
        result[CONF_REGISTRATION] = Registration.MQTT_NOT_ADDED
    return result


class AliyunIotConfigFlow(FirstChoice, FirstForm, domain=DOMAIN):
    """Begins with one of three forms, obtains credentials, and ends with an entry that is new or mended."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: AliyunIotConfigEntry) -> OptionsFlow:
        return AliyunIotOptionsFlow(partial(_republish, config_entry), partial(find_proof, config_entry))

    # Forms that ask for the device and its credentials

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin when the platform refused the device's credentials."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the ProductSecret to register again, or for another DeviceSecret; without either, try the old one."""
        if user_input is not None:
            data = self._get_reauth_entry().data
            secrets = typed_secrets(user_input)
            values = {**_without_credentials(data), **secrets} if secrets else data
            if self._accept("reauth_confirm", user_input, values) is not None:
                return await self._go_on()
        return self._form("reauth_confirm", REAUTH_SCHEMA, {})

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change everything but the device's identity."""
        data = self._get_reconfigure_entry().data
        if user_input is not None:
            identity = {key: data[key] for key in (CONF_PRODUCT_KEY, CONF_DEVICE_NAME)}
            kept = {} if typed_secrets(user_input) else credentials_of(data)
            if self._accept("reconfigure", user_input, {**flat(user_input), **kept, **identity}) is not None:
                return await self._go_on()
        shown = {key: value for key, value in data.items() if key not in credentials_of(data)}
        return self._form("reconfigure", RECONFIGURE_SCHEMA, {**shown, CONF_NETWORK: shown})

    # With credentials that work

    async def async_step_obtained(self, _user_input: None = None) -> ConfigFlowResult:
        """Go on to the choice, or mend the entry."""
        if self.source != SOURCE_USER:
            return await self._mend()
        return await (self.async_step_kept() if handed(self._obtained).was_kept else self.async_step_publish())

    async def async_step_kept(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say that the device was registered before."""
        if user_input is not None:
            return await self.async_step_publish()
        return self._form("kept", vol.Schema({}), {})

    async def async_step_save(self, _user_input: None = None) -> ConfigFlowResult:
        """Make the entry."""
        self._abort_if_unique_id_configured()
        days = self._typed["entities"].get(CONF_HISTORY_DAYS)
        return self.async_create_entry(
            title=handed(self._obtained).settings.identity.device_name,
            data={**await self._entry_data(), **({CONF_HISTORY_DAYS: days} if days else {})},
            options={CONF_SELECTION: handed(self._selected)},
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the page with the thing model: without that in the console, the platform stores nothing."""
        page = await self.hass.config_entries.options.async_init(
            result["result"].entry_id, context={"source": AFTER_SET_UP}
        )
        if page["type"] is FlowResultType.MENU:
            result["next_flow"] = (FlowType.OPTIONS_FLOW, page["flow_id"])
        return result

    @callback
    @override
    def _get_reauth_entry(self) -> ConfigEntry:
        with aborting_without_entry():
            return super()._get_reauth_entry()

    @callback
    @override
    def _get_reconfigure_entry(self) -> ConfigEntry:
        with aborting_without_entry():
            return super()._get_reconfigure_entry()

    async def _mend(self) -> ConfigFlowResult:
        """Keep what has been proved, and have the entry start again with it."""
        is_reauth = self.source == SOURCE_REAUTH
        entry = self._get_reauth_entry() if is_reauth else self._get_reconfigure_entry()
        # Without a reason of ours, Home Assistant shows a text of its own, which exists in English only.
        reason = "reauth_successful" if is_reauth else "reconfigure_successful"
        return self.async_update_reload_and_abort(entry, data=await self._entry_data(), reason=reason)

    async def _entry_data(self) -> dict[str, Any]:
        return {**handed(self._obtained).entry_data(), CONF_HOME: await instance_id.async_get(self.hass)}
