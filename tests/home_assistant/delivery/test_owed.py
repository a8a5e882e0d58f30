"""Stretches that are to be sent of the time before the mark: asked for, rejected, or of entities that come late."""

from collections.abc import Callable
from datetime import timedelta
import json
from pathlib import Path
import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.control.model_files import async_packed
from custom_components.aliyun_iot.verdict import proof
from tests.emulator import Device, Emulator, Kind

from .. import PRODUCT_KEY, VALUES_CONFIRMED, Home, tsl

WATT = {"unit_of_measurement": "W"}
VALUES_REJECTED = "sensor.ha_gateway_01_values_rejected"
HISTORY = "thing/event/property/history/post"

# A message of history holds 200 values.
MANY = 1_200


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    return {"commit_interval": 1}


def times(device: Device, identifier: str) -> list[tuple[Any, int]]:
    """Return the distinct values of a property with their own times, in the order of these."""
    return sorted({(sample.value, sample.time) for sample in device.history_of(identifier)}, key=lambda pair: pair[1])


async def change(home: Home, count: int, *, start: float, step: float, entity_id: str = "sensor.t") -> list[Any]:
    """Record values of 1, 2, 3 ... and return what the platform should have of them."""
    expected = []
    for number in range(count):
        moment = start + number * step
        home.hass.states.async_set(entity_id, str(number + 1), WATT, timestamp=moment)
        expected.append((float(number + 1), int(moment * 1000)))
    await async_wait_recording_done(home.hass)
    return expected


async def reload_(home: Home, entry: MockConfigEntry, mark: Path) -> None:
    await home.hass.config_entries.async_reload(entry.entry_id)


async def kill(home: Home, entry: MockConfigEntry, mark: Path) -> None:
    """End the entry, and leave on the disk what was there in that moment, as a power cut does."""
    written = mark.read_bytes()
    await home.hass.config_entries.async_unload(entry.entry_id)
    mark.write_bytes(written)
    await home.hass.config_entries.async_setup(entry.entry_id)


ENDS = pytest.mark.parametrize("end", [reload_, kill])
type End = Callable[..., Any]


def mark_file(hass_config_dir: str, entry: MockConfigEntry) -> Path:
    return Path(hass_config_dir) / ".storage" / f"aliyun_iot.delivery_{entry.entry_id}"


async def save(entry: MockConfigEntry) -> None:
    """Write the mark, as it is done every minute."""
    await entry.runtime_data.bridge.progress.async_save()


@ENDS
async def test_history_that_was_asked_for_arrives_whatever_ends_meanwhile(
    kept: Home, emulator: Emulator, device: Device, hass_config_dir: str, end: End
) -> None:
    expected = await change(kept, MANY, start=time.time() - 3600, step=1)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    asked = {"config_entry_id": entry.entry_id, "days": 1}
    await kept.hass.services.async_call("aliyun_iot", "send_history", asked, blocking=True)
    await emulator.wait_for(lambda: device.messages[HISTORY] >= 1)
    await end(kept, entry, mark_file(hass_config_dir, entry))
    await emulator.wait_for(lambda: times(device, "t") == expected, timeout=40)


@ENDS
async def test_a_request_is_on_the_disk_when_the_action_returns(
    kept: Home, emulator: Emulator, device: Device, hass_config_dir: str, end: End
) -> None:
    expected = await change(kept, 20, start=time.time() - 3600, step=60)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    asked = {"config_entry_id": entry.entry_id, "days": 1}
    await kept.hass.services.async_call("aliyun_iot", "send_history", asked, blocking=True)
    await end(kept, entry, mark_file(hass_config_dir, entry))
    await emulator.wait_for(lambda: times(device, "t") == expected)


@ENDS
async def test_values_that_were_rejected_arrive_after_an_import_whatever_ends_meanwhile(
    kept: Home, emulator: Emulator, device: Device, hass_config_dir: str, end: End
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    expected = await change(kept, 1, start=time.time() - 100, step=1)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_REJECTED, "1")
    for number in range(2, MANY + 1):
        moment = time.time() - 90 + number * 0.05
        kept.hass.states.async_set("sensor.t", str(number), WATT, timestamp=moment)
        expected.append((float(number), int(moment * 1000)))
    await kept.until_state(VALUES_REJECTED, str(MANY))
    await async_wait_recording_done(kept.hass)
    await save(entry)
    emulator.import_thing_model(PRODUCT_KEY, (await async_packed(kept.hass, entry)).body)
    await kept.hass.services.async_call(
        "button", "press", {"entity_id": "button.ha_gateway_01_send_everything_now"}, blocking=True
    )
    await emulator.wait_for(lambda: device.messages[HISTORY] >= 1)
    await end(kept, entry, mark_file(hass_config_dir, entry))
    await emulator.wait_for(lambda: set(expected) <= set(times(device, "t")), timeout=40)


async def test_a_value_out_of_range_arrives_when_the_range_was_widened_while_this_home_was_away(
    kept: Home, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_ASK_AGAIN", timedelta(seconds=0.2))
    emulator.import_thing_model(PRODUCT_KEY, tsl("t", min="0", max="10"))
    kept.hass.states.async_set("sensor.t", "5", WATT)
    entry = await kept.add_entry(["sensor.t"])
    await kept.until_state(VALUES_CONFIRMED, "1")
    kept.hass.states.async_set("sensor.t", "50", WATT)
    await kept.until_state(VALUES_REJECTED, "1")
    kept.hass.states.async_set("sensor.t", "6", WATT)
    await kept.until_state(VALUES_CONFIRMED, "2")
    await async_wait_recording_done(kept.hass)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    emulator.import_thing_model(PRODUCT_KEY, (await async_packed(kept.hass, entry)).body)
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await emulator.wait_for(lambda: {50.0} <= set(kept.stored("t")))


async def test_one_propertys_history_does_not_send_those_of_others_again(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("good"))
    kept.hass.states.async_set("sensor.good", "1", WATT)
    kept.hass.states.async_set("sensor.bad", "1", WATT)
    entry = await kept.add_entry(["sensor.good", "sensor.bad"])
    await kept.until_state(VALUES_REJECTED, "1")
    for value in ("2", "3"):
        kept.hass.states.async_set("sensor.good", value, WATT)
        kept.hass.states.async_set("sensor.bad", value, WATT)
    await kept.until_state(VALUES_REJECTED, "3")
    await kept.until_state(VALUES_CONFIRMED, "3")
    await async_wait_recording_done(kept.hass)
    await save(entry)
    emulator.import_thing_model(PRODUCT_KEY, (await async_packed(kept.hass, entry)).body)
    await kept.hass.config_entries.async_reload(entry.entry_id)
    await emulator.wait_for(lambda: set(kept.stored("bad")) == {1.0, 2.0, 3.0})
    assert [sample.value for sample in device.history_of("good") if sample.kind is Kind.HISTORY] == []


async def test_an_entity_that_comes_late_has_lost_nothing_by_a_crash_before_it_came(
    kept: Home, emulator: Emulator, device: Device, hass_config_dir: str
) -> None:
    kept.hass.states.async_set("sensor.t", "1", WATT)
    selection = {"include": {"domains": ["sensor"]}}
    entry = await kept.add_entry(selection=selection)
    await emulator.wait_for(lambda: kept.stored("t") == [1.0])
    await kept.hass.config_entries.async_unload(entry.entry_id)
    expected = (await change(kept, 3, start=time.time(), step=0.01))[1:]  # the first one has not changed
    kept.hass.states.async_remove("sensor.t")
    await async_wait_recording_done(kept.hass)
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await save(entry)
    await kill(kept, entry, mark_file(hass_config_dir, entry))
    kept.hass.states.async_set("sensor.t", "9", WATT)
    await emulator.wait_for(lambda: set(expected) <= set(times(device, "t")))


async def test_a_stretch_that_was_sent_is_not_sent_again(
    kept: Home, emulator: Emulator, device: Device, hass_config_dir: str
) -> None:
    expected = await change(kept, 3, start=time.time() - 600, step=60)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    asked = {"config_entry_id": entry.entry_id, "days": 1}
    await kept.hass.services.async_call("aliyun_iot", "send_history", asked, blocking=True)
    assert json.loads(mark_file(hass_config_dir, entry).read_text())["owed"].keys() == {"t"}
    await kept.until_state(VALUES_CONFIRMED, "4")
    await kept.hass.config_entries.async_reload(entry.entry_id)
    sent = device.messages[HISTORY]
    kept.hass.states.async_set("sensor.t", "9", WATT)
    await emulator.wait_for(lambda: kept.stored("t")[-1] == 9.0)
    assert times(device, "t")[:3] == expected
    assert device.messages[HISTORY] == sent


async def test_a_full_disk_does_not_keep_a_request_from_being_sent(
    kept: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    expected = await change(kept, 3, start=time.time() - 600, step=60)
    entry = await kept.add_entry(["sensor.t"], delivery={"rate": 10})
    await kept.until_state(VALUES_CONFIRMED, "1")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        asked = {"config_entry_id": entry.entry_id, "days": 1}
        await kept.hass.services.async_call("aliyun_iot", "send_history", asked, blocking=True)
        await emulator.wait_for(lambda: times(device, "t") == expected)
        assert "disk" in {issue.translation_key for issue in ir.async_get(kept.hass).issues.values()}


# An empty text


async def test_an_empty_text_is_a_value_and_says_that_the_entity_is_available(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    attributes = {"min": 0, "max": 100, "mode": "text"}

    def note(text: str, moment: float) -> None:
        kept.hass.states.async_set("input_text.note", text, attributes, timestamp=moment)

    start = time.time()
    note("unavailable", start)
    selection = {"include": {"domains": ["input_text"]}, "availability": True}
    entry = await kept.add_entry(selection=selection)
    await emulator.wait_for(lambda: kept.stored("note_available") == [0])
    note("", start + 0.1)
    await emulator.wait_for(lambda: kept.stored("note_available") == [0, 1])
    await emulator.wait_for(lambda: kept.stored("note") == [""])
    await kept.hass.config_entries.async_unload(entry.entry_id)
    start = time.time()
    note("unavailable", start)
    note("", start + 0.01)
    kept.hass.states.async_remove("input_text.note")
    note("x", start + 0.03)
    await async_wait_recording_done(kept.hass)
    await kept.hass.config_entries.async_setup(entry.entry_id)
    moment = int(start * 1000)
    await emulator.wait_for(
        lambda: times(device, "note_available")[2:4] == [(0, moment), (1, int((start + 0.01) * 1000))]
    )
    assert times(device, "note")[1:] == [("x", int((start + 0.03) * 1000))]


async def test_an_input_text_that_starts_empty_is_available(kept: Home, emulator: Emulator) -> None:
    kept.hass.states.async_set("input_text.note", "", {"min": 0, "max": 100, "mode": "text"})
    await kept.add_entry(selection={"include": {"domains": ["input_text"]}, "availability": True})
    await emulator.wait_for(lambda: kept.stored("note_available") == [1])
