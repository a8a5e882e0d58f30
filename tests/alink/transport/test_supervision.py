"""Supervision: the time until the next attempt to connect."""

import pytest

from custom_components.aliyun_iot.alink.protocol.errors import (
    Connack,
    ConnectRefusedError,
    Unreachable,
    UnreachableError,
)
from custom_components.aliyun_iot.alink.protocol.limits import CONNECTS_PER_MINUTE
from custom_components.aliyun_iot.alink.transport.supervision import Supervision

AWAY = UnreachableError(Unreachable.NAME, "host", 8883)
BUSY = ConnectRefusedError(Connack.SERVER_UNAVAILABLE)


def supervision(jitter: float) -> Supervision:
    return Supervision(lambda: jitter)


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(start <= moment < start + 60.0 for moment in times) for start in times)


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_a_platform_that_is_away_sees_no_more_connects_a_minute_than_it_allows(jitter: float) -> None:
    watch, times = supervision(jitter), [0.0]
    for _ in range(40):
        times.append(times[-1] + watch.failed(AWAY))
    assert most_in_a_minute(times) <= CONNECTS_PER_MINUTE


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("lasted", [0.0, 1.0, 30.0, 59.0])
def test_links_that_end_soon_cause_no_more_connects_a_minute_than_allowed(jitter: float, lasted: float) -> None:
    watch, times = supervision(jitter), [0.0]
    for _ in range(40):
        times.append(times[-1] + lasted + watch.ended(lasted, by_platform=False))
    assert most_in_a_minute(times) <= CONNECTS_PER_MINUTE


def test_the_first_retry_is_quick_and_the_later_ones_are_slow_and_spread() -> None:
    late, early = supervision(1.0), supervision(0.0)
    assert [late.failed(AWAY) for _ in range(6)] == [5.0, 22.5, 30.0, 60.0, 120.0, 120.0]
    assert [early.failed(AWAY) for _ in range(6)] == [1.0, 15.0, 15.0, 30.0, 60.0, 60.0]


def test_a_platform_that_is_limited_gets_time_at_once() -> None:
    assert supervision(0.0).failed(BUSY) == 60.0
    assert supervision(1.0).failed(BUSY) == 90.0


def test_a_link_that_lasted_starts_the_count_anew() -> None:
    watch = supervision(1.0)
    for _ in range(5):
        watch.failed(AWAY)
    assert watch.ended(60.0, by_platform=True) == 5.0


def test_three_short_links_in_a_row_that_the_platform_ended_are_tried_again_once_an_hour() -> None:
    watch = supervision(0.0)
    assert [watch.ended(1.0, by_platform=True) for _ in range(5)] == [1.0, 15.0, 3600.0, 3600.0, 3600.0]
    assert watch.is_contested


@pytest.mark.parametrize("lasted", [60.0, 1e6])
def test_a_link_that_lasts_ends_the_contest(lasted: float) -> None:
    watch = supervision(0.0)
    for _ in range(3):
        watch.ended(1.0, by_platform=True)
    assert watch.ended(lasted, by_platform=True) == 1.0
    assert not watch.is_contested


def test_refusals_without_a_reason_count_after_five_of_them_in_five_minutes() -> None:
    watch = supervision(0.0)
    outcomes = [watch.refused(moment) for moment in (0.0, 1.0, 16.0, 31.0, 61.0, 299.9, 300.0, 4000.0)]
    assert outcomes == [
        (1.0, False),
        (15.0, False),
        (15.0, False),
        (30.0, False),
        (60.0, False),
        (60.0, False),
        (3600.0, True),
        (3600.0, True),
    ]


def test_credentials_that_are_named_as_wrong_are_refused_at_once() -> None:
    assert supervision(0.0).refused(0.0, is_final=True) == (3600.0, True)


def test_four_refusals_prove_nothing_however_long_they_take() -> None:
    watch = supervision(0.0)
    assert [watch.refused(moment)[1] for moment in (0.0, 1000.0, 2000.0, 3000.0, 4000.0)] == [False] * 4 + [True]


def test_credentials_that_were_taken_meanwhile_are_not_refused() -> None:
    watch = supervision(0.0)
    for moment in (0.0, 100.0, 200.0, 300.0):
        watch.refused(moment)
    watch.accepted()
    assert not watch.refused(400.0)[1]


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_refusals_cause_no_more_connects_a_minute_than_allowed(jitter: float) -> None:
    watch, times = supervision(jitter), [0.0]
    for _ in range(40):
        times.append(times[-1] + watch.refused(times[-1])[0])
    assert most_in_a_minute(times) <= CONNECTS_PER_MINUTE


def test_a_network_that_comes_and_goes_is_not_taken_for_another_client() -> None:
    watch = supervision(0.0)
    for _ in range(10):
        watch.ended(5.0, by_platform=True)
        assert not watch.is_contested
        watch.failed(AWAY)


def test_short_links_that_ended_otherwise_or_had_a_long_one_between_are_not() -> None:
    watch = supervision(0.0)
    ends = [(1.0, True), (1.0, True), (60.0, True), (1.0, True), (1.0, False), (1.0, True)]
    assert 3600.0 not in [watch.ended(lasted, by_platform=by_platform) for lasted, by_platform in ends]
