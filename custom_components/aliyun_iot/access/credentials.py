"""Secrets: registered in the executor, on disk before they are used, proved before they are kept in an entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from homeassistant.core import HomeAssistant

from ..alink import (
    AuthenticationRefusedError,
    AuthType,
    ConnectRefusedError,
    Credentials,
    Identity,
    InvalidInputError,
    ProductCredentials,
    RegistrationRefusedError,
    RemoteError,
    SecretCredentials,
    TokenCredentials,
    Trust,
    make_trust,
    open_link,
    register_over_https,
    register_over_mqtt,
)
from ..const import CONF_CLIENT_ID, CONF_DEVICE_SECRET, CONF_DEVICE_TOKEN
from .secret_file import secret_file
from .settings import Settings, Way


class Registration(StrEnum):
    """The ways to get credentials with a ProductSecret."""

    MQTT = "mqtt"
    MQTT_NOT_ADDED = "mqtt_not_added"
    HTTPS = "https"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a user has to prove that the device is theirs: a ProductSecret to register with, or credentials."""

    product: ProductCredentials | None = field(default=None, repr=False)
    registration: Registration = Registration.MQTT
    credentials: Credentials | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed that proves anything."""
        return self.product is None and self.credentials is None

    @property
    def is_token(self) -> bool:
        """Whether it leads to a connection with a token: for a device that was not added to its product."""
        if self.credentials is not None:
            return isinstance(self.credentials, TokenCredentials)
        return self.registration is Registration.MQTT_NOT_ADDED

    @property
    def registers_over_https(self) -> bool:
        """Whether the device will be registered over HTTPS."""
        return self.product is not None and self.registration is Registration.HTTPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """Credentials that work, and whether they were here already."""

    credentials: Credentials
    was_kept: bool = False


async def async_make_trust(hass: HomeAssistant) -> Trust:
    """Make the TLS contexts, which read files."""
    return await hass.async_add_executor_job(make_trust)


async def async_obtain(hass: HomeAssistant, settings: Settings, offer: Offer) -> Obtained:
    """Get credentials that the platform accepts.

    The platform hands a secret out until the first connect with it, and never again after that. So what was handed out
    before is used as long as it is good, and what is handed out now is on disk before anything connects with it.

    Raises RemoteError or SecretFileError.
    """
    trust = await async_make_trust(hass)
    if offer.credentials is not None:
        await _async_prove(settings, offer.credentials, trust)
        await _async_remember(hass, settings, offer.credentials)
        return Obtained(credentials=offer.credentials)
    if (kept := await _async_recall(hass, settings, trust)) is not None:
        return Obtained(credentials=kept, was_kept=True)
    credentials = await hass.async_add_executor_job(_register, settings, offer, trust)
    await _async_remember(hass, settings, credentials)
    if offer.registration is Registration.HTTPS or settings.way in (Way.TCP, Way.HTTPS_FIRST):
        # Registration went another way than the connection will.
        await _async_prove(settings, credentials, trust)
    return Obtained(credentials=credentials)


def credentials_data(credentials: Credentials) -> dict[str, str]:
    """Write what an entry, and the store of secrets, keeps of credentials."""
    if isinstance(credentials, SecretCredentials):
        return {CONF_DEVICE_SECRET: credentials.device_secret}
    return {CONF_CLIENT_ID: credentials.client_id, CONF_DEVICE_TOKEN: credentials.device_token}


def credentials_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Pick what `credentials_data` wrote out of an entry's data."""
    return {key: values[key] for key in (CONF_DEVICE_SECRET, CONF_CLIENT_ID, CONF_DEVICE_TOKEN) if values.get(key)}


def read_credentials(values: Mapping[str, Any], identity: Identity) -> Credentials:
    """Read what `credentials_data` wrote."""
    if CONF_DEVICE_SECRET in values:
        return SecretCredentials(identity=identity, device_secret=values[CONF_DEVICE_SECRET])
    return TokenCredentials(identity=identity, client_id=values[CONF_CLIENT_ID], device_token=values[CONF_DEVICE_TOKEN])


async def _async_remember(hass: HomeAssistant, settings: Settings, credentials: Credentials) -> None:
    await secret_file(hass).async_remember(settings.unique_id, credentials_data(credentials))


async def _async_recall(hass: HomeAssistant, settings: Settings, trust: Trust) -> Credentials | None:
    kept = await secret_file(hass).async_recall(settings.unique_id)
    if kept is None:
        return None
    try:
        credentials = read_credentials(kept, settings.identity)
    except InvalidInputError, KeyError, TypeError:  # somebody has written into the file
        return None
    try:
        await _async_prove(settings, credentials, trust)
    except AuthenticationRefusedError as err:
        if err.is_credentials:
            return None
        raise
    return credentials


async def _async_prove(settings: Settings, credentials: Credentials, trust: Trust) -> None:
    link = await open_link(settings.access(credentials), trust, lambda _topic, _payload: None)
    link.close()


def _register(settings: Settings, offer: Offer, trust: Trust) -> Credentials:
    assert offer.product is not None
    if offer.registration is Registration.HTTPS:
        return register_over_https(offer.product, settings.https, trust, method=settings.method)
    is_added = offer.registration is Registration.MQTT
    try:
        return register_over_mqtt(
            offer.product,
            settings.registration_endpoint,
            trust,
            auth_type=AuthType.REGISTER if is_added else AuthType.REGNWL,
            instance_id=settings.instance_id,
            method=settings.method,
        )
    except ConnectRefusedError as refused:
        # MQTT says no without saying why; HTTPS has a code for each cause.
        if not (refused.is_credentials and is_added and settings.knows_https):
            raise
        try:
            return register_over_https(offer.product, settings.https, trust, method=settings.method)
        except RegistrationRefusedError:
            raise
        except RemoteError:
            raise refused from None
