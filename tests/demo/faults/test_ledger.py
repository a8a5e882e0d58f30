"""The fault matrix's judge is judged: it finds each difference that it has to find."""

from typing import Any
from unittest.mock import ANY

import pytest

from .ledger import Counts, Ledger
from .recorded import Row
from .stored import Sample

LATER = 100_000.0


def row(time: float, value: Any = 1.5, **more: Any) -> Row:
    return Row(**{"identifier": "a", "value": value, "time": time, "shift": 0, "wanted": True, **more})


def sample(time: int, value: Any = 1.5, kind: str = "batch", identifier: str = "a") -> Sample:
    return Sample(identifier=identifier, value=value, time=time, received=time, kind=kind)


def closed(rows: list[Row], samples: list[Sample], began: float = 0.0) -> Counts:
    ledger = Ledger(began)
    ledger.take(rows, samples)
    counts = ledger.close(LATER)
    counts.examples = []
    return counts


def test_a_recorded_value_has_arrived_when_it_is_stored_with_its_time() -> None:
    assert closed([row(1000.6)], [sample(1000)]) == Counts(expected=1)


@pytest.mark.parametrize(
    "wrong",
    [
        sample(1001),
        sample(999),
        sample(1002),
        sample(998),
        sample(1000, 1.6),
        sample(1000, "1.5"),
        sample(1000, identifier="b"),
    ],
)
def test_another_time_value_or_property_is_lost_and_stray(wrong: Sample) -> None:
    assert closed([row(1000.6)], [wrong]) == Counts(expected=1, lost=1, stray=1)


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_value_in_two_neighbouring_milliseconds_arrives_twice(order: int) -> None:
    rows = [row(1000.95, 1), row(1001.0, 0), row(1001.1, 1)]
    samples = [sample(1000, 1), sample(1001, 0), sample(1001, 1)]
    assert closed(rows, samples[::order]) == Counts(expected=3)


def test_the_same_value_twice_in_one_millisecond_arrives_twice() -> None:
    rows = [row(1000.1, 1), row(1000.4, 0), row(1000.7, 1)]
    assert closed(rows, [sample(1000, 1), sample(1000, 0), sample(1000, 1)]) == Counts(expected=3)


def test_of_two_equal_values_in_one_millisecond_one_can_be_lost() -> None:
    rows = [row(1000.1, 1), row(1000.4, 0), row(1000.7, 1)]
    assert closed(rows, [sample(1000, 1), sample(1000, 0)]) == Counts(expected=3, lost=1)


def test_a_time_by_a_wrong_clock_is_right_when_it_was_about_corrected() -> None:
    rows = [row(1000.0, shift=3_600_000), row(2000.0, 2.5, shift=3_600_000)]
    assert closed(rows, [sample(2100), sample(3300, 2.5)]) == Counts(expected=2, lost=1, stray=1)


def test_what_was_the_same_twice_arrives_twice_also_by_a_corrected_clock() -> None:
    rows = [row(1000.0, 1, shift=3_600_000), row(2000.0, 0, shift=3_600_000), row(3000.0, 1, shift=3_600_000)]
    assert closed(rows, [sample(1990, 1), sample(2990, 0), sample(3990, 1)]) == Counts(expected=3)


def test_values_may_come_before_their_rows() -> None:
    ledger = Ledger(0)
    ledger.take([], [sample(1000)])
    ledger.take([row(1000)], [])
    assert ledger.close(LATER) == Counts(expected=1)


def test_what_is_too_young_belongs_to_the_next_window() -> None:
    ledger = Ledger(0)
    ledger.take([row(1000), row(2000)], [sample(1000), sample(3000)])
    assert ledger.close(1500) == Counts(expected=1)
    counts = ledger.close(LATER)
    assert (counts.expected, counts.lost, counts.stray) == (1, 1, 1)


def test_what_comes_after_its_window_is_not_lost_after_all() -> None:
    ledger = Ledger(0)
    ledger.take([row(1000)], [])
    counts = ledger.close(1500)
    assert counts.lost == 1
    ledger.take([], [sample(1000)])
    ledger.judge()
    assert (counts.expected, counts.lost, counts.examples) == (1, 0, [])


def test_missing_is_what_has_to_arrive_and_is_old_enough() -> None:
    ledger = Ledger(500)
    rows = [row(400), row(1000), row(1100, wanted=False), row(1200, gone=True), row(1300), row(2000)]
    ledger.take(rows, [sample(1300)])
    assert ledger.missing(1500) == [rows[1]]


def test_what_is_asked_for_has_to_come_once_more() -> None:
    rows = [row(1000), row(2000), row(3000, wanted=False), row(4000, gone=True)]
    ledger = Ledger(0)
    ledger.take(rows, [sample(1000), sample(2000), sample(3000)])
    first = ledger.close(5000)
    assert ledger.ask(1500, 5000) == 1
    assert ledger.missing(5000) == [rows[1]]
    second = ledger.close(5000)
    ledger.judge()
    assert (first.expected, first.lost, second.expected, second.lost) == (2, 0, 1, 1)
    ledger.take([], [sample(2000, kind="history"), sample(2000)])
    ledger.judge()
    assert (second.expected, second.lost, second.duplicates) == (1, 0, 0)
    assert ledger.close(LATER) == Counts(repeats=0, duplicates=1, history=1)


def test_what_is_on_its_way_need_not_come_twice_when_it_is_asked_for() -> None:
    ledger = Ledger(0)
    ledger.take([row(1000)], [])
    assert ledger.ask(0, 2000) == 1
    ledger.take([], [sample(1000)])
    assert ledger.missing(2000) == []
    assert ledger.close(LATER) == Counts(expected=1)


def test_what_was_lost_stays_lost_when_it_is_asked_for_once_more() -> None:
    ledger = Ledger(0)
    ledger.take([row(1000)], [sample(1000)])
    counts = [ledger.close(2000)]
    for _ in range(2):
        assert ledger.ask(500, 2000) == 1
        counts.append(ledger.close(2000))
    ledger.take([], [sample(1000, kind="history")])
    ledger.judge()
    assert [(one.expected, one.lost) for one in counts] == [(1, 0), (1, 1), (1, 0)]


def test_history_that_is_asked_for_has_an_order_of_its_own() -> None:
    ledger = Ledger(0)
    kinds = [sample(time, kind="history") for time in (1000, 2000)]
    ledger.take([row(1000), row(2000)], kinds)
    ledger.ask(0, 3000)
    ledger.take([], kinds)
    assert ledger.close(LATER) == Counts(expected=4, history=4)


def test_what_was_rejected_may_come_after_later_history_once_the_model_is_imported() -> None:
    ledger = Ledger(0)
    ledger.imported(2500, ["a"], since=0)
    ledger.take([row(time) for time in (1000, 2000, 3000, 4000)], [])
    ledger.take([], [sample(time, kind="history") for time in (4000, 2000, 1000, 3000)])
    assert ledger.close(LATER) == Counts(expected=4, history=4, disordered=1, examples=ANY)


@pytest.mark.parametrize("wrong", [sample(1400), sample(2500, 1.6), sample(2500, identifier="b"), sample(200_000)])
def test_a_rejected_value_is_said_again_from_the_first_rejection_until_after_the_import(wrong: Sample) -> None:
    ledger = Ledger(0)
    ledger.imported(2000, ["a"], since=1500)
    said = [sample(1000), sample(1600), sample(2500), sample(3000, 1.6), wrong]
    ledger.take([row(1000), row(3000, 1.6)], said)
    assert ledger.close(LATER * 3) == Counts(expected=2, duplicates=2, stray=1, examples=ANY)


def test_a_property_may_be_rejected_more_than_once() -> None:
    ledger = Ledger(0)
    ledger.imported(2000, ["a"], since=1500)
    ledger.imported(400_000, ["a"], since=300_000)
    ledger.take([row(1000)], [sample(1000), sample(1600), sample(250_000), sample(300_500)])
    assert ledger.close(1e6) == Counts(expected=1, duplicates=2, stray=1, examples=ANY)


def test_what_is_said_again_of_a_state_that_the_recorder_may_have_lost_can_have_any_value() -> None:
    ledger = Ledger(0)
    ledger.imported(2000, ["a"], since=500)
    ledger.unwritten(1100, 1500)
    ledger.take([row(1000), row(3000, 1.6)], [sample(1000), sample(2500, 7.5), sample(3000, 1.6), sample(3500, 7.5)])
    assert ledger.close(LATER) == Counts(expected=2, duplicates=1, stray=1, examples=ANY)


def test_repeats_and_duplicates_are_told_apart() -> None:
    rows = [row(1000), row(2000, wanted=False)]
    counts = closed(rows, [sample(1000), sample(1000), sample(2000), sample(2000)])
    assert counts == Counts(expected=1, repeats=1, duplicates=2)


def test_history_has_to_come_in_order_and_only_its_first_arrival_counts() -> None:
    rows = [row(1000), row(2000), row(3000), row(4000)]
    kinds = [(4000, "batch"), (2000, "history"), (1000, "history"), (3000, "history"), (2000, "history")]
    counts = closed(rows, [sample(time, kind=kind) for time, kind in kinds])
    assert counts == Counts(expected=4, disordered=1, duplicates=1, history=3)


def test_what_was_purged_is_not_expected() -> None:
    rows = [row(1000, gone=True), row(2000, gone=True), row(3000)]
    assert closed(rows, [sample(2000), sample(3000)]) == Counts(expected=2, purged=1)


def test_a_killed_recorder_may_lack_what_came_right_before() -> None:
    ledger = Ledger(0)
    ledger.take([row(1500), row(2000.4)], [sample(1500), sample(2000)])
    ledger.killed(5000)
    ledger.take([], [sample(1999), sample(2000, 2.5), sample(2500), sample(5001)])
    counts = ledger.close(LATER)
    assert (counts.expected, counts.unrecorded, counts.stray) == (2, 2, 2)


def test_a_recorder_may_lose_states_for_a_noted_time_only() -> None:
    ledger = Ledger(0)
    ledger.unwritten(1000, 3000)
    ledger.take([], [sample(999), sample(1000), sample(3000), sample(3001)])
    counts = ledger.close(LATER)
    assert (counts.unrecorded, counts.stray) == (2, 2)


def test_a_row_that_repeats_a_lost_state_need_not_arrive() -> None:
    rows = [row(1000), row(3000, 2.5), row(4000, 3.5)]
    ledger = Ledger(0)
    ledger.unwritten(1500, 2500)
    ledger.take(rows, [sample(1000), sample(2000, 2.5)])
    assert ledger.missing(LATER) == [rows[2]]
    counts = ledger.close(LATER)
    assert (counts.expected, counts.lost, counts.unrecorded, counts.stray) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    "lost",
    [
        [sample(2000, 3.5)],
        [sample(2000, 2.5), sample(2200, 3.5)],
        [sample(1200, 2.5)],
        [sample(2000, 2.5, identifier="b")],
    ],
    ids=["another value", "another one after it", "no such time", "another property"],
)
def test_a_row_after_other_lost_states_has_to_arrive(lost: list[Sample]) -> None:
    rows = [row(1000), row(3000, 2.5)]
    ledger = Ledger(0)
    ledger.unwritten(1500, 2500)
    ledger.take(rows, [sample(1000), *lost])
    assert ledger.missing(LATER) == [rows[1]]


def test_a_row_after_the_next_one_has_to_arrive_whatever_was_lost() -> None:
    rows = [row(1000), row(3000, 4.5), row(4000, 2.5)]
    ledger = Ledger(0)
    ledger.unwritten(1500, 2500)
    ledger.take(rows, [sample(1000), sample(2000, 2.5), sample(3000, 4.5)])
    assert ledger.missing(LATER) == [rows[2]]
