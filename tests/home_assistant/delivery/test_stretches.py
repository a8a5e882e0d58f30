"""Stretches of time that are owed, by property."""

import pytest

from custom_components.aliyun_iot.delivery.stretches import Stretches


def test_stretches_of_several_properties_stay_apart() -> None:
    stretches = Stretches({"u": [(5, 6)]})
    stretches.add("t", 1, 2)
    assert stretches.to_mapping() == {"t": ((1, 2),), "u": ((5, 6),)}
    assert list(stretches) == [("u", (5, 6)), ("t", (1, 2))]


@pytest.mark.parametrize(
    ("added", "joined"),
    [
        ((1, 9), ((1, 9), (11, 20), (40, 50))),
        ((1, 8), ((1, 8), (11, 20), (40, 50))),
        ((1, 10), ((1, 20), (40, 50))),
        ((12, 13), ((11, 20), (40, 50))),
        ((15, 30), ((11, 30), (40, 50))),
        ((21, 39), ((11, 50),)),
        ((22, 38), ((11, 20), (22, 38), (40, 50))),
        ((1, 60), ((1, 60),)),
        ((52, 60), ((11, 20), (40, 50), (52, 60))),
        ((51, 60), ((11, 20), (40, 60))),
    ],
)
def test_stretches_that_touch_become_one(added: tuple[int, int], joined: tuple[tuple[int, int], ...]) -> None:
    stretches = Stretches({"t": [(40, 50), (11, 20)]})
    stretches.add("t", *added)
    assert stretches.to_mapping() == {"t": joined}


def test_of_a_ninth_stretch_the_nearest_two_become_one() -> None:
    stretches = Stretches({"t": [(number * 100, number * 100 + 10) for number in range(8)]})
    stretches.add("t", 330, 340)  # 20 after the fourth, and 60 before the fifth
    assert stretches.to_mapping()["t"] == (
        (0, 10),
        (100, 110),
        (200, 210),
        (300, 340),
        (400, 410),
        (500, 510),
        (600, 610),
        (700, 710),
    )


def test_the_first_two_can_be_the_nearest_as_well() -> None:
    stretches = Stretches({"t": [(0, 10), (12, 15), *((number * 100, number * 100 + 10) for number in range(1, 8))]})
    assert stretches.to_mapping()["t"][:2] == ((0, 15), (100, 110))
    assert len(stretches.to_mapping()["t"]) == 8


def test_stretches_are_removed_with_their_property() -> None:
    stretches = Stretches({"t": [(1, 2), (5, 6)]})
    assert "t" in stretches
    assert "u" not in stretches
    assert bool(stretches)
    assert stretches.pop("t") == [(1, 2), (5, 6)]
    assert not stretches
    assert stretches.pop("t") == ()


def test_nothing_is_owed_at_first() -> None:
    assert not Stretches()
    assert list(Stretches()) == []


def test_the_time_between_two_stretches_counts_and_not_their_length() -> None:
    apart = [(number * 1000, number * 1000 + 1) for number in range(2, 7)]
    stretches = Stretches({"t": [(0, 10), (12, 500), (600, 601), (610, 611), *apart]})
    assert stretches.to_mapping()["t"][:3] == ((0, 500), (600, 601), (610, 611))
