"""The published properties of an entry, loaded or not."""

from homeassistant.core import HomeAssistant, callback

from ..mapping.definition import Definition
from ..thing_model.model import ThingModel
from .criteria import Criteria, resolve


@callback
def published(hass: HomeAssistant, criteria: Criteria, model: ThingModel) -> list[tuple[str, Definition]]:
    """Return the properties that these criteria publish, with the entity ids of now."""
    chosen = resolve(hass, criteria)
    found = model.published(chosen, availability=criteria.availability)
    return [(chosen[entity.reference], definition) for entity, _, definition in found]
