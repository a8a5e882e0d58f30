"""Identifiers of properties in messages."""

import re

import pytest

from custom_components.aliyun_iot.mapping.identifiers import facet_identifier, unique_identifier


@pytest.mark.parametrize(
    ("stem", "key", "expected"),
    [
        ("sensor.living_room_temperature", "state", "living_room_temperature"),
        ("climate.hall", "attribute.current_temperature", "hall_current_temperature"),
        ("climate_hall", "attribute.Fan Mode", "climate_hall_fan_mode"),
        ("sensor.t", "available", "t_available"),
        ("person.anna", "location", "anna_location"),
    ],
)
def test_a_property_is_called_after_its_entity(stem: str, key: str, expected: str) -> None:
    assert facet_identifier(stem, key) == expected


@pytest.mark.parametrize("reserved", ["set", "get", "post", "time", "value"])
def test_words_of_the_platform_get_the_domain_before_them(reserved: str) -> None:
    assert unique_identifier(reserved, f"sensor.{reserved}", ()) == f"sensor_{reserved}"


def test_what_is_taken_gets_the_domain_and_then_a_digest() -> None:
    taken = ["t"]
    for _ in range(3):
        taken.append(unique_identifier("t", "light.t", taken))
    assert taken[:2] == ["t", "light_t"]
    assert all(re.fullmatch(r"t_[0-9a-f]{6}", identifier) for identifier in taken[2:])
    assert len(set(taken)) == len(taken)


def test_what_is_too_long_is_cut_and_stays_apart() -> None:
    names = ["a" * 60 + "_one", "a" * 60 + "_two"]
    identifiers = [unique_identifier(name, f"sensor.{name}", ()) for name in names]
    assert all(len(identifier) <= 50 for identifier in identifiers)
    assert len(set(identifiers)) == 2
