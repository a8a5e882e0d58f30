"""The device's status, pushed to the entities."""

import asyncio
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .alink.device import Connection, Status
from .const import DOMAIN
from .issues import async_update_issues

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

    @callback
    def async_set_status(self, status: Status) -> None:
        """Take a new status from the device."""
        before, self.data = self.data, status
        if status.connection is not Connection.CONNECTING:
            self.decided.set()
        if (status.connection, status.clock_error) != (before.connection, before.clock_error):
            async_update_issues(self.hass, self.config_entry, status)
        self._log(status)
        for identifier in status.rejected.keys() - before.rejected.keys():
            _LOGGER.warning("The platform does not take property %s: %s", identifier, status.rejected[identifier])
        if status.connection is Connection.REFUSED and before.connection is not Connection.REFUSED:
            self.config_entry.async_start_reauth(self.hass)
        self.async_update_listeners()

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
