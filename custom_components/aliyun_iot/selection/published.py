"""The published properties of an entry, loaded or not, and their files for the console."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_PRODUCT_KEY
from ..mapping.definition import Definition
from ..thing_model.import_files import Files, Packed, files, packed
from ..thing_model.model import ThingModel
from ..thing_model.store import async_model
from .criteria import Criteria, resolve


@callback
def published(hass: HomeAssistant, criteria: Criteria, model: ThingModel) -> list[tuple[str, Definition]]:
    """Return the properties that these criteria publish, with the entity ids of now."""
    chosen = resolve(hass, criteria)
    found = model.published(chosen, availability=criteria.availability)
    return [(chosen[entity.reference], definition) for entity, _, definition in found]


async def async_files(hass: HomeAssistant, entry: ConfigEntry) -> Files:
    """Make the files of an entry. Raises OSError."""
    model = await async_model(hass, entry.entry_id)
    definitions = published(hass, Criteria.read(entry.options), model)
    return await hass.async_add_executor_job(files, entry.data[CONF_PRODUCT_KEY], definitions)


async def async_packed(hass: HomeAssistant, entry: ConfigEntry) -> Packed:
    """Make the files of an entry, packed as the console imports them. Raises OSError."""
    return await hass.async_add_executor_job(packed, await async_files(hass, entry))
