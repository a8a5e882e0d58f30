"""Identity in the past: the values of an entity that was renamed, from wherever the recorder has them."""

from collections.abc import Sequence
import math
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.delivery.identity import Identities, Part
from custom_components.aliyun_iot.recorder.renames import Change, Changes
from tests.emulator import Device
from tests.emulator.device import Kind

from .. import VALUES_CONFIRMED, VALUES_LOST, Home

NAMES = ("ours", "other", "third")


@pytest.fixture
async def house(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with three helpers, each of which has had a value of its own: 1, 2 and 3."""
    helpers = {name: {"min": 0, "max": 1000, "mode": "box"} for name in NAMES}
    assert await async_setup_component(home.hass, "input_number", {"input_number": helpers})
    for value, name in enumerate(NAMES, 1):
        await put(home.hass, name, value)
    return home


@pytest.fixture
def is_excluded() -> bool:
    """Return True if the recorder leaves out the events that tell of renames."""
    return False


@pytest.fixture
def recorder_config(is_excluded: bool) -> dict[str, Any]:
    return {"exclude": {"event_types": ["entity_registry_updated"]}} if is_excluded else {}


async def put(hass: HomeAssistant, name: str, *values: float) -> None:
    for value in values:
        typed = {"entity_id": f"input_number.{name}", "value": value}
        await hass.services.async_call("input_number", "set_value", typed, blocking=True)


async def rename(hass: HomeAssistant, *steps: tuple[str, str]) -> None:
    registry = er.async_get(hass)
    for before, after in steps:
        registry.async_update_entity(f"input_number.{before}", new_entity_id=f"input_number.{after}")
        await hass.async_block_till_done()


async def remove(hass: HomeAssistant, name: str) -> None:
    er.async_get(hass).async_remove(f"input_number.{name}")
    await hass.async_block_till_done()


async def replaced(hass: HomeAssistant) -> str:
    """Remove an entity, and give another its entity id: the old rows of both stay apart."""
    await put(hass, "other", 20)
    await put(hass, "ours", 10)
    await remove(hass, "other")
    await rename(hass, ("ours", "other"))
    await put(hass, "other", 11)
    return "other"


async def replaced_and_renamed(hass: HomeAssistant) -> str:
    """Give an entity the entity id of a removed one, and then an entity id that nobody has had."""
    await replaced(hass)
    await rename(hass, ("other", "fourth"))
    await put(hass, "fourth", 12)
    return "fourth"


async def replaced_and_back(hass: HomeAssistant) -> str:
    """Give an entity the entity id of a removed one, and then its own again."""
    await replaced(hass)
    await rename(hass, ("other", "ours"))
    await put(hass, "ours", 12)
    return "ours"


async def replaced_twice(hass: HomeAssistant) -> str:
    """Give two entities the entity id of a removed one, one after the other."""
    await put(hass, "third", 30)
    await remove(hass, "other")
    await rename(hass, ("third", "other"))
    await put(hass, "other", 31)
    await remove(hass, "other")
    await put(hass, "ours", 10)
    await rename(hass, ("ours", "other"))
    await put(hass, "other", 11)
    return "other"


async def moved_up(hass: HomeAssistant) -> str:
    """Rename an entity away, and give another its entity id."""
    await put(hass, "other", 20)
    await put(hass, "ours", 10)
    await rename(hass, ("other", "fourth"), ("ours", "other"))
    await put(hass, "fourth", 21)
    await put(hass, "other", 11)
    return "other"


async def there_and_back(hass: HomeAssistant) -> str:
    """Rename an entity, and back again: what came between stays under the other entity id."""
    await put(hass, "ours", 10)
    await rename(hass, ("ours", "fourth"))
    await put(hass, "fourth", 11)
    await rename(hass, ("fourth", "ours"))
    await put(hass, "ours", 12)
    return "ours"


async def swapped(hass: HomeAssistant) -> str:
    """Let two entities swap their entity ids."""
    await put(hass, "ours", 10)
    await put(hass, "other", 20)
    await rename(hass, ("ours", "fourth"), ("other", "ours"), ("fourth", "other"))
    await put(hass, "ours", 21)
    await put(hass, "other", 11)
    return "other"


async def taken_by_another(hass: HomeAssistant) -> str:
    """Rename an entity, and let another take the entity id that it had."""
    await put(hass, "ours", 10)
    await rename(hass, ("ours", "fourth"), ("other", "ours"))
    await put(hass, "fourth", 11)
    await put(hass, "ours", 21)
    return "fourth"


async def all_moved(hass: HomeAssistant) -> str:
    """Rename an entity twice, onto entity ids that nobody has had."""
    await put(hass, "ours", 10)
    await rename(hass, ("ours", "fourth"), ("fourth", "fifth"))
    await put(hass, "fifth", 11)
    return "fifth"


CASES = (
    pytest.param(replaced, [1.0, 10.0, 11.0], id="replaced"),
    pytest.param(replaced_and_renamed, [1.0, 10.0, 11.0, 12.0], id="replaced and renamed"),
    pytest.param(replaced_and_back, [1.0, 10.0, 11.0, 12.0], id="replaced and back"),
    pytest.param(replaced_twice, [1.0, 10.0, 11.0], id="replaced twice"),
    pytest.param(moved_up, [1.0, 10.0, 11.0], id="moved up"),
    pytest.param(there_and_back, [1.0, 10.0, 11.0, 12.0], id="there and back"),
    pytest.param(swapped, [1.0, 10.0, 11.0], id="swapped"),
    pytest.param(taken_by_another, [1.0, 10.0, 11.0], id="taken by another"),
    pytest.param(all_moved, [1.0, 10.0, 11.0], id="all moved"),
)


def distinct(values: Sequence[float]) -> list[float]:
    """Return the values without the one that the helper begins with, and without repetitions."""
    return [value for before, value in zip([None, *values], values, strict=False) if value not in (0.0, before)]


@pytest.mark.parametrize(("happen", "expected"), CASES)
async def test_a_new_entry_gets_the_past_of_its_entity_and_of_no_other(
    house: Home, happen: Any, expected: list[float]
) -> None:
    name = await happen(house.hass)
    await async_wait_recording_done(house.hass)
    await house.add_entry([f"input_number.{name}"], history_days=1, delivery={"rate": 10})
    await house.emulator.wait_for(lambda: distinct(house.stored(name)) == expected)
    assert distinct(house.stored(name)) == expected


@pytest.mark.parametrize(("happen", "expected"), CASES)
async def test_history_that_is_asked_for_is_that_of_the_entity(
    house: Home, device: Device, happen: Any, expected: list[float]
) -> None:
    entry = await house.add_entry(["input_number.ours"], delivery={"rate": 10})
    await house.until_state(VALUES_CONFIRMED, "1")
    await happen(house.hass)
    call = {"config_entry_id": entry.entry_id, "days": 0.1}
    await house.hass.services.async_call("aliyun_iot", "send_history", call, blocking=True)

    def past() -> list[float]:
        return distinct([sample.value for sample in device.history_of("ours") if sample.kind is Kind.HISTORY])

    await house.emulator.wait_for(lambda: past() == expected)


async def test_the_past_of_a_removed_entity_ends_where_another_takes_its_entity_id(
    house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.5)
    house.emulator.faults.set(refuse_tcp=True)
    await house.add_entry([f"input_number.{name}" for name in NAMES], history_days=1, delivery={"rate": 10})
    await replaced(house.hass)
    house.emulator.faults.clear()
    await house.emulator.wait_for(lambda: distinct(house.stored("ours")) == [1.0, 10.0, 11.0])
    await house.emulator.wait_for(lambda: distinct(house.stored("other")) == [2.0, 20.0])


@pytest.mark.parametrize("is_excluded", [True])
async def test_where_the_recorder_knows_of_no_rename_values_from_before_a_change_are_lost_and_counted(
    house: Home,
) -> None:
    await replaced(house.hass)
    await async_wait_recording_done(house.hass)
    await house.add_entry(["input_number.other"], history_days=1, delivery={"rate": 10})
    await house.until(VALUES_LOST, lambda state: state.attributes.get("renamed") == 3)  # 0, 2 and 20
    assert house.stored("other")[-1:] == [11.0]
    assert {2.0, 20.0}.isdisjoint(house.stored("other"))


async def test_where_all_older_rows_are_gone_those_of_the_entity_before_are_not_taken_for_them(house: Home) -> None:
    await replaced(house.hass)
    await async_wait_recording_done(house.hass)
    typed = {"entity_id": ["input_number.ours"], "keep_days": 0}
    await house.hass.services.async_call("recorder", "purge_entities", typed, blocking=True)
    await async_wait_recording_done(house.hass)
    await house.add_entry(["input_number.other"], history_days=1, delivery={"rate": 10})
    await house.until(VALUES_LOST, lambda state: state.attributes.get("renamed") == 3)  # 0, 2 and 20
    await house.emulator.wait_for(lambda: house.stored("other") == [10.0, 11.0])


def test_many_renames_in_a_chain_are_gone_through_at_once() -> None:
    changes = [Change(at=float(number), before=f"a.{number}", after=f"a.{number + 1}") for number in range(2_000)]
    known = Changes(changes=changes, since=-math.inf, first={"a.2000": -1.0})
    assert Identities(known).parts("a.2000", is_displaced=False, unchanged_since=0.0) == [Part(entity_id="a.2000")]


def test_before_the_oldest_change_that_is_known_nothing_is_sure_of_what_has_changed_since() -> None:
    identities = Identities(Changes(changes=[], since=100.0, first={}))
    assert identities.parts("a.old", is_displaced=False, unchanged_since=50.0) == [
        Part(entity_id="a.old", until=50.0, is_sure=False),
        Part(entity_id="a.old", since=50.0),
    ]
    assert identities.parts("a.new", is_displaced=False, unchanged_since=200.0) == [
        Part(entity_id="a.new", until=100.0, is_sure=False),
        Part(entity_id="a.new", since=100.0),
    ]
    assert identities.parts("a.none", is_displaced=False, unchanged_since=-math.inf) == (Part(entity_id="a.none"),)
