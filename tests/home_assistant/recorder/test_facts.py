"""What the recorder says of the past: ranges of numbers, and how much there is to send."""

from collections.abc import Callable, Iterable
from datetime import timedelta
import logging
import threading
import time
from typing import Any

from homeassistant.components.recorder import Recorder, history, statistics
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy.exc import OperationalError

from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.recorder import facts as recorder_facts
from custom_components.aliyun_iot.recorder.facts import Seen, Traffic, async_seen, async_traffic

HOUR = 3600.0
DAY = 24 * HOUR
WATT = {"unit_of_measurement": "W"}
ALL = Pace()


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    return {"commit_interval": 0, "exclude": {"entities": ["sensor.secret"]}}


def write(
    hass: HomeAssistant, entity_id: str, states: Iterable[tuple[str, float]], attributes: dict[str, Any] | None = None
) -> None:
    """Have states recorded with the times that they had."""
    for text, at in states:
        hass.states.async_set(entity_id, text, attributes, timestamp=at)


def keep_statistics(
    hass: HomeAssistant, entity_id: str, hours: Iterable[tuple[timedelta, StatisticData]], **metadata: Any
) -> None:
    """Have hourly statistics recorded, each so long ago."""
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    described: dict[str, Any] = {
        "has_sum": False,
        "mean_type": StatisticMeanType.ARITHMETIC,
        "name": None,
        "source": "recorder",
        "statistic_id": entity_id,
        "unit_class": "power",
        "unit_of_measurement": "W",
        **metadata,
    }
    rows = [StatisticData(**{**row, "start": now - ago}) for ago, row in hours]
    statistics.async_import_statistics(hass, StatisticMetaData(**described), rows)  # type: ignore[typeddict-item]


def extremes(low: float, high: float) -> StatisticData:
    return StatisticData(mean=(low + high) / 2, min=low, max=high)  # type: ignore[typeddict-item]


def total(state: float) -> StatisticData:
    return StatisticData(state=state, sum=state)  # type: ignore[typeddict-item]


async def seen_of(hass: HomeAssistant, *entity_ids: str) -> dict[str, Seen]:
    await async_wait_recording_done(hass)
    return await async_seen(hass, entity_ids)


async def traffic_of(hass: HomeAssistant, entity_ids: Iterable[str], pace: Pace = ALL) -> Traffic | None:
    await async_wait_recording_done(hass)
    return await async_traffic(hass, list(entity_ids), pace)


# The range of numbers


async def test_the_states_of_a_day_give_range_and_decimals(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.t", [("20.5", now - 23.5 * HOUR), ("-3.25", now - 11 * HOUR), ("21", now - 60)])
    write(hass, "number.n", [("7", now - 5 * HOUR)])
    assert await seen_of(hass, "sensor.t", "number.n") == {
        "sensor.t": Seen(low=-3.25, high=21.0, decimals=2),
        "number.n": Seen(low=7.0, high=7.0, decimals=0),
    }


async def test_what_has_not_changed_all_day_counts_and_what_was_before_it_does_not(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    now = time.time()
    write(hass, "sensor.t", [("99.125", now - 4 * DAY), ("20.5", now - 3 * DAY)])
    assert await seen_of(hass, "sensor.t") == {"sensor.t": Seen(low=20.5, high=20.5, decimals=1)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unknown", None),
        ("unavailable", None),
        ("", None),
        ("on", None),
        ("nan", None),
        ("-inf", None),
        ("1e400", None),
        ("12:30", None),
        ("2026-02-20T10:00:00+00:00", None),
        ("5", Seen(low=5.0, high=5.0, decimals=0)),
        ("5.10", Seen(low=5.1, high=5.1, decimals=2)),
        ("5.", Seen(low=5.0, high=5.0, decimals=0)),
        (" 5.25 ", Seen(low=5.25, high=5.25, decimals=2)),
        ("1e-05", Seen(low=1e-05, high=1e-05, decimals=5)),
        ("1.5e3", Seen(low=1500.0, high=1500.0, decimals=0)),
        ("0.123456789", Seen(low=0.123456789, high=0.123456789, decimals=6)),
        ("0.30000000000000004", Seen(low=0.30000000000000004, high=0.30000000000000004, decimals=1)),
        ("1e-99999999999999999999", Seen(low=0.0, high=0.0, decimals=0)),
    ],
)
async def test_only_what_is_a_number_counts(
    recorder_mock: Recorder, hass: HomeAssistant, text: str, expected: Seen | None
) -> None:
    write(hass, "sensor.t", [(text, time.time() - 60)])
    assert await seen_of(hass, "sensor.t") == ({} if expected is None else {"sensor.t": expected})


async def test_odd_states_between_numbers_change_nothing(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    texts = ["1.5", "unavailable", "nan", "warming up", "inf", "unknown", "3"]
    for entity_id in ("sensor.t", "climate.c"):  # the recorder gives the latter in another way
        write(hass, entity_id, [(text, now - 600 + number) for number, text in enumerate(texts)])
    expected = Seen(low=1.5, high=3.0, decimals=1)
    assert await seen_of(hass, "sensor.t", "climate.c") == {"sensor.t": expected, "climate.c": expected}


async def test_statistics_reach_back_for_years(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    write(hass, "sensor.t", [("20.5", time.time() - 60)], WATT)
    hours = [
        (timedelta(days=1100), extremes(-40, 1)),
        (timedelta(days=800), extremes(2, 300.125)),
        (timedelta(days=500), extremes(2, 3)),
        (timedelta(days=200), extremes(2, 3)),
        (timedelta(hours=3), extremes(2, 3)),
    ]
    keep_statistics(hass, "sensor.t", hours)
    assert await seen_of(hass, "sensor.t") == {"sensor.t": Seen(low=-40.0, high=300.125, decimals=1)}


async def test_of_a_total_the_states_count_also_those_in_the_middle_of_a_month(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    hours = [(timedelta(days=100, hours=number), total(state)) for number, state in enumerate([0.5, 17.25, 3])]
    keep_statistics(hass, "sensor.t", hours, has_sum=True, mean_type=StatisticMeanType.NONE)
    assert await seen_of(hass, "sensor.t") == {"sensor.t": Seen(low=0.5, high=17.25, decimals=2)}


async def test_statistics_in_another_unit_are_converted_to_the_present_one(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    write(hass, "sensor.t", [("1.5", time.time() - 60)], {"unit_of_measurement": "kW"})
    keep_statistics(hass, "sensor.t", [(timedelta(days=3), extremes(250, 4000))])
    assert await seen_of(hass, "sensor.t") == {"sensor.t": Seen(low=0.25, high=4.0, decimals=1)}


@pytest.mark.parametrize(("own", "unit_class"), [("W", "power"), ("bananas", None), (None, None)])
async def test_statistics_in_a_unit_of_another_kind_do_not_count(
    recorder_mock: Recorder, hass: HomeAssistant, own: str | None, unit_class: str | None
) -> None:
    write(hass, "sensor.t", [("1.5", time.time() - 60)], {"unit_of_measurement": "°C"})
    keep_statistics(
        hass, "sensor.t", [(timedelta(days=3), extremes(250, 4000))], unit_of_measurement=own, unit_class=unit_class
    )
    assert await seen_of(hass, "sensor.t") == {"sensor.t": Seen(low=1.5, high=1.5, decimals=1)}


async def test_statistics_without_extremes_say_nothing(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    hours = [(timedelta(days=3), StatisticData(mean=350.0, mean_weight=1.0))]  # type: ignore[typeddict-item]
    described = {"mean_type": StatisticMeanType.CIRCULAR, "unit_class": None, "unit_of_measurement": "°"}
    keep_statistics(hass, "sensor.wind", hours, **described)
    assert await seen_of(hass, "sensor.wind") == {}


async def test_an_entity_that_has_no_state_any_more_has_its_statistics(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    keep_statistics(hass, "sensor.t", [(timedelta(days=3), extremes(0.1 + 0.2, 4000))])
    assert await seen_of(hass, "sensor.t") == {"sensor.t": Seen(low=0.1 + 0.2, high=4000.0, decimals=1)}


async def test_what_the_recorder_does_not_have_is_absent(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.t", [("1", now - 60)])
    write(hass, "sensor.secret", [("1", now - 60)])
    write(hass, "sensor.other", [("1", now - 60)])
    assert set(await seen_of(hass, "sensor.t", "sensor.secret", "sensor.nobody", "0123456789abcdef")) == {"sensor.t"}
    assert await seen_of(hass, "sensor.secret") == {}
    assert await seen_of(hass) == {}


async def test_more_entities_than_one_query_takes(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    expected = {}
    for number in range(450):
        write(hass, f"sensor.n{number}", [(str(number), now - 3 * HOUR), (str(number + 0.5), now - 60)])
        expected[f"sensor.n{number}"] = Seen(low=float(number), high=number + 0.5, decimals=1)
    assert await seen_of(hass, *expected) == expected


# The traffic


async def test_every_change_counts_once(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.old", [("1", now - 3 * DAY)])
    # In each of the parts three values of seven rows, and before them the first.
    for ago in (0.5, 8.5, 16.5):
        begun = now - ago * HOUR
        texts = ["1", "2", "2", "unavailable", "2", "unknown", "3"]
        write(hass, "sensor.t", [(text, begun + 60 * number) for number, text in enumerate(texts)])
    # And one that lies in no part.
    write(hass, "sensor.u", [("1", now - 4 * HOUR)])
    # 3 + 3 + 3 in 3 of 24 hours, each alone.
    assert await traffic_of(hass, ["sensor.t", "sensor.u", "sensor.old"]) == Traffic(values=72, messages=72)


async def test_a_value_that_was_there_before_is_none(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.old", [("1", now - 3 * DAY)])
    states = [("1", now - 2 * HOUR), ("unavailable", now - 1000), ("1", now - 900), ("2", now - 800)]
    for entity_id in ("sensor.t", "climate.c"):
        write(hass, entity_id, states)
    write(hass, "climate.c", [("2", now - 700)], {"current_temperature": 21})
    # One value of each in 3 hours, and the two in one message.
    expected = Traffic(values=16, messages=8)
    assert await traffic_of(hass, ["sensor.t", "climate.c"]) == expected


async def test_messages_bundle_what_comes_while_the_sender_must_wait(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    begun = time.time() - 1800
    write(hass, "sensor.old", [("1", begun - 3 * DAY)])
    # The first goes at once, the next two together a second later, the last alone; and all that while 450 at once.
    write(hass, "sensor.t", [("1", begun), ("2", begun + 0.3), ("3", begun + 0.9), ("4", begun + 1.5)])
    many = [f"sensor.n{number}" for number in range(450)]
    for number, entity_id in enumerate(many):
        write(hass, entity_id, [("1", begun + 60 + number / 100_000)])
    assert await traffic_of(hass, ["sensor.t"]) == Traffic(values=32, messages=24)
    assert await traffic_of(hass, many) == Traffic(values=3600, messages=24)
    assert await traffic_of(hass, ["sensor.t"], Pace(rate=10.0)) == Traffic(values=32, messages=32)
    assert await traffic_of(hass, ["sensor.t"], Pace(rate=0.1)) == Traffic(values=32, messages=16)
    assert await traffic_of(hass, ["sensor.t"], Pace(rate=0.1, burst=2.0)) == Traffic(values=32, messages=24)


async def test_with_an_interval_the_last_of_each_counts_when_it_is_over(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    begun = time.time() - 1800
    begun -= begun % 60
    write(hass, "sensor.old", [("1", begun - 3 * DAY)])
    ids = [f"sensor.n{number}" for number in range(10)]
    for number, entity_id in enumerate(ids):
        # Two in the first minute, none in the second that differs, one in the third, none that stays in the fourth.
        moments = [(1, "1"), (50, "2"), (70, "3"), (80, "2"), (130, "4"), (190, "5"), (200, "4")]
        write(hass, entity_id, [(text, begun + at + number / 2) for at, text in moments])
    pace = Pace(interval=60.0)
    assert await traffic_of(hass, ids, pace) == Traffic(values=160, messages=16)


async def test_with_an_interval_longer_than_what_is_looked_at_each_has_what_changes_at_all(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    now = time.time()
    write(hass, "sensor.old", [("1", now - 3 * DAY)])
    ids = [f"sensor.n{number}" for number in range(201)]
    for number, entity_id in enumerate(ids):
        ago = (0.5, 8.5, 16.5)[number % 3] * HOUR
        write(hass, entity_id, [(str(value), now - ago + value * 10) for value in range(3)])
    # Two messages, four times a day.
    assert await traffic_of(hass, ["sensor.old", *ids], Pace(interval=6 * HOUR)) == Traffic(values=804, messages=8)


async def test_a_recorder_that_is_new_is_taken_for_what_it_covers(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.t", [(str(value), now - 1200 + 60 * value) for value in range(10)])
    # Ten in twenty minutes; the time of the test itself may make it one less.
    traffic = await traffic_of(hass, ["sensor.t"])
    assert traffic is not None
    assert 700 <= traffic.values <= 720
    assert traffic.messages == traffic.values


async def test_there_are_never_more_messages_than_may_go(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.t", [(str(value), now - 800 + value) for value in range(790)])
    # 79 by the rate and more at the beginning, in not quite 800 seconds.
    traffic = await traffic_of(hass, ["sensor.t"], Pace(rate=0.1, burst=10.0))
    assert traffic is not None
    assert traffic.messages == 8_640


async def test_too_little_time_or_nothing_of_the_entities_is_no_estimate(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    assert await traffic_of(hass, ["sensor.t"]) is None
    now = time.time()
    write(hass, "sensor.t", [(str(value), now - 300 + value) for value in range(10)])
    assert await traffic_of(hass, ["sensor.t"]) is None
    assert await traffic_of(hass, []) is None


async def test_what_is_not_recorded_has_no_estimate(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.t", [("1", now - 2 * DAY)])
    write(hass, "sensor.secret", [(str(value), now - 300 + value) for value in range(10)])
    assert await traffic_of(hass, ["sensor.secret"]) is None
    assert await traffic_of(hass, ["sensor.t", "sensor.secret"]) == Traffic(values=0, messages=0)


# What may be wrong with a recorder


async def test_without_a_recorder_nothing_is_known(hass: HomeAssistant) -> None:
    assert await async_seen(hass, ["sensor.t"]) == {}
    assert await async_traffic(hass, ["sensor.t"], ALL) is None


@pytest.mark.parametrize("hinder", ["migrating", "starting"])
async def test_a_recorder_that_is_not_ready_is_not_asked(
    recorder_mock: Recorder, hass: HomeAssistant, hinder: str
) -> None:
    write(hass, "sensor.t", [("1", time.time() - 2 * HOUR)])
    await async_wait_recording_done(hass)
    if hinder == "migrating":
        recorder_mock.migration_in_progress = True
    else:
        recorder_mock.async_recorder_ready.clear()
    assert await async_seen(hass, ["sensor.t"]) == {}
    assert await async_traffic(hass, ["sensor.t"], ALL) is None
    recorder_mock.migration_in_progress = False
    recorder_mock.async_recorder_ready.set()
    assert set(await async_seen(hass, ["sensor.t"])) == {"sensor.t"}
    assert await async_traffic(hass, ["sensor.t"], ALL) == Traffic(values=0, messages=0)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT", {}, Exception("disk I/O error")),
        RuntimeError("cannot schedule new futures after shutdown"),
    ],
)
@pytest.mark.parametrize("broken", [(history, "get_significant_states"), (statistics, "statistics_during_period")])
async def test_a_database_that_fails_is_named_without_a_traceback(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    broken: tuple[Any, str],
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    write(hass, "sensor.t", [("1", time.time() - 2 * HOUR)], WATT)
    keep_statistics(hass, "sensor.t", [(timedelta(days=3), extremes(1, 2))])
    await async_wait_recording_done(hass)
    monkeypatch.setattr(*broken, fail)
    assert await async_seen(hass, ["sensor.t"]) == {}
    is_about_states = broken[0] is history
    assert (await async_traffic(hass, ["sensor.t"], ALL) is None) is is_about_states
    said = [record for record in caplog.records if record.name == recorder_facts.__name__]
    assert [record.levelno for record in said] == [logging.WARNING] * (1 + is_about_states)
    assert not any(record.exc_info for record in said)
    assert type(error).__name__ in said[0].message


def slow(real: Callable[..., Any], after: int, free: threading.Event) -> Callable[..., Any]:
    """Let a few queries pass and keep the others waiting."""
    asked = []

    def answer(*arguments: Any, **named: Any) -> Any:
        asked.append(arguments)
        if len(asked) > after:
            free.wait(10)
        return real(*arguments, **named)

    return answer


async def test_what_takes_too_long_leaves_what_was_found_up_to_then(
    recorder_mock: Recorder, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    states = [("1", now - 2 * DAY), ("2", now - 3 * HOUR), ("3", now - 100), ("4", now - 50)]
    write(hass, "sensor.t", states, WATT)
    keep_statistics(hass, "sensor.t", [(timedelta(days=3), extremes(-1, 2)), (timedelta(days=60), extremes(-9, 9))])
    await async_wait_recording_done(hass)
    monkeypatch.setattr(recorder_facts, "_PATIENCE", 1.0)
    free = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(history, "get_significant_states", slow(history.get_significant_states, 2, free))
        during = statistics.statistics_during_period
        patch.setattr(statistics, "statistics_during_period", slow(during, 1, free))
        begun = time.monotonic()
        assert await async_seen(hass, ["sensor.t"]) == {"sensor.t": Seen(low=-1.0, high=4.0, decimals=0)}
        assert time.monotonic() - begun < 3
        free.set()
    free = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(history, "get_significant_states", slow(history.get_significant_states, 1, free))
        # Two values in the last hour, which is all that was read.
        assert await async_traffic(hass, ["sensor.t"], ALL) == Traffic(values=48, messages=48)
        free.set()
    free = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(history, "get_significant_states", slow(history.get_significant_states, 0, free))
        assert await async_traffic(hass, ["sensor.t"], ALL) is None
        free.set()
