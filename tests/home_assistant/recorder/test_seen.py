"""The range and the decimals of the numbers that the recorder has."""

from datetime import timedelta
import time

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.recorder.seen import Seen, async_seen

from . import DAY, HOUR, WATT, extremes, keep_statistics, total, write


async def seen_of(hass: HomeAssistant, *entity_ids: str) -> dict[str, Seen]:
    await async_wait_recording_done(hass)
    return await async_seen(hass, entity_ids)


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
    for entity_id in ("sensor.t", "climate.c"):  # the recorder returns full states of a climate entity
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
