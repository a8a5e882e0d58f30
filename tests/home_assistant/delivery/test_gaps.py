"""Gaps: the bookkeeping of the stretches that have to be read back."""

from custom_components.aliyun_iot.alink.protocol.messages import Sample
from custom_components.aliyun_iot.delivery.gaps import Gaps


def spans(gaps: Gaps, end: int = 10**9) -> dict[str, list[tuple[int, int, int]]]:
    found: dict[str, list[tuple[int, int, int]]] = {}
    for identifier, gap in gaps.begin(end):
        found.setdefault(identifier, []).append((gap.start, gap.end, gap.missing))
    return found


def drop(gaps: Gaps, *times: int, identifier: str = "t") -> None:
    for time in times:
        gaps.drop(Sample(identifier, 1.0, time))


def test_values_that_were_dropped_one_after_the_other_are_one_gap() -> None:
    gaps = Gaps()
    drop(gaps, 10, 20, 30)
    drop(gaps, 25, identifier="u")
    assert spans(gaps) == {"t": [(10, 30, 3)], "u": [(25, 25, 1)]}
    assert gaps.oldest == 10


def test_what_was_delivered_in_between_is_no_part_of_a_gap() -> None:
    gaps = Gaps()
    drop(gaps, 10, 20)
    gaps.seal()
    drop(gaps, 50, 60)
    assert spans(gaps) == {"t": [(10, 20, 2), (50, 60, 2)]}


def test_there_are_never_many_gaps_of_one_property() -> None:
    gaps = Gaps()
    for number in range(100):
        drop(gaps, number * 10)
        gaps.seal()
    assert len(spans(gaps)["t"]) == 8
    assert sum(missing for _, _, missing in spans(gaps)["t"]) == 100
    assert spans(gaps)["t"][-1][1] == 990


def test_a_step_of_the_clock_widens_a_gap_to_both_sides() -> None:
    gaps = Gaps()
    drop(gaps, 5000, 6000, 1000)
    assert spans(gaps) == {"t": [(1000, 6000, 3)]}
    assert gaps.oldest == 1000


def test_a_stretch_takes_in_the_gaps_that_it_touches() -> None:
    gaps = Gaps()
    gaps.cover("t", 10, 20)
    gaps.cover("t", 50, 60)
    gaps.cover("t", 15, 30)
    assert spans(gaps) == {"t": [(10, 30, 0), (50, 60, 0)]}
    gaps.cover("t", 0, 100)
    assert spans(gaps) == {"t": [(0, 100, 0)]}


def test_a_stretch_of_no_length_is_none() -> None:
    gaps = Gaps()
    gaps.cover("t", 10, 9)
    assert not gaps


def test_what_was_read_is_closed_and_the_rest_begins_behind_it() -> None:
    gaps = Gaps()
    gaps.cover("t", 10, 100)
    drop(gaps, 20, 30, identifier="u")
    assert gaps.close(50) == 2
    assert spans(gaps) == {"t": [(51, 100, 0)]}
    assert gaps.oldest == 51
    assert gaps.close(100) == 0
    assert not gaps
    assert gaps.oldest is None


def test_only_what_begins_in_time_is_read() -> None:
    gaps = Gaps()
    gaps.cover("t", 10, 20)
    gaps.cover("u", 30, 40)
    assert spans(gaps, 29) == {"t": [(10, 20, 0)]}


def test_a_change_under_what_is_being_read_is_noticed_and_one_behind_it_is_not() -> None:
    gaps = Gaps()
    gaps.cover("t", 10, 20)
    spans(gaps, 50)
    drop(gaps, 60)
    assert not gaps.is_touched(50)
    gaps.cover("u", 40, 45)
    assert gaps.is_touched(50)


def test_a_stretch_that_takes_in_a_gap_goes_back_to_what_an_interval_held_back() -> None:
    gaps = Gaps()
    gaps.cover("t", 0, 1000)
    ((_, gap),) = gaps.begin(99)
    gap.held = Sample("t", 5.0, 95)
    gaps.close(99)
    assert (gaps.first, gaps.oldest) == (100, 95)
    gaps.cover("t", 500, 2000)
    assert spans(gaps) == {"t": [(95, 2000, 0)]}
