"""History: requested when an entry is made, and later by an action."""

import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import Context
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.aliyun_iot.schema import vol
from tests.emulator import Device, Kind

from .. import DEVICE_NAME, VALUES_CONFIRMED, Home

DAY = 24 * 3600.0
WATT = {"unit_of_measurement": "W"}


async def recorded(home: Home, *days_ago: float) -> list[int]:
    """Have the values 1, 2, 3 ... recorded, each as of so many days ago; return their times in ms."""
    now = time.time()
    times = [now - days * DAY for days in days_ago]
    for value, at in enumerate(times, 1):
        home.hass.states.async_set("sensor.t", str(value), WATT, timestamp=at)
    await home.hass.async_block_till_done()
    return [int(at * 1000) for at in times]


def of_kind(device: Device, kind: Kind) -> list[tuple[float, int]]:
    """Return the values and times of all messages of one kind."""
    return sorted((sample.value, sample.time) for sample in device.history_of("t") if sample.kind is kind)


async def at_the_entities(home: Home) -> tuple[str, ConfigFlowResult]:
    flow_id = await home.start_flow()
    return flow_id, await home.submit(flow_id, home.typed())


def fields(page: ConfigFlowResult) -> dict[str, Any]:
    assert page["data_schema"] is not None
    return {str(key): key.description for key in page["data_schema"].schema}


# When an entry is made


async def test_a_new_entry_sends_as_many_days_as_were_asked_for(
    recorder_mock: Recorder, home: Home, device: Device
) -> None:
    times = await recorded(home, 3, 2, 1, 0)
    flow_id, page = await at_the_entities(home)
    assert "history_days" in fields(page)
    page = await home.submit(flow_id, {"exclude": {}, "history_days": 2.5})
    assert page["errors"] == {"base": "nothing_chosen"}
    assert fields(page)["history_days"] == {"suggested_value": 2.5}
    result = await home.choose(flow_id, "sensor.t", history_days=2.5)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.emulator.wait_for(lambda: home.stored("t") == [2.0, 3.0, 4.0])
    assert of_kind(device, Kind.HISTORY) == [(2.0, times[1]), (3.0, times[2])]
    assert of_kind(device, Kind.PROPERTY) == [(4.0, times[3])]


async def test_a_full_disk_does_not_change_how_many_days_are_sent(
    recorder_mock: Recorder, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    await recorded(home, 3, 2, 0)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        await home.add_entry(["sensor.t"], history_days=2.5)
        await home.emulator.wait_for(lambda: home.stored("t") == [2.0, 3.0])


@pytest.mark.parametrize("typed", [{}, {"history_days": 0}])
async def test_a_new_entry_sends_nothing_of_the_past_unless_it_was_asked_for(
    recorder_mock: Recorder, home: Home, device: Device, typed: dict[str, Any]
) -> None:
    await recorded(home, 2, 1, 0)
    flow_id, _ = await at_the_entities(home)
    result = await home.choose(flow_id, "sensor.t", **typed)
    assert "history_days" not in result["data"]
    await home.emulator.wait_for(lambda: home.stored("t") == [3.0])
    home.hass.states.async_set("sensor.t", "4", WATT)
    await home.emulator.wait_for(lambda: home.stored("t") == [3.0, 4.0])
    assert device.messages["thing/event/property/history/post"] == 0


async def test_mending_an_entry_does_not_send_the_past_again(
    recorder_mock: Recorder, home: Home, device: Device
) -> None:
    await recorded(home, 2, 1, 0)
    entry = await home.add_entry(["sensor.t"], history_days=5.0)
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0, 3.0])
    flow = await entry.start_reconfigure_flow(home.hass)
    await home.submit(flow["flow_id"], {"region": "cn-shanghai", "network": home.network()})
    await home.hass.async_block_till_done()
    assert "history_days" not in entry.data
    home.hass.states.async_set("sensor.t", "4", WATT)
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0, 3.0, 3.0, 4.0])


async def test_without_a_recorder_there_is_no_past_to_ask_for(home: Home) -> None:
    flow_id, page = await at_the_entities(home)
    assert "history_days" not in fields(page)
    with pytest.raises(InvalidData):
        await home.choose(flow_id, "sensor.t", history_days=1)


# The action


async def send_history(home: Home, entry_id: str, days: float = 1) -> None:
    typed = {"config_entry_id": entry_id, "days": days}
    await home.hass.services.async_call("aliyun_iot", "send_history", typed, blocking=True)


async def test_the_action_sends_recorded_values_again_with_their_own_times(
    recorder_mock: Recorder, home: Home, device: Device
) -> None:
    times = await recorded(home, 3, 2, 1, 0)
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    await send_history(home, entry.entry_id, 2.5)
    await home.emulator.wait_for(lambda: home.stored("t") == [2.0, 3.0, 4.0, 4.0])
    assert of_kind(device, Kind.HISTORY) == [(2.0, times[1]), (3.0, times[2]), (4.0, times[3])]


async def test_the_action_is_for_administrators_and_automations(
    recorder_mock: Recorder,
    home: Home,
    device: Device,
    hass_admin_user: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    times = await recorded(home, 2, 1, 0)
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    call = {"config_entry_id": entry.entry_id, "days": 1.5}
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            "aliyun_iot", "send_history", call, blocking=True, context=Context(user_id=hass_read_only_user.id)
        )
    await home.hass.services.async_call(
        "aliyun_iot", "send_history", call, blocking=True, context=Context(user_id=hass_admin_user.id)
    )
    await home.emulator.wait_for(lambda: len(of_kind(device, Kind.HISTORY)) == 2)
    automation = {
        "alias": "nightly",
        "triggers": {"trigger": "event", "event_type": "night"},
        "actions": {"action": "aliyun_iot.send_history", "data": call},
    }
    assert await async_setup_component(home.hass, "automation", {"automation": automation})
    home.hass.bus.async_fire("night")
    await home.emulator.wait_for(lambda: len(of_kind(device, Kind.HISTORY)) == 4)
    assert {time for _, time in of_kind(device, Kind.HISTORY)} == set(times[1:])


@pytest.mark.parametrize("days", [0, -1, 3651, "many", "nan", "inf"])
async def test_days_that_cannot_be_are_refused(recorder_mock: Recorder, home: Home, days: Any) -> None:
    entry = await home.add_entry(["sensor.t"])
    with pytest.raises(vol.Invalid):
        await send_history(home, entry.entry_id, days)


async def refused(home: Home, entry_id: str) -> tuple[str | None, dict[str, str] | None]:
    """Call the action and expect an error; return the error's key and placeholders."""
    with pytest.raises(ServiceValidationError) as caught:
        await send_history(home, entry_id)
    assert caught.value.translation_domain == "aliyun_iot"
    return caught.value.translation_key, caught.value.translation_placeholders


async def test_the_action_names_an_entry_that_is_not_there_or_somebody_elses(
    recorder_mock: Recorder, home: Home
) -> None:
    await home.add_entry()
    stranger = MockConfigEntry(domain="sun")
    stranger.add_to_hass(home.hass)
    for entry_id in ("nobody", stranger.entry_id):
        assert await refused(home, entry_id) == ("entry_not_found", None)


async def test_the_action_names_an_entry_that_is_not_loaded(recorder_mock: Recorder, home: Home) -> None:
    entry = await home.add_entry()
    await home.hass.config_entries.async_unload(entry.entry_id)
    assert await refused(home, entry.entry_id) == ("entry_not_loaded", {"name": DEVICE_NAME})


async def test_the_action_says_that_nothing_is_recorded(home: Home) -> None:
    entry = await home.add_entry()
    assert await refused(home, entry.entry_id) == ("no_recorder", None)
