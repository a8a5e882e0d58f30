"""The run that sets every kind of thing is judged: nothing is left out, and groups wait for their members."""

import pytest

from tests.home_assistant.mapping.commanded import ROWS

from .check import lanes
from .home import STAND_INS, rows
from .trial import same


def test_every_row_is_tried_once_and_one_entity_has_one_lane() -> None:
    flat = [row for lane in lanes() for row in lane]
    assert sorted(flat, key=str) == sorted(rows(), key=str)
    assert len(flat) == len(ROWS)
    owners = {row.entity_id: number for number, lane in enumerate(lanes()) for row in lane}
    assert all(owners[row.entity_id] == number for number, lane in enumerate(lanes()) for row in lane)


def test_a_group_is_set_after_its_members() -> None:
    (lane,) = [lane for lane in lanes() if any(row.entity_id == "light.all_lights" for row in lane)]
    assert list(dict.fromkeys(row.entity_id for row in lane)) == ["light.bed_light", "light.all_lights"]


def test_a_stand_in_has_all_the_rows_of_the_one_that_cannot_be_granted() -> None:
    for entity_id, stand_in in STAND_INS.items():
        before = [(row.key, row.raw) for row in ROWS if row.entity_id == entity_id]
        assert [(row.key, row.raw) for row in rows() if row.entity_id == stand_in] == before
        assert before != []


@pytest.mark.parametrize(
    ("raw", "stored", "is_same"),
    [
        ("22.5", 22.5, True),
        (True, 1, True),
        ("1", 0, False),
        ("", "", True),
        ("abc", "abd", False),
        ({"hue": "240.5", "saturation": 62}, {"hue": 240.5, "saturation": 62.0}, True),
        ({"hue": 1}, {"hue": 2}, False),
        ({"hue": 1}, 1, False),
        (1, None, False),
    ],
)
def test_a_value_is_the_same_however_it_is_written(raw: object, stored: object, *, is_same: bool) -> None:
    assert same(raw, stored) is is_same
