"""The criteria of the selection, as chosen in the options, and the entities that they reach."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_CLASS, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import (
    CONF_AVAILABILITY,
    CONF_DEVICE_CLASSES,
    CONF_DOMAINS,
    CONF_ENTITIES,
    CONF_EXCLUDE,
    CONF_INCLUDE,
    CONF_MEASURING,
    CONF_SELECTION,
    DOMAIN,
)
from ..thing_model.entity import Reference
from .grants import Grants
from .targets import TARGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One half of the criteria."""

    entities: Mapping[Reference, str] = field(default_factory=dict)  # with the entity id that each had
    target: Mapping[str, list[str]] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()
    device_classes: frozenset[str] = frozenset()
    measuring: bool = False  # whether it reaches every sensor with a state class

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """Read one half of an entry's selection."""
        return cls(
            entities=options.get(CONF_ENTITIES, {}),
            target={key: options[key] for key in TARGETS if options.get(key)},
            domains=frozenset(options.get(CONF_DOMAINS, ())),
            device_classes=frozenset(options.get(CONF_DEVICE_CLASSES, ())),
            measuring=bool(options.get(CONF_MEASURING, False)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """The included entities less the excluded ones; one that is included by name yields only to its own exclusion."""

    include: Part
    exclude: Part
    availability: bool = False  # whether a further property of each entity tells if it is available
    granted: Mapping[Reference, str] = field(default_factory=dict)  # that the cloud may control, with their ids then

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """Read an entry's options."""
        selection: Mapping[str, Any] = options.get(CONF_SELECTION, {})
        return cls(
            include=Part.read(selection.get(CONF_INCLUDE, {})),
            exclude=Part.read(selection.get(CONF_EXCLUDE, {})),
            availability=bool(selection.get(CONF_AVAILABILITY, False)),
            granted=Grants.read(options).entities,
        )


def references(hass: HomeAssistant, entity_ids: Iterable[str]) -> dict[Reference, str]:
    """Map the reference of each entity to its entity id."""
    registry = er.async_get(hass)
    entries = {entity_id: registry.async_get(entity_id) for entity_id in entity_ids}
    return {entry.id if entry else name: entry.entity_id if entry else name for name, entry in entries.items()}


def is_alive(hass: HomeAssistant, reference: Reference) -> bool:
    """Tell whether there is an entity with this reference."""
    if er.async_get(hass).entities.get_entry(reference) is not None:
        return True
    # An entity with an entry in the registry has that entry's id as its reference, never its entity id.
    return hass.states.get(reference) is not None and er.async_get(hass).async_get(reference) is None


def current_entity_ids(hass: HomeAssistant, entities: Mapping[Reference, str]) -> dict[Reference, str]:
    """Return the entity ids of now for named entities, also after a rename or a return under another registry id."""
    registry = er.async_get(hass)
    result: dict[Reference, str] = {}
    for reference, entity_id in entities.items():
        if (entry := registry.entities.get_entry(reference)) is not None:
            result[reference] = entry.entity_id
        else:
            here = registry.async_get(entity_id) is not None or hass.states.get(entity_id) is not None
            result[_reference(registry, entity_id) if here else reference] = entity_id
    return result


@callback
def async_follow_renames(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Write the entity ids of now into an entry's options, if any named entity has another one by now."""
    if (options := _renamed(hass, entry.options)) is not None:
        hass.config_entries.async_update_entry(entry, options=options)


def _renamed(hass: HomeAssistant, options: Mapping[str, Any]) -> dict[str, Any] | None:
    selection: Mapping[str, Any] = options.get(CONF_SELECTION, {})
    parts: dict[str, Any] = {}
    for key in (CONF_INCLUDE, CONF_EXCLUDE):
        part: Mapping[str, Any] = selection.get(key, {})
        entities: Mapping[Reference, str] = part.get(CONF_ENTITIES, {})
        if (now := current_entity_ids(hass, entities)) != entities:
            parts[key] = {**part, CONF_ENTITIES: now}
    return {**options, CONF_SELECTION: {**selection, **parts}} if parts else None


def resolve(hass: HomeAssistant, criteria: Criteria) -> dict[Reference, str]:
    """Return the chosen entities with their entity ids of now; those of this integration are never among them.

    What the cloud may control is among them also where nothing else chooses it, unless it is excluded.
    """
    registry = er.async_get(hass)
    unwanted = set(current_entity_ids(hass, criteria.exclude.entities).values())
    granted = {entry.entity_id for entry in map(registry.entities.get_entry, criteria.granted) if entry is not None}
    chosen = {
        reference: entity_id
        for reference, entity_id in current_entity_ids(hass, criteria.include.entities).items()
        if entity_id not in unwanted and not _is_own(registry, entity_id)
    }
    found = set(chosen.values())
    reached = granted.union(_reached(hass, criteria.include))
    if reached:
        reached -= {*unwanted, *found, *_reached(hass, criteria.exclude, thoroughly=True)}
    return chosen | {
        _reference(registry, entity_id): entity_id for entity_id in sorted(reached) if not _is_own(registry, entity_id)
    }


class Exclusion:
    """Tells which entities are excluded at one moment, for those who ask about a few of them."""

    def __init__(self, hass: HomeAssistant, criteria: Criteria) -> None:
        """Take the criteria of now."""
        self._part = criteria.exclude
        self._by_name = set(current_entity_ids(hass, criteria.exclude.entities).values())
        self._kept = set(current_entity_ids(hass, criteria.include.entities).values())
        self._by_target = _referenced(hass, criteria.exclude, thoroughly=True)

    def has(self, entry: er.RegistryEntry) -> bool:
        """Tell whether an entity is excluded."""
        if entry.entity_id in self._by_name:
            return True
        if entry.entity_id in self._kept:
            return False
        return entry.entity_id in self._by_target or _is_of_kinds(self._part, entry, thoroughly=True)


def _is_own(registry: er.EntityRegistry, entity_id: str) -> bool:
    # The switch for all entries together belongs to none of them.
    return (entry := registry.async_get(entity_id)) is not None and entry.platform == DOMAIN


def _reference(registry: er.EntityRegistry, entity_id: str) -> Reference:
    entry = registry.async_get(entity_id)
    return entry.id if entry else entity_id


def _reached(hass: HomeAssistant, part: Part, *, thoroughly: bool = False) -> Iterator[str]:
    """Yield the entity ids that a part reaches by target, domain, device class or state class.

    Diagnostic and configuration entities are reached by a label or by their device class only, unless `thoroughly`.
    """
    yield from _referenced(hass, part, thoroughly=thoroughly)
    if not (part.domains or part.device_classes or part.measuring):
        return
    registry = er.async_get(hass)
    for entry in registry.entities.values():
        if _is_of_kinds(part, entry, thoroughly=thoroughly):
            yield entry.entity_id
    for state in hass.states.async_all():
        if registry.async_get(state.entity_id) is None and (
            state.domain in part.domains
            or str(state.attributes.get(ATTR_DEVICE_CLASS)) in part.device_classes
            or (part.measuring and _measures(state.domain, state.attributes))
        ):
            yield state.entity_id


def _referenced(hass: HomeAssistant, part: Part, *, thoroughly: bool) -> set[str]:
    return async_extract_referenced_entity_ids(
        hass, TargetSelection(dict(part.target)), expand_group=False, primary_entities_only=not thoroughly
    ).indirectly_referenced


def _is_of_kinds(part: Part, entry: er.RegistryEntry, *, thoroughly: bool) -> bool:
    if entry.disabled or entry.hidden_by is not None:
        return False
    is_plain = thoroughly or entry.entity_category is None
    device_class = entry.device_class or entry.original_device_class
    is_measured = part.measuring and _measures(entry.domain, entry.capabilities)
    return (is_plain and (entry.domain in part.domains or is_measured)) or device_class in part.device_classes


def _measures(domain: str, told: Mapping[str, Any] | None) -> bool:
    return domain == Platform.SENSOR and bool((told or {}).get(ATTR_STATE_CLASS))
