"""Secrets: registered in the executor, on disk before they are used, never lost again."""

from collections.abc import Callable
import ssl
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .alink.protocol.connection import connect_with_secret
from .alink.protocol.errors import ConnectRefusedError, RegistrationRefusedError, RemoteError
from .alink.protocol.identity import DeviceCredentials, ProductCredentials
from .alink.transport.link import Link
from .alink.transport.registrar import register_over_https, register_over_mqtt
from .alink.transport.trust import client_context
from .const import DOMAIN
from .settings import Settings

_VERSION: Final = 1
_KEY: Final = f"{DOMAIN}.credentials"


async def async_client_context(hass: HomeAssistant) -> ssl.SSLContext:
    """Make the TLS context, which reads files."""
    return await hass.async_add_executor_job(client_context)


class CredentialStore:
    """DeviceSecrets by unique id, kept when a flow is closed half-way or an entry is removed.

    The platform hands a secret out until the first connect with it, and never again after that.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Open the store; it is a small file that only Home Assistant's user can read."""
        self._store = Store[dict[str, str]](hass, _VERSION, _KEY, private=True, atomic_writes=True)

    async def async_remember(self, settings: Settings, credentials: DeviceCredentials) -> None:
        """Write a secret; it is on disk when this returns."""
        secrets = await self._store.async_load() or {}
        await self._store.async_save({**secrets, settings.unique_id: credentials.device_secret})

    async def async_recall(self, settings: Settings) -> DeviceCredentials | None:
        """Find the secret of a device that was registered here before."""
        secrets = await self._store.async_load() or {}
        if (secret := secrets.get(settings.unique_id)) is None:
            return None
        return DeviceCredentials(identity=settings.identity, device_secret=secret)


async def async_obtain(
    hass: HomeAssistant, settings: Settings, product: ProductCredentials, *, over_https: bool
) -> DeviceCredentials:
    """Get the device's secret: the one that was handed out before, as long as it is good, or a new one.

    Raises RemoteError.
    """
    store = CredentialStore(hass)
    context = await async_client_context(hass)
    recalled = await store.async_recall(settings)
    if recalled is not None and await _async_is_good(recalled, settings, context):
        return recalled
    credentials = await hass.async_add_executor_job(_register, settings, product, context, over_https)
    await store.async_remember(settings, credentials)
    return credentials


async def _async_is_good(credentials: DeviceCredentials, settings: Settings, context: ssl.SSLContext) -> bool:
    connect = connect_with_secret(credentials, timestamp=0)
    try:
        link = await Link.open(connect, settings.endpoint, context, lambda _topic, _payload: None)
    except ConnectRefusedError as err:
        if err.is_credentials:
            return False
        raise
    link.close()
    return True


def _register(
    settings: Settings, product: ProductCredentials, context: ssl.SSLContext, over_https: bool
) -> DeviceCredentials:
    https: Callable[[], DeviceCredentials] = lambda: register_over_https(  # noqa: E731  # asked at two places
        product, settings.registration_endpoint, context
    )
    if over_https:
        return https()
    try:
        return register_over_mqtt(product, settings.endpoint, context, instance_id=settings.instance_id)
    except ConnectRefusedError as refused:
        # MQTT says no without saying why; HTTPS has a code for each cause. Not for an address that was typed in: then
        # the platform's own may be somebody else's.
        if not refused.is_credentials or (settings.host and not settings.registration_host):
            raise
        try:
            return https()
        except RegistrationRefusedError:
            raise
        except RemoteError:
            raise refused from None
