"""Alike: what the form for another device takes over from an entry that is there."""

from collections.abc import Collection
from itertools import count
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import slugify

from ..access.claim import Registration
from ..alink import DEVICE_NAME_LENGTH_MAX
from ..const import (
    CONF_DEVICE_NAME,
    CONF_DEVICE_TOKEN,
    CONF_HOST,
    CONF_HTTPS_HOST,
    CONF_INSTANCE_ID,
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_REGION,
    CONF_REGISTRATION,
    CONF_SIGN_METHOD,
    CONF_TRANSPORT,
    DOMAIN,
)

_PRODUCT: Final = (CONF_PRODUCT_KEY, CONF_REGION, CONF_INSTANCE_ID)
_NETWORK: Final = (CONF_TRANSPORT, CONF_HOST, CONF_PORT, CONF_HTTPS_HOST, CONF_SIGN_METHOD)


def latest_entry(hass: HomeAssistant, product_key: str | None = None) -> ConfigEntry | None:
    """Return the entry that was added last, of one product or of any."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    of_product = [entry for entry in entries if product_key in (None, entry.data.get(CONF_PRODUCT_KEY))]
    return max(of_product, key=lambda entry: entry.created_at, default=None)


def suggested_by(entry: ConfigEntry) -> dict[str, Any]:
    """Return the values of the first form that a device of the same product shares."""
    network = {key: entry.data[key] for key in _NETWORK if key in entry.data}
    if CONF_DEVICE_TOKEN in entry.data:
        network[CONF_REGISTRATION] = Registration.MQTT_NOT_ADDED.value
    return {**{key: entry.data[key] for key in _PRODUCT if key in entry.data}, CONF_NETWORK: network}


def suggested_device_name(hass: HomeAssistant) -> str:
    """Make a DeviceName of the name that the user gave this home; no entry has it yet."""
    name = slugify(hass.config.location_name, separator="-")
    whole = f"ha-{name}"[:DEVICE_NAME_LENGTH_MAX].rstrip("-") if name else "home-assistant"
    taken = {entry.data.get(CONF_DEVICE_NAME) for entry in hass.config_entries.async_entries(DOMAIN)}
    return _free(whole, taken)


def _free(name: str, taken: Collection[str | None]) -> str:
    if name not in taken:
        return name
    ends = (f"-{number}" for number in count(2))
    numbered = (name[: DEVICE_NAME_LENGTH_MAX - len(end)] + end for end in ends)
    return next(one for one in numbered if one not in taken)
