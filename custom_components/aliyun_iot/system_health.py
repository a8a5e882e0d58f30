"""System health: the integration's part of Home Assistant's system information."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .access.settings import Settings, Way
from .alink import Connection, Endpoint
from .const import DOMAIN
from .coordinator import AliyunIotConfigEntry

# s; the page shows a spinner until the answer is there. A host that is up answers a TCP handshake within a second even
# across continents; a lost SYN is repeated after one second and again after three, so two of them may go astray.
_PATIENCE: Final = 5.0


@callback
def async_register(_hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information and the page that leads to the entries."""
    register.async_register_info(_async_info, f"/config/integrations/integration/{DOMAIN}")


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Tell whether the platform can be reached, and sum up the connections and the values."""
    entries: list[AliyunIotConfigEntry] = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
    loaded: list[AliyunIotConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    statuses = [entry.runtime_data.data for entry in loaded]
    connected = sum(status.connection is Connection.CONNECTED for status in statuses)
    endpoints = {_first_asked(Settings.read(entry.data)) for entry in entries}
    reach = {"can_reach_platform": _can_reach(endpoints)} if endpoints else {}
    return {
        **reach,
        "connected": f"{connected} / {len(entries)}",
        "values_waiting": sum(status.waiting for status in statuses),
        "values_rejected": sum(status.rejected for status in statuses),
        "values_lost": sum(status.lost for status in statuses),
    }


def _first_asked(settings: Settings) -> Endpoint:
    """Return the first endpoint on the way to the platform, which may assign another one from there."""
    return settings.https if settings.way is Way.HTTPS_FIRST else settings.endpoint


async def _can_reach(endpoints: set[Endpoint]) -> str | dict[str, str]:
    """Look whether every endpoint takes connections; the result does not name them, because people post it."""
    error = None
    try:
        async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as group:
            for endpoint in endpoints:
                group.create_task(_knock(endpoint))
    except* TimeoutError:
        error = "timeout"
    except* OSError, UnicodeError:
        error = "unreachable"
    return "ok" if error is None else {"type": "failed", "error": error}


async def _knock(endpoint: Endpoint) -> None:
    _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
