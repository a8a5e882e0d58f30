"""Volume: much at once, counted and never timed. `scripts/benchmark` measures the cost."""

from collections.abc import Iterable
from functools import partial
import logging
import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.entity import Entity
import pytest

from tests.emulator import Device, Emulator, Limits

from .. import CONNECTION, VALUES_CONFIRMED, VALUES_LOST, Home

UNIT = {"unit_of_measurement": "W"}
WAITING = "sensor.ha_gateway_01_values_waiting"
QUEUE = 10_000  # values, the most that memory holds
FAST = {"rate": 1000}

type Stored = tuple[str, float, int]


@pytest.fixture(autouse=True)
def _unlimited(emulator: Emulator) -> None:
    emulator.limits = Limits.none()


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    return {"commit_interval": 1}


def sensors(count: int) -> list[str]:
    return [f"sensor.n{number}" for number in range(count)]


def change(hass: HomeAssistant, numbers: Iterable[int], entities: int, start: float) -> list[Stored]:
    """Make changes half a millisecond apart, one entity after the other; return the values that should arrive."""
    expected: list[Stored] = []
    for number in numbers:
        name, value, moment = f"n{number % entities}", number // entities / 100, start + number / 2000
        hass.states.async_set(f"sensor.{name}", f"{value:.2f}", UNIT, timestamp=moment)
        expected.append((name, value, int(moment * 1000)))
    return expected


def has_arrived(device: Device, count: int) -> bool:
    return len(device.history) >= count


def stored(device: Device) -> list[Stored]:
    # The module is cut off, because a large model needs several: each has room for 300 properties.
    return sorted((sample.identifier.rpartition(":")[2], sample.value, sample.time) for sample in device.history)


async def test_20_000_changes_are_confirmed_in_few_messages(home: Home, emulator: Emulator, device: Device) -> None:
    start = time.time() - 30
    expected = change(home.hass, range(200), 200, start)
    await home.add_entry(sensors(200), delivery=FAST)
    for burst in range(200, 20_000, 200):
        expected += change(home.hass, range(burst, burst + 200), 200, start)
        await emulator.wait_for(partial(has_arrived, device, len(expected)))
    await home.until_state(VALUES_CONFIRMED, "20000")
    assert stored(device) == sorted(expected)
    assert sum(device.messages.values()) <= 0.006 * 20_000


async def test_5_000_entities_all_arrive(home: Home, emulator: Emulator, device: Device) -> None:
    expected = change(home.hass, range(5_000), 5_000, time.time() - 30)
    await home.add_entry(sensors(5_000), delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "5000")
    assert stored(device) == sorted(expected)
    assert device.messages["thing/event/property/post"] == 25


async def test_15_000_changes_without_a_connection_wait_in_the_recorder_and_arrive_once(
    recorder_mock: Recorder,
    home: Home,
    emulator: Emulator,
    device: Device,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)  # this sensor is disabled by default
    caplog.set_level(logging.WARNING)  # every statement and every event would be logged otherwise
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    hass, start = home.hass, time.time() - 30
    waiting: list[float] = []

    @callback
    def look(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] == WAITING and state is not None and hass.states.is_state(CONNECTION, "off"):
            waiting.append(float(state.state))

    expected = change(hass, range(200), 200, start)
    await home.add_entry(sensors(200), delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "200")
    hass.bus.async_listen(EVENT_STATE_CHANGED, look)
    await emulator.cut()
    await home.until_state(CONNECTION, "off")
    expected += change(hass, range(200, 15_200), 200, start)
    await emulator.wait_for(partial(has_arrived, device, len(expected)), timeout=60)
    await home.until_state(VALUES_CONFIRMED, "15200")
    assert stored(device) == sorted(expected)
    assert QUEUE / 2 <= max(waiting) <= QUEUE
    state = hass.states.get(VALUES_LOST)
    assert state is not None
    assert state.state == "0"
