"""Attributes that Home Assistant never records: their values live in memory only, and are counted where they end."""

from collections.abc import Sequence
import json
from pathlib import Path
import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.entity import StateInfo
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.recorder.unrecorded import is_recorded
from tests.emulator import Device

from .. import CONNECTION, VALUES_LOST, Home

NOTHING: dict[str, Any] = {"stop": "nothing to do"}
LAMP = {
    "name": "lamp",
    "turn_on": NOTHING,
    "turn_off": NOTHING,
    "set_level": NOTHING,
    "set_temperature": NOTHING,
    "level": "{{ states('input_number.level') }}",
    "temperature": "{{ states('input_number.level') | int + 200 }}",
    "state": "on",
}


@pytest.fixture(autouse=True)
def _quick_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.5)


@pytest.fixture
async def house(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a lamp, a script and an automation."""
    hass = home.hass
    level = {"level": {"min": 0, "max": 255, "initial": 10}}
    assert await async_setup_component(hass, "input_number", {"input_number": level})
    assert await async_setup_component(hass, "template", {"template": [{"light": [LAMP]}]})
    assert await async_setup_component(hass, "script", {"script": {"run": {"sequence": [NOTHING]}}})
    automation = {"alias": "daily", "triggers": {"trigger": "event", "event_type": "day"}, "actions": [NOTHING]}
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await act(hass, 1)
    return home


async def act(hass: HomeAssistant, times: int) -> None:
    """Change each of the attributes some times."""
    for _ in range(times):
        await hass.services.async_call("input_number", "increment", {"entity_id": "input_number.level"}, blocking=True)
        await hass.services.async_call("script", "run", blocking=True)
        hass.bus.async_fire("day")
        await hass.async_block_till_done()


CASES = (
    pytest.param("light.lamp", ("lamp_brightness", "lamp_color_temp_kelvin"), id="a light"),
    pytest.param("script.run", ("run_last_triggered",), id="a script"),
    pytest.param("automation.daily", ("daily_last_triggered",), id="an automation"),
)


async def waiting(house: Home, device: Device, entity_id: str, identifiers: Sequence[str]) -> MockConfigEntry:
    """Publish an entity, and change its attributes three times while the platform is away."""
    entry = await house.add_entry([entity_id], delivery={"rate": 10})
    await house.emulator.wait_for(lambda: all(len(device.history_of(name)) == 1 for name in identifiers))
    house.emulator.faults.set(refuse_tcp=True)
    await house.emulator.cut()
    await house.until_state(CONNECTION, "off")
    await act(house.hass, 3)
    return entry


@pytest.mark.parametrize(("entity_id", "identifiers"), CASES)
async def test_of_the_values_that_wait_at_a_reload_the_present_one_comes_again_and_the_others_are_counted(
    house: Home, device: Device, entity_id: str, identifiers: Sequence[str]
) -> None:
    entry = await waiting(house, device, entity_id, identifiers)
    await house.hass.config_entries.async_unload(entry.entry_id)
    house.emulator.faults.clear()
    await house.hass.config_entries.async_setup(entry.entry_id)
    await house.until(VALUES_LOST, lambda state: state.attributes["not_recorded"] == 2 * len(identifiers))
    await house.emulator.wait_for(lambda: all(len(device.history_of(name)) == 2 for name in identifiers))


@pytest.mark.parametrize(("entity_id", "identifiers"), CASES)
async def test_all_values_that_wait_at_a_restart_are_counted(
    house: Home, device: Device, hass_config_dir: str, entity_id: str, identifiers: Sequence[str]
) -> None:
    entry = await waiting(house, device, entity_id, identifiers)
    await house.hass.async_stop()
    mark = json.loads(Path(hass_config_dir, ".storage", f"aliyun_iot.delivery_{entry.entry_id}").read_text())
    assert mark["lost"] == {"not_recorded": 3 * len(identifiers)}


async def test_values_that_memory_has_no_room_for_are_counted_if_their_attribute_is_never_recorded(
    house: Home, device: Device
) -> None:
    await waiting(house, device, "light.lamp", ("lamp_brightness", "lamp_color_temp_kelvin"))
    info: StateInfo = {"unrecorded_attributes": frozenset({"brightness"})}
    start = time.time()
    for number in range(10_001):
        attributes = {"brightness": number % 200}
        house.hass.states.async_set_internal(
            "light.lamp", "on", attributes, False, None, info, timestamp=start + number * 0.001
        )
    await house.until(VALUES_LOST, lambda state: state.attributes["not_recorded"] >= 4_000)


@pytest.mark.parametrize(
    ("left_out", "names", "expected"),
    [
        (None, ("brightness",), True),
        ({"brightness"}, ("brightness",), False),
        ({"brightness"}, ("effect",), True),
        ({"longitude"}, ("latitude", "longitude"), False),
        ({"*"}, ("anything",), False),
        ({"*"}, ("device_class",), True),
        ({"*"}, (), True),
        (None, ("attribution",), False),
    ],
)
def test_an_attribute_is_recorded_unless_its_entity_or_the_recorder_leaves_it_out(
    left_out: set[str] | None, names: Sequence[str], expected: bool
) -> None:
    info: StateInfo | None = None if left_out is None else {"unrecorded_attributes": frozenset(left_out)}
    assert is_recorded(State("light.lamp", "on", {}, state_info=info), names) is expected
