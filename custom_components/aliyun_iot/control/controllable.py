"""Controllable properties: the published ones by which the cloud may set something, and how the platform has them."""

from collections.abc import Mapping
from dataclasses import replace
import hashlib
import json
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant, callback

from ..alink import Bool, DataType, Enum, Number, Status, Struct, data_type_json, one_line
from ..mapping.definition import Definition
from ..selection.grants import Grants
from ..thing_model.model import ThingModel
from .consent import Consent

_SETTABLE_MODES = ("rw", "w")


class Controllable(NamedTuple):
    """A property that the cloud may set."""

    entity_id: str
    key: str  # of the facet
    definition: Definition


@callback
def controllable(hass: HomeAssistant, options: Mapping[str, Any], model: ThingModel) -> dict[str, Controllable]:
    """Return the properties that the cloud may set, by their names in messages."""
    found: dict[str, Controllable] = {}
    for reference, entity_id in Consent(hass, options).allowed().items():
        if (entity := model.entities.get(reference)) is not None:
            for key, definition in entity.published(availability=False):
                if key in entity.settable:
                    found[definition.wire] = Controllable(entity_id, key, definition)
    return found


def agrees(definition: Definition, status: Status, *, is_confirmed: bool = False) -> bool:
    """Tell whether the platform means by a property what we mean, so that a command for it may run.

    That takes the platform's model as it was told over this very link; where it was never told, the owner's word that
    it is imported.
    """
    if status.model is None:
        return is_confirmed
    theirs = status.model.get(definition.wire)
    return status.is_model_current and is_settable(definition, status) and means(theirs, definition.data_type)


def is_settable(definition: Definition, status: Status) -> bool:
    """Tell whether the platform lets a property be set."""
    return status.access.get(definition.wire) in _SETTABLE_MODES


def means(theirs: DataType | None, ours: DataType) -> bool:
    """Tell whether a value of their type means the same in ours: its type, unit, and the name of each key.

    A range is none of it: a value is compared with ours anyway.
    """
    match theirs, ours:
        case Bool(), Bool():
            return (theirs.off, theirs.on) == (one_line(ours.off), one_line(ours.on))
        case Number(), Number():
            units = {one.unit and one_line(one.unit.symbol) for one in (theirs, ours)}
            return theirs.type is ours.type and len(units) == 1
        case Enum(names=names), Enum():
            return all(names.get(key) == one_line(name) for key, name in ours.names.items())
        case Struct(), Struct():
            members = {field.identifier: field.data_type for field in theirs.fields}
            return all(means(members.get(field.identifier), field.data_type) for field in ours.fields)
    return type(theirs) is type(ours)


def fingerprint(definition: Definition) -> str:
    """Return a short text that is another one as soon as a property means something else."""
    written = [definition.wire, data_type_json(definition.data_type), definition.unit]
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:16]


def is_confirmed(grants: Grants, definition: Definition) -> bool:
    """Tell whether the owner has said that a file with this very property is imported."""
    return fingerprint(definition) in grants.confirmed


@callback
def unconfirmed(hass: HomeAssistant, options: Mapping[str, Any], model: ThingModel) -> bool:
    """Tell whether the cloud may set a property of which the owner has not said that it is imported."""
    grants = Grants.read(options)
    return any(not is_confirmed(grants, one.definition) for one in controllable(hass, options, model).values())


@callback
def confirmed(hass: HomeAssistant, options: Mapping[str, Any], model: ThingModel) -> dict[str, Any]:
    """Return an entry's options with the owner's word that the file of now is imported."""
    said = frozenset(fingerprint(one.definition) for one in controllable(hass, options, model).values())
    return replace(Grants.read(options), confirmed=said).written(options)
