from typing import Any

import pytest

from .device import Device, Kind, Sample
from .excerpt import excerpt


def series(*values: Any, kind: Kind = Kind.PROPERTY) -> list[Sample]:
    """Return one sample a second, the first at 0."""
    return [
        Sample(identifier="a", value=value, time=number * 1000, received=number * 1000, kind=kind)
        for number, value in enumerate(values)
    ]


def values_of(found: dict[str, Any]) -> list[Any]:
    return [point["value"] for point in found["points"]]


def test_an_excerpt_has_what_lies_between_two_times_and_what_held_before() -> None:
    found = excerpt(series(*range(10)), 3000, 5000, 100)
    assert values_of(found) == [3, 4, 5]
    assert (found["total"], found["before"]["value"]) == (3, 2)
    assert (found["lowest"]["value"], found["highest"]["value"]) == (3, 5)


def test_without_times_it_is_everything() -> None:
    found = excerpt(series(1, 2), None, None, 100)
    assert (values_of(found), found["before"]) == ([1, 2], None)


def test_between_two_values_it_says_what_holds() -> None:
    found = excerpt(series(1, 2), 200, 300, 100)
    assert (found["total"], found["points"], found["lowest"], found["before"]["value"]) == (0, [], None, 1)


def test_many_numbers_are_thinned_without_losing_a_peak_or_the_last() -> None:
    peaks = [0.5] * 10_000
    peaks[1234], peaks[4321] = 99.0, -99.0
    found = excerpt(series(*peaks, 7), None, None, 60)
    values = values_of(found)
    assert len(values) <= 63
    assert {99.0, -99.0} <= set(values)
    assert (values[-1], found["total"]) == (7, 10_001)
    times = [point["time"] for point in found["points"]]
    assert times == sorted(times)


def test_a_quiet_time_keeps_its_shape_beside_a_busy_one() -> None:
    busy = [Sample(identifier="a", value=1, time=ms, received=ms, kind=Kind.PROPERTY) for ms in range(5000)]
    quiet = [
        Sample(identifier="a", value=hour, time=hour * 3_600_000, received=0, kind=Kind.BATCH) for hour in (1, 5, 9)
    ]
    assert values_of(excerpt([*busy, *quiet], None, None, 60))[-3:] == [1, 5, 9]


def test_of_texts_the_newest_are_kept() -> None:
    found = excerpt(series("a", "b", "c"), None, None, 2)
    assert (values_of(found), found["total"], found["lowest"]) == (["b", "c"], 3, None)


def test_what_came_as_history_is_counted() -> None:
    found = excerpt([*series(1), *series(2, kind=Kind.HISTORY)], None, None, 10)
    assert (found["history"], [point["kind"] for point in found["points"]]) == (1, ["property", "history"])


def test_numbers_of_any_size_can_be_compared() -> None:
    found = excerpt(series(10**400, 1.5), None, None, 10)
    assert (found["lowest"]["value"], found["highest"]["value"]) == (1.5, 10**400)


@pytest.fixture
def device() -> Device:
    return Device(product_key="k", device_name="n", secret="s")


def test_a_device_keeps_its_values_by_time_and_as_they_came(device: Device) -> None:
    late, early = series("early", "late")[::-1]
    for sample in (late, early):
        device.store(sample)
    assert [sample.value for sample in device.history] == ["late", "early"]
    assert [sample.value for sample in device.series["a"]] == ["early", "late"]


@pytest.mark.parametrize(
    ("code", "at", "over"), [(6306, 0, True), (6306, 1000, True), (6306, 1001, False), (6326, "soon", True)]
)
def test_a_rejection_is_over_when_a_value_was_taken_that_is_no_older(
    device: Device, *, code: int, at: Any, over: bool
) -> None:
    device.reject("a", code=code, text="no", value="x", at=at, received=0)
    assert not device.rejected["a"].over
    device.store(series(0, 1)[1])
    assert device.rejected["a"].over is over
    device.reject("a", code=code, text="no", value="x", at=at, received=0)
    assert (device.rejected["a"].over, device.rejected["a"].count) == (False, 2)
