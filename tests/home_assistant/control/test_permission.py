"""Permission: the switches that end all control from the cloud."""

import asyncio
import json
from pathlib import Path
import threading
from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.async_ import create_eager_task
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.control import permission, runs
from custom_components.aliyun_iot.durable import write_json

from .. import Home
from .lamps import SWITCH, SWITCH_ALL, House, Lamp, administrator, build, until

OFF = (403, "control from the cloud is switched off")


@pytest.fixture
async def house(home: Home) -> House:
    return await build(home, [Lamp("hall")])


def file_of(hass: HomeAssistant) -> Path:
    return Path(hass.config.path(".storage", "aliyun_iot.control"))


def kept(hass: HomeAssistant) -> Any:
    return json.loads(file_of(hass).read_text())["switches"]


async def turn(hass: HomeAssistant, entity_id: str, way: str, context: Context | None = None) -> None:
    await hass.services.async_call("switch", f"turn_{way}", {"entity_id": entity_id}, blocking=True, context=context)


def state(hass: HomeAssistant, entity_id: str) -> str | None:
    found = hass.states.get(entity_id)
    return None if found is None else found.state


async def start_anew(house: House) -> None:
    """Let the file be read as at a start of Home Assistant."""
    await (await permission.async_permission(house.hass)).async_load()
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()


async def test_a_new_home_is_on_because_nothing_is_granted(home: Home) -> None:
    entry = await home.add_entry()
    assert (state(home.hass, SWITCH), state(home.hass, SWITCH_ALL)) == ("on", "on")
    assert kept(home.hass) == {"all": True, entry.entry_id: True}


@pytest.mark.parametrize("switch", [SWITCH, SWITCH_ALL])
async def test_off_is_on_the_disk_when_the_action_ends_and_holds_after_a_kill(house: House, switch: str) -> None:
    await turn(house.hass, switch, "off")
    assert list(kept(house.hass).values()).count(False) == 1
    assert await house.set({"hall": 1}) == OFF
    await start_anew(house)
    assert await house.set({"hall": 1}) == OFF
    assert house.lamps["hall"].asked == []
    context = await administrator(house.hass)
    await turn(house.hass, SWITCH, "on", context)
    await turn(house.hass, SWITCH_ALL, "on", context)
    assert await house.set({"hall": 1}) == (200, "")


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"switches": [1]}', '{"switches": {"all": "yes"}}', "\x00" * 100],
    ids=["empty", "list", "switches", "words", "zeros"],
)
async def test_a_damaged_file_is_off(house: House, content: str) -> None:
    file_of(house.hass).write_text(content)
    await start_anew(house)
    assert (state(house.hass, SWITCH), await house.set({"hall": 1})) == ("off", OFF)
    await start_anew(house)
    assert (state(house.hass, SWITCH), await house.set({"hall": 1})) == ("off", OFF)


async def test_a_file_that_is_lost_although_something_is_granted_is_off(house: House) -> None:
    file_of(house.hass).unlink()
    await start_anew(house)
    assert await house.set({"hall": 1}) == OFF


async def test_a_file_that_cannot_be_read_is_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(permission, "read_object", fail)
    await start_anew(house)
    assert await house.set({"hall": 1}) == OFF


async def test_a_disk_that_takes_no_writes_leaves_it_off_and_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path, _document: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(permission, "write_json", fail)
    with pytest.raises(HomeAssistantError, match="No space left on device"):
        await turn(house.hass, SWITCH, "off")
    assert (state(house.hass, SWITCH), await house.set({"hall": 1})) == ("off", OFF)
    with pytest.raises(HomeAssistantError, match="No space left on device"):
        await turn(house.hass, SWITCH, "on", await administrator(house.hass))
    assert (state(house.hass, SWITCH), await house.set({"hall": 1})) == ("off", OFF)


async def test_a_call_without_a_user_and_a_guest_do_not_turn_it_on_and_an_administrator_does(house: House) -> None:
    hass = house.hass
    admin = await administrator(hass)
    guest = await hass.auth.async_create_user("Guest", group_ids=[GROUP_ID_USER])
    await turn(hass, SWITCH, "off", Context(user_id=guest.id))
    for context in (None, Context(user_id=guest.id), Context(parent_id=Context().id)):
        with pytest.raises(HomeAssistantError, match="Only an administrator"):
            await turn(hass, SWITCH, "on", context)
        assert await house.set({"hall": 1}) == OFF
    with pytest.raises(HomeAssistantError):
        await turn(hass, SWITCH, "on", Context(user_id="nobody"))
    assert await house.set({"hall": 1}) == OFF
    await turn(hass, SWITCH, "on", admin)
    assert state(hass, SWITCH) == "on"
    await turn(hass, SWITCH, "off", Context(parent_id=Context().id))
    assert state(hass, SWITCH) == "off"


async def test_an_administrator_who_is_locked_out_does_not_turn_it_on(house: House) -> None:
    hass = house.hass
    await hass.auth.async_create_user("Owner", group_ids=[GROUP_ID_ADMIN])
    former = await hass.auth.async_create_user("Former", group_ids=[GROUP_ID_ADMIN])
    await hass.auth.async_update_user(former, is_active=False)
    await turn(hass, SWITCH, "off")
    with pytest.raises(HomeAssistantError, match="Only an administrator"):
        await turn(hass, SWITCH, "on", Context(user_id=former.id))


TURN_ON: dict[str, Any] = {"action": "switch.turn_on", "target": {"entity_id": SWITCH}}


async def automate(hass: HomeAssistant, trigger: dict[str, Any]) -> None:
    automation = {"alias": "Evening", "triggers": [trigger], "actions": [TURN_ON]}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await turn(hass, SWITCH, "off")


async def test_an_automation_by_time_turns_it_on(house: House) -> None:
    await automate(house.hass, {"trigger": "time_pattern", "seconds": "/1"})
    await house.home.until_state(SWITCH, "on")
    await house.hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
    assert await house.set({"hall": 1}) == (200, "")


async def test_an_automation_that_follows_a_change_does_not_turn_it_on(house: House) -> None:
    await automate(house.hass, {"trigger": "state", "entity_id": "light.hall"})
    await house.hass.services.async_call("light", "turn_on", {"entity_id": "light.hall"}, blocking=True)
    await house.hass.async_block_till_done()
    evening = house.hass.states.get("automation.evening")
    assert evening is not None
    assert evening.attributes["last_triggered"] is not None
    assert state(house.hass, SWITCH) == "off"


async def test_a_run_of_an_automation_turns_it_on_for_ten_minutes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_LASTING", 0.0)
    await turn(house.hass, SWITCH, "off")
    run = Context()
    house.hass.bus.async_fire("automation_triggered", {}, context=run)
    with pytest.raises(HomeAssistantError, match="Only an administrator"):
        await turn(house.hass, SWITCH, "on", run)


async def test_the_last_hundred_runs_of_automations_turn_it_on(house: House) -> None:
    contexts = [Context() for _ in range(101)]
    for context in contexts:
        house.hass.bus.async_fire("automation_triggered", {}, context=context)
    await turn(house.hass, SWITCH, "off")
    with pytest.raises(HomeAssistantError, match="Only an administrator"):
        await turn(house.hass, SWITCH, "on", contexts[0])
    await turn(house.hass, SWITCH, "on", contexts[1])
    assert state(house.hass, SWITCH) == "on"


class SlowDisk:
    """Makes writes wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting = 0
        self.lets_go = threading.Event()
        monkeypatch.setattr(permission, "write_json", self._wait)

    def _wait(self, path: Path, document: Any) -> None:
        self.waiting += 1
        self.lets_go.wait(10)
        write_json(path, document)


async def test_off_that_is_given_up_while_the_disk_is_busy_is_kept_nevertheless(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    busy = asyncio.create_task(turn(house.hass, SWITCH_ALL, "off"))
    await until(lambda: disk.waiting == 1)
    given_up = asyncio.create_task(turn(house.hass, SWITCH, "off"))
    await until(lambda: state(house.hass, SWITCH) == "off")
    given_up.cancel()
    await asyncio.wait((given_up,))
    disk.lets_go.set()
    await busy
    await house.hass.async_block_till_done()
    assert kept(house.hass) == {"all": False, house.entry.entry_id: False}


async def test_on_that_an_off_overtakes_fails_and_it_stays_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    context = await administrator(house.hass)
    await turn(house.hass, SWITCH, "off")
    disk = SlowDisk(monkeypatch)
    on = create_eager_task(turn(house.hass, SWITCH, "on", context))
    await until(lambda: disk.waiting == 1)
    off = create_eager_task(turn(house.hass, SWITCH, "off"))
    disk.lets_go.set()
    with pytest.raises(HomeAssistantError, match="somebody has just turned it off"):
        await on
    await off
    assert state(house.hass, SWITCH) == "off"
    assert kept(house.hass) == {"all": True, house.entry.entry_id: False}


async def test_on_that_an_off_overtakes_before_the_disk_is_free_fails_and_it_stays_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = await administrator(house.hass)
    await turn(house.hass, SWITCH, "off")
    disk = SlowDisk(monkeypatch)
    busy = create_eager_task(turn(house.hass, SWITCH_ALL, "off"))
    await until(lambda: disk.waiting == 1)
    on = create_eager_task(turn(house.hass, SWITCH, "on", context))
    off = create_eager_task(turn(house.hass, SWITCH, "off"))
    disk.lets_go.set()
    with pytest.raises(HomeAssistantError, match="somebody has just turned it off"):
        await on
    await asyncio.gather(busy, off)
    assert (state(house.hass, SWITCH), state(house.hass, SWITCH_ALL)) == ("off", "off")
    assert kept(house.hass) == {"all": False, house.entry.entry_id: False}


async def test_off_of_one_switch_does_not_undo_the_on_of_another(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    context = await administrator(house.hass)
    await turn(house.hass, SWITCH, "off")
    disk = SlowDisk(monkeypatch)
    on = create_eager_task(turn(house.hass, SWITCH, "on", context))
    await until(lambda: disk.waiting == 1)
    off = create_eager_task(turn(house.hass, SWITCH_ALL, "off"))
    await until(lambda: state(house.hass, SWITCH_ALL) == "off")
    disk.lets_go.set()
    await asyncio.gather(on, off)
    assert (state(house.hass, SWITCH), state(house.hass, SWITCH_ALL)) == ("on", "off")
    assert kept(house.hass) == {"all": False, house.entry.entry_id: True}


async def test_the_entity_is_only_a_face(house: House) -> None:
    await turn(house.hass, SWITCH, "off")
    er.async_get(house.hass).async_update_entity(SWITCH, disabled_by=er.RegistryEntryDisabler.USER)
    await house.hass.async_block_till_done()
    assert state(house.hass, SWITCH) is None
    assert await house.set({"hall": 1}) == OFF


async def test_the_switch_for_all_goes_with_the_last_entry_and_comes_with_the_next(home: Home) -> None:
    first = await home.add_entry()
    second = MockConfigEntry(domain="aliyun_iot", title="second", unique_id="x_y", data={})
    second.add_to_hass(home.hass)
    await home.hass.config_entries.async_remove(first.entry_id)
    assert state(home.hass, SWITCH_ALL) == "on"
    await home.hass.config_entries.async_remove(second.entry_id)
    await home.hass.async_block_till_done()
    assert (state(home.hass, SWITCH_ALL), file_of(home.hass).exists()) == (None, False)
    await home.add_entry()
    assert state(home.hass, SWITCH_ALL) == "on"


async def test_an_entry_that_is_removed_leaves_no_word_behind(house: House) -> None:
    await turn(house.hass, SWITCH, "off")
    other = MockConfigEntry(domain="aliyun_iot", title="other", unique_id="x_y", data={})
    other.add_to_hass(house.hass)
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert kept(house.hass) == {"all": True}
