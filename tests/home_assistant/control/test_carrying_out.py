"""Carrying out: what the cloud sets happens at home, as a whole or not at all, and it hears what became of it."""

import asyncio
from datetime import timedelta
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, STATE_UNAVAILABLE
from homeassistant.core import CoreState, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.aliyun_iot.alink import control as alink_control
from custom_components.aliyun_iot.control import carrier, confirmation, lanes, readiness
from custom_components.aliyun_iot.selection import live
from tests.emulator.downlink import call

from .. import PRODUCT_KEY, Home
from .lamps import SWITCH, House, Lamp, administrator, async_read_model, build, granting, until


@pytest.fixture
async def house(home: Home) -> House:
    """Return a house with two lamps that the cloud may control, and one that it may not."""
    return await build(home, [Lamp("hall"), Lamp("desk"), Lamp("attic")], granted=["hall", "desk"])


async def test_a_lamp_is_turned_on_and_its_new_state_is_posted(house: House) -> None:
    assert await house.set({"hall": 1}) == (200, "")
    assert house.state("hall") == "on"
    await house.home.emulator.wait_for(lambda: house.home.stored("hall")[-1:] == [1])


async def test_several_values_make_one_action_for_each_lamp(house: House) -> None:
    assert await house.set({"hall_brightness": 51, "desk": 1, "desk_brightness": 255}) == (200, "")
    assert (house.lamps["hall"].asked, house.lamps["desk"].asked) == (["on"], ["on"])
    hall = house.hass.states.get("light.hall")
    assert hall is not None
    assert hall.attributes["brightness"] == 51


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"hall": 1, "nothing": 1}, 460, "nothing: no such property is published"),
        ({"hall": 1, "attic": 1}, 403, "attic: not granted"),
        ({"hall": 1, "desk": 2}, 460, "desk: 0, 1"),
        ({"hall": 1, "desk_brightness": 256}, 460, "desk_brightness: 0..255"),
        ({"hall": 1, "desk": 0, "desk_brightness": 7}, 460, "desk_brightness: value not possible"),
    ],
)
async def test_one_value_that_cannot_be_refuses_all_and_is_named(
    house: House, params: dict[str, Any], code: int, message: str
) -> None:
    assert await house.set(params) == (code, message)
    assert house.lamps["hall"].asked == []


@pytest.mark.parametrize(
    "away", [State("light.desk", STATE_UNAVAILABLE), State("light.desk", "off", {"restored": True})]
)
async def test_an_entity_that_is_away_refuses_all(house: House, away: State) -> None:
    house.hass.states.async_set(away.entity_id, away.state, away.attributes)
    assert await house.set({"hall": 1, "desk": 1}) == (100004, "desk: unavailable")
    assert house.lamps["hall"].asked == []


async def test_nothing_runs_while_it_is_switched_off(house: House) -> None:
    await house.hass.services.async_call("switch", "turn_off", {"entity_id": SWITCH}, blocking=True)
    assert await house.set({"hall": 1}) == (403, "control from the cloud is switched off")
    assert house.lamps["hall"].asked == []


async def test_a_model_that_means_something_else_refuses_until_it_is_imported_again(
    house: House,
) -> None:
    wrong = {
        "properties": [
            {
                "identifier": "hall",
                "name": "hall",
                "accessMode": "rw",
                "dataType": {"type": "text", "specs": {"length": "9"}},
            }
        ],
        "events": [],
        "services": [],
    }
    house.home.emulator.import_thing_model(PRODUCT_KEY, wrong)
    await async_read_model(house.home, house.entry)
    differs = "hall: the thing model of the product is not the one of this home"
    assert await house.set({"hall": 1}) == (100003, differs)
    assert house.lamps["hall"].asked == []


async def test_nothing_runs_before_home_assistant_has_settled_or_while_it_stops(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    not_ready = (100002, "Home Assistant is starting, stopping or reloading")
    monkeypatch.setitem(house.hass.data, readiness._STARTED, asyncio.get_running_loop().time())
    assert await house.set({"hall": 1}) == not_ready
    monkeypatch.setattr(readiness, "_SETTLING", 0.0)
    assert await house.set({"hall": 1}) == (200, "")
    house.hass.set_state(CoreState.stopping)
    assert await house.set({"hall": 0}) == not_ready
    house.hass.set_state(CoreState.running)
    assert house.lamps["hall"].asked == ["on"]


async def test_a_home_takes_commands_ten_seconds_after_its_start(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    not_ready = (100002, "Home Assistant is starting, stopping or reloading")
    home.hass.set_state(CoreState.starting)
    house = await build(home, [Lamp("hall")])
    assert await house.set({"hall": 1}) == not_ready
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await home.hass.async_block_till_done()
    assert await house.set({"hall": 1}) == not_ready
    monkeypatch.setattr(readiness, "_SETTLING", 0.0)
    assert await house.set({"hall": 1}) == (200, "")


async def test_an_action_that_fails_is_named_and_the_others_are_not_undone(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.lamps["desk"].is_broken = True
    assert await house.set({"hall": 1, "desk": 1}) == (100005, "desk: light.turn_on failed")
    assert (house.state("hall"), house.state("desk")) == ("on", "off")
    told = await house.until_event("failed", code=100005)
    assert (told["properties"], told["entities"]) == (["desk"], ["light.desk"])
    await house.hass.async_block_till_done()
    assert caplog.text.count("light.turn_on ended with HomeAssistantError") == 1
    assert "4711" not in caplog.text


# Commands in the way of each other


async def test_one_command_waits_for_an_entity_and_the_next_is_too_many(house: House) -> None:
    lamp = house.lamps["hall"]
    lamp.lets_go.clear()
    first = asyncio.create_task(house.set({"hall": 1}))
    await house.home.emulator.wait_for(lambda: bool(house.device.link))
    await until(lambda: lamp.asked == ["on"])
    second = asyncio.create_task(house.set({"hall": 0}))
    await asyncio.sleep(0)  # the second one is sent
    assert await house.set({"hall": 1}) == (429, "hall: too many commands")
    assert await house.set({"desk": 1}) == (200, "")
    lamp.lets_go.set()
    assert (await first, await second) == ((200, ""), (200, ""))
    assert (lamp.asked, house.state("hall")) == (["on", "off"], "off")


async def _refused(house: House, params: dict[str, Any], code: int) -> tuple[int, str]:
    """Set until the code comes."""
    while (reply := await house.set(params))[0] != code:
        pass
    return reply


async def test_what_waits_too_long_is_refused_and_never_runs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "_LATE", 0.2)
    lamp = house.lamps["hall"]
    lamp.lets_go.clear()
    first = asyncio.create_task(house.set({"hall": 1}))
    await until(lambda: lamp.asked == ["on"])
    assert await house.set({"hall": 0}) == (100001, "too late, not carried out")
    lamp.lets_go.set()
    assert await first == (200, "")
    assert lamp.asked == ["on"]


async def test_switching_off_ends_what_waits(house: House) -> None:
    lamp = house.lamps["hall"]
    lamp.lets_go.clear()
    first = asyncio.create_task(house.set({"hall": 1}))
    await until(lambda: lamp.asked == ["on"])
    second = asyncio.create_task(house.set({"hall": 0}))
    await house.hass.services.async_call("switch", "turn_off", {"entity_id": SWITCH}, blocking=True)
    lamp.lets_go.set()
    assert await first == (200, "")
    assert await second == (403, "control from the cloud is switched off")
    assert lamp.asked == ["on"]


async def test_an_action_that_hangs_ten_times_stops_its_own_entities_only(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alink_control, "_PATIENCE", 0.2)
    monkeypatch.setattr(carrier, "_STUCK", 0.4)
    hung = [Lamp(f"hung_{number}") for number in range(10)]
    house = await build(home, [*hung, Lamp("good")])
    for lamp in hung:
        lamp.lets_go.clear()
        assert await house.set({str(lamp.name): 1}) == (200, "still running")
    for lamp in hung:
        name = str(lamp.name)
        assert await _refused(house, {name: 0}, 429) == (429, f"{name}: an earlier command has not ended")
        assert lamp.asked == ["on"]
    assert await house.set({"good": 1}) == (200, "")
    told = await house.until_event("executed")
    assert told["properties"] == ["good"]
    for lamp in hung:
        lamp.lets_go.set()
    await house.hass.async_block_till_done()
    assert await house.set({"hung_0": 0}) == (200, "")
    assert hung[0].asked == ["on", "off"]


async def test_a_failure_after_the_reply_is_told_by_the_event(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alink_control, "_PATIENCE", 0.2)
    lamp = house.lamps["hall"]
    lamp.is_broken = True
    lamp.lets_go.clear()
    assert await house.set({"hall": 1}) == (200, "still running")
    lamp.lets_go.set()
    assert (await house.until_event("failed"))["code"] == 100005


async def test_an_unload_lets_the_action_that_runs_come_to_its_end(house: House) -> None:
    lamp = house.lamps["hall"]
    lamp.lets_go.clear()
    command = asyncio.create_task(house.set({"hall": 1}))
    await until(lambda: lamp.asked == ["on"])
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    lamp.lets_go.set()
    await house.home.until_state("light.hall", "on")
    command.cancel()


async def test_a_command_that_comes_twice_runs_once_and_is_answered_twice(house: House) -> None:
    replies = house.device.messages["thing/service/property/set_reply"]
    for _ in range(2):
        await house.push({"hall": 1}, id_="7")
    await house.home.emulator.wait_for(lambda: house.device.messages["thing/service/property/set_reply"] == replies + 2)
    assert house.lamps["hall"].asked == ["on"]


async def test_a_command_that_comes_again_after_a_reload_runs_once(house: House) -> None:
    messages = house.device.messages
    replies = messages["thing/service/property/set_reply"]
    await house.push({"hall": 1}, id_="7")
    await house.home.emulator.wait_for(lambda: messages["thing/service/property/set_reply"] == replies + 1)
    await async_read_model(house.home, house.entry)
    await house.push({"hall": 1}, id_="7")
    await house.home.emulator.wait_for(lambda: messages["thing/service/property/set_reply"] == replies + 2)
    assert house.lamps["hall"].asked == ["on"]
    assert await house.set({"hall": 0}) == (200, "")


async def test_a_command_that_still_runs_after_a_reload_is_joined(house: House) -> None:
    lamp = house.lamps["hall"]
    lamp.lets_go.clear()
    await house.push({"hall": 1}, id_="7")
    await until(lambda: lamp.asked == ["on"])
    await async_read_model(house.home, house.entry)
    messages = house.device.messages
    replies = messages["thing/service/property/set_reply"]
    await house.push({"hall": 1}, id_="7")
    lamp.lets_go.set()
    await house.home.emulator.wait_for(lambda: messages["thing/service/property/set_reply"] == replies + 1)
    assert (lamp.asked, house.state("hall")) == (["on"], "on")


async def test_two_hundred_lamps_are_turned_on_by_one_command(home: Home) -> None:
    lamps = [Lamp(f"lamp_{number}") for number in range(200)]
    house = await build(home, lamps)
    code, _ = await house.set({str(lamp.name): 1 for lamp in lamps})
    assert code == 200
    await house.until_event("executed")
    assert {house.state(str(lamp.name)) for lamp in lamps} == {"on"}
    assert [lamp.asked for lamp in lamps] == [["on"]] * 200


async def test_an_answer_names_the_first_twenty_failures(home: Home) -> None:
    lamps = [Lamp(f"lamp_{number}") for number in range(25)]
    house = await build(home, lamps)
    for lamp in lamps:
        lamp.is_broken = True
    code, message = await house.set({str(lamp.name): 1 for lamp in lamps})
    assert (code, message.count("light.turn_on failed")) == (100005, 20)
    assert message.endswith("; and 5 more")


async def test_a_rule_that_answers_each_value_is_ended_after_ten_and_named(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_CLOSED", 0.5)
    for number in range(10):
        assert await house.set({"hall": (number + 1) % 2}) == (200, "")
    assert await house.set({"hall": 1}) == (429, "hall: too many commands")
    assert len(house.lamps["hall"].asked) == 10
    issue = ir.async_get(house.hass).async_get_issue("aliyun_iot", f"command_loop_{house.entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"name": house.entry.title, "entity": "light.hall"}
    assert await house.set({"desk": 1}) == (200, "")
    assert await _refused(house, {"hall": 1}, 200) == (200, "")
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(minutes=11))
    assert ir.async_get(house.hass).async_get_issue("aliyun_iot", issue.issue_id) is None


# Confirmation


async def test_what_does_not_change_is_said_again_with_the_time_of_now(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "_UNCHANGED", 0.05)
    house = await build(home, [Lamp("hall", is_on=True)])
    await home.emulator.wait_for(lambda: home.stored("hall") != [])
    before = home.stored("hall")
    assert await house.set({"hall": 1}) == (200, "")
    await home.emulator.wait_for(lambda: home.stored("hall") == [*before, 1])


async def test_a_lamp_that_does_not_do_as_asked_is_reported_as_it_is(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "_UNCHANGED", 0.05)
    house = await build(home, [Lamp("hall")])
    house.lamps["hall"].is_mute = True
    await home.emulator.wait_for(lambda: home.stored("hall") != [])
    before = home.stored("hall")
    assert await house.set({"hall": 1}) == (200, "")
    await home.emulator.wait_for(lambda: home.stored("hall") == [*before, 0])


# Asking


async def asked(house: House, names: list[str]) -> Any:
    """Ask for properties as the cloud does; returns the reply."""
    params: Any = names
    function = "thing/service/property/get"
    return await call(house.home.emulator._cloud, house.device, function, params, timeout=10)


async def test_a_question_is_answered_with_values_of_published_properties(house: House) -> None:
    house.hass.states.async_set("light.attic", STATE_UNAVAILABLE)
    reply = await asked(house, ["hall", "attic"])
    assert (reply["code"], reply["data"]) == (200, {"hall": 0})
    reply = await asked(house, ["hall", "nothing"])
    assert (reply["code"], reply["message"]) == (460, "nothing: no such property is published")


async def test_another_entity_under_the_old_entity_id_is_not_touched(house: House) -> None:
    registry = er.async_get(house.hass)
    registry.async_remove("light.hall")
    await house.hass.async_block_till_done()
    other = registry.async_get_or_create("light", "other", "1", suggested_object_id="hall")
    assert other.entity_id == "light.hall"
    house.hass.states.async_set("light.hall", "off", {"supported_color_modes": ["onoff"]})
    await house.hass.async_block_till_done()
    code, _ = await house.set({"hall": 1})
    assert code in (403, 460)


def replace_lamp(house: House, entity_id: str, state: str) -> None:
    """Have another lamp, which is not granted, under the entity id of a lamp that is removed."""
    registry = er.async_get(house.hass)
    registry.async_remove(entity_id)
    house.hass.states.async_remove(entity_id)
    other = registry.async_get_or_create("light", "other", "1", suggested_object_id=entity_id.partition(".")[2])
    assert other.entity_id == entity_id
    house.hass.states.async_set(entity_id, state, {"supported_color_modes": ["onoff"]})


async def test_a_question_gets_no_value_of_another_entity_under_the_old_entity_id(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_QUIET", 60.0)
    replace_lamp(house, "light.hall", "on")
    reply = await asked(house, ["hall", "desk"])
    assert (reply["code"], reply["data"]) == (200, {"desk": 0})


async def test_a_confirmation_has_no_value_of_another_entity_under_the_old_entity_id(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_QUIET", 60.0)
    slow = {"rate": 0.1, "burst": 1}  # nothing but a confirmation is posted within this test
    house = await build(home, [Lamp("hall", is_on=True), Lamp("desk")], delivery=slow)
    assert (await house.set({"hall": 0}))[0] == 200
    await home.emulator.wait_for(lambda: home.stored("hall")[-1:] == [0])
    before = home.stored("hall")
    replace_lamp(house, "light.hall", "on")
    await home.hass.async_block_till_done()
    assert (await asked(house, ["desk"]))["code"] == 200  # over the same link, behind a confirmation
    assert home.stored("hall") == before


async def test_a_grant_that_is_taken_away_ends_at_once(house: House) -> None:
    house.hass.config_entries.async_update_entry(
        house.entry, options={**house.entry.options, **granting(house.hass, ["light.desk"])}
    )
    assert await house.set({"hall": 1}) == (403, "hall: not granted")
    assert await house.set({"desk": 1}) == (200, "")


async def test_an_entity_that_fails_inside_of_home_assistant_is_a_code_and_no_traceback(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.hass.services.async_remove("light", "turn_on")
    assert await house.set({"hall": 1}) == (100005, "hall: light.turn_on failed")
    await house.hass.async_block_till_done()
    assert "Traceback" not in caplog.text


async def test_an_entity_that_goes_away_meanwhile_has_not_done_it(house: House) -> None:
    lamp = house.lamps["hall"]
    lamp.lets_go.clear()
    command = asyncio.create_task(house.set({"hall": 1}))
    await until(lambda: lamp.asked == ["on"])
    lamp.is_mute = True
    house.hass.states.async_set("light.hall", STATE_UNAVAILABLE)
    lamp.lets_go.set()
    assert await command == (100005, "hall: unavailable")


async def test_an_entity_has_one_lane_for_all_entries(house: House) -> None:
    home, lamp = house.home, house.lamps["hall"]
    home.emulator.add_device(PRODUCT_KEY, "second", "0123456789abcdef0123456789abcdef")
    first = house.entry
    data = {**first.data, "device_name": "second", "device_secret": "0123456789abcdef0123456789abcdef"}
    second = MockConfigEntry(
        domain="aliyun_iot", title="second", unique_id=f"{PRODUCT_KEY}_second", data=data, options={**first.options}
    )
    second.add_to_hass(home.hass)
    await turn_on_again(home, second)
    lamp.lets_go.clear()
    running = asyncio.create_task(house.set({"hall": 1}))
    await until(lambda: lamp.asked == ["on"])
    waiting = asyncio.create_task(home.emulator.set_properties(PRODUCT_KEY, "second", {"hall": 0}))
    await asyncio.sleep(0.2)  # it is on its way over another link
    assert await house.set({"hall": 1}) == (429, "hall: too many commands")
    lamp.lets_go.set()
    assert await running == (200, "")
    assert (await waiting)["code"] == 200
    assert (lamp.asked, house.state("hall")) == (["on", "off"], "off")


async def turn_on_again(home: Home, entry: MockConfigEntry) -> None:
    """Set an entry up that had grants before this home knew it, which leaves it off, and turn it on."""
    await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done()
    switch = {"entity_id": "switch.second_control_from_the_cloud"}
    context = await administrator(home.hass)
    await home.hass.services.async_call("switch", "turn_on", switch, blocking=True, context=context)
    await async_read_model(home, entry)


async def test_a_new_state_is_posted_although_the_budget_has_nothing_left(home: Home) -> None:
    house = await build(home, [Lamp("hall")], delivery={"rate": 0.1, "burst": 1})
    home.hass.states.async_set("light.hall", "off")
    assert (await house.set({"hall": 1}))[0] == 200
    await home.emulator.wait_for(lambda: home.stored("hall")[-1:] == [1], timeout=6.0)


async def test_the_changes_after_a_command_go_first_as_well(home: Home) -> None:
    house = await build(home, [Lamp("hall")], delivery={"rate": 0.1, "burst": 1})
    assert (await house.set({"hall": 1}))[0] == 200
    await home.emulator.wait_for(lambda: home.stored("hall")[-1:] == [1], timeout=6.0)
    house.lamps["hall"].async_write_ha_state()
    await home.hass.services.async_call("light", "turn_off", {"entity_id": "light.hall"}, blocking=True)
    await home.emulator.wait_for(lambda: home.stored("hall")[-1:] == [0], timeout=6.0)
