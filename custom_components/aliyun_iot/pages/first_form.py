"""First form: asks for the device, and is filled by a text that is pasted into it or by an entry that is alike."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from ..access.pasted import LENGTH_MAX, Pasted, is_pasted, read_pasted
from ..const import (
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HOST,
    CONF_INSTANCE_ID,
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_USE_PASTED,
)
from ..errors import ErrorText
from .alike import latest_entry, suggested_by, suggested_device_name
from .connect_pages import ConnectPages, flat
from .flow_schemas import PASTED_SCHEMA, USER_SCHEMA


class FirstForm(ConnectPages):
    """Shows the form again when a text has filled it, for a look at what will be used.

    An open form can be asked for by every administrator. So the secrets of the text stay in the dialog, and the form
    has a switch that stands for them.
    """

    def __init__(self) -> None:
        """Start with nothing pasted."""
        super().__init__()
        self._pasted: Pasted | None = None  # the latest text with a secret
        self._alike: str | None = None  # the entry that the form was filled by

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the device, its ProductSecret and its region, and for the network where it is not the usual one."""
        if user_input is not None and is_pasted(user_input[CONF_PRODUCT_KEY]):
            self._typed["user"] = self._filled(user_input)
        elif user_input is not None:
            secrets = self._pasted_secrets(user_input) if user_input.get(CONF_USE_PASTED) else {}
            claim = self._accept("user", user_input, {**flat(user_input), **secrets})
            if claim is not None:
                # A dialog that a closed browser left open must not lock the user out.
                await self.async_set_unique_id(claim.settings.unique_id, raise_on_progress=False)
                self._abort_if_unique_id_configured()
                return await self._go_on()
        if "user" not in self._typed:
            self._typed["user"] = {CONF_DEVICE_NAME: suggested_device_name(self.hass), **self._suggested()}
        has_secret = bool(self._pasted_secrets(self._typed["user"]))
        return self._form("user", PASTED_SCHEMA if has_secret else USER_SCHEMA, {})

    def _filled(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the form with those of the text in place of them, and note what the text lacks."""
        text = typed[CONF_PRODUCT_KEY]
        if len(text) > LENGTH_MAX:
            self._problem = ErrorText(field=CONF_PRODUCT_KEY, key="pasted_too_long")
            return {**typed, CONF_PRODUCT_KEY: ""}
        pasted = read_pasted(text)
        self._problem = _problem(pasted)
        if pasted.secrets:
            self._pasted = pasted
        alike = self._suggested(pasted.device.get(CONF_PRODUCT_KEY))
        network = {**typed[CONF_NETWORK], **alike.pop(CONF_NETWORK, {})}
        values = {**typed, CONF_PRODUCT_KEY: "", **alike, CONF_USE_PASTED: True}
        if pasted.names_host:
            # The pasted host decides, so all that led elsewhere goes.
            values = {**values, CONF_INSTANCE_ID: ""}
            network = {key: value for key, value in network.items() if key not in (CONF_HOST, CONF_PORT)}
        return {**values, **pasted.device, CONF_NETWORK: {**network, **pasted.network}}

    def _suggested(self, product_key: str | None = None) -> dict[str, Any]:
        """Return what an entry of the product suggests, unless the form has it already."""
        entry = latest_entry(self.hass, product_key)
        if entry is None or entry.entry_id == self._alike:
            return {}
        self._alike = entry.entry_id
        return suggested_by(entry)

    def _pasted_secrets(self, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return the secrets of the text; a DeviceSecret only for the device that the text had beside it."""
        if self._pasted is None:
            return {}
        device = self._pasted.device
        is_same = all(
            typed.get(key, "").strip() == device[key] for key in (CONF_PRODUCT_KEY, CONF_DEVICE_NAME) if key in device
        )
        return {key: one for key, one in self._pasted.secrets.items() if is_same or key != CONF_DEVICE_SECRET}


def _problem(pasted: Pasted) -> ErrorText | None:
    if pasted.doubled:
        names = {"names": ", ".join(pasted.doubled)}
        return ErrorText(field=CONF_PRODUCT_KEY, key="pasted_twice", placeholders=names)
    if pasted.missing:
        names = {"names": ", ".join(pasted.missing)}
        return ErrorText(field=CONF_PRODUCT_KEY, key="pasted_incomplete", placeholders=names)
    return None
