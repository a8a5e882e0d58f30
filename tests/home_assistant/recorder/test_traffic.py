"""The traffic of a day, estimated from the recorder's past."""

from collections.abc import Iterable
import time

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.recorder.traffic import Traffic, async_traffic, async_traffics

from . import DAY, HOUR, write

ALL = Pace()


async def traffic_of(hass: HomeAssistant, entity_ids: Iterable[str], pace: Pace = ALL) -> Traffic | None:
    await async_wait_recording_done(hass)
    return await async_traffic(hass, list(entity_ids), pace)


async def test_every_change_counts_once(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.old", [("1", now - 3 * DAY)])
    # In each of the three parts the seven rows are three values.
    for ago in (0.5, 8.5, 16.5):
        begun = now - ago * HOUR
        texts = ["1", "2", "2", "unavailable", "2", "unknown", "3"]
        write(hass, "sensor.t", [(text, begun + 60 * number) for number, text in enumerate(texts)])
    # This one lies between the parts.
    write(hass, "sensor.u", [("1", now - 4 * HOUR)])
    # 3 + 3 + 3 in 3 of 24 hours, each alone.
    assert await traffic_of(hass, ["sensor.t", "sensor.u", "sensor.old"]) == Traffic(values=72, messages=72)


async def test_several_choices_have_an_estimate_each_of_what_is_recorded_of_them(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    now = time.time()
    write(hass, "sensor.old", [("1", now - 3 * DAY)])
    # In three of 24 hours, two values and one; the latter shares a message with the former's first.
    write(hass, "sensor.t", [("1", now - 900), ("2", now - 800)])
    write(hass, "sensor.u", [("1", now - 900)])
    await async_wait_recording_done(hass)
    choices = [["sensor.t", "sensor.u"], ["sensor.u"], ["sensor.old"], ["sensor.secret"], []]
    assert await async_traffics(hass, choices, ALL) == [
        Traffic(values=24, messages=16),
        Traffic(values=8, messages=8),
        Traffic(values=0, messages=0),
        None,
        None,
    ]
    assert await async_traffics(hass, [], ALL) == []


async def test_a_value_that_was_there_before_is_none(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.old", [("1", now - 3 * DAY)])
    states = [("1", now - 2 * HOUR), ("unavailable", now - 1000), ("1", now - 900), ("2", now - 800)]
    for entity_id in ("sensor.t", "climate.c"):
        write(hass, entity_id, states)
    write(hass, "climate.c", [("2", now - 700)], {"current_temperature": 21})
    # Each has one value in three hours, and the two share a message.
    expected = Traffic(values=16, messages=8)
    assert await traffic_of(hass, ["sensor.t", "climate.c"]) == expected


async def test_messages_bundle_what_comes_while_the_sender_must_wait(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    begun = time.time() - 1800
    write(hass, "sensor.old", [("1", begun - 3 * DAY)])
    # The first goes at once, the next two together a second later, and the last alone. A minute later come 450 at once.
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
        # Minute by minute: the last of two, one that does not differ, one, and two that end where they began.
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
    # Ten in twenty minutes are 720 a day, and a few less for the time that the test itself takes.
    traffic = await traffic_of(hass, ["sensor.t"])
    assert traffic is not None
    assert 700 <= traffic.values <= 720
    assert traffic.messages == traffic.values


async def test_there_are_never_more_messages_than_may_go(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    now = time.time()
    write(hass, "sensor.t", [(str(value), now - 800 + value) for value in range(790)])
    # In not quite 800 seconds the rate allows for 79, and the burst for ten more at the beginning.
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
