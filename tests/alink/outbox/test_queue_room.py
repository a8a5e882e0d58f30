"""The outbox: room for texts, in the queue and in a message."""

from custom_components.aliyun_iot.alink.outbox.queue import Lane, Outbox
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.limits import PAYLOAD_MAX

from .instant import Kept, sample, taken


def test_text_may_be_exactly_as_much_as_there_is_room_for() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=6)
    outbox.offer(sample("aaa"))
    outbox.begin()
    outbox.offer(sample("b"))
    outbox.offer(sample("cc"))
    assert kept.samples == []
    outbox.offer(sample("d"))
    assert [sample.value for sample in kept.samples] == ["aaa", "b"]


def test_what_waits_of_the_past_leaves_as_much_room_for_the_present() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=6)
    for value in ("aaa", "bbb"):
        outbox.offer(sample(value))
    outbox.begin()
    outbox.offer(sample(1, "u"))
    assert kept.samples == []
    assert [sample.value for sample in outbox] == ["aaa", "bbb", 1]


def test_room_is_made_down_to_half_and_no_further() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=12)
    for value in ("aaa", "bbb", "ccc", "ddd", "eee"):
        outbox.offer(sample(value))
    assert [sample.value for sample in kept.samples] == ["aaa", "bbb", "ccc"]


def test_text_that_was_recalled_takes_no_room() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=10)
    outbox.offer(sample("aaaaaa"))
    outbox.recall([sample("bbbbbb", "past")])
    assert taken(outbox, Lane.PAST) == ["bbbbbb"]
    outbox.settle()
    assert kept.samples == []
    outbox.offer(sample("cccccc"))
    assert [sample.value for sample in kept.samples] == ["aaaaaa"]


def test_a_message_may_be_exactly_as_long_as_the_platform_takes() -> None:
    room = PAYLOAD_MAX - 1024  # for everything beside the samples
    fits = "x" * (room // 2 - 53)  # a sample is longer than its text by two quotes, its identifier and 50 bytes
    for values, count in (((fits, fits), 2), ((fits, fits + "x"), 1)):
        outbox = Outbox(NoSpool())
        outbox.recall(sample(value) for value in values)
        assert len(outbox.take(Lane.PAST, 200)) == count


def test_a_value_that_is_too_long_for_any_message_goes_alone() -> None:
    outbox = Outbox(NoSpool())
    for value in ("x" * PAYLOAD_MAX, "y"):
        outbox.offer(sample(value))
    assert len(outbox.take(Lane.LIVE, 200)) == 1


def test_of_long_values_no_more_are_taken_than_were_asked_for() -> None:
    outbox = Outbox(NoSpool())
    for number in range(4):
        outbox.offer(sample("x" * (PAYLOAD_MAX // 4), f"t{number}"))
    assert len(outbox.take(Lane.LIVE, 2)) == 2
