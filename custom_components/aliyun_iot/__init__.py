"""Makes this home one device of the Alibaba Cloud IoT Platform."""

import asyncio
from contextlib import suppress
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryError
from homeassistant.helpers import instance_id

from .alink.device import Connection, Device
from .bridge import Bridge
from .const import CONF_HOME, CONF_PROPERTIES, DOMAIN
from .coordinator import AliyunIotConfigEntry, AliyunIotCoordinator
from .credentials import async_make_trust
from .errors import problem_key
from .issues import (
    async_create_copied_issue,
    async_create_removed_issue,
    async_delete_removed_issue,
    async_forget_issues,
)
from .selection import Selection
from .settings import Settings, read_credentials

PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.SENSOR)

# s; a refused secret shows at once, everything else is mended in the background
_GRACE: Final = 3.0


async def async_setup_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> bool:
    """Listen first, then connect; the cloud being away is no reason to wait."""
    async_delete_removed_issue(hass, entry)
    if entry.data.get(CONF_HOME) != await instance_id.async_get(hass):
        async_create_copied_issue(hass, entry)
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="copied")
    async_forget_issues(hass, entry)
    settings = Settings.read(entry.data)
    coordinator = AliyunIotCoordinator(hass, entry)
    device = Device(
        settings.access(read_credentials(entry.data, settings.identity)),
        await async_make_trust(hass),
        on_status=coordinator.async_set_status,
    )
    for stop in Bridge(hass, Selection(hass, entry.options.get(CONF_PROPERTIES, {})), device).async_start():
        entry.async_on_unload(stop)
    entry.async_create_background_task(hass, device.run(), f"{DOMAIN} {entry.title}")
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            await coordinator.decided.wait()
    if coordinator.data.connection is Connection.REFUSED:
        raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key=problem_key(coordinator.data.problem))
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> bool:
    """Take entities and issues away; listeners and the connection end with the entry."""
    async_forget_issues(hass, entry)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> None:
    """Say what stays: the device in the cloud, and in its file what the platform hands out only once."""
    async_forget_issues(hass, entry)
    async_create_removed_issue(hass, entry)
