"""The queue of what the platform has not confirmed."""

from custom_components.aliyun_iot.alink.outbox.queue import Outbox
from custom_components.aliyun_iot.alink.protocol.messages import Sample, Value


def sample(value: Value, identifier: str = "t") -> Sample:
    return Sample(identifier=identifier, value=value, time=0)


def values(samples: object) -> list[Value]:
    assert isinstance(samples, list)
    return [taken.value for taken in samples]


def test_samples_leave_in_the_order_in_which_they_came() -> None:
    outbox = Outbox()
    for value in (1.0, 2.0, 3.0):
        outbox.offer(sample(value))
    assert values(outbox.take(2)) == [1.0, 2.0]
    assert len(outbox) == 3
    outbox.settle()
    assert values(outbox.take(2)) == [3.0]


def test_a_value_that_repeats_the_one_before_is_left_out() -> None:
    outbox = Outbox()
    for value in (1.0, 1.0, 2.0, 1.0):
        outbox.offer(sample(value))
    outbox.offer(sample(1.0, "other"))
    assert values(outbox.take(9)) == [1.0, 2.0, 1.0, 1.0]


def test_what_is_given_back_comes_first_again() -> None:
    outbox = Outbox()
    for value in (1.0, 2.0):
        outbox.offer(sample(value))
    outbox.take(1)
    outbox.offer(sample(3.0))
    outbox.give_back()
    assert values(outbox.take(9)) == [1.0, 2.0, 3.0]


def test_the_oldest_make_room_and_are_counted() -> None:
    outbox = Outbox(capacity=3)
    for value in range(5):
        outbox.offer(sample(value))
    assert (len(outbox), outbox.dropped) == (3, 2)
    assert values(outbox.take(9)) == [2, 3, 4]
    outbox.offer(sample(5))
    assert (len(outbox), outbox.dropped) == (3, 3)
    outbox.give_back()
    assert values(outbox.take(9)) == [2, 3, 4]


def test_the_last_word_on_a_property_outlives_older_words_on_others() -> None:
    outbox = Outbox(capacity=3)
    outbox.offer(sample(1, "door"))
    for value in range(5):
        outbox.offer(sample(value))
    assert sorted(taken.identifier for taken in outbox.take(9)) == ["door", "t", "t"]


def test_a_last_word_that_had_to_go_can_be_said_again() -> None:
    outbox = Outbox(capacity=2)
    for name in ("a", "b", "c"):
        outbox.offer(sample(1, name))
    assert outbox.offer(sample(1, "a"))
