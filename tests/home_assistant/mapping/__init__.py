"""From entities to types, ranges, units and names."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import State
from homeassistant.util.unit_system import METRIC_SYSTEM

from custom_components.aliyun_iot.alink.protocol.data_types import DataType
from custom_components.aliyun_iot.alink.protocol.rules import check_property
from custom_components.aliyun_iot.alink.protocol.thing_model import ModelProperty
from custom_components.aliyun_iot.mapping.facets import facets
from custom_components.aliyun_iot.mapping.kinds import Facet


def facets_of(entity_id: str, state: str = "unknown", **attributes: Any) -> dict[str, Facet]:
    """Return an entity's facets by key."""
    return facets_with(entity_id, state, attributes)


def facets_with(entity_id: str, state: str, attributes: Mapping[Any, Any]) -> dict[str, Facet]:
    """Return the facets by key of an entity whose attributes may be anything."""
    found = facets(State(entity_id, state, attributes, validate_entity_id=False), METRIC_SYSTEM)
    assert len({facet.key for facet in found}) == len(found)
    return {facet.key: facet for facet in found}


def check(data_type: DataType) -> None:
    """Raise the rule of the console that a type breaks."""
    check_property(ModelProperty(identifier="it", name="it", data_type=data_type))
