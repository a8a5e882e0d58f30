"""Makes this home one device of the Alibaba Cloud IoT Platform."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HassJob, HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, instance_id
from homeassistant.helpers.typing import ConfigType

from .access.credentials import async_make_trust, read_credentials
from .access.secret_file import fingerprint_of
from .access.settings import Settings
from .alink import Connection, Device, now_ms
from .const import CONF_HISTORY_DAYS, CONF_HOME, DOMAIN
from .coordinator import AliyunIotConfigEntry, AliyunIotCoordinator
from .delivery.bridge import Bridge
from .delivery.mark import DAY, Mark, MarkFile
from .delivery.missed import rejections_of
from .delivery.options import Delivery
from .delivery.spool import RecorderSpool
from .errors import error_key
from .issues import (
    async_create_copied_issue,
    async_create_removed_issue,
    async_delete_removed_issue,
    async_forget_issues,
)
from .selection.criteria import Criteria, followed
from .selection.live import Selection
from .selection.published import async_packed
from .services import async_setup_services
from .thing_model.download import async_setup_download
from .thing_model.model import async_forget_model, async_model
from .verdict.problem_texts import async_load_texts

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.BUTTON, Platform.SENSOR)

# s; a refused secret shows at once, everything else is mended in the background
_GRACE: Final = 3.0


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions and the download; they are there for as long as Home Assistant runs."""
    async_setup_services(hass)
    async_setup_download(hass, async_packed)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> bool:
    """Listen first, then connect; the cloud being away is no reason to wait."""
    async_delete_removed_issue(hass, fingerprint_of(str(entry.unique_id)))
    if entry.data.get(CONF_HOME) != await instance_id.async_get(hass):
        async_create_copied_issue(hass, entry)
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="copied")
    async_forget_issues(hass, entry)
    file = MarkFile(hass, entry.entry_id)
    coordinator = AliyunIotCoordinator(hass, entry)
    mark = await _async_load_mark(entry, file, coordinator)
    settings, delivery = Settings.read(entry.data), Delivery.read(entry.options)
    try:
        model = await async_model(hass, entry.entry_id)
    except OSError as err:
        raise ConfigEntryNotReady(translation_domain=DOMAIN, translation_key="model_not_read") from err
    model.on_disk = coordinator.async_note_disk
    selection = Selection(hass, partial(_criteria, hass, entry), model)
    await selection.async_look()
    spool = RecorderSpool(hass, selection, interval=delivery.pace.interval, lost=mark.lost)
    device = Device(
        settings.access(read_credentials(entry.data, settings.identity)),
        await async_make_trust(hass),
        on_status=coordinator.async_set_status,
        pace=delivery.pace,
        spool=spool,
        answers=mark.answers,
        rejections=rejections_of(mark.missed, model.identifiers),
    )
    bridge = Bridge(hass, selection, spool, device, file, repeat=delivery.repeat, on_disk=coordinator.async_note_disk)
    await async_load_texts(hass)
    coordinator.async_follow(bridge)
    bridge.async_start(mark)
    entry.async_on_unload(bridge.async_stop)
    entry.async_on_unload(hass.async_add_shutdown_job(HassJob(bridge.async_stop)))
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            await coordinator.decided.wait()
    if coordinator.data.connection is Connection.REFUSED:
        raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key=error_key(coordinator.data.problem))
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


def _criteria(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> Criteria:
    """Read the options, and have them follow entities that are called something else now."""
    if (options := followed(hass, entry.options)) is not None:
        hass.config_entries.async_update_entry(entry, options=options)
    return Criteria.read(entry.options)


async def _async_load_mark(entry: AliyunIotConfigEntry, file: MarkFile, coordinator: AliyunIotCoordinator) -> Mark:
    """Read where the deliveries stand; those of a new entry begin now, or as many days ago as was asked for."""
    now = now_ms()
    mark = Mark(until=now - DAY)  # where the disk does not tell: twice is better than never
    try:
        if (kept := await file.async_load(now)) is not None:
            return kept
        mark = Mark(until=now - int(entry.data.get(CONF_HISTORY_DAYS, 0) * DAY))
        await file.async_save(mark)
    except OSError as err:
        coordinator.async_note_disk(err)
    return mark


async def async_unload_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> bool:
    """Take entities and issues away; listeners and the connection end with the entry."""
    await entry.runtime_data.bridge.async_stop()  # what it sends at last is still counted
    async_forget_issues(hass, entry)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> None:
    """Say what stays: the device in the cloud, and in its file what the platform hands out only once."""
    with suppress(OSError):
        await MarkFile(hass, entry.entry_id).async_remove()
    with suppress(OSError):
        await async_forget_model(hass, entry.entry_id)
    async_forget_issues(hass, entry)
    async_create_removed_issue(hass, fingerprint_of(str(entry.unique_id)))
