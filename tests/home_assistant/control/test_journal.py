"""Journal: each command is told, with its source and without its values."""

from datetime import timedelta
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events, async_fire_time_changed
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.aliyun_iot import event
from custom_components.aliyun_iot.control import journal
from tests.emulator.downlink import call

from .. import DEVICE_NAME, PRODUCT_KEY, Home
from .lamps import EVENT, EXECUTED, REFUSED, SWITCH, House, Lamp, build


@pytest.fixture
async def house(home: Home, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(journal, "_COUNTS_TOGETHER", 0.05)
    return await build(home, [Lamp("hall"), Lamp("attic")], granted=["hall"])


async def servants(hass: HomeAssistant) -> list[Any]:
    return [user for user in await hass.auth.async_get_users() if user.name == "Alibaba Cloud IoT Platform"]


async def test_the_cloud_acts_as_one_user_who_is_no_administrator(house: House) -> None:
    await house.set({"hall": 1})
    await house.set({"hall": 0})
    (user,) = await servants(house.hass)
    assert house.lamps["hall"].users == [user.id, user.id]
    assert (user.system_generated, user.is_admin, [group.id for group in user.groups]) == (
        True,
        False,
        ["system-users"],
    )


async def test_the_user_is_made_again_and_goes_with_the_last_entry(house: House) -> None:
    await house.set({"hall": 1})
    (first,) = await servants(house.hass)
    await house.hass.auth.async_remove_user(first)
    assert await house.set({"hall": 0}) == (200, "")
    (second,) = await servants(house.hass)
    assert second.id != first.id
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert await servants(house.hass) == []


async def test_the_event_comes_before_the_action_and_has_its_context_but_no_value(house: House) -> None:
    commands = async_capture_events(house.hass, "aliyun_iot_command")
    changes = async_capture_events(house.hass, EVENT_STATE_CHANGED)
    await house.set({"hall_brightness": 77})
    (command,) = commands
    change = next(one for one in changes if one.data["entity_id"] == "light.hall")
    assert change.context is command.context
    assert command.time_fired <= change.time_fired
    assert command.data == {
        "entity_id": "light.hall",
        "device": DEVICE_NAME,
        "properties": ["hall_brightness"],
        "actions": ["light.turn_on"],
    }


async def test_the_history_of_a_lamp_names_the_cloud_as_its_source(
    recorder_mock: Recorder, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    start = dt_util.utcnow()
    assert await async_setup_component(house.hass, "logbook", {})
    await house.hass.async_block_till_done()
    await house.set({"hall": 1})
    await async_wait_recording_done(house.hass)
    client = await hass_ws_client(house.hass)
    asked = {"type": "logbook/get_events", "start_time": start.isoformat(), "entity_ids": ["light.hall"]}
    await client.send_json_auto_id(asked)
    rows = (await client.receive_json())["result"]
    change = next(row for row in rows if row.get("state") == "on")
    assert change["context_name"] == "Alibaba Cloud IoT Platform"
    assert change["context_message"] == "sent a command: light.turn_on"
    assert change["context_domain"] == "aliyun_iot"


async def test_what_became_of_a_command_is_told_by_an_entity_and_two_sensors(house: House) -> None:
    await house.set({"hall": 1})
    told = await house.until_event("executed")
    assert (told["code"], told["properties"], told["entities"]) == (200, ["hall"], ["light.hall"])
    await house.set({"attic": 1})
    told = await house.until_event("refused", reason="not_granted")
    assert (told["code"], told["properties"], told["count"]) == (403, ["attic"], 1)
    await house.home.until_state(EXECUTED, "1")
    await house.home.until_state(REFUSED, "1")
    state = house.hass.states.get(REFUSED)
    assert state is not None
    assert (state.attributes["not_granted"], state.attributes["value"]) == (1, 0)


LONG = [f"a text of somebody's {number} ".ljust(100, "x") for number in range(200)]


@pytest.mark.parametrize("names", [["\ud800"], ["two\nlines"], LONG])
async def test_names_that_the_cloud_has_made_up_are_only_counted(
    house: House, hass_ws_client: WebSocketGenerator, names: list[str]
) -> None:
    await house.push({"hall": 1, **dict.fromkeys(names[:199], 1)}, id_="7")
    told = await house.until_event("refused", reason="unknown")
    assert (told["properties"], told["unpublished"]) == ([], len(names[:199]))
    await house.hass.services.async_call("switch", "turn_off", {"entity_id": SWITCH}, blocking=True)
    await house.push({"hall": 1, **dict.fromkeys(names[:199], 1)}, id_="8")
    told = await house.until_event("refused", reason="switched_off")
    assert (told["properties"], told["unpublished"]) == (["hall"], len(names[:199]))
    client = await hass_ws_client(house.hass)
    await client.send_json_auto_id({"type": "get_states"})
    states = (await client.receive_json())["result"]
    assert EVENT in {state["entity_id"] for state in states}


async def test_a_question_that_is_refused_is_counted(house: House) -> None:
    params: Any = ["nothing"]
    reply = await call(house.home.emulator._cloud, house.device, "thing/service/property/get", params, timeout=10)
    assert reply["code"] == 460
    told = await house.until_event("refused", reason="unknown")
    assert (told["properties"], told["unpublished"]) == ([], 1)
    await house.home.until_state(REFUSED, "1")


async def test_refusals_for_one_reason_are_told_once_a_minute(house: House) -> None:
    told: list[Event[Any]] = []

    @callback
    def note(event: Event[Any]) -> None:
        if event.data["entity_id"] == EVENT:
            told.append(event)

    house.hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    for _ in range(5):
        await house.set({"attic": 1})
    await house.set({"hall": 7})
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=61))
    await house.until_event("refused", reason="not_granted", count=4)
    said = [event.data["new_state"].attributes for event in told]
    assert [(one["reason"], one["count"]) for one in said] == [("not_granted", 1), ("value", 1), ("not_granted", 4)]


async def test_a_command_for_a_home_without_grants_is_seen(home: Home) -> None:
    home.hass.states.async_set("light.hall", "off")
    await home.add_entry(["light.hall"])
    reply = await home.emulator.set_properties(PRODUCT_KEY, DEVICE_NAME, {"hall": 1})
    assert reply["code"] == 403
    await home.until(EVENT, lambda state: state.attributes.get("reason") == "not_granted")


async def test_over_plain_tcp_each_command_is_refused_and_a_repair_says_why(home: Home) -> None:
    house = await build(
        home,
        [Lamp("hall")],
        data={"transport": "tcp", "port": home.emulator.mqtt_port},
    )
    assert await house.set({"hall": 1}) == (403, "not allowed without TLS")
    assert house.lamps["hall"].asked == []
    await house.until_event("refused", reason="unencrypted")
    assert ir.async_get(home.hass).async_get_issue("aliyun_iot", f"unencrypted_command_{house.entry.entry_id}")


async def test_the_diagnostics_count_commands_and_quote_none(house: House, hass_client: ClientSessionGenerator) -> None:
    assert await async_setup_component(house.hass, "diagnostics", {})
    await house.set({"hall": 1})
    await house.set({"attic": 1})
    await house.home.until_state(REFUSED, "1")
    found: Any = await get_diagnostics_for_config_entry(house.hass, hass_client, house.entry)
    assert found["control"] == {
        "is_on": True,
        "is_on_for_all": True,
        "executed": 1,
        "refused": {"not_granted": 1},
        "unencrypted": False,
        "subscribe_dropped": False,
    }


async def test_an_entity_that_fails_touches_no_command(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_self: event.CommandEvent, *_args: Any) -> None:
        raise ValueError("no reason")

    monkeypatch.setattr(event.CommandEvent, "_trigger_event", fail)
    assert await house.set({"hall": 1}) == (200, "")
    assert await house.set({"attic": 1}) == (403, "attic: not granted")
    await house.home.until_state(REFUSED, "1")
    assert caplog.text.count("Unexpected error while telling of a command") == 1
