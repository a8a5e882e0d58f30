"""The coordinator of one entry: pushes the device's status to the entities, the log and the issues."""

import asyncio
from collections.abc import Callable
from datetime import datetime
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .access.settings import Settings
from .alink import Connection, Rejection, Status
from .const import DOMAIN
from .delivery.bridge import Bridge
from .durable import reason
from .issues import async_forget_issues, async_update_disk_issue, async_update_issues
from .verdict.proof import Proof

# s. Counters change with every message, once a second at the usual pace, and the recorder writes each state of an
# entity to the disk. A chart of a day needs no finer steps than a minute, and an SD card wears out by them.
QUIET: Final = 60.0

# s. While the thing model is not imported, the platform rejects every property. It answers a message of 200 values
# within a second, and the messages of a large home follow each other for a few seconds.
TOGETHER: Final = 10.0
_NAMED: Final = 5  # properties, in one line of the log

_DOWN: Final = (Connection.WAITING, Connection.REFUSED, Connection.TAKEN_OVER)
_LOGGER = logging.getLogger(__name__)

type AliyunIotConfigEntry = ConfigEntry[AliyunIotCoordinator]
type Wire = Callable[[AliyunIotCoordinator], Bridge]


class AliyunIotCoordinator(DataUpdateCoordinator[Status]):
    """Hands each status on, and logs one line when the link goes and one when it is back."""

    config_entry: AliyunIotConfigEntry

    def __init__(self, hass: HomeAssistant, entry: AliyunIotConfigEntry, wire: Wire) -> None:
        """Start with a device that has not connected yet; `wire` makes the bridge that reports to this coordinator."""
        super().__init__(hass, _LOGGER, config_entry=entry, name=DOMAIN)
        self.data = Status()
        self.decided = asyncio.Event()  # set by the end of the first attempt to connect, whatever it was
        self._said_lost = False
        self._said_disk = False
        self._is_over = False
        self._later: CALLBACK_TYPE | None = None
        self._rejected: dict[str, Rejection] = {}  # by identifier, not logged yet
        self._log_later: CALLBACK_TYPE | None = None
        self.bridge = wire(self)
        self.proof = Proof(hass, entry, self.bridge, self.data, changed=self._async_tell_later)
        entry.async_on_unload(self._async_end)

    @callback
    def async_set_status(self, status: Status) -> None:
        """Take a new status from the device."""
        before, self.data = self.data, status
        if status.connection is not Connection.CONNECTING:
            self.decided.set()
        if _asks_for_help(status) != _asks_for_help(before):
            endpoint = Settings.read(self.config_entry.data).endpoint
            async_update_issues(self.hass, self.config_entry, status, endpoint)
        self._log(before, status)
        self.proof.async_set_status(status)
        if status.connection is Connection.REFUSED and before.connection is not Connection.REFUSED:
            self.config_entry.async_start_reauth(self.hass)
        if self._is_over:
            return
        if _news(status) != _news(before):
            self._async_tell()
        else:
            self._async_tell_later()

    @callback
    def async_set_misfits(self) -> None:
        """Note that a state fits its property no more, or fits again."""
        self.proof.async_look_at_misfits()

    @callback
    def async_note_disk(self, error: OSError | None) -> None:
        """Note whether a file of the entry could be written."""
        if error is not None and not self._said_disk:
            _LOGGER.warning("Cannot keep how far values were sent: %s", reason(error))
        self._said_disk = error is not None
        async_update_disk_issue(self.hass, self.config_entry, None if error is None else reason(error))

    @property
    def is_kept(self) -> bool:
        """Whether the disk took the progress of the deliveries at the last attempt."""
        return not self._said_disk

    @callback
    def _async_tell_later(self) -> None:
        if self._later is None and not self._is_over:
            self._later = async_call_later(self.hass, QUIET, self._async_tell)

    @callback
    def _async_tell(self, _now: datetime | None = None) -> None:
        self._async_stop()
        self.proof.async_update()
        self.async_update_listeners()

    @callback
    def _async_stop(self) -> None:
        if self._later is not None:
            self._later()
            self._later = None

    @callback
    def _async_end(self) -> None:
        self._is_over = True
        self._async_stop()
        self._async_log_rejections()
        async_forget_issues(self.hass, self.config_entry)

    def _log(self, before: Status, status: Status) -> None:
        if status.rejections is not before.rejections:
            self._note_rejections(before, status)
        if status.connection is Connection.CONNECTED and self._said_lost:
            _LOGGER.info("Connected to the platform again")
            self._said_lost = False
        elif status.connection in _DOWN and not self._said_lost:
            _LOGGER.info("No connection to the platform: %s", status.problem)
            self._said_lost = True

    @callback
    def _note_rejections(self, before: Status, status: Status) -> None:
        """Note new rejections, to log them together with the next ones; the text may differ with each value."""
        for identifier, rejection in status.rejections.items():
            known = before.rejections.get(identifier)
            is_new = known is None or known.is_over or known.latest.code != rejection.latest.code
            if is_new and not rejection.is_over:
                self._rejected[identifier] = rejection
        if self._rejected and self._log_later is None and not self._is_over:
            self._log_later = async_call_later(self.hass, TOGETHER, self._async_log_rejections)

    @callback
    def _async_log_rejections(self, _now: datetime | None = None) -> None:
        if self._log_later is not None:
            self._log_later()
            self._log_later = None
        if not self._rejected:
            return
        count = len(self._rejected)
        named = [f"{identifier}: {rejection.latest}" for identifier, rejection in self._rejected.items()][:_NAMED]
        _LOGGER.warning(
            "The platform does not take %s%s%s",
            "property " if count == 1 else f"{count} properties: ",
            "; ".join(named),
            f"; and {count - _NAMED} more" if count > _NAMED else "",
        )
        self._rejected = {}

    @override
    async def _async_update_data(self) -> Status:
        return self.data


def _asks_for_help(status: Status) -> tuple[object, ...]:
    return status.connection, status.clock_error, status.answers


def _news(status: Status) -> tuple[object, ...]:
    """Return all but the heights of the counters, which change all the time."""
    begun = (bool(status.confirmed), bool(status.rejected), bool(status.lost))
    return (*_asks_for_help(status), status.problem, status.unreadable, *begun)
