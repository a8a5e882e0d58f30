"""The way in: obtain credentials for the device, then choose what is published; and the ways to mend an entry."""

import asyncio
from collections.abc import Mapping
from functools import partial
import logging
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlow, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback
from homeassistant.helpers import instance_id
from homeassistant.util import slugify

from .access.credentials import (
    Obtained,
    Offer,
    Registration,
    async_obtain,
    credentials_data,
    credentials_of,
    read_credentials,
)
from .access.settings import Settings, Way
from .alink import DEVICE_NAME_LENGTH_MAX, AlinkError, ProductCredentials, SecretCredentials
from .const import (
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HISTORY_DAYS,
    CONF_HOME,
    CONF_NETWORK,
    CONF_PRODUCT_SECRET,
    CONF_REGISTRATION,
    CONF_SELECTION,
    CONF_UNDERSTOOD,
    DOMAIN,
)
from .coordinator import AliyunIotConfigEntry
from .delivery.options import Delivery
from .errors import ErrorText, SecretFileError, error_text, is_spent
from .pages.flow_schemas import (
    DEVICE_SECRET_SCHEMA,
    HISTORY,
    REAUTH_SCHEMA,
    RECONFIGURE_SCHEMA,
    UNENCRYPTED_SCHEMA,
    USER_SCHEMA,
)
from .pages.options_flow import AliyunIotOptionsFlow
from .pages.preview import async_preview
from .pages.preview_pages import PreviewPages
from .pages.selection_form import Selected, async_selection_schema, selected_by
from .schema import vol
from .thing_model.model import ThingModel

_LOGGER = logging.getLogger(__name__)

DRAWN: Final = 1.5  # s

_SHOWN_ONCE: Final = (CONF_PRODUCT_SECRET, CONF_DEVICE_SECRET)


def suggested_device_name(location_name: str) -> str:
    """Make a DeviceName of what the user calls this home."""
    name = slugify(location_name, separator="-")
    return f"ha-{name}"[:DEVICE_NAME_LENGTH_MAX].rstrip("-") if name else "home-assistant"


def _flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    return {**user_input, **user_input.get(CONF_NETWORK, {})}


def _secrets(values: Mapping[str, Any]) -> dict[str, str]:
    """Pick the secrets that were typed; spaces are none."""
    return {key: values[key].strip() for key in _SHOWN_ONCE if values.get(key, "").strip()}


@callback
def _republish(entry: AliyunIotConfigEntry) -> None:
    if entry.state is ConfigEntryState.LOADED:
        entry.runtime_data.bridge.selection.async_refresh()


class AliyunIotConfigFlow(PreviewPages, ConfigFlow, domain=DOMAIN):
    """Sets a device up, or mends the way to it; each way leads through `connect`."""

    VERSION = 1

    _settings: Settings
    _offer: Offer
    _obtained: Obtained
    _selected: Selected

    def __init__(self) -> None:
        """Start with nothing typed."""
        self._typed: dict[str, dict[str, Any]] = {}  # by step
        self._origin = "user"  # the form to go back to
        self._task: asyncio.Task[Obtained] | None = None
        self._problem: ErrorText | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: AliyunIotConfigEntry) -> OptionsFlow:
        return AliyunIotOptionsFlow(partial(_republish, config_entry))

    # Forms that ask for the device and its credentials

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the four values, and for the network where it is not the usual one."""
        if user_input is not None and self._read("user", user_input, _flat(user_input)):
            # A dialog that a lost browser left open must not lock its user out.
            await self.async_set_unique_id(self._settings.unique_id, raise_on_progress=False)
            self._abort_if_unique_id_configured()
            return await self._go_on()
        suggested = {CONF_DEVICE_NAME: suggested_device_name(self.hass.config.location_name)}
        return self._form("user", USER_SCHEMA, suggested)

    async def async_step_device_secret(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a DeviceSecret instead of registering."""
        typed = _flat(self._typed["user"])
        if user_input is not None and self._read("device_secret", user_input, {**typed, **user_input}):
            return await self.async_step_connect()
        return self._form("device_secret", DEVICE_SECRET_SCHEMA, {})

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin when the platform refused the device's credentials."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the ProductSecret to register again, or for another DeviceSecret; neither tries what is here."""
        if user_input is not None:
            data = dict(self._get_reauth_entry().data)
            kept = self._without_credentials(data) if _secrets(user_input) else data
            if self._read("reauth_confirm", user_input, {**kept, **_secrets(user_input)}):
                return await self._go_on()
        return self._form("reauth_confirm", REAUTH_SCHEMA, {})

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change everything but which device it is."""
        data = dict(self._get_reconfigure_entry().data)
        if user_input is not None:
            identity = {key: data[key] for key in ("product_key", "device_name")}
            kept = {} if _secrets(user_input) else credentials_of(data)
            if self._read("reconfigure", user_input, {**_flat(user_input), **kept, **identity}):
                return await self._go_on()
        shown = {key: value for key, value in data.items() if key not in credentials_of(data)}
        return self._form("reconfigure", RECONFIGURE_SCHEMA, {**shown, CONF_NETWORK: shown})

    # What every way leads through

    async def _go_on(self) -> ConfigFlowResult:
        if self._settings.way is Way.TCP:
            return await self.async_step_unencrypted()
        return await self._credentials_or_connect()

    async def async_step_unencrypted(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask again before anything goes over the network in plain text."""
        if user_input is not None:
            if user_input[CONF_UNDERSTOOD]:
                return await self._credentials_or_connect()
            self._problem = ErrorText(field="base", key="not_understood", placeholders={})
        return self._form("unencrypted", UNENCRYPTED_SCHEMA, {})

    async def _credentials_or_connect(self) -> ConfigFlowResult:
        if self._offer.is_empty:
            return await self.async_step_device_secret()
        return await self.async_step_connect()

    async def async_step_connect(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Register or prove the credentials while the dialog shows that it does."""
        if self._task is None:
            self._task = self.hass.async_create_task(self._async_obtain())
        if not self._task.done():
            return self.async_show_progress(step_id="connect", progress_action="connect", progress_task=self._task)
        task, self._task = self._task, None
        try:
            self._obtained = task.result()
        except (AlinkError, SecretFileError) as err:
            self._problem = error_text(err)
            is_menu = is_spent(err) and self.source == SOURCE_USER
            return self.async_show_progress_done(next_step_id="already_active" if is_menu else self._origin)
        except Exception:
            _LOGGER.exception("Unexpected error while connecting")
            self._problem = ErrorText(field="base", key="unknown", placeholders={})
            return self.async_show_progress_done(next_step_id=self._origin)
        if self.source != SOURCE_USER:
            return self.async_show_progress_done(next_step_id="mended")
        return self.async_show_progress_done(next_step_id="kept" if self._obtained.was_kept else "entities")

    async def _async_obtain(self) -> Obtained:
        # The frontend listens for the end of a step from when it has drawn it; an answer that is quicker is never seen.
        drawn = asyncio.ensure_future(asyncio.sleep(DRAWN))
        try:
            return await async_obtain(self.hass, self._settings, self._offer)
        finally:
            await drawn

    async def async_step_already_active(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what to do when the platform hands out no second secret."""
        self._problem = None
        return self.async_show_menu(step_id="already_active", menu_options=["device_secret", "user"])

    async def async_step_kept(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say that the device was registered before."""
        if user_input is not None:
            return await self.async_step_entities()
        return self._form("kept", vol.Schema({}), {})

    async def async_step_mended(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Keep what has been proved and start again with it."""
        is_reauth = self.source == "reauth"
        entry = self._get_reauth_entry() if is_reauth else self._get_reconfigure_entry()
        # Given a reason, Home Assistant has our text for it, in every language; its own one is in English only.
        reason = "reauth_successful" if is_reauth else "reconfigure_successful"
        return self.async_update_reload_and_abort(entry, data=await self._entry_data(), reason=reason)

    async def async_step_entities(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose what is published."""
        if user_input is not None:
            self._typed["entities"] = user_input
            if (selected := selected_by(self.hass, user_input, {})) is not None:
                self._selected = selected
                return await self.async_step_preview()
            self._problem = ErrorText(field="base", key="nothing_chosen", placeholders={})
        history = HISTORY if "recorder" in self.hass.config.components else {}
        return self._form("entities", await async_selection_schema(self.hass, {}, history), {})

    async def async_step_preview(self, _user_input: None = None) -> ConfigFlowResult:
        """Show what the choice comes to."""
        options = {CONF_SELECTION: self._selected}
        preview = await async_preview(self.hass, ThingModel(self.hass), options, Delivery().pace, before={})
        return self._show_preview("preview", preview, "save", "entities")

    async def async_step_save(self, _user_input: None = None) -> ConfigFlowResult:
        """Make the entry."""
        self._abort_if_unique_id_configured()
        days = self._typed["entities"].get(CONF_HISTORY_DAYS)
        return self.async_create_entry(
            title=self._settings.identity.device_name,
            data={**await self._entry_data(), **({CONF_HISTORY_DAYS: days} if days else {})},
            options={CONF_SELECTION: self._selected},
        )

    async def _entry_data(self) -> dict[str, Any]:
        return {
            **self._settings.entry_data(),
            **credentials_data(self._obtained.credentials),
            CONF_HOME: await instance_id.async_get(self.hass),
        }

    def _without_credentials(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave out what was refused; a device that was not added to its product is registered that way again."""
        result = {key: value for key, value in data.items() if key not in credentials_of(data)}
        if CONF_DEVICE_SECRET not in data:
            result[CONF_REGISTRATION] = Registration.MQTT_NOT_ADDED
        return result

    def _read(self, step_id: str, user_input: dict[str, Any], values: Mapping[str, Any]) -> bool:
        """Check what was typed; remembers the problem with it."""
        self._origin = step_id
        self._typed[step_id] = user_input
        try:
            self._settings = Settings.read(values)
            self._offer = self._read_offer(step_id, values)
        except AlinkError as err:
            self._problem = error_text(err)
        else:
            self._problem = self._settings.misfit(
                is_token=self._offer.is_token, registers_over_https=self._offer.registers_over_https
            )
        return self._problem is None

    def _read_offer(self, step_id: str, values: Mapping[str, Any]) -> Offer:
        identity = self._settings.identity
        registration = Registration(values.get(CONF_REGISTRATION, Registration.MQTT))
        secrets = _secrets(values)
        if CONF_DEVICE_SECRET in secrets and step_id != "user":
            credentials = SecretCredentials(identity=identity, device_secret=secrets[CONF_DEVICE_SECRET])
            return Offer(credentials=credentials)
        if CONF_PRODUCT_SECRET in secrets:
            product = ProductCredentials(identity=identity, product_secret=secrets[CONF_PRODUCT_SECRET])
            return Offer(product=product, registration=registration)
        if kept := credentials_of(values):
            return Offer(credentials=read_credentials(kept, identity))
        return Offer(registration=registration)

    def _form(self, step_id: str, schema: vol.Schema, suggested: Mapping[str, Any]) -> ConfigFlowResult:
        """Show a form with the problem that came up, once, and with what was typed before."""
        problem, self._problem = self._problem, None
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, self._typed.get(step_id, suggested)),
            errors={problem.field if problem.field in schema.schema else "base": problem.key} if problem else {},
            description_placeholders=problem.placeholders if problem else {},
        )
