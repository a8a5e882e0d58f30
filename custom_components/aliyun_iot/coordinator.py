"""The device's status, pushed to the entities."""

import asyncio
from dataclasses import replace
from datetime import datetime
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .alink.device import Connection, Status
from .const import DOMAIN
from .issues import async_update_issues

# s; what is confirmed changes every second, and every state that an entity writes ends up on the disk
QUIET: Final = 60.0

_DOWN: Final = (Connection.WAITING, Connection.REFUSED, Connection.TAKEN_OVER)
_LOGGER = logging.getLogger(__name__)

type AliyunIotConfigEntry = ConfigEntry[AliyunIotCoordinator]


class AliyunIotCoordinator(DataUpdateCoordinator[Status]):
    """Hands each status on, and says in the log when the link goes and when it is back."""

    config_entry: AliyunIotConfigEntry

    def __init__(self, hass: HomeAssistant, entry: AliyunIotConfigEntry) -> None:
        """Start with a device that has not connected yet."""
        super().__init__(hass, _LOGGER, config_entry=entry, name=DOMAIN)
        self.data = Status()
        self.decided = asyncio.Event()  # set by the end of the first attempt, whatever it was
        self._said_lost = False
        self._later: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._async_stop)

    @callback
    def async_set_status(self, status: Status) -> None:
        """Take a new status from the device."""
        before, self.data = self.data, status
        if status.connection is not Connection.CONNECTING:
            self.decided.set()
        if (status.connection, status.clock_error) != (before.connection, before.clock_error):
            async_update_issues(self.hass, self.config_entry, status)
        self._log(status)
        for identifier, reason in status.rejected.items():
            if before.rejected.get(identifier) != reason:
                _LOGGER.warning("The platform does not take property %s: %s", identifier, reason)
        if status.connection is Connection.REFUSED and before.connection is not Connection.REFUSED:
            self.config_entry.async_start_reauth(self.hass)
        if _without_counts(status) != _without_counts(before) or not before.confirmed:
            self._async_tell()
        elif self._later is None:
            self._later = async_call_later(self.hass, QUIET, self._async_tell)

    @callback
    def _async_tell(self, _now: datetime | None = None) -> None:
        self._async_stop()
        self.async_update_listeners()

    @callback
    def _async_stop(self) -> None:
        if self._later is not None:
            self._later()
            self._later = None

    def _log(self, status: Status) -> None:
        if status.connection is Connection.CONNECTED and self._said_lost:
            _LOGGER.info("Connected to the platform again")
            self._said_lost = False
        elif status.connection in _DOWN and not self._said_lost:
            _LOGGER.info("No connection to the platform: %s", status.problem)
            self._said_lost = True

    @override
    async def _async_update_data(self) -> Status:
        return self.data


def _without_counts(status: Status) -> Status:
    return replace(status, confirmed=0, last_confirmed=None, waiting=0)
