"""The demo's own rules: the values of recorded states, and the origin of each CONNECT."""

from typing import Any

import pytest

from .comparison import Value, compared, converted
from .connects import StrangerError, attributed, most_in_a_minute
from .ways import FULL, SHORT, Connect, Register


@pytest.mark.parametrize(
    ("state", "attributes", "value"),
    [
        ("21.35", {"device_class": "temperature"}, 21.35),
        ("on", {}, 1),
        ("off", {}, 0),
        ("rinsing", {"options": ["idle", "rinsing"]}, 1),
        ("1970-01-01T00:00:01+00:00", {"device_class": "timestamp"}, "1000"),
        ("茉莉花", {}, "茉莉花"),
        ("unavailable", {}, None),
    ],
)
def test_a_state_is_converted_by_simple_rules(state: str, attributes: dict[str, Any], value: Any) -> None:
    assert converted(state, attributes) == value


@pytest.mark.parametrize(("stored", "time", "equal"), [(21.5, 1500, True), (21.6, 1500, False), (21.5, 1499, False)])
def test_only_the_same_value_of_the_same_millisecond_is_equal(stored: float, time: int, equal: bool) -> None:
    state = {"entity_id": "sensor.a", "state": "21.5", "last_updated": "1970-01-01T00:00:01.500200+00:00"}
    value = Value(entity_id="sensor.a", identifier="a", time=time, stored=stored)
    assert [found.equal for found in compared([value], [[state]], {"sensor.a": {}})] == [equal]


def test_a_connect_came_from_the_house_that_had_asked_for_the_address() -> None:
    seen = [{"time": 900, "code": 0}, {"time": 1050, "code": 0}, {"time": 5020, "code": 3}]
    attempts = attributed(seen, {"first": [5000], "second": [1000]}, since=1000)
    assert [(one.time, one.code, one.house) for one in attempts] == [(1050, 0, "second"), (5020, 3, "first")]


@pytest.mark.parametrize("asked", [[], [1000, 2000], [5000], [1100]])
def test_a_connect_that_no_house_has_begun_is_found(asked: list[int]) -> None:
    with pytest.raises(StrangerError):
        attributed([{"time": 1050, "code": 0}], {"first": asked}, since=0)


@pytest.mark.parametrize(
    ("times", "most"), [([], 0), ([0, 59_999], 2), ([0, 60_000], 1), ([0, 30_000, 70_000, 80_000], 3)]
)
def test_the_busiest_minute_begins_anywhere(times: list[int], most: int) -> None:
    assert most_in_a_minute(times) == most


def test_the_short_matrix_has_each_way_once_at_least() -> None:
    assert {way.connect for way in SHORT} == set(Connect)
    assert {way.register for way in SHORT} == set(Register)
    assert len({way.device_name for way in FULL}) == len(FULL) == 48
