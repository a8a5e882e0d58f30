"""The unit of the house: temperatures that name none are in the unit that Home Assistant was set to at their time."""

import json
import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .. import VALUES_LOST, Home
from ..thing_model.test_store import file

FAST = {"rate": 10}
BATH = "climate.bath"
NAME = "bath_current_temperature"
SEND_NOW = "button.ha_gateway_01_send_everything_now"


def measure(home: Home, temperature: float, at: float, entity_id: str = BATH) -> None:
    attributes = {"current_temperature": temperature}
    home.hass.states.async_set(entity_id, "heat", attributes, timestamp=at)


async def set_units(home: Home, name: str) -> None:
    """Choose a unit system on the page of Home Assistant's general settings."""
    await home.hass.config.async_update(unit_system=name)
    await home.hass.async_block_till_done()


def units_were_set(home: Home, name: str, at: float) -> None:
    """Have the recorder keep a choice of long ago."""
    home.hass.bus.async_fire(EVENT_CORE_CONFIG_UPDATE, {"unit_system": name}, time_fired=at)


@pytest.mark.parametrize(
    ("entity_id", "before", "after", "measured", "wanted"),
    [
        (BATH, "us_customary", "metric", (68, 20.5), [20.0, 20.5]),
        (BATH, "metric", "us_customary", (20, 68.9), [68.0, 68.9]),
        ("water_heater.bath", "us_customary", "metric", (122, 50.5), [50.0, 50.5]),
    ],
)
async def test_a_thermostat_of_the_past_is_read_in_the_unit_of_its_time(
    recorder_mock: Recorder,
    home: Home,
    entity_id: str,
    before: str,
    after: str,
    measured: tuple[float, float],
    wanted: list[float],
) -> None:
    now = time.time()
    units_were_set(home, before, now - 40)
    measure(home, measured[0], now - 30, entity_id)
    units_were_set(home, after, now - 20)
    measure(home, measured[1], now - 10, entity_id)
    await set_units(home, after)
    await home.add_entry([entity_id], delivery=FAST, history_days=1.0)
    await home.emulator.wait_for(lambda: home.stored(NAME) == pytest.approx(wanted, rel=1e-9))


async def test_a_thermostat_from_before_the_unit_was_known_is_counted_and_not_sent(
    recorder_mock: Recorder, home: Home
) -> None:
    now = time.time()
    measure(home, 68, now - 30)  # in which unit?
    units_were_set(home, "metric", now - 20)
    measure(home, 20.5, now - 10)
    await home.hass.async_block_till_done()
    await home.add_entry([BATH], delivery=FAST, history_days=1.0)
    await home.until(VALUES_LOST, lambda state: state.attributes["unfit"] == 1)
    assert home.stored(NAME) == [20.5]


async def test_without_a_change_of_units_all_of_the_past_is_sent(recorder_mock: Recorder, home: Home) -> None:
    now = time.time()
    for temperature, at in ((19.5, now - 7200), (20.0, now - 3600), (20.5, now)):
        measure(home, temperature, at)
    await home.hass.async_block_till_done()
    await home.hass.config.async_update(language="zh-Hans")
    await home.add_entry([BATH], delivery=FAST, history_days=1.0)
    await home.emulator.wait_for(lambda: home.stored(NAME) == [19.5, 20.0, 20.5])


async def test_a_change_of_units_holds_from_its_moment(home: Home) -> None:
    measure(home, 20, time.time())
    await home.add_entry([BATH], delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored(NAME) == [20.0])
    await home.hass.config.async_update(unit_system="us_customary")
    measure(home, 69.8, time.time())
    await home.emulator.wait_for(lambda: home.stored(NAME) == pytest.approx([20.0, 21.0], rel=1e-9))


async def test_a_state_from_before_a_change_of_units_keeps_its_own(home: Home) -> None:
    measure(home, 20, time.time())
    entry = await home.add_entry([BATH], delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored(NAME) == [20.0])
    await set_units(home, "us_customary")
    await home.hass.services.async_call("button", "press", {"entity_id": SEND_NOW}, blocking=True)
    await home.emulator.wait_for(lambda: home.stored(NAME) == [20.0, 20.0])
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.emulator.wait_for(lambda: len(home.stored(NAME)) > 2)
    assert set(home.stored(NAME)) == {20.0}


async def noted_long_ago(home: Home, unit: str) -> MockConfigEntry:
    """Make an entry of a home that was in a unit an hour ago."""
    entry = home.entry([BATH], delivery=FAST, home=await home.instance_id(), history_days=1.0)
    document = {"temperature_units": [[int((time.time() - 3600) * 1000), unit, True]], "entities": {}}
    file(home, entry.entry_id).write_text(json.dumps(document))
    return entry


async def test_a_change_of_units_while_nobody_listens_is_found_among_the_events(
    recorder_mock: Recorder, home: Home
) -> None:
    entry = await noted_long_ago(home, "°C")
    now = time.time()
    measure(home, 20, now - 50)
    units_were_set(home, "us_customary", now - 40)
    measure(home, 69.8, now - 30)
    units_were_set(home, "metric", now - 20)
    measure(home, 22, now - 10)
    await set_units(home, "us_customary")
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored(NAME) == pytest.approx([68.0, 69.8, 71.6], rel=1e-9))


async def test_what_comes_after_a_change_of_units_while_nobody_listens_is_sent(
    recorder_mock: Recorder, home: Home
) -> None:
    entry = await noted_long_ago(home, "°C")
    now = time.time()
    units_were_set(home, "us_customary", now - 40)
    measure(home, 68, now - 30)
    measure(home, 69.8, now - 20)
    home.hass.config.units = US_CUSTOMARY_SYSTEM
    await home.hass.async_block_till_done()
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored(NAME) == [68.0, 69.8])


async def test_what_nothing_tells_of_a_change_of_units_is_counted_and_not_sent(
    recorder_mock: Recorder, home: Home
) -> None:
    entry = await noted_long_ago(home, "°C")
    measure(home, 20, time.time() - 50)
    home.hass.config.units = US_CUSTOMARY_SYSTEM
    await home.hass.async_block_till_done()
    await home.set_up(entry)
    measure(home, 71.6, time.time())
    await home.emulator.wait_for(lambda: home.stored(NAME) == [71.6])
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.until(VALUES_LOST, lambda state: state.attributes["unfit"] == 1)
    assert set(home.stored(NAME)) == {71.6}


@pytest.mark.parametrize("noted", [None, 5, "°C", [["now", "°C", True]], [[2, "°C", 1], [1, "°F", 1]], [[1, "W", 1]]])
async def test_units_that_somebody_broke_on_the_disk_are_noted_anew(home: Home, noted: Any) -> None:
    measure(home, 20, time.time())
    entry = home.entry([BATH], home=await home.instance_id())
    file(home, entry.entry_id).write_text(json.dumps({"temperature_units": noted, "entities": {}}))
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored(NAME) == [20.0])
    kept = json.loads(file(home, entry.entry_id).read_text())["temperature_units"]
    assert [unit for _, unit, _ in kept] == ["°C"]
