"""Danger: tells what opens a house, looked up anew each time.

Only what is plainly harmless counts as harmless. A cover without a class may be a garage door. A group, or an entity
that stands for another one (Home Assistant's "Change device type of a switch" makes such), carries no class of what is
behind it, so it is followed to its end. What cannot be looked up on the way may be anything, and opens. And the other
way round, what an opening entity is made of opens as well: the relay that a lock stands for, the members of a group of
garage doors.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.components.cover import CoverDeviceClass
from homeassistant.components.valve import ValveDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ENTITY_ID, Platform
from homeassistant.core import HomeAssistant, State, callback, split_entity_id
from homeassistant.helpers import entity_registry as er

from ..thing_model.entity import Reference

_OPENING: Final = frozenset({Platform.ALARM_CONTROL_PANEL, Platform.LOCK})
_HARMLESS_COVERS: Final = frozenset(
    {
        *(CoverDeviceClass.AWNING, CoverDeviceClass.BLIND, CoverDeviceClass.CURTAIN),
        *(CoverDeviceClass.DAMPER, CoverDeviceClass.SHADE, CoverDeviceClass.SHUTTER),
    }
)
_GROUP: Final = "group"
_STAND_IN: Final = "switch_as_x"

type _Behind = tuple[str, ...] | None  # entity ids; None where they cannot be looked up


@callback
def opens_house(
    hass: HomeAssistant,
    entity_id: str,
    marks: Collection[Reference] = (),
    parts: Collection[str] | None = None,
) -> bool:
    """Tell whether an entity, or anything behind it, opens the house; `marks` are the owner's.

    `parts` are those of `opening_parts`, for those who ask about several entities at once.
    """
    parts = opening_parts(hass, marks) if parts is None else parts
    seen, waiting = {entity_id}, [entity_id]
    registry = er.async_get(hass)
    while waiting:
        one = waiting.pop()
        entry, state = registry.async_get(one), hass.states.get(one)
        if (entry is None and state is None) or one in parts or (one if entry is None else entry.id) in marks:
            return True
        behind = _behind(hass, entry, state)
        # A group has no class unless somebody gives it one; the classes of its members tell.
        is_group = bool(behind) and entry is not None and entry.platform == _GROUP
        if behind is None or _opens_itself(one, entry, state, is_group=is_group):
            return True
        waiting += set(behind) - seen  # members may contain one another
        seen.update(behind)
    return False


@callback
def opening_parts(hass: HomeAssistant, marks: Collection[Reference] = ()) -> frozenset[str]:
    """Return the ids of the entities of which something that opens the house is made, at any depth.

    A group opens by its own class or mark here: one garage door among its members says nothing of the others.
    """
    registry, waiting = er.async_get(hass), list[str]()
    for made in _possibly_made(hass, marks):
        entry, state = registry.async_get(made), hass.states.get(made)
        is_marked = (made if entry is None else entry.id) in marks
        is_group = entry is None or entry.platform != _STAND_IN
        if is_marked or _opens_itself(made, entry, state, is_group=is_group):
            waiting += _made_of(hass, entry, state)
    for config_entry in hass.config_entries.async_entries(_STAND_IN):  # also one that has no entity at the moment
        if config_entry.options.get("target_domain") in _OPENING:
            waiting += _resolved(hass, [config_entry.options.get("entity_id")])
    parts = set[str]()
    while waiting:
        if (one := waiting.pop()) not in parts:
            parts.add(one)
            waiting += _made_of(hass, registry.async_get(one), hass.states.get(one))
    return frozenset(parts)


def _possibly_made(hass: HomeAssistant, marks: Collection[Reference]) -> set[str]:
    """Return the ids of the entities that may open and be made of others; a home has few, and each command asks."""
    registry = er.async_get(hass)
    found = set(_resolved(hass, marks))
    for platform in (_GROUP, _STAND_IN):
        for config_entry in hass.config_entries.async_entries(platform):
            found.update(one.entity_id for one in er.async_entries_for_config_entry(registry, config_entry.entry_id))
    shown = hass.states.async_all((*_OPENING, Platform.COVER, Platform.VALVE))
    return found.union(state.entity_id for state in shown if ATTR_ENTITY_ID in state.attributes)


def _opens_itself(entity_id: str, entry: er.RegistryEntry | None, state: State | None, *, is_group: bool) -> bool:
    domain = split_entity_id(entity_id)[0]
    if domain in _OPENING:
        return True
    classes = set(_classes(entry, state))
    if domain == Platform.COVER:
        return not (classes or is_group) or not classes <= _HARMLESS_COVERS
    return domain == Platform.VALVE and ValveDeviceClass.GAS in classes


def _classes(entry: er.RegistryEntry | None, state: State | None) -> Iterator[str]:
    """Yield each class that an entity is said to have: one that was changed for its looks does not hide another."""
    told = [] if entry is None else [entry.device_class, entry.original_device_class]
    told.append(None if state is None else state.attributes.get(ATTR_DEVICE_CLASS))
    for one in told:
        if one:
            yield str(one)


def _behind(hass: HomeAssistant, entry: er.RegistryEntry | None, state: State | None) -> _Behind:
    """Return the entities that act when this one does."""
    named = _named(hass, entry, state)
    if not named and entry is not None and entry.platform in (_GROUP, _STAND_IN):
        return None  # an unavailable group shows no members
    found = _resolved(hass, named)
    return tuple(found) if len(found) == len(named) else None


def _made_of(hass: HomeAssistant, entry: er.RegistryEntry | None, state: State | None) -> list[str]:
    """Return those of them that can be looked up."""
    return _resolved(hass, _named(hass, entry, state))


def _named(hass: HomeAssistant, entry: er.RegistryEntry | None, state: State | None) -> list[Any]:
    shown = None if state is None else state.attributes.get(ATTR_ENTITY_ID)
    named: list[Any] = [*shown] if isinstance(shown, list | tuple | set | frozenset) else [shown] if shown else []
    return named + _kept(hass, entry) if entry is not None and entry.platform in (_GROUP, _STAND_IN) else named


def _resolved(hass: HomeAssistant, named: Iterable[Any]) -> list[str]:
    registry = er.async_get(hass)
    found = (er.async_resolve_entity_id(registry, one) for one in named if isinstance(one, str))
    return [one for one in found if one is not None]


def _kept(hass: HomeAssistant, entry: er.RegistryEntry) -> list[Any]:
    """Return the members or the source in the options of a helper; those of one in YAML are not there."""
    config_entry = hass.config_entries.async_get_entry(entry.config_entry_id or "")
    options: Mapping[str, Any] = {} if config_entry is None else config_entry.options
    members, source = options.get("entities"), options.get("entity_id")
    return [*(members if isinstance(members, list | tuple) else ()), *([source] if source else ())]
