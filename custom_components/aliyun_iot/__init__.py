"""Makes this home one device of the Alibaba Cloud IoT Platform."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, instance_id
from homeassistant.helpers.typing import ConfigType

from .access.credentials import async_make_trust, read_credentials
from .access.secret_file import fingerprint_of
from .access.settings import Settings
from .alink import Connection, Device, Status, Trust, now_ms
from .const import AFTER_SET_UP, CONF_HISTORY_DAYS, CONF_HOME, DOMAIN
from .control.control import Control, has_grants
from .control.executed import forget_repeats, repeats_of
from .control.model_files import async_packed
from .control.permission import Permission, async_permission
from .control.readiness import async_watch_start
from .control.runs import async_watch_runs
from .control.servant import async_remove_servant
from .control.watch import ConsentWatch, async_erase_departed, async_erase_removed
from .coordinator import AliyunIotConfigEntry, AliyunIotCoordinator
from .delivery.bridge import Bridge
from .delivery.mark import DAY, Mark, MarkFile
from .delivery.missed import rejections_of
from .delivery.options import HISTORY_DAYS_MAX, Delivery, amount
from .delivery.progress import Progress
from .delivery.spool import RecorderSpool
from .durable import KeptFile
from .errors import error_key
from .issues import (
    async_create_copied_issue,
    async_create_removed_issue,
    async_delete_removed_issue,
    async_forget_issues,
    async_remove_issues,
)
from .selection.live import Selection
from .services import async_setup_services
from .switch import async_remove_switch_for_all
from .thing_model.download import async_setup_download
from .thing_model.store import StoredModel, async_forget_model, async_model
from .verdict.problem_texts import async_load_texts

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.BUTTON, Platform.EVENT, Platform.SENSOR, Platform.SWITCH)

# s, for the first attempt to connect. A refused secret shows at once in the dialog that made the entry; everything else
# is mended in the background, and Home Assistant's start need not wait longer for a cloud that is away.
_GRACE: Final = 3.0


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions and the download, and watch; all for as long as Home Assistant runs."""
    async_setup_services(hass)
    async_setup_download(hass, async_packed)
    async_watch_start(hass)
    async_watch_runs(hass)
    async_erase_removed(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> bool:
    """Listen first, then connect; the cloud being away is no reason to wait."""
    async_delete_removed_issue(hass, fingerprint_of(str(entry.unique_id)))
    if entry.data.get(CONF_HOME) != await instance_id.async_get(hass):
        async_create_copied_issue(hass, entry)
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="copied")
    async_forget_issues(hass, entry)
    async_erase_departed(hass, entry)  # entities that were removed while this did not run
    file = MarkFile(hass, entry.entry_id)
    mark, disk_error = await _async_load_mark(entry, file)
    try:
        model = await async_model(hass, entry.entry_id)
    except OSError as err:
        raise ConfigEntryNotReady(translation_domain=DOMAIN, translation_key="model_not_read") from err
    permission = await async_permission(hass)
    await permission.async_admit(entry.entry_id, has_grants=has_grants(entry))
    trust = await async_make_trust(hass)
    wire = partial(_wire, file=file, mark=mark, model=model, permission=permission, trust=trust)
    await async_load_texts(hass)
    coordinator = AliyunIotCoordinator(hass, entry, wire)
    if disk_error is not None:
        coordinator.async_note_disk(KeptFile.PROGRESS, disk_error)
    bridge = coordinator.bridge
    await bridge.async_start()
    entry.async_on_unload(bridge.async_stop)
    entry.async_on_unload(ConsentWatch(hass, entry, partial(_consent_changed, coordinator)).async_follow())
    entry.async_on_unload(hass.async_add_shutdown_job(HassJob(partial(bridge.async_stop, is_for_good=True))))
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            await coordinator.decided.wait()
    if coordinator.data.connection is Connection.REFUSED:
        raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key=error_key(coordinator.data.problem))
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


@callback
def _consent_changed(coordinator: AliyunIotCoordinator) -> None:
    coordinator.proof.async_update()
    coordinator.bridge.selection.async_look_soon()  # a grant publishes what it grants


def _wire(
    coordinator: AliyunIotCoordinator,
    *,
    file: MarkFile,
    mark: Mark,
    model: StoredModel,
    permission: Permission,
    trust: Trust,
) -> Bridge:
    """Put the parts of an entry together; nothing runs before the bridge is started."""
    hass, entry = coordinator.hass, coordinator.config_entry
    since = max(mark.until, int(entry.created_at.timestamp() * 1000))
    settings, delivery = Settings.read(entry.data), Delivery.read(entry.options)

    def is_ordered(start: int, end: int) -> bool:
        return device.is_ordered(start, end)

    selection = Selection(
        hass,
        entry,
        model,
        lambda new, ended: bridge.async_publish(new, ended),  # noqa: PLW0108  # the bridge is made last
        settle=lambda identifiers: bridge.async_settle(identifiers),  # noqa: PLW0108  # as above
        forget=lambda identifiers: bridge.async_forget(identifiers),  # noqa: PLW0108  # as above
        is_sending=lambda identifiers: bridge.is_sending(identifiers),  # noqa: PLW0108  # as above
        on_disk=partial(coordinator.async_note_disk, KeptFile.MODEL),
    )
    spool = RecorderSpool(
        hass,
        entry,
        selection,
        interval=delivery.pace.interval,
        since=since,
        losses=mark.lost,
        is_ordered=is_ordered,
    )
    control = Control(
        hass,
        entry,
        selection=selection,
        journal=coordinator.journal,
        permission=permission,
        device=lambda: device,
    )

    def told(status: Status) -> None:
        coordinator.async_set_status(status)
        control.async_note(status)

    device = Device(
        settings.access(read_credentials(entry.data, settings.identity)),
        trust,
        on_status=told,
        on_taken=coordinator.async_note_taken,
        on_command=control.handler,
        pace=delivery.pace,
        spool=spool,
        answers=mark.answers,
        rejections=rejections_of(mark.missed, model.identifiers),
        repeats=repeats_of(hass, entry.entry_id),
    )
    progress = Progress(
        hass,
        entry,
        selection=selection,
        spool=spool,
        device=device,
        file=file,
        mark=mark,
        on_disk=coordinator.async_note_disk,
    )
    bridge = Bridge(
        hass,
        entry,
        selection=selection,
        spool=spool,
        device=device,
        progress=progress,
        repeat=delivery.repeat,
        on_misfits=coordinator.async_set_misfits,
    )
    return bridge


async def _async_load_mark(entry: AliyunIotConfigEntry, file: MarkFile) -> tuple[Mark, OSError | None]:
    """Read the mark; that of a new entry is now, or as many days ago as its user asked for."""
    now = now_ms()
    mark = Mark(until=now - DAY)  # for a disk that cannot be read: sent twice is better than never
    try:
        if (kept := await file.async_load(now)) is not None:
            return kept, None
        mark = Mark(until=now - int(amount(entry.data.get(CONF_HISTORY_DAYS), 0, HISTORY_DAYS_MAX, 0) * DAY))
        await file.async_save(mark)
    except OSError as err:
        return mark, err
    return mark, None


async def async_unload_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> bool:
    """Take entities and issues away; listeners and the connection end with the entry."""
    await entry.runtime_data.bridge.async_stop()  # while the entities still count the last values it sends
    async_forget_issues(hass, entry)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> None:
    """Remove the entry's files and raise an issue: the device stays in the cloud, and its secret in the secret file."""
    with suppress(OSError):
        await MarkFile(hass, entry.entry_id).async_remove()
    with suppress(OSError):
        await async_forget_model(hass, entry.entry_id)
    forget_repeats(hass, entry.entry_id)
    others = [one.entry_id for one in hass.config_entries.async_entries(DOMAIN) if one.entry_id != entry.entry_id]
    with suppress(OSError):
        await (await async_permission(hass)).async_forget(entry.entry_id, others)
    if not others:
        await async_remove_servant(hass)
        async_remove_switch_for_all(hass)
    options = hass.config_entries.options
    for flow in options.async_progress_by_handler(entry.entry_id):
        if flow["context"].get("source") == AFTER_SET_UP:  # nobody sees it where the frontend has started another one
            options.async_abort(flow["flow_id"])
    async_remove_issues(hass, entry)
    async_create_removed_issue(hass, fingerprint_of(str(entry.unique_id)))
