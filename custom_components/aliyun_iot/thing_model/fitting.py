"""Fitting: ranges and steps for the numbers that the recorder has seen."""

from collections.abc import Mapping
from functools import partial
from itertools import batched
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant

from ..alink import Number, NumberType
from ..mapping.kinds import STATE
from ..mapping.ranges import widened, with_decimals
from ..mapping.units import ratio
from ..mapping.values import Ratio
from ..recorder.database import ready_recorder
from ..recorder.seen import Seen, async_seen
from .entity import Reference
from .model import ThingModel

_AT_ONCE: Final = 200  # entities in one question, so that each has the recorder's whole patience


async def async_fit(hass: HomeAssistant, model: ThingModel, chosen: Mapping[Reference, str]) -> bool:
    """Fit the ranges that were fixed a moment ago; returns whether anything has changed.

    Each entity is fitted once: a range that grew with every glitch of a sensor would mean nothing.
    """
    new = {
        entity_id: entity
        for reference, entity_id in chosen.items()
        if (entity := model.entities.get(reference)) is not None and not entity.is_fitted
    }
    if ready_recorder(hass) is None:
        return False  # the next look at the registries tries again
    has_changed = False
    for names in batched(new, _AT_ONCE, strict=False):
        seen = await async_seen(hass, names)
        for entity_id in names:
            entity = new[entity_id]
            if model.entities.get(entity.reference) is not entity:
                continue  # forgotten since, and its names may be those of another entity
            model.note_fitted(entity)
            state, definition = hass.states.get(entity_id), entity.definitions.get(STATE)
            if state is None or definition is None or entity_id not in seen:
                continue
            unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
            convert = ratio(unit, definition.unit, definition.device_class)
            if convert is not None:
                has_changed |= model.refit(definition.wire, partial(_fitted, seen[entity_id], convert))
    return has_changed


def _fitted(seen: Seen, convert: Ratio, number: Number) -> Number:
    ends = sorted((convert(seen.low), convert(seen.high)))
    fitted = widened(number, *ends)
    return fitted if number.type is NumberType.INT else with_decimals(fitted, seen.decimals)
