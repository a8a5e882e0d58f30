"""Model files: the thing model of an entry, loaded or not, as the console imports it."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import CONF_PRODUCT_KEY
from ..selection.criteria import Criteria
from ..selection.published import published
from ..thing_model.import_files import Files, Packed, files, packed
from ..thing_model.store import async_model
from .controllable import controllable


async def async_files(hass: HomeAssistant, entry: ConfigEntry) -> Files:
    """Make the files of an entry. Raises OSError."""
    model = await async_model(hass, entry.entry_id)
    definitions = published(hass, Criteria.read(entry.options), model)
    settable = controllable(hass, entry.options, model).keys()
    return await hass.async_add_executor_job(files, entry.data[CONF_PRODUCT_KEY], definitions, frozenset(settable))


async def async_packed(hass: HomeAssistant, entry: ConfigEntry) -> Packed:
    """Make the files of an entry, packed as the console imports them. Raises OSError."""
    return await hass.async_add_executor_job(packed, await async_files(hass, entry))
