"""Words: names of facets and values in Home Assistant's language."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from homeassistant.const import ATTR_DEVICE_CLASS
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations, async_load_integrations

from ..alink import Bool, DataType, Enum, Field, Struct
from .kinds import ATTRIBUTE, AVAILABLE, COLOUR, LOCATION, STATE, Facet
from .names import item_names, readable_name

_ENGLISH: Final = "en"
# Words that Home Assistant's translations lack, by language: for facets, and for values and members of some
_FACETS: Final = {
    "en": {AVAILABLE: "Availability", COLOUR: "Color", LOCATION: "Location", STATE: "State"},
    "zh": {AVAILABLE: "可用性", COLOUR: "颜色", LOCATION: "位置", STATE: "状态"},
}
_VALUES: Final = {
    "en": {
        "available": "Available",
        "unavailable": "Unavailable",
        "false": "No",
        "true": "Yes",
        "hue": "Hue",
        "latitude": "Latitude",
        "longitude": "Longitude",
        "saturation": "Saturation",
    },
    "zh": {
        "available": "可用",
        "unavailable": "不可用",
        "false": "否",
        "true": "是",
        "hue": "色相",
        "latitude": "纬度",
        "longitude": "经度",
        "saturation": "饱和度",
    },
}


async def async_load_words(hass: HomeAssistant, domains: Iterable[str]) -> None:
    """Load the words of these domains, and of the integrations that provide their entities."""
    await async_load_integrations(hass, set(domains))


@callback
def with_names(hass: HomeAssistant, state: State, facet: Facet) -> DataType:
    """Return a facet's type with readable names that the console takes."""
    match facet.data_type:
        case Bool(off=off, on=on):
            names = _names(hass, state, facet, [off, on])
            return Bool(off=names[0], on=names[1])
        case Enum(names=words):
            return Enum(names=dict(zip(words, _names(hass, state, facet, list(words.values())), strict=True)))
        case Struct(fields=fields):
            return Struct(fields=tuple(_field(hass, state.domain, field) for field in fields))
        case other:
            return other


@callback
def facet_name(hass: HomeAssistant, domain: str, key: str) -> str:
    """Return the name of a facet, as Home Assistant shows it."""
    if key in _FACETS[_ENGLISH]:
        return _own(hass, _FACETS, key)
    name = key.removeprefix(ATTRIBUTE)
    translations = async_get_cached_translations(hass, hass.config.language, "entity_component", domain)
    translated = translations.get(f"component.{domain}.entity_component._.state_attributes.{name}.name")
    return translated or name.replace("_", " ").strip() or name


def _names(hass: HomeAssistant, state: State, facet: Facet, words: list[str]) -> list[str]:
    translated = [_translated(hass, state, facet, word) for word in words]
    times = Counter(translated)
    # Two words may have the same translation: in Chinese a clear night and a sunny day are one word.
    return item_names(
        [
            f"{name}_{word}" if times[name] > 1 and name != word else name
            for name, word in zip(translated, words, strict=True)
        ]
    )


def _translated(hass: HomeAssistant, state: State, facet: Facet, word: str) -> str:
    if facet.key == AVAILABLE:
        return _own(hass, _VALUES, word)
    for integration, category, path in _places(hass, state):
        # For one integration Home Assistant hands out its own dictionary; for all of them it would copy everything.
        translations = async_get_cached_translations(hass, hass.config.language, category, integration)
        found = translations.get(f"component.{integration}.{category}.{path}.{_member(facet.key)}state.{word}")
        if found:
            return found
    return _own(hass, _VALUES, word) if facet.key.startswith(ATTRIBUTE) and isinstance(facet.data_type, Bool) else word


def _places(hass: HomeAssistant, state: State) -> Iterator[tuple[str, str, str]]:
    """Yield the places of an entity's words as integration, category and path, the most special first."""
    entry = er.async_get(hass).async_get(state.entity_id)
    if entry is not None and entry.translation_key is not None:
        yield entry.platform, "entity", f"{state.domain}.{entry.translation_key}"
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    if isinstance(device_class, str):
        yield state.domain, "entity_component", device_class
    yield state.domain, "entity_component", "_"


def _member(key: str) -> str:
    return f"state_attributes.{key.removeprefix(ATTRIBUTE)}." if key.startswith(ATTRIBUTE) else ""


def _field(hass: HomeAssistant, domain: str, field: Field) -> Field:
    return replace(field, name=readable_name(_own(hass, _VALUES, field.name), field.identifier))


def _own(hass: HomeAssistant, table: Mapping[str, Mapping[str, str]], word: str) -> str:
    """Return one of the words above, in English where the language has none; any other word as it is."""
    language = hass.config.language.partition("-")[0]
    return table.get(language, table[_ENGLISH]).get(word, word)
