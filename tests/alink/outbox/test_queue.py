"""The outbox: the order of samples, and which of them go when there is no room."""

from custom_components.aliyun_iot.alink.outbox.queue import Lane, Outbox
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.limits import PAYLOAD_MAX
from custom_components.aliyun_iot.alink.protocol.messages import Repetition

from .instant import Kept, sample, taken


def test_samples_leave_in_the_order_in_which_they_came() -> None:
    outbox = Outbox(NoSpool())
    for value in (1.0, 2.0, 3.0):
        outbox.offer(sample(value))
    assert taken(outbox, limit=2) == [1.0, 2.0]
    assert len(outbox) == 3
    outbox.settle()
    assert taken(outbox) == [3.0]


def test_a_value_that_repeats_the_one_before_is_left_out_unless_it_is_one_on_purpose() -> None:
    outbox = Outbox(NoSpool())
    for value in (1.0, 1.0, 2.0, 1.0):
        outbox.offer(sample(value))
    outbox.offer(sample(1.0, "other"))
    outbox.offer(Repetition(*sample(1.0)))
    assert taken(outbox) == [1.0, 2.0, 1.0, 1.0, 1.0]


def test_what_is_given_back_comes_first_again() -> None:
    outbox = Outbox(NoSpool())
    for value in (1.0, 2.0):
        outbox.offer(sample(value))
    assert taken(outbox, limit=1) == [1.0]
    outbox.offer(sample(3.0))
    outbox.give_back()
    assert taken(outbox) == [1.0, 2.0, 3.0]


def test_the_oldest_go_to_the_spool_when_there_is_no_room() -> None:
    kept = Kept()
    outbox = Outbox(kept, capacity=4)
    for value in range(5):
        outbox.offer(sample(value))
    assert [sample.value for sample in kept.samples] == [0, 1, 2]
    assert taken(outbox) == [3, 4]


def test_text_counts_by_its_length() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=10)
    for value in ("aaaa", "bbbb", "cccc"):
        outbox.offer(sample(value))
    assert [sample.value for sample in kept.samples] == ["aaaa", "bbbb"]
    outbox.take(Lane.LIVE, 9)
    outbox.settle()
    for value in ("dddd", "eeee"):
        outbox.offer(sample(value))
    assert taken(outbox) == ["dddd", "eeee"]


def test_the_last_word_on_a_property_outlives_older_words_on_others() -> None:
    kept = Kept()
    outbox = Outbox(kept, capacity=4)
    outbox.offer(sample(1, "door"))
    for value in range(5):
        outbox.offer(sample(value))
    assert "door" not in {sample.identifier for sample in kept.samples}
    assert outbox.take(Lane.LIVE, 9)[0].identifier == "door"


def test_a_last_word_that_had_to_go_can_be_said_again() -> None:
    kept = Kept()
    outbox = Outbox(kept, capacity=2)
    for name in ("a", "b", "c"):
        outbox.offer(sample(1, name))
    assert [sample.identifier for sample in kept.samples] == ["a"]
    outbox.offer(sample(1, "a"))
    assert [sample.identifier for sample in kept.samples] == ["a", "b"]


def test_after_an_outage_the_last_words_are_of_now_and_the_rest_is_the_past() -> None:
    outbox = Outbox(NoSpool())
    for value in (1.0, 2.0, 3.0):
        outbox.offer(sample(value))
    outbox.offer(sample(7.0, "other"))
    outbox.begin()
    outbox.offer(sample(4.0))
    assert taken(outbox) == [3.0, 7.0, 4.0]
    outbox.settle()
    assert taken(outbox, Lane.PAST) == [1.0, 2.0]


def test_what_was_recalled_comes_before_the_rest_of_the_past() -> None:
    outbox = Outbox(NoSpool())
    for value in (3.0, 4.0):
        outbox.offer(sample(value))
    outbox.begin()
    outbox.recall([sample(1.0), sample(2.0)])
    assert taken(outbox, Lane.PAST) == [1.0, 2.0]
    outbox.settle()
    assert taken(outbox, Lane.PAST) == [3.0]


def test_the_past_in_memory_waits_for_what_the_spool_has_of_before() -> None:
    kept = Kept()
    outbox = Outbox(kept)
    for value in (3.0, 4.0):
        outbox.offer(sample(value))
    outbox.begin()
    kept.is_pending = True
    assert outbox.past == 0
    kept.is_pending = False
    assert outbox.past == 1


def test_the_past_makes_room_first() -> None:
    kept = Kept()
    outbox = Outbox(kept, capacity=4)
    for value in range(3):
        outbox.offer(sample(value))
    outbox.begin()
    for value in range(3, 6):
        outbox.offer(sample(value))
    assert [sample.value for sample in kept.samples] == [0, 1, 2]
    assert taken(outbox) == [3, 4, 5]


def test_a_message_never_grows_beyond_what_the_platform_takes() -> None:
    outbox = Outbox(NoSpool())
    for number in range(10):
        outbox.offer(sample("x" * (PAYLOAD_MAX // 4), f"t{number}"))
    assert len(outbox.take(Lane.LIVE, 200)) == 3


def test_the_oldest_is_told_whatever_lane_it_is_in() -> None:
    outbox = Outbox(NoSpool())
    assert outbox.oldest is None
    outbox.offer(sample(1, time=5))
    outbox.take(Lane.LIVE, 1)
    outbox.offer(sample(2, time=7))
    assert outbox.oldest == 5


def test_an_older_value_in_flight_survives_that_the_last_word_had_to_go() -> None:
    kept = Kept()
    outbox = Outbox(kept, capacity=4)
    outbox.offer(sample(0.0, "a"))
    assert taken(outbox, limit=1) == [0.0]
    for name in "abcdefg":
        outbox.offer(sample(1.0, name))
    outbox.give_back()
    outbox.begin()
    assert len(outbox) <= 4
    assert [sample.identifier for sample in outbox] == ["d", "e", "f", "g"]
    assert [(sample.identifier, sample.value) for sample in kept.samples] == [
        ("a", 1.0),
        ("b", 1.0),
        ("c", 1.0),
        ("a", 0.0),
    ]


def test_an_older_value_in_flight_stays_where_there_is_room_and_is_of_the_past_then() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=10)
    outbox.offer(sample("old", "a"))
    assert taken(outbox) == ["old"]
    outbox.offer(sample("seven!!", "a"))
    outbox.offer(sample("four", "b"))
    assert [sample.value for sample in kept.samples] == ["seven!!"]
    outbox.give_back()
    outbox.begin()
    assert taken(outbox) == ["four"]
    outbox.settle()
    assert taken(outbox, Lane.PAST) == ["old"]


def test_a_repetition_that_has_no_room_is_no_loss() -> None:
    kept = Kept()
    outbox = Outbox(kept, capacity=2)
    outbox.offer(sample(1.0))
    outbox.offer(Repetition(*sample(1.0)))
    outbox.offer(sample(2.0))
    assert [sample.value for sample in kept.samples] == [1.0]


def everywhere() -> Outbox:
    """Return an outbox that has taken 1, recalled 2, has 3 of the past and 4 of the present."""
    outbox = Outbox(NoSpool())
    for value in (1, 3, 4):
        outbox.offer(sample(value, time=value))
    outbox.take(Lane.LIVE, 1)
    outbox.give_back()
    outbox.begin()
    outbox.recall([sample(2, time=2)])
    return outbox


def test_every_sample_counts_and_shows_wherever_it_is() -> None:
    outbox = everywhere()
    assert (outbox.live, outbox.past, outbox.recalled, len(outbox)) == (1, 1, 1, 4)
    assert [sample.value for sample in outbox] == [2, 1, 3, 4]
    outbox.take(Lane.PAST, 1)
    assert (outbox.live, outbox.past, outbox.recalled, len(outbox)) == (1, 2, 0, 4)
    assert [sample.value for sample in outbox] == [2, 1, 3, 4]
    outbox.settle()
    assert [sample.value for sample in outbox] == [1, 3, 4]
    assert len(outbox) == 3


def test_the_past_is_none_of_the_present() -> None:
    outbox = everywhere()
    outbox.take(Lane.PAST, 1)
    outbox.settle()
    outbox.take(Lane.LIVE, 1)
    assert outbox.has_live
    outbox.settle()
    outbox.take(Lane.PAST, 1)
    assert [outbox.has_live, len(outbox)] == [False, 2]


def test_giving_back_nothing_changes_nothing() -> None:
    outbox = Outbox(NoSpool())
    outbox.give_back()
    outbox.settle()
    assert len(outbox) == 0


def test_it_wakes_only_who_had_nothing_to_take() -> None:
    calls: list[None] = []
    outbox = Outbox(NoSpool(), lambda: calls.append(None))
    outbox.offer(sample(1))
    outbox.offer(sample(2))
    assert len(calls) == 1
    outbox.take(Lane.LIVE, 9)
    outbox.offer(sample(3))
    assert len(calls) == 2


def test_what_is_withdrawn_goes_to_the_spool_from_every_lane_and_nothing_else_does() -> None:
    kept = Kept()
    outbox = Outbox(kept, most_text=12)
    for value in ("past", "live"):
        outbox.offer(sample(value))
        outbox.offer(sample(1.0 if value == "past" else 2.0, "other"))
    outbox.begin()
    outbox.recall([sample("back"), sample(0.0, "other")])
    outbox.offer(Repetition(*sample("live")))
    outbox.withdraw({"t"})
    assert [sample.value for sample in kept.samples] == ["back", "past", "live"]
    assert [sample.value for sample in outbox] == [0.0, 1.0, 2.0]
    outbox.offer(sample("live"))  # a change again, and there is room for as much text as before
    outbox.offer(sample("12345678"))
    assert len(kept.samples) == 3


def test_what_is_withdrawn_on_its_way_follows_if_it_is_given_back() -> None:
    kept = Kept()
    outbox = Outbox(kept)
    outbox.offer(sample("old"))
    outbox.offer(sample(1.0, "other"))
    assert taken(outbox) == ["old", 1.0]
    outbox.withdraw({"t"})
    outbox.offer(sample(5.0))
    outbox.give_back()
    assert [sample.value for sample in kept.samples] == ["old"]
    assert taken(outbox) == [1.0, 5.0]
    outbox.give_back()
    assert taken(outbox) == [1.0, 5.0]
