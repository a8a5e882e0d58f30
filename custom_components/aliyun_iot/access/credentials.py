"""Credentials: obtained from the platform, on disk before they are used, proved before an entry keeps them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

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
from ..const import (
    CONF_CLIENT_ID,
    CONF_DEVICE_SECRET,
    CONF_DEVICE_TOKEN,
    CONF_PRODUCT_SECRET,
    CONF_REGISTRATION,
    DOMAIN,
)
from ..unbroken import async_unbroken
from .claim import Claim, Registration
from .secret_file import secret_file
from .settings import Settings, Way

_LOCKS: Final[HassKey[WeakValueDictionary[str, asyncio.Lock]]] = HassKey(f"{DOMAIN}_registrations")  # by unique id


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """Credentials that work, and the settings that they were proved with."""

    settings: Settings
    credentials: Credentials
    was_kept: bool = False  # on this disk, from an earlier registration

    def entry_data(self) -> dict[str, Any]:
        """Write what an entry keeps of both."""
        return {**self.settings.entry_data(), **credentials_data(self.credentials)}


async def async_make_trust(hass: HomeAssistant) -> Trust:
    """Make the TLS contexts in the executor: they read files."""
    return await hass.async_add_executor_job(make_trust)


async def async_obtain(hass: HomeAssistant, claim: Claim) -> Obtained:
    """Get credentials that the platform accepts.

    The platform hands a secret out until the first connect with it, and never again after that. An earlier secret is
    therefore used as long as it is good, and a new one is on disk before anything connects with it. Each registration
    voids the secret of the one before, so a device is registered by one caller at a time, and a caller that is
    cancelled leaves it only with the secret on the disk.

    Raises RemoteError or SecretFileError.
    """
    locks = hass.data.setdefault(_LOCKS, WeakValueDictionary())
    lock = locks.setdefault(claim.settings.unique_id, asyncio.Lock())

    async def step() -> Obtained:
        async with lock:
            return await _async_obtain(hass, claim)

    return await async_unbroken(hass, step(), f"{DOMAIN} registration")


async def _async_obtain(hass: HomeAssistant, claim: Claim) -> Obtained:
    settings, trust = claim.settings, await async_make_trust(hass)
    assert claim.proof is not None
    if not isinstance(claim.proof, ProductCredentials):
        await _async_prove(settings, claim.proof, trust)
        await _async_remember(hass, settings, claim.proof)
        return Obtained(settings=settings, credentials=claim.proof)
    if (kept := await _async_recall(hass, settings, trust)) is not None:
        return Obtained(settings=settings, credentials=kept, was_kept=True)
    credentials = await hass.async_add_executor_job(_register, settings, claim.proof, claim.registration, trust)
    await _async_remember(hass, settings, credentials)
    if claim.registration is Registration.HTTPS or settings.way in (Way.TCP, Way.HTTPS_FIRST):
        # Registration went another way than the connection will.
        await _async_prove(settings, credentials, trust)
    return Obtained(settings=settings, credentials=credentials)


def credentials_data(credentials: Credentials) -> dict[str, str]:
    """Write the fields that an entry, and the file of secrets, keep of credentials."""
    if isinstance(credentials, SecretCredentials):
        return {CONF_DEVICE_SECRET: credentials.device_secret}
    return {CONF_CLIENT_ID: credentials.client_id, CONF_DEVICE_TOKEN: credentials.device_token}


def credentials_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Pick the fields that `credentials_data` writes, as far as they are there."""
    return {key: values[key] for key in (CONF_DEVICE_SECRET, CONF_CLIENT_ID, CONF_DEVICE_TOKEN) if values.get(key)}


def read_credentials(values: Mapping[str, Any], identity: Identity) -> Credentials:
    """Read the fields that `credentials_data` writes."""
    if CONF_DEVICE_SECRET in values:
        return SecretCredentials(identity=identity, device_secret=values[CONF_DEVICE_SECRET])
    return TokenCredentials(identity=identity, client_id=values[CONF_CLIENT_ID], device_token=values[CONF_DEVICE_TOKEN])


def read_claim(values: Mapping[str, Any]) -> Claim:
    """Read a flow's input, or an entry's data with what was typed to mend it. Raises InvalidInputError.

    Credentials prove more than a ProductSecret, which leads to them at best.
    """
    settings = Settings.read(values)
    proof: ProductCredentials | Credentials | None = None
    if credentials := credentials_of(values):
        proof = read_credentials(credentials, settings.identity)
    elif product_secret := values.get(CONF_PRODUCT_SECRET):
        proof = ProductCredentials(identity=settings.identity, product_secret=product_secret)
    registration = Registration(values.get(CONF_REGISTRATION, Registration.MQTT))
    return Claim(settings=settings, registration=registration, proof=proof)


async def _async_remember(hass: HomeAssistant, settings: Settings, credentials: Credentials) -> None:
    await secret_file(hass).async_remember(settings.unique_id, credentials_data(credentials))


async def _async_recall(hass: HomeAssistant, settings: Settings, trust: Trust) -> Credentials | None:
    kept = await secret_file(hass).async_recall(settings.unique_id)
    if kept is None:
        return None
    try:
        credentials = read_credentials(kept, settings.identity)
    except InvalidInputError, KeyError, TypeError:  # the file was edited by hand
        return None
    try:
        await _async_prove(settings, credentials, trust)
    except AuthenticationRefusedError as err:
        if err.is_final or err.code is None:
            return None
        raise
    return credentials


async def _async_prove(settings: Settings, credentials: Credentials, trust: Trust) -> None:
    link = await open_link(settings.access(credentials), trust, lambda _topic, _payload: None)
    link.close()


def _register(settings: Settings, product: ProductCredentials, registration: Registration, trust: Trust) -> Credentials:
    if registration is Registration.HTTPS:
        return register_over_https(product, settings.https, trust, method=settings.method)
    is_added = registration is Registration.MQTT
    try:
        return register_over_mqtt(
            product,
            settings.registration_endpoint,
            trust,
            auth_type=AuthType.REGISTER if is_added else AuthType.REGNWL,
            instance_id=settings.instance_id,
            method=settings.method,
        )
    except ConnectRefusedError as refused:
        # MQTT refuses without a reason; HTTPS has a code for each cause.
        if not (refused.is_credentials and is_added and settings.knows_https):
            raise
        try:
            return register_over_https(product, settings.https, trust, method=settings.method)
        except RegistrationRefusedError:
            raise
        except RemoteError:
            raise refused from None
