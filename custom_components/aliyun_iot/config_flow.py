"""The way in: register the device, then pick the entities."""

import asyncio
from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlow, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import slugify

from .alink.protocol.endpoints import Region
from .alink.protocol.errors import AlinkError
from .alink.protocol.identity import DeviceCredentials, ProductCredentials
from .alink.protocol.limits import DEVICE_NAME_LENGTH_MAX
from .const import (
    CONF_DEVICE_NAME,
    CONF_HOST,
    CONF_INSTANCE_ID,
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_PRODUCT_SECRET,
    CONF_REGION,
    CONF_REGISTRATION,
    CONF_REGISTRATION_HOST,
    DOMAIN,
    REGISTRATION_HTTPS,
    REGISTRATION_MQTT,
)
from .coordinator import AliyunIotConfigEntry
from .credentials import async_obtain
from .errors import Problem, problem_of
from .options_flow import ENTITIES_SCHEMA, AliyunIotOptionsFlow, chosen_properties
from .schema import vol
from .settings import Settings

_PRODUCT_SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))

_NETWORK_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_INSTANCE_ID): TextSelector(),
        vol.Optional(CONF_HOST): TextSelector(),
        vol.Optional(CONF_PORT): NumberSelector(NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)),
        vol.Optional(CONF_REGISTRATION, default=REGISTRATION_MQTT): SelectSelector(
            SelectSelectorConfig(
                options=[REGISTRATION_MQTT, REGISTRATION_HTTPS],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_REGISTRATION,
            )
        ),
        vol.Optional(CONF_REGISTRATION_HOST): TextSelector(),
    }
)

_USER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_PRODUCT_KEY): TextSelector(),
        vol.Required(CONF_PRODUCT_SECRET): _PRODUCT_SECRET,
        vol.Required(CONF_DEVICE_NAME): TextSelector(),
        vol.Required(CONF_REGION, default=Region.CN_SHANGHAI.value): SelectSelector(
            SelectSelectorConfig(
                options=[region.value for region in Region],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_REGION,
            )
        ),
        vol.Required(CONF_NETWORK): section(_NETWORK_SCHEMA, {"collapsed": True}),
    }
)

_REAUTH_SCHEMA = vol.Schema({vol.Required(CONF_PRODUCT_SECRET): _PRODUCT_SECRET})


def suggested_device_name(location_name: str) -> str:
    """Make a DeviceName of what the user calls this home."""
    name = slugify(location_name, separator="-")
    return f"ha-{name}"[:DEVICE_NAME_LENGTH_MAX].rstrip("-") if name else "home-assistant"


class AliyunIotConfigFlow(ConfigFlow, domain=DOMAIN):
    """Registers a device, or registers it again when its secret is refused."""

    VERSION = 1

    def __init__(self) -> None:
        """Start with nothing typed."""
        self._input: dict[str, Any] | None = None
        self._settings: Settings | None = None
        self._product: ProductCredentials | None = None
        self._task: asyncio.Task[DeviceCredentials] | None = None
        self._problem: Problem | None = None
        self._data: dict[str, Any] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: AliyunIotConfigEntry) -> OptionsFlow:
        return AliyunIotOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the four values, and for the network where it is not the usual one."""
        if user_input is not None:
            self._input = user_input
            if self._read({**user_input, **user_input[CONF_NETWORK]}):
                await self.async_set_unique_id(self._checked_settings.unique_id)
                self._abort_if_unique_id_configured()
                return await self.async_step_register()
        suggested = self._input or {CONF_DEVICE_NAME: suggested_device_name(self.hass.config.location_name)}
        return self._form("user", _USER_SCHEMA, suggested)

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin when the platform refused the device's secret."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the ProductSecret to register again."""
        if user_input is not None and self._read({**self._get_reauth_entry().data, **user_input}):
            return await self.async_step_register()
        return self._form("reauth_confirm", _REAUTH_SCHEMA, {})

    async def async_step_register(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Register in the executor while the dialog shows that it does."""
        if self._task is None:
            network = (self._input or {}).get(CONF_NETWORK, {})
            self._task = self.hass.async_create_task(
                async_obtain(
                    self.hass,
                    self._checked_settings,
                    self._checked_product,
                    over_https=network.get(CONF_REGISTRATION) == REGISTRATION_HTTPS,
                )
            )
        if not self._task.done():
            return self.async_show_progress(step_id="register", progress_action="register", progress_task=self._task)
        task, self._task = self._task, None
        is_reauth = self.source == SOURCE_REAUTH
        try:
            self._data = self._checked_settings.entry_data(task.result())
        except AlinkError as err:
            self._problem = problem_of(err)
            return self.async_show_progress_done(next_step_id="reauth_confirm" if is_reauth else "user")
        return self.async_show_progress_done(next_step_id="reauth_done" if is_reauth else "entities")

    async def async_step_reauth_done(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Keep the new secret and start again with it."""
        return self.async_update_reload_and_abort(self._get_reauth_entry(), data_updates=self._data)

    async def async_step_entities(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Pick what is published."""
        errors: dict[str, str] = {}
        if user_input is not None:
            options = chosen_properties(self.hass, user_input, known={})
            if options is not None:
                self._abort_if_unique_id_configured()
                return self.async_create_entry(
                    title=self._checked_settings.identity.device_name, data=self._data, options=options
                )
            errors["base"] = "no_entities"
        return self.async_show_form(step_id="entities", data_schema=ENTITIES_SCHEMA, errors=errors)

    @property
    def _checked_settings(self) -> Settings:
        assert self._settings is not None
        return self._settings

    @property
    def _checked_product(self) -> ProductCredentials:
        assert self._product is not None
        return self._product

    def _read(self, values: Mapping[str, Any]) -> bool:
        """Check what was typed; remembers the problem with it."""
        try:
            self._settings = Settings.read(values)
            self._product = ProductCredentials(
                identity=self._settings.identity, product_secret=values[CONF_PRODUCT_SECRET].strip()
            )
        except AlinkError as err:
            self._problem = problem_of(err)
        return self._problem is None

    def _form(self, step_id: str, schema: vol.Schema, suggested: Mapping[str, Any]) -> ConfigFlowResult:
        """Show a form with the problem that came up, once."""
        problem, self._problem = self._problem, None
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors={problem.field: problem.key} if problem else {},
            description_placeholders=problem.placeholders if problem else {},
        )
