"""Names of properties: readable, allowed, and each there once."""

import re

import pytest

from custom_components.aliyun_iot.mapping.identifiers import identifiers


@pytest.mark.parametrize(
    ("entity_ids", "expected"),
    [
        (["sensor.kitchen_temperature"], ["kitchen_temperature"]),
        (["sensor.door", "binary_sensor.door"], ["door", "binary_sensor_door"]),
        (["sensor.time", "sensor.value"], ["sensor_time", "sensor_value"]),
    ],
)
def test_an_identifier_reads_like_its_entity_id(entity_ids: list[str], expected: list[str]) -> None:
    assert list(identifiers(dict(zip(entity_ids, entity_ids, strict=True)), {}).values()) == expected


def test_identifiers_are_within_the_platforms_rules_and_differ() -> None:
    entity_ids = [f"sensor.{'very_' * 12}long_name_{number}" for number in range(50)]
    entity_ids += [f"sensor.{'a' * 50}", f"binary_sensor.{'a' * 50}", "sensor.a", "light.a", "switch.a"]
    named = identifiers({entity_id: entity_id for entity_id in entity_ids}, {})
    assert len(set(named.values())) == len(entity_ids)
    assert all(re.fullmatch("[A-Za-z0-9_]{1,50}", identifier) for identifier in named.values())


def test_an_entity_that_replaces_another_of_its_entity_id_goes_on_under_its_name() -> None:
    assert identifiers({"new id": "sensor.kitchen"}, {"old id": "kitchen"}) == {"new id": "kitchen"}
    assert identifiers({"new id": "sensor.kitchen"}, {"sensor.kitchen": "power"}) == {"new id": "power"}


def test_what_has_a_name_keeps_it_and_nobody_else_gets_it() -> None:
    known = {"1": "door"}
    assert identifiers({"1": "sensor.gate", "2": "sensor.door"}, known) == {"1": "door", "2": "sensor_door"}
