"""The book of rejections."""

from custom_components.aliyun_iot.alink.outbox.queue import Lane
from custom_components.aliyun_iot.alink.protocol.messages import Refusal, Sample
from custom_components.aliyun_iot.alink.rejections import Rejection, Rejections

UNKNOWN = Refusal(code=6320, text="property not found")
TOO_HIGH = Refusal(code=6306, text="out of range")


def samples(*times: int, identifier: str = "t") -> list[Sample]:
    return [Sample(identifier, time, time) for time in times]


def test_values_that_are_refused_in_a_row_are_counted_with_the_time_they_cover_in_each_lane() -> None:
    book = Rejections({})
    assert book.decided(Lane.LIVE, samples(20, 30), {"t": UNKNOWN}) == 2
    assert book.decided(Lane.PAST, samples(5), {"t": UNKNOWN}) == 1
    assert book.decided(Lane.LIVE, samples(10), {"t": TOO_HIGH}) == 1
    missed = {Lane.LIVE: (10, 30), Lane.PAST: (5, 5)}
    assert book.known == {"t": Rejection(count=4, latest=TOO_HIGH, missed=missed)}


def test_only_the_samples_of_a_refused_property_are_refused() -> None:
    book = Rejections({})
    assert book.decided(Lane.LIVE, [*samples(1, 2), *samples(3, identifier="u")], {"u": UNKNOWN}) == 1
    assert book.known == {"u": Rejection(count=1, latest=UNKNOWN, missed={Lane.LIVE: (3, 3)})}


def test_a_value_that_is_taken_ends_it_and_what_was_missed_stays_until_it_is_sent_again() -> None:
    book = Rejections({})
    book.decided(Lane.LIVE, samples(10), {"t": UNKNOWN})
    assert book.decided(Lane.LIVE, samples(20), {}) == 0
    assert book.known == {"t": Rejection(count=1, latest=UNKNOWN, is_over=True, missed={Lane.LIVE: (10, 10)})}
    book.decided(Lane.PAST, samples(30), {"t": TOO_HIGH})
    missed = {Lane.LIVE: (10, 10), Lane.PAST: (30, 30)}
    assert book.known == {"t": Rejection(count=2, latest=TOO_HIGH, missed=missed)}


def test_what_was_missed_is_taken_once() -> None:
    book = Rejections({"t": Rejection(count=2, latest=UNKNOWN, missed={Lane.LIVE: (10, 20), Lane.PAST: (5, 5)})})
    before = book.known
    assert book.take_missed("t") == ((10, 20), (5, 5))
    assert book.known == {"t": Rejection(count=2, latest=UNKNOWN)}
    assert book.take_missed("t") == ()
    assert before["t"].missed == {Lane.LIVE: (10, 20), Lane.PAST: (5, 5)}


def test_without_news_the_book_stays_the_same_object_and_with_news_the_old_one_stays_as_it_was() -> None:
    book = Rejections({"t": Rejection(count=1, latest=UNKNOWN)})
    before = book.known
    book.decided(Lane.LIVE, samples(10, identifier="u"), {})
    assert book.known is before
    book.decided(Lane.LIVE, samples(10), {})
    assert before == {"t": Rejection(count=1, latest=UNKNOWN)}
    after = book.known
    book.decided(Lane.LIVE, samples(20), {})
    assert book.known is after
