"""Control preview: tells for each entity what the cloud may do, and what of a choice it may not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
import math
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ASSUMED_STATE, Platform
from homeassistant.core import HomeAssistant, split_entity_id

from ..alink import Status
from ..const import DOMAIN
from ..control.consent import Consent, Obstacle
from ..control.controllable import agrees, controllable, is_confirmed
from ..mapping.commands import settable
from ..mapping.kinds import COLOUR, STATE
from ..mapping.told import with_registry
from ..mapping.words import async_load_words, facet_name
from ..markdown import cut, plain
from ..selection.criteria import Criteria, resolve
from ..selection.grants import Grants
from ..thing_model.entity import Reference
from ..thing_model.model import ThingModel
from .control_form import Asked
from .preview import listed, name_of
from .shown_values import Words, async_words, joined

_ROWS: Final = 40  # of a page: see the preview of properties
_LENGTH: Final = 60  # characters of a name
_MODES: Final = frozenset({Platform.CLIMATE, Platform.WATER_HEATER})
_OPENINGS: Final = frozenset({Platform.COVER, Platform.VALVE})
_TASKS: Final = frozenset({Platform.LAWN_MOWER, Platform.VACUUM})
_VALUES: Final = frozenset(
    {Platform.NUMBER, Platform.SELECT, Platform.TEXT, "input_number", "input_select", "input_text"}
)
_OFF_AT_ZERO: Final = ("attribute.brightness", "attribute.percentage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entity that the cloud may control."""

    entity_id: str
    keys: frozenset[str]  # of the facets that can be set
    others: Sequence[str]  # titles of the other entries that allow it, too


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPreview:
    """The entities that the cloud may control, and those that it may not."""

    hass: HomeAssistant
    words: Words
    rows: Sequence[Row]
    new: Sequence[str]  # ids of entities that are not published yet
    withheld: Mapping[str, Obstacle]  # by entity id
    refused: Sequence[str]  # ids of entities that were refused for good
    needs_import: bool

    @property
    def pages(self) -> int:
        """The number of pages; an empty preview has one."""
        return max(1, math.ceil(len(self.rows) / _ROWS))

    def placeholders(self, page: int) -> dict[str, str]:
        """Return the values of the page's placeholders, as Markdown."""
        shown = self.rows[page * _ROWS : (page + 1) * _ROWS]
        return {
            "entities": str(len(self.rows)),
            "notes": "\n\n".join(self._notes()),
            "rows": "\n".join(map(self._row, shown)),
            "page": self.words["page"].format(page=page + 1, pages=self.pages) if self.pages > 1 else "",
        }

    def _notes(self) -> Iterator[str]:
        if not self.rows:
            yield self.words["control_nothing"]
        if self.new:
            yield self.words["control_new"].format(entities=listed(self.hass, self.new, self.words))
        for obstacle in Obstacle:
            if several := sorted(entity_id for entity_id, one in self.withheld.items() if one is obstacle):
                text = self.words[f"obstacle_{obstacle}"]
                yield text.format(entities=listed(self.hass, several, self.words))
        if self.refused:
            yield self.words["control_refused"].format(entities=listed(self.hass, self.refused, self.words))
        if self.needs_import:
            yield self.words["control_import"]

    def _row(self, row: Row) -> str:
        name = plain(cut(name_of(self.hass, row.entity_id), _LENGTH))
        return f"| {name}<br><small>{plain(row.entity_id)}</small> | {plain(self._may(row))} |"

    def _may(self, row: Row) -> str:
        domain = split_entity_id(row.entity_id)[0]
        if not row.keys:
            return self.words["may_nothing"]
        # The state comes first, as in all lists of facets.
        keys = sorted(row.keys, key=lambda key: (key != STATE, key))
        parts = [joined((self._word(domain, key) for key in keys), self.words)]
        parts += [
            self.words["off_at_zero"].format(name=facet_name(self.hass, domain, key))
            for key in _OFF_AT_ZERO
            if key in row.keys
        ]
        state = self.hass.states.get(row.entity_id)
        if state is not None and state.attributes.get(ATTR_ASSUMED_STATE):
            parts.append(self.words["assumed"])
        parts += [self.words["also_by"].format(name=title) for title in row.others]
        return reduce(lambda one, other: self.words["apart"].format(one=one, other=other), parts)

    def _word(self, domain: str, key: str) -> str:
        if key == COLOUR:
            return self.words["may_color"]
        if key != STATE:
            return facet_name(self.hass, domain, key)
        kinds = {"may_mode": _MODES, "may_open": _OPENINGS, "may_task": _TASKS, "may_value": _VALUES}
        return self.words[next((word for word, domains in kinds.items() if domain in domains), "may_turn")]


async def async_control_preview(
    hass: HomeAssistant, entry: ConfigEntry, model: ThingModel, asked: Asked, status: Status
) -> ControlPreview:
    """Look at what grants allow that are not saved yet."""
    options = asked.grants.written(entry.options)
    allowed = Consent(hass, options).allowed()
    await async_load_words(hass, {split_entity_id(entity_id)[0] for entity_id in allowed.values()})
    published = resolve(hass, Criteria.read(entry.options))
    others = {
        other.title: Consent(hass, other.options).allowed().keys()
        for other in hass.config_entries.async_entries(DOMAIN)
        if other.entry_id != entry.entry_id
    }
    rows = [
        Row(
            entity_id=entity_id,
            keys=_keys(hass, model, reference, entity_id),
            others=[title for title, theirs in others.items() if reference in theirs],
        )
        for reference, entity_id in allowed.items()
    ]
    return ControlPreview(
        hass=hass,
        words=await async_words(hass),
        rows=sorted(rows, key=lambda row: (name_of(hass, row.entity_id).casefold(), row.entity_id)),
        new=[entity_id for reference, entity_id in allowed.items() if reference not in published],
        withheld=asked.withheld,
        refused=asked.refused,
        needs_import=bool(allowed) and not _is_imported(hass, options, model, allowed, status),
    )


def _keys(hass: HomeAssistant, model: ThingModel, reference: Reference, entity_id: str) -> frozenset[str]:
    """Return the facets that can be set; one that is left out, or holds a password, is not published for that."""
    state, entity = hass.states.get(entity_id), model.entities.get(reference)
    keys = frozenset[str]() if state is None else settable(with_registry(hass, state))
    if entity is not None:
        keys |= entity.settable
        keys -= {key for key, definition in entity.definitions.items() if definition.is_left_out}
    is_password = state is not None and state.attributes.get("mode") == "password"
    is_published = entity is not None and STATE in entity.definitions
    return keys - {STATE} if is_password and not is_published else keys


def _is_imported(
    hass: HomeAssistant,
    options: Mapping[str, Any],
    model: ThingModel,
    allowed: Mapping[Reference, str],
    status: Status,
) -> bool:
    """Tell if nothing of the thing model has to be imported for the cloud to do all of this."""
    if not all(reference in model.entities for reference in allowed):
        return False
    grants, properties = Grants.read(options), controllable(hass, options, model).values()
    return all(agrees(one, status, is_confirmed=is_confirmed(grants, one)) for _, _, one in properties)
