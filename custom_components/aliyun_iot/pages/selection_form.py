"""Selection form: its fields, and their translation to and from the options of an entry."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TargetSelector,
)
from homeassistant.helpers.translation import async_get_translations

from ..const import (
    CONF_AVAILABILITY,
    CONF_DEVICE_CLASSES,
    CONF_DOMAINS,
    CONF_ENTITIES,
    CONF_EXCLUDE,
    CONF_INCLUDE,
    CONF_MEASURING,
    CONF_TARGET,
    DOMAIN,
)
from ..schema import vol
from ..selection.criteria import current_entity_ids, references
from ..selection.targets import TARGETS
from ..thing_model.entity import Reference
from .shown_values import Words, aside, async_words

_KINDS: Final = (CONF_DOMAINS, CONF_DEVICE_CLASSES)

type Selected = dict[str, Any]  # as an entry's options keep it


async def async_selection_schema(
    hass: HomeAssistant, selected: Mapping[str, Any], more: Mapping[Any, Any] | None = None
) -> vol.Schema:
    """Make the form with the kinds of entities in this home, and those chosen before; `more` goes above `exclude`."""
    domains, device_classes = await _async_kinds(hass, [selected.get(CONF_INCLUDE, {}), selected.get(CONF_EXCLUDE, {})])
    part = {
        vol.Optional(CONF_TARGET): TargetSelector(),
        vol.Optional(CONF_DOMAINS): _several(domains),
        vol.Optional(CONF_DEVICE_CLASSES): _several(device_classes),
    }
    return vol.Schema(
        {
            **part,
            vol.Required(CONF_MEASURING, default=False): BooleanSelector(),
            vol.Required(CONF_AVAILABILITY, default=False): BooleanSelector(),
            **(more or {}),
            vol.Required(CONF_EXCLUDE): section(vol.Schema(part), {"collapsed": True}),
        }
    )


def typed_selection(hass: HomeAssistant, selected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the fields for a selection."""
    return {
        **_typed_part(hass, selected.get(CONF_INCLUDE, {})),
        CONF_MEASURING: bool(selected.get(CONF_INCLUDE, {}).get(CONF_MEASURING, False)),
        CONF_EXCLUDE: _typed_part(hass, selected.get(CONF_EXCLUDE, {})),
        CONF_AVAILABILITY: selected.get(CONF_AVAILABILITY, False),
    }


def selected_by(hass: HomeAssistant, typed: Mapping[str, Any], before: Mapping[str, Any]) -> Selected | None:
    """Turn the values of the fields into a selection; None when nothing was chosen."""
    include = _part(hass, typed, before.get(CONF_INCLUDE, {}))
    if typed[CONF_MEASURING]:
        include[CONF_MEASURING] = True
    if not include:
        return None
    return {
        CONF_INCLUDE: include,
        CONF_EXCLUDE: _part(hass, typed.get(CONF_EXCLUDE, {}), before.get(CONF_EXCLUDE, {})),
        CONF_AVAILABILITY: typed[CONF_AVAILABILITY],
    }


def selection_of(**include: Any) -> Selected:
    """Make a selection of one kind of criteria, without exclusions."""
    return {CONF_INCLUDE: include, CONF_EXCLUDE: {}, CONF_AVAILABILITY: False}


def _typed_part(hass: HomeAssistant, part: Mapping[str, Any]) -> dict[str, Any]:
    entity_ids = list(current_entity_ids(hass, part.get(CONF_ENTITIES, {})).values())
    target = {ATTR_ENTITY_ID: entity_ids, **{key: list(part.get(key, ())) for key in TARGETS}}
    return {
        CONF_TARGET: {key: several for key, several in target.items() if several},
        **{key: list(part.get(key, ())) for key in _KINDS},
    }


def _part(hass: HomeAssistant, typed: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    target = {key: texts_of(several) for key, several in typed.get(CONF_TARGET, {}).items()}
    entities = _entities(hass, target.pop(ATTR_ENTITY_ID, ()), before.get(CONF_ENTITIES, {}))
    part = {CONF_ENTITIES: entities, **target, **{key: typed.get(key, []) for key in _KINDS}}
    return {key: several for key, several in part.items() if several}


def texts_of(several: Any) -> list[str]:
    """Return what a selector of several things has returned, as a list."""
    # The selector also takes a single name, and templates, which mean nothing here.
    return [one for one in (several if isinstance(several, list) else [several]) if isinstance(one, str)]


def _entities(hass: HomeAssistant, typed: Iterable[str], before: Mapping[Reference, str]) -> dict[Reference, str]:
    """Refer to entities by registry id where there is one; an entity that is gone keeps its reference of before."""
    registry = er.async_get(hass)
    # The selector also takes a registry id in place of an entity id.
    entity_ids = [found for one in typed if (found := er.async_resolve_entity_id(registry, one)) is not None]
    known = {entity_id: reference for reference, entity_id in current_entity_ids(hass, before).items()}
    stay = {known[entity_id]: entity_id for entity_id in entity_ids if entity_id in known}
    return stay | references(hass, [entity_id for entity_id in entity_ids if entity_id not in known])


async def _async_kinds(
    hass: HomeAssistant, chosen: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the domains and the device classes with their names in Home Assistant's language."""
    here: defaultdict[str, set[str]] = defaultdict(set)  # the domains of each device class
    domains: set[str] = set()
    for domain, device_class in _kinds_of_entities(hass):
        domains.add(domain)
        if device_class:
            here[device_class].add(domain)
    for part in chosen:
        domains |= set(part.get(CONF_DOMAINS, ()))
        for device_class in part.get(CONF_DEVICE_CLASSES, ()):
            here[device_class]  # leaves an empty set for a class that no entity has any more
    titles = await async_get_translations(hass, hass.config.language, "title", domains)
    classes = await async_get_translations(hass, hass.config.language, "entity_component", domains)
    words = await async_words(hass)
    names = {
        device_class: {
            classes.get(f"component.{domain}.entity_component.{device_class}.name", device_class) for domain in several
        }
        for device_class, several in here.items()
    }
    return (
        {domain: titles.get(f"component.{domain}.title", domain) for domain in domains},
        {device_class: _class_name(device_class, several, words) for device_class, several in names.items()},
    )


def _class_name(device_class: str, names: Iterable[str], words: Words) -> str:
    # Home Assistant names some classes by their domain alone ("Sensor" for enum), so the class stands beside its name.
    name = " / ".join(sorted(names))
    return aside(name, device_class, words) if name not in ("", device_class) else device_class


def _kinds_of_entities(hass: HomeAssistant) -> Iterable[tuple[str, str | None]]:
    registry = er.async_get(hass)
    for entry in registry.entities.values():
        if not entry.disabled and entry.platform != DOMAIN:
            yield entry.domain, entry.device_class or entry.original_device_class
    for state in hass.states.async_all():
        if registry.async_get(state.entity_id) is None:
            device_class = state.attributes.get(ATTR_DEVICE_CLASS)
            yield state.domain, str(device_class) if device_class else None


def _several(names: Mapping[str, str]) -> SelectSelector:
    options = [SelectOptionDict(value=value, label=name) for value, name in names.items()]
    return SelectSelector(
        SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN, sort=True)
    )
