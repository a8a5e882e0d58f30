"""Gaps: the bookkeeping of the stretches that have to be read back."""

from custom_components.aliyun_iot.alink.protocol.messages import Sample
from custom_components.aliyun_iot.delivery.gaps import Gaps, Progress


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
    gaps.note([Progress(gap=gap, last=None, held=Sample("t", 5.0, 95), found=0)])
    gaps.close(99)
    assert (gaps.first, gaps.oldest) == (100, 95)
    gaps.cover("t", 500, 2000)
    assert spans(gaps) == {"t": [(95, 2000, 0)]}


def test_gaps_that_begin_before_a_moment_are_told_apart_from_those_that_begin_later() -> None:
    gaps = Gaps()
    gaps.cover("t", 10, 50)
    gaps.cover("t", 100, 150)
    gaps.cover("u", 30, 40)
    assert sorted(gaps.before(30)) == [("t", (10, 50))]
    assert sorted(gaps.before(31)) == [("t", (10, 50)), ("u", (30, 40))]
    assert gaps.oldest_from(30) == 30
    assert gaps.oldest_from(31) == 100
    assert gaps.oldest_from(100) == 100
    assert gaps.oldest_from(101) is None


def test_a_gap_that_was_read_in_part_is_owed_from_the_value_that_its_interval_held_back() -> None:
    gaps = Gaps()
    gaps.cover("t", 0, 1000)
    ((_, gap),) = gaps.begin(99)
    gaps.note([Progress(gap=gap, last=4.0, held=Sample("t", 5.0, 95), found=2)])
    gaps.close(99)
    assert list(gaps.before(100)) == [("t", (95, 1000))]
    assert gaps.oldest_from(95) == 95
    assert gaps.oldest_from(96) is None
    assert (gap.last, gap.is_begun, gap.missing) == (4.0, True, -2)


def test_a_stretch_may_be_a_single_moment() -> None:
    gaps = Gaps()
    gaps.cover("t", 5, 5)
    assert spans(gaps) == {"t": [(5, 5, 0)]}
    gaps.cover("t", 9, 8)
    assert spans(gaps) == {"t": [(5, 5, 0)]}


def test_stretches_that_share_a_moment_become_one() -> None:
    gaps = Gaps()
    gaps.cover("t", 20, 30)
    gaps.cover("t", 30, 40)
    gaps.cover("t", 10, 20)
    assert spans(gaps) == {"t": [(10, 40, 0)]}


def test_both_ends_of_what_is_read_belong_to_it() -> None:
    gaps = Gaps()
    gaps.cover("t", 50, 60)
    assert spans(gaps, 49) == {}
    assert spans(gaps, 50) == {"t": [(50, 60, 0)]}
    gaps.cover("u", 40, 45)
    assert gaps.is_touched(40)
    assert not gaps.is_touched(39)


def test_missing_values_of_all_properties_are_counted_when_their_gaps_end() -> None:
    gaps = Gaps()
    drop(gaps, 10, 20)
    drop(gaps, 15, identifier="u")
    drop(gaps, 99, identifier="v")
    assert gaps.close(20) == 3
    assert (gaps.first, gaps.oldest) == (99, 99)
    assert gaps.close(99) == 1
    assert (gaps.first, gaps.oldest) == (None, None)


def test_reading_begins_at_the_earliest_stretch_whatever_the_order() -> None:
    gaps = Gaps()
    gaps.cover("t", 50, 60)
    gaps.cover("u", 10, 20)
    gaps.cover("v", 30, 40)
    assert (gaps.first, gaps.oldest) == (10, 10)


def test_the_value_before_dropped_ones_need_not_be_looked_up_in_a_joined_gap_either() -> None:
    gaps = Gaps()
    for number in range(10):
        drop(gaps, number * 100)
        gaps.seal()
    assert [gap.is_new for _, gap in gaps.begin(10**9)] == [False] * 8
