"""The token bucket."""

import pytest

from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket


def test_the_first_message_goes_at_once_and_the_next_after_its_share_of_a_second() -> None:
    bucket = TokenBucket(rate=2.0)
    assert bucket.delay(100.0) == 0.0
    bucket.spend(100.0)
    assert bucket.delay(100.0) == 0.5
    assert bucket.delay(100.25) == 0.25
    assert bucket.delay(100.5) == 0.0


def test_a_pause_saves_up_no_more_than_the_burst() -> None:
    bucket = TokenBucket(rate=1.0, burst=2.0)
    assert bucket.delay(0.0) == 0.0
    for _ in range(2):
        bucket.spend(1000.0)
    assert bucket.delay(1000.0) == 1.0


def test_a_clock_that_steps_back_gives_nothing_and_takes_nothing() -> None:
    bucket = TokenBucket(rate=1.0)
    bucket.spend(100.0)
    assert bucket.delay(50.0) == 1.0
    assert bucket.delay(50.5) == 0.5


def test_a_minute_holds_no_more_than_the_rate() -> None:
    bucket, now, sent = TokenBucket(rate=1.0), 0.0, 0
    while now < 60.0:
        now += bucket.delay(now)
        bucket.spend(now)
        sent += 1
    assert sent <= 61


def test_no_second_holds_more_than_the_platform_takes() -> None:
    bucket, now, sent = TokenBucket(rate=10.0, burst=10.0), 0.0, list[float]()
    for _ in range(100):
        now += bucket.delay(now)
        bucket.spend(now)
        sent.append(now)
    assert max(sum(start <= moment <= start + 1.0 for moment in sent) for start in sent) == 10


def test_after_as_many_as_the_platform_takes_the_next_waits_for_a_second_after_the_first() -> None:
    bucket = TokenBucket(rate=100.0, burst=100.0)
    for number in range(10):
        bucket.spend(number / 8)
    assert bucket.delay(1.0) == pytest.approx(0.05)
    assert bucket.delay(2.0) == 0.0


def test_messages_that_did_not_wait_count_for_those_that_do() -> None:
    bucket = TokenBucket(rate=100.0, burst=100.0)
    for number in range(10):
        bucket.note(number / 8)
    assert bucket.delay(0.0) == pytest.approx(1.05)
    assert bucket.delay(1.0) == pytest.approx(0.05)
