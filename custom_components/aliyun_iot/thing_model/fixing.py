"""Fixing: how a facet becomes a definition, is fixed anew, and how an enum takes options that are new."""

from collections.abc import Sequence
from dataclasses import replace

from homeassistant.core import HomeAssistant, State, callback

from ..alink import ENUM_ITEMS_MAX, DataType, Enum, Number, Text
from ..mapping.definition import Definition
from ..mapping.identifiers import facet_identifier
from ..mapping.kinds import ATTRIBUTE, STATE, Facet
from ..mapping.names import item_names, readable_name
from ..mapping.ranges import finite, widened
from ..mapping.words import facet_name, with_names
from .entity import Entity


def proposed_identifier(entity: Entity, state: State, key: str) -> str:
    """Return the identifier of a facet, free or not: an attribute's begins with that of its entity's state."""
    known = entity.definitions.get(STATE)
    return facet_identifier(state.entity_id if known is None else known.identifier, key)


@callback
def proposed_name(hass: HomeAssistant, state: State, key: str, identifier: str) -> str:
    """Return the name of a facet, free or not."""
    name = str(state.name)  # the friendly name is an attribute like others: an integration may put anything there
    if key != STATE:
        name = f"{name} {facet_name(hass, state.domain, key)}"
    return readable_name(name, identifier)


@callback
def fixed_type(hass: HomeAssistant, state: State, facet: Facet) -> DataType:
    """Return the type of a facet, with names; the range of a number holds its present value.

    A value present at definition time is taken as genuine.
    """
    data_type = with_names(hass, state, facet)
    if not isinstance(data_type, Number):
        return data_type
    if facet.key == STATE:
        try:
            now = finite(float(state.state))
        except ValueError:
            return data_type
    else:
        now = finite(state.attributes.get(facet.key.removeprefix(ATTRIBUTE)))
    return data_type if now is None else widened(data_type, now, now)


def tells_more(known: Definition, facet: Facet) -> bool:
    """Tell whether a facet is of another kind than a property's guess, and tells no less."""
    if is_alike(known, facet):
        return False
    return not facet.is_guess or _tells(facet) >= _tells(known)


def is_alike(known: Definition, facet: Facet) -> bool:
    """Tell whether a property has the kind and the unit of a facet."""
    return (type(known.data_type), known.unit) == (type(facet.data_type), facet.unit)


def _tells(one: Definition | Facet) -> int:
    """Return how much a kind tells: a text nothing, a number without a unit little."""
    return 0 if isinstance(one.data_type, Text) else 1 if one.unit is None else 2


def keys_of(facet: Facet) -> dict[str, int]:
    """Return the keys of an enum's options: their places."""
    return {option: key for key, option in enumerate(facet.options)}


def new_options(known: Definition, facet: Facet) -> list[str]:
    """Return the options of an enum that have no key yet; none where it would have too many keys with them."""
    if not isinstance(known.data_type, Enum) or not isinstance(facet.data_type, Enum):
        return []
    new = [option for option in facet.options if option not in known.options]
    return new if len(known.data_type.names) + len(new) <= ENUM_ITEMS_MAX else []


@callback
def with_options(
    hass: HomeAssistant, known: Definition, state: State, facet: Facet, options: Sequence[str]
) -> Definition:
    """Return the definition of an enum with keys for these options of a facet; the keys that are there stay."""
    words = with_names(hass, state, facet)
    assert isinstance(known.data_type, Enum)
    assert isinstance(words, Enum)
    before = known.data_type.names
    first = max(before, default=-1) + 1
    new = [words.names[facet.options.index(option)] for option in options]
    names = item_names([*before.values(), *new])[len(before) :]
    return replace(
        known,
        data_type=Enum(names={**before, **dict(enumerate(names, first))}),
        options={**known.options, **{option: key for key, option in enumerate(options, first)}},
    )
