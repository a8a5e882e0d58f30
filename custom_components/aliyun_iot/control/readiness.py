"""Readiness: whether this home has been running for long enough to take commands."""

import math
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

# s after the start. Automations that set the house up run at that moment, and many devices tell their first state only
# then: a command in between would be undone, or would be planned by the state of yesterday.
_SETTLING: Final = 10.0

_STARTED: Final[HassKey[float]] = HassKey(f"{DOMAIN}_started")  # s of the running time


@callback
def async_watch_start(hass: HomeAssistant) -> None:
    """Note when Home Assistant has started; if it runs already, that was long ago."""
    if hass.state is CoreState.running:
        hass.data[_STARTED] = -math.inf
        return

    @callback
    def started(_hass: HomeAssistant) -> None:
        hass.data[_STARTED] = time.monotonic()

    async_at_started(hass, started)


def is_ready(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Tell whether Home Assistant has been running for long enough, and neither it nor the entry is on its way out."""
    since = hass.data.get(_STARTED, math.inf)
    is_up = hass.state is CoreState.running and entry.state is ConfigEntryState.LOADED
    return is_up and time.monotonic() - since >= _SETTLING
