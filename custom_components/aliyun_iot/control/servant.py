"""Servant: the user of Home Assistant as whom the cloud acts.

Home Assistant checks a user's permissions at each action, and admin actions refuse one who is no administrator. The
name of a system user cannot be changed, so it is enough to find this one again.
"""

import asyncio
from typing import Final

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

NAME: Final = "Alibaba Cloud IoT Platform"
_MAKING: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_servant")


async def async_servant(hass: HomeAssistant) -> User:
    """Return the user, made again if somebody has removed it."""
    async with hass.data.setdefault(_MAKING, asyncio.Lock()):  # two commands at once make one user
        if (user := await _async_find(hass)) is not None:
            return user
        return await hass.auth.async_create_system_user(NAME, group_ids=[GROUP_ID_USER])


async def async_remove_servant(hass: HomeAssistant) -> None:
    """Remove the user with the last entry."""
    if (user := await _async_find(hass)) is not None:
        await hass.auth.async_remove_user(user)


async def _async_find(hass: HomeAssistant) -> User | None:
    users = await hass.auth.async_get_users()
    ours = (user for user in users if user.system_generated and user.name == NAME and not user.is_admin)
    return next(ours, None)
