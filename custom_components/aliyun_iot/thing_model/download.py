"""Download: the address at which a browser gets the file that the console imports."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from homeassistant.auth.models import User
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized

from ..const import DOMAIN
from .import_files import Packed

_URL: Final = "/api/aliyun_iot/thing_model/{entry_id}"
_LIFETIME: Final = timedelta(hours=1)  # a dialog may stay open while a person looks for the page of the console

type Pack = Callable[[HomeAssistant, ConfigEntry], Awaitable[Packed]]


@callback
def async_setup_download(hass: HomeAssistant, pack: Pack) -> None:
    """Register the address for as long as Home Assistant runs; `pack` makes the file of an entry or raises OSError."""
    hass.http.register_view(ThingModelView(pack))


@callback
def async_signed_path(hass: HomeAssistant, entry_id: str) -> str:
    """Return a path that hands out the file for an hour, if an administrator asks for it now."""
    return async_sign_path(hass, _URL.format(entry_id=entry_id), _LIFETIME)


class ThingModelView(HomeAssistantView):
    """Hands out the thing model of an entry."""

    url = _URL
    name = "api:aliyun_iot:thing_model"

    def __init__(self, pack: Pack) -> None:
        """Take the function that makes the file of an entry."""
        self._pack = pack

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """Return the file to administrators."""
        # Every user may sign paths. The path in a dialog is signed for the administrator who opened it.
        user: User = request[KEY_HASS_USER]
        if not user.is_admin:
            raise Unauthorized
        hass = request.app[KEY_HASS]
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN:
            return self.json_message("Entry not found", HTTPStatus.NOT_FOUND)
        try:
            filename, content_type, body = await self._pack(hass, entry)
        except OSError:
            return self.json_message("The properties cannot be read from the disk", HTTPStatus.SERVICE_UNAVAILABLE)
        return web.Response(
            body=body,
            content_type=content_type,
            headers={
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="{filename}"',
                hdrs.CACHE_CONTROL: "no-store",
            },
        )
