"""Thinning: one value per property and interval."""

from custom_components.aliyun_iot.alink.outbox.thinning import Thinning
from custom_components.aliyun_iot.alink.protocol.messages import Sample


def sample(time: int, identifier: str = "t") -> Sample:
    return Sample(identifier, time, time)


def test_a_value_replaces_the_one_before_it_in_its_interval_and_ends_the_interval_before() -> None:
    thinning = Thinning(10)
    assert thinning.put(sample(12)) is None
    assert thinning.put(sample(19)) is None
    assert thinning.put(sample(20)) == sample(19)
    assert thinning.put(sample(35)) == sample(20)


def test_each_property_has_intervals_of_its_own() -> None:
    thinning = Thinning(10)
    assert thinning.put(sample(12)) is None
    assert thinning.put(sample(25, "u")) is None
    assert thinning.put(sample(26)) == sample(12)


def test_a_value_goes_when_its_interval_is_over_and_only_once() -> None:
    thinning = Thinning(10)
    thinning.put(sample(12))
    thinning.put(sample(21, "u"))
    assert list(thinning.over(19)) == [sample(21, "u")]  # by a clock that was set back
    assert list(thinning.over(19)) == []
    assert list(thinning.over(20)) == [sample(12)]
    assert list(thinning.over(30)) == []


def test_everything_goes_at_once_when_it_is_asked_for() -> None:
    thinning = Thinning(10)
    thinning.put(sample(12))
    thinning.put(sample(13, "u"))
    assert list(thinning.all()) == [sample(12), sample(13, "u")]
    assert list(thinning.all()) == []
    assert thinning.put(sample(25)) is None


def test_an_interval_lasts_until_the_next_whole_one() -> None:
    thinning = Thinning(10_000)
    assert thinning.seconds_left(120_000) == 10.0
    assert thinning.seconds_left(123_500) == 6.5


def test_the_oldest_interval_is_that_of_the_oldest_value() -> None:
    thinning = Thinning(10)
    assert thinning.oldest is None
    thinning.put(sample(37))
    thinning.put(sample(24, "u"))
    assert thinning.oldest == 20


def test_it_lets_go_of_some_properties_and_holds_the_others() -> None:
    thinning = Thinning(10)
    thinning.put(sample(12))
    thinning.put(sample(13, "u"))
    assert list(thinning.of({"u", "unknown"})) == [sample(13, "u")]
    assert list(thinning.all()) == [sample(12)]
