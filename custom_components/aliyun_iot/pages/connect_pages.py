"""Connect pages: the steps of the dialog between the first form and credentials that work."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER, ConfigFlow, ConfigFlowResult

from ..access.claim import Claim, Registration
from ..access.credentials import Obtained, async_obtain, read_claim
from ..access.pasted import may_hold_secret, read_secrets
from ..access.settings import Way
from ..alink import AlinkError
from ..const import CONF_DEVICE_SECRET, CONF_NETWORK, CONF_PRODUCT_SECRET, CONF_UNDERSTOOD
from ..errors import ErrorText, SecretFileError, error_text, is_spent, not_added_text
from ..schema import vol
from .flow_schemas import DEVICE_SECRET_SCHEMA, UNENCRYPTED_SCHEMA
from .handed import handed

_LOGGER = logging.getLogger(__name__)

# s; the frontend subscribes to the end of a progress step when it has drawn the step. It misses an earlier end, and the
# dialog spins for ever. This is ample for a phone to draw, and less than most registrations take by themselves.
SHOWN_AT_LEAST: Final = 1.5

_SECRETS: Final = (CONF_PRODUCT_SECRET, CONF_DEVICE_SECRET)


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the fields of the section beside the others, with the secrets stripped and the blank ones left out."""
    fields = {**user_input, **user_input.get(CONF_NETWORK, {})}
    return {key: value for key, value in fields.items() if key not in _SECRETS} | typed_secrets(user_input)


def without_secrets(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the secrets, and what may be one that was typed into the field of something else."""
    kept = {key: value for key, value in typed.items() if key not in _SECRETS}
    kept |= {key: without_secrets(value) for key, value in kept.items() if isinstance(value, dict)}
    return {key: value for key, value in kept.items() if not (isinstance(value, str) and may_hold_secret(key, value))}


def typed_secrets(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Pick the secrets that were typed, or pasted with what the console copies; a blank field is none."""
    typed = [read_secrets(key, user_input[key]) for key in _SECRETS if user_input.get(key, "").strip()]
    return {key: secret for secrets in typed for key, secret in secrets.items()}


class ConnectPages(ConfigFlow):
    """Leads from a form over `connect` to `obtained`, or back to the form with the reason."""

    def __init__(self) -> None:
        """Start with nothing typed."""
        self._typed: dict[str, dict[str, Any]] = {}  # by step
        self._problem: ErrorText | None = None  # that the next form shows
        self._origin = "user"  # the form that a failed attempt leads back to
        self._claim: Claim | None = None  # of the latest form without a mistake
        self._task: asyncio.Task[Obtained] | None = None
        self._obtained: Obtained | None = None

    async def async_step_device_secret(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a DeviceSecret instead of registering."""
        if user_input is not None:
            values = {**flat(self._typed["user"]), **flat(user_input)}
            if self._accept("device_secret", user_input, values) is not None:
                return await self._prove_or_connect()
        return self._form("device_secret", DEVICE_SECRET_SCHEMA, {})

    async def async_step_unencrypted(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask again before anything goes over the network in plain text."""
        if user_input is not None:
            if user_input[CONF_UNDERSTOOD]:
                return await self._prove_or_connect()
            self._problem = ErrorText(field="base", key="not_understood")
        return self._form("unencrypted", UNENCRYPTED_SCHEMA, {})

    async def async_step_connect(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Register or prove the credentials while the dialog shows progress."""
        if self._task is None:
            self._task = self.hass.async_create_task(self._async_obtain(handed(self._claim)))
        if not self._task.done():
            return self.async_show_progress(step_id="connect", progress_action="connect", progress_task=self._task)
        task, self._task = self._task, None
        try:
            self._obtained = task.result()
        except (AlinkError, SecretFileError) as err:
            is_added = handed(self._claim).registration is not Registration.MQTT_NOT_ADDED
            self._problem = error_text(err) if is_added else not_added_text(err)
            is_menu = is_spent(err) and self.source == SOURCE_USER
            return self.async_show_progress_done(next_step_id="already_active" if is_menu else self._origin)
        except Exception:
            _LOGGER.exception("Unexpected error while connecting")
            self._problem = ErrorText(field="base", key="unknown")
            return self.async_show_progress_done(next_step_id=self._origin)
        return self.async_show_progress_done(next_step_id="obtained")

    async def async_step_already_active(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the ways on when the platform hands out no second secret."""
        self._problem = None
        return self.async_show_menu(step_id="already_active", menu_options=["device_secret", "user"])

    async def _go_on(self) -> ConfigFlowResult:
        if handed(self._claim).settings.way is Way.TCP:
            return await self.async_step_unencrypted()
        return await self._prove_or_connect()

    async def _prove_or_connect(self) -> ConfigFlowResult:
        if handed(self._claim).proof is None:
            return await self.async_step_device_secret()
        return await self.async_step_connect()

    async def _async_obtain(self, claim: Claim) -> Obtained:
        shown = asyncio.ensure_future(asyncio.sleep(SHOWN_AT_LEAST))
        try:
            return await async_obtain(self.hass, claim)
        finally:
            await shown

    def _accept(self, step_id: str, user_input: dict[str, Any], values: Mapping[str, Any]) -> Claim | None:
        """Note a form and the claim that it makes; None, with the problem noted, for one that cannot work."""
        self._origin = step_id
        self._typed[step_id] = user_input
        try:
            claim = read_claim(values)
        except AlinkError as err:
            self._problem = error_text(err)
            return None
        self._problem = claim.misfit
        if self._problem is not None:
            return None
        self._claim = claim
        return claim

    def _form(self, step_id: str, schema: vol.Schema, suggested: Mapping[str, Any]) -> ConfigFlowResult:
        """Show a form with the problem that came up, once, and with the values that were typed before.

        An open form can be asked for by every administrator, so no secret goes back into one.
        """
        problem, self._problem = self._problem, None
        shown = without_secrets(self._typed.get(step_id, suggested))
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors={problem.field if problem.field in schema.schema else "base": problem.key} if problem else {},
            description_placeholders=problem.placeholders if problem else {},
        )
