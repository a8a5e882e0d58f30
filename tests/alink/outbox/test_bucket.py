"""The token bucket."""

import pytest

from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket, Tokens


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


def test_what_was_paid_in_advance_makes_the_next_message_wait_longer() -> None:
    bucket = TokenBucket(rate=1.0)
    bucket.charge(0.0, 2.0)
    assert bucket.delay(0.0) == 2.0
    bucket.give_back(1.0)
    assert bucket.delay(0.0) == 1.0


def test_what_is_given_back_makes_no_more_than_the_burst() -> None:
    bucket = TokenBucket(rate=1.0, burst=2.0)
    bucket.give_back(5.0)
    for _ in range(2):
        bucket.spend(0.0)
    assert bucket.delay(0.0) == 1.0


def test_a_message_ahead_goes_at_once_until_five_are_owed() -> None:
    bucket = TokenBucket(rate=1.0)
    bucket.charge(0.0, 5.0)
    assert bucket.delay_borrowed(0.0) == 0.0
    bucket.charge(0.0, 0.5)
    assert bucket.delay_borrowed(0.0) == 0.5
    assert bucket.delay_borrowed(0.5) == 0.0


def test_a_reply_that_was_paid_in_advance_owes_nothing() -> None:
    bucket = TokenBucket(rate=1.0)
    bucket.charge(0.0, 100.0)
    assert bucket.delay_reply(0.0) == 0.0


def test_with_the_replies_no_second_holds_more_than_a_free_instance_allows() -> None:
    bucket = TokenBucket(rate=1.0)
    bucket.spend(0.0)  # a post and its reply
    bucket.note(0.25, messages=1)  # a reply of ours
    assert (bucket.delay_borrowed(0.5), bucket.delay_reply(0.5)) == (0.0, 0.0)
    bucket.spend(0.5)
    # The reply to the first post may count a quarter of a second later than the post.
    assert bucket.delay_reply(0.75) == pytest.approx(0.55)
    assert bucket.delay_borrowed(0.75) == pytest.approx(0.55)
    assert bucket.delay_borrowed(1.3) == 0.0


def test_a_pace_that_was_raised_raises_that_as_well_and_one_that_was_lowered_does_not_lower_it() -> None:
    for rate, most in ((0.1, 5), (1.0, 5), (2.0, 10)):
        bucket, sent = TokenBucket(rate), 0
        while bucket.delay_reply(0.0) == 0.0:
            bucket.note(0.0, messages=1)
            sent += 1
        assert sent == most


def test_a_wait_that_is_lost_in_fractions_is_none() -> None:
    tokens = Tokens(rate=3.0, burst=1.0)
    tokens.take(0.0)
    assert tokens.delay(1.0 / 3.0 - 1e-12) == 0.0
    assert tokens.delay(0.0, 2.0) == pytest.approx(1.0 / 3.0)
