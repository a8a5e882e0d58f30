"""Control form: its fields, and the grants that a person makes with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig, TargetSelector

from ..const import CONF_OPENS, CONF_TARGET
from ..control.consent import Consent, Obstacle
from ..schema import vol
from ..selection.criteria import references
from ..selection.grants import Grants, lives_of
from ..selection.targets import TARGETS
from ..thing_model.entity import Reference
from .selection_form import texts_of

CONTROL_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_TARGET): TargetSelector(),
        vol.Optional(CONF_OPENS): EntitySelector(EntitySelectorConfig(multiple=True)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The grants that a person makes, and what of the choice cannot be granted."""

    grants: Grants
    withheld: Mapping[str, Obstacle]  # by entity id
    refused: tuple[str, ...]  # ids of entities that the choice reaches and that were refused for good before


@callback
def typed_grants(hass: HomeAssistant, grants: Grants) -> dict[str, Any]:
    """Return the values of the fields for grants."""
    target = {
        ATTR_ENTITY_ID: _entity_ids(hass, grants.single),
        **{key: list(grants.by.get(key, ())) for key in TARGETS},
    }
    return {
        CONF_TARGET: {key: several for key, several in target.items() if several},
        CONF_OPENS: _entity_ids(hass, grants.opens),
    }


@callback
def asked_by(hass: HomeAssistant, typed: Mapping[str, Any], options: Mapping[str, Any]) -> Asked:
    """Turn the values of the fields into grants, as an entry with these options can have them."""
    registry = er.async_get(hass)
    target = {key: texts_of(several) for key, several in typed.get(CONF_TARGET, {}).items()}
    marked = (er.async_resolve_entity_id(registry, one) for one in typed.get(CONF_OPENS, ()))
    before = Grants.read(options)
    # The form cannot show the mark of an entity that was removed, and it holds again once the entity comes back.
    unshown = frozenset(one for one in before.opens if er.async_resolve_entity_id(registry, one) is None)
    bare = Grants(
        by={key: tuple(target[key]) for key in TARGETS if target.get(key)},
        never=before.never,
        # One that has no id in the registry cannot be granted, but it may be in a group that can.
        opens=unshown.union(references(hass, (entity_id for entity_id in marked if entity_id is not None))),
        confirmed=before.confirmed,
    )
    consent = Consent(hass, bare.written(options))
    single, withheld = dict[str, str](), dict(consent.out_of_bulk())
    for one in target.get(ATTR_ENTITY_ID, ()):
        entity_id = er.async_resolve_entity_id(registry, one) or one
        withheld.pop(entity_id, None)
        if (entry := registry.async_get(entity_id)) is None:
            withheld[entity_id] = Obstacle.NO_UNIQUE_ID
        elif (obstacle := consent.hindrance(entry)) is not None:
            withheld[entity_id] = obstacle
        else:
            single[entry.id] = entity_id
    never = before.never - single.keys()
    reached = {reference: name for reference, name in consent.reached().items() if reference not in single}
    return Asked(
        grants=replace(
            bare,
            granted={reference: name for reference, name in reached.items() if reference not in never},
            single=single,
            lives=lives_of(registry, (reached.keys() | single.keys()) - never),
            never=never,
        ),
        withheld=withheld,
        refused=tuple(name for reference, name in reached.items() if reference in never),
    )


def _entity_ids(hass: HomeAssistant, kept: Iterable[Reference]) -> list[str]:
    registry = er.async_get(hass)
    resolved = (er.async_resolve_entity_id(registry, reference) for reference in kept)
    return sorted(entity_id for entity_id in resolved if entity_id is not None)
