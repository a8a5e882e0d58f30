"""Shown values: the text for the value that a property would send now."""

from collections.abc import Iterable
from functools import reduce
from typing import Final

from homeassistant.const import ATTR_LATITUDE, ATTR_LONGITUDE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..alink import Bool, DataType, Date, Enum, Number, Struct, Value, number_text
from ..const import DOMAIN
from ..mapping.kinds import ATTRIBUTE, COLOUR, LOCATION
from ..mapping.property import Property
from ..mapping.values import NotFittingError

NOTHING: Final = "\N{EM DASH}"

type Words = dict[str, str]


async def async_words(hass: HomeAssistant) -> Words:
    """Return the integration's words for composed texts, in Home Assistant's language."""
    translations = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    prefix = f"component.{DOMAIN}.common."
    return {key.removeprefix(prefix): text for key, text in translations.items()}


def aside(text: str, more: str, words: Words) -> str:
    """Add more to a text, in the brackets of the language."""
    return words["aside"].format(text=text, more=more)


def joined(texts: Iterable[str], words: Words) -> str:
    """Join texts with the comma of the language."""
    return reduce(lambda one, other: words["pair"].format(one=one, other=other), texts)


def shown_value(property_: Property, state: State | None, words: Words) -> str:
    """Return the present value with its unit, the reason why it does not fit, or a dash where there is no value."""
    if state is None:
        return NOTHING
    try:
        value = property_.value(state)
    except NotFittingError as err:
        return words[f"misfit_{err.misfit}"].format(state=shown_raw(property_.key, state))
    if value is None:
        return NOTHING
    return _shown(property_.definition.data_type, value, property_.definition.unit, words)


def shown_raw(key: str, state: State) -> str:
    """Return the state or the attribute that a value is made of; the empty text where there is none."""
    if key == LOCATION:
        return ", ".join(str(state.attributes.get(name)) for name in (ATTR_LATITUDE, ATTR_LONGITUDE))
    raw = state.attributes.get(key.removeprefix(ATTRIBUTE)) if key.startswith(ATTRIBUTE) else state.state
    if key == COLOUR and isinstance(raw, list | tuple):
        return ", ".join(map(str, raw))
    return "" if raw is None else " ".join(str(raw).split())


def _shown(data_type: DataType, value: Value, unit: str | None, words: Words) -> str:
    match data_type, value:
        case Bool(off=off, on=on), int():
            return aside(on if value else off, str(value), words)
        case Enum(names=names), int():
            return aside(names[value], str(value), words)
        case Number(), int() | float():
            return f"{number_text(value)} {unit}" if unit else number_text(value)
        case Date(), str():
            moment = dt_util.as_local(dt_util.utc_from_timestamp(int(value) / 1000))
            return moment.isoformat(sep=" ", timespec="seconds")
        case Struct(fields=fields), dict():
            members = (
                f"{field.name} {_shown(field.data_type, value[field.identifier], None, words)}" for field in fields
            )
            return joined(members, words)
    return str(value)
