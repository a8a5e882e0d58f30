"""Preview: tries a selection on a copy of the thing model, and describes the properties that it would publish."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant, split_entity_id

from ..alink import Pace, one_line
from ..mapping.definition import Definition
from ..mapping.facets import AVAILABILITY, facets
from ..mapping.house_units import HouseUnits, silent_units
from ..mapping.property import Property
from ..mapping.words import async_load_words
from ..markdown import cut, plain
from ..recorder.traffic import Traffic, async_traffic
from ..selection.criteria import Criteria, current_entity_ids, is_alive, resolve
from ..selection.fixing import async_adopt_states
from ..selection.places import places_left, try_take_back
from ..thing_model.entity import Reference
from ..thing_model.model import ThingModel
from .shown_values import Words, aside, async_words, joined, shown_value

# Entities that are defined in one turn of the event loop. One takes 0.3 ms (a sensor) to 0.8 ms (a light) on a PC, so
# twenty hold up Home Assistant for 16 ms there and for about 100 ms on a board that is six times as slow.
_AT_ONCE: Final = 20
# Rows of a page. The ways on are below the rows, so a page has to be short enough to scroll past on a phone; 40 leave a
# typical home of a hundred properties three pages.
_ROWS: Final = 40
_NAMES: Final = 10  # that a sentence lists; a list that wraps over more than a few lines is not read
_LENGTH: Final = 60  # characters of a name or a value; a longer one would make a row of many lines on a phone
_BREAK: Final = "&#8203;"  # a zero-width space: an invisible place where a line may break


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The properties that a selection publishes, and the entities that a person should know of."""

    hass: HomeAssistant
    words: Words
    chosen: Mapping[Reference, str]  # with the present entity ids
    properties: Sequence[tuple[str, str, Definition]]  # entity id, key of the state or attribute, definition
    house: HouseUnits
    new: Sequence[str]  # ids of entities that were not chosen before
    gone: Sequence[str]  # ids of entities that were chosen one by one and do not exist any more
    secret: Sequence[str]  # ids of entities that hold passwords
    silent: Sequence[str]  # ids of entities that have not had a state to define a property by
    is_full: bool  # the thing model has no room for some property
    places: int  # further properties that the thing model has room for
    traffic: Traffic | None  # an estimate for a day; None without enough records

    @property
    def pages(self) -> int:
        """The number of pages; an empty preview has one."""
        return max(1, math.ceil(len(self.properties) / _ROWS))

    def placeholders(self, page: int) -> dict[str, str]:
        """Return the values of the page's placeholders, as Markdown."""
        rows = self.properties[page * _ROWS : (page + 1) * _ROWS]
        return {
            "entities": str(len(self.chosen)),
            "properties": str(len(self.properties)),
            "new": self._note("new", self.new),
            "notes": "\n\n".join(self._notes()),
            "rows": "\n".join(self._row(*row) for row in rows),
            "page": self.words["page"].format(page=page + 1, pages=self.pages) if self.pages > 1 else "",
        }

    def _notes(self) -> list[str]:
        several = {"gone": self.gone, "secret": self.secret, "silent": self.silent}
        full = self.words["full"] if self.is_full else self.words["places"].format(places=self.places)
        notes = [self._traffic(), *(self._note(key, entity_ids) for key, entity_ids in several.items()), full]
        return [note for note in notes if note]

    def _note(self, key: str, entity_ids: Sequence[str]) -> str:
        return self.words[key].format(entities=listed(self.hass, entity_ids, self.words)) if entity_ids else ""

    def _traffic(self) -> str:
        if self.traffic is None:
            # Without a recorder, waiting would not help.
            return self.words["no_traffic" if "recorder" in self.hass.config.components else "no_recorder_traffic"]
        values, messages = (rounded(count) for count in (self.traffic.values, self.traffic.messages))
        return self.words["traffic"].format(values=values, messages=messages)

    def _row(self, entity_id: str, key: str, definition: Definition) -> str:
        property_ = Property(definition, key, silent_units(self.house, entity_id, key, definition))
        value = shown_value(property_, self.hass.states.get(entity_id), self.words)
        name, value = (plain(cut(text, _LENGTH)) for text in (name_of(self.hass, entity_id), value))
        # An identifier is one long word. Unbroken or in a column of its own, it would leave a phone no room beside it.
        identifier = plain(definition.wire).replace(plain("_"), plain("_") + _BREAK)
        return f"| {name}<br><small>{identifier}</small> | {value} |"


async def async_preview(
    hass: HomeAssistant, model: ThingModel, options: Mapping[str, Any], pace: Pace, *, before: Mapping[Reference, str]
) -> Preview:
    """Try a selection on a model, which this changes: pass a copy. `before` is the present selection."""
    criteria = Criteria.read(options)
    chosen = resolve(hass, criteria)
    await _async_adopt(hass, model, chosen, availability=criteria.availability)
    properties = [
        (chosen[entity.reference], key, definition)
        for entity, key, definition in model.published(chosen, availability=criteria.availability)
    ]
    there = {entity_id for entity_id, _, _ in properties}
    gone = [
        entity_id
        for reference, entity_id in current_entity_ids(hass, criteria.include.entities).items()
        if not is_alive(hass, reference)
    ]
    unknown = [entity_id for entity_id in chosen.values() if entity_id not in there and entity_id not in gone]
    secret = [entity_id for entity_id in unknown if _is_secret(hass, entity_id)]
    return Preview(
        hass=hass,
        words=await async_words(hass),
        chosen=chosen,
        properties=sorted(properties, key=lambda row: (name_of(hass, row[0]).casefold(), row[0])),
        house=model.house,
        new=[entity_id for reference, entity_id in chosen.items() if reference not in before],
        gone=gone,
        secret=secret,
        silent=[entity_id for entity_id in unknown if entity_id not in secret],
        is_full=bool(model.without_room),
        places=places_left(hass, model, chosen),
        traffic=await async_traffic(hass, there, pace),
    )


async def _async_adopt(
    hass: HomeAssistant, model: ThingModel, chosen: Mapping[Reference, str], *, availability: bool
) -> None:
    model.rebind(chosen, partial(is_alive, hass))
    await async_load_words(hass, {split_entity_id(entity_id)[0] for entity_id in chosen.values()})
    more = (AVAILABILITY,) if availability else ()
    model.without_room.clear()
    lacking = chosen
    while lacking:
        await async_adopt_states(hass, model, lacking)
        for number, (reference, entity_id) in enumerate(lacking.items()):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if (state := hass.states.get(entity_id)) is not None:
                model.adopt(reference, state, *more)
        lacking = try_take_back(hass, model, chosen)


def _is_secret(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    return state is not None and any(not facet.is_default for facet in facets(state, hass.config.units)[:1])


def name_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the name of an entity, or its id while it has no state."""
    state = hass.states.get(entity_id)
    return entity_id if state is None else one_line(state.name)


def listed(hass: HomeAssistant, entity_ids: Sequence[str], words: Words) -> str:
    """Write the number of entities and the names of the first few."""
    shown = [plain(cut(name_of(hass, entity_id), _LENGTH)) for entity_id in entity_ids[:_NAMES]]
    more = len(entity_ids) - _NAMES
    if more > 0:
        shown.append(f"+{more}")
    return aside(str(len(entity_ids)), joined(shown, words), words)


def rounded(count: int) -> int:
    """Round to two significant digits, because the count is an estimate."""
    return int(float(f"{count:.2g}"))
