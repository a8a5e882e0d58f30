"""Amounts: how much each of several choices would publish, counted before any of them is made."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant

from ..alink import FEATURES_PER_MODULE, MODULES_PER_IMPORT, Pace
from ..const import CONF_SELECTION
from ..mapping.facets import facets
from ..mapping.told import with_registry
from ..recorder.traffic import Traffic, async_traffics
from ..selection.criteria import Criteria, resolve
from ..selection.turns import in_turns
from .preview import rounded
from .selection_form import Selected
from .shown_values import Words

_ROOM: Final = FEATURES_PER_MODULE * MODULES_PER_IMPORT  # properties; a thing model takes no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much a choice publishes."""

    properties: int
    traffic: Traffic | None  # an estimate for a day; None without enough records

    def text(self, words: Words) -> str:
        """Tell the properties, and the messages as far as they can be estimated."""
        if self.traffic is None:
            return words["properties"].format(properties=grouped(self.properties))
        messages = grouped(rounded(self.traffic.messages))
        return words["amount"].format(properties=grouped(self.properties), messages=messages)


async def async_amounts(hass: HomeAssistant, choices: Sequence[Selected], pace: Pace) -> list[Amount]:
    """Count what each choice publishes; every entity is looked at once, and the recorder asked once for all."""
    reached: list[list[tuple[str, bool]]] = []
    for selected in choices:
        await asyncio.sleep(0)  # in a large home, one takes milliseconds
        criteria = Criteria.read({CONF_SELECTION: selected})
        reached.append([(entity_id, criteria.availability) for entity_id in resolve(hass, criteria).values()])
    counts = await _async_counts(hass, {entity_id for several in reached for entity_id, _ in several})
    published = [
        {entity_id: counts[entity_id] + has_more for entity_id, has_more in several if entity_id in counts}
        for several in reached
    ]
    traffics = await async_traffics(hass, [[name for name, count in one.items() if count] for one in published], pace)
    return [
        Amount(properties=min(sum(one.values()), _ROOM), traffic=traffic)
        for one, traffic in zip(published, traffics, strict=True)
    ]


async def _async_counts(hass: HomeAssistant, entity_ids: set[str]) -> Mapping[str, int]:
    """Count the properties of each entity that has a state, as a model would fix them that has room for all."""
    counts: dict[str, int] = {}
    async for some in in_turns(sorted(entity_ids)):
        for entity_id in some:
            if (state := hass.states.get(entity_id)) is not None:
                told = facets(with_registry(hass, state), hass.config.units)
                counts[entity_id] = sum(facet.is_default for facet in told)
    return counts


def grouped(count: int) -> str:
    """Write a number with its thousands apart."""
    return f"{count:,}"
