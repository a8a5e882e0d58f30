"""Executed: the commands that each entry has carried out, kept over its reloads.

Every change of the options reloads an entry, and a server that has heard no answer sends its command again.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..alink import Repeats
from ..const import DOMAIN

_REPEATS: Final[HassKey[dict[str, Repeats]]] = HassKey(f"{DOMAIN}_repeats")


@callback
def repeats_of(hass: HomeAssistant, entry_id: str) -> Repeats:
    """Return the memory of an entry, which lasts for as long as Home Assistant runs."""
    return hass.data.setdefault(_REPEATS, {}).setdefault(entry_id, Repeats())


@callback
def forget_repeats(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the commands of an entry that is removed."""
    hass.data.get(_REPEATS, {}).pop(entry_id, None)
