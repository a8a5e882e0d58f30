"""Supervision: when a link is tried again, and when not."""

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
        delay = watch.ended(lasted, by_platform=False)
        assert delay is not None
        times.append(times[-1] + lasted + delay)
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


def test_three_short_links_in_a_row_that_the_platform_ended_are_given_up() -> None:
    watch = supervision(0.0)
    assert [watch.ended(1.0, by_platform=True) for _ in range(3)] == [1.0, 15.0, None]


def test_a_network_that_comes_and_goes_is_not_taken_for_another_client() -> None:
    watch = supervision(0.0)
    for _ in range(10):
        assert watch.ended(5.0, by_platform=True) is not None
        watch.failed(AWAY)


def test_short_links_that_ended_otherwise_or_had_a_long_one_between_are_not() -> None:
    watch = supervision(0.0)
    ends = [(1.0, True), (1.0, True), (60.0, True), (1.0, True), (1.0, False), (1.0, True)]
    assert None not in [watch.ended(lasted, by_platform=by_platform) for lasted, by_platform in ends]
