"""The end of an entity is a state of it: the property that tells if it is available, also over a restart."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from tests.emulator import Device

from .. import Home
from .strikes import Storm, storm

FAST = {"rate": 10}
EVERYTHING = {"include": {"domains": ["geo_location", "group", "input_number", "sensor"]}, "availability": True}


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


class House:
    """A strike, an old group, and a template helper with an entry of its own."""

    def __init__(self, home: Home, lightning: Storm, helper: MockConfigEntry) -> None:
        self.home = home
        self.lightning = lightning
        self.helper = helper

    @property
    def registry(self) -> er.EntityRegistry:
        """The registry of entities."""
        return er.async_get(self.home.hass)

    async def call(self, domain: str, action: str, **data: Any) -> None:
        await self.home.hass.services.async_call(domain, action, data, blocking=True)
        await self.home.hass.async_block_till_done()

    async def fade(self) -> None:
        await self.lightning.fade("strike")

    async def strike(self) -> None:
        await self.lightning.strike("strike")

    async def remove_group(self) -> None:
        await self.call("group", "remove", object_id="strike")

    async def set_group(self) -> None:
        await self.call("group", "set", object_id="strike", entities=["input_number.power"])

    async def remove_helper(self) -> None:
        await self.home.hass.config_entries.async_remove(self.helper.entry_id)
        await self.home.hass.async_block_till_done()

    async def remove_entity(self) -> None:
        self.registry.async_remove("sensor.strike")
        await self.home.hass.async_block_till_done()

    async def disable(self) -> None:
        self.registry.async_update_entity("sensor.strike", disabled_by=er.RegistryEntryDisabler.USER)
        await self.home.hass.async_block_till_done()

    async def enable(self) -> None:
        self.registry.async_update_entity("sensor.strike", disabled_by=None)
        assert await self.home.hass.config_entries.async_reload(self.helper.entry_id)
        await self.home.hass.async_block_till_done()

    async def unload(self) -> None:
        assert await self.home.hass.config_entries.async_unload(self.helper.entry_id)
        await self.home.hass.async_block_till_done()

    async def load(self) -> None:
        assert await self.home.hass.config_entries.async_setup(self.helper.entry_id)
        await self.home.hass.async_block_till_done()


type Act = Callable[[House], Awaitable[None]]


async def a_strike(house: House) -> None:
    await house.strike()


async def a_group(house: House) -> None:
    await house.set_group()


async def a_helper(house: House) -> None:
    house.helper.add_to_hass(house.home.hass)
    await house.load()


# Each kind of end: how the entity comes, how it ends, and how it comes back, if it can.
ENDS: Final[dict[str, tuple[Act, Act, Act | None]]] = {
    "state of a strike removed": (a_strike, House.fade, House.strike),
    "old group removed": (a_group, House.remove_group, House.set_group),
    "registry entry removed": (a_helper, House.remove_entity, None),
    "disabled": (a_helper, House.disable, House.enable),
    "integration removed": (a_helper, House.remove_helper, None),
    "integration unloaded": (a_helper, House.unload, House.load),
}


@pytest.fixture
async def house(home: Home) -> House:
    assert await async_setup_component(home.hass, "input_number", {"input_number": {"power": {"min": 0, "max": 9}}})
    assert await async_setup_component(home.hass, "group", {"group": {}})
    lightning = await storm(home.hass)
    helper = MockConfigEntry(
        domain="template",
        title="Strike",
        options={"name": "Strike", "template_type": "sensor", "state": "{{ states('input_number.power') }}"},
    )
    return House(home, lightning, helper)


async def until(home: Home, *values: int) -> None:
    await home.emulator.wait_for(lambda: home.stored("strike_available") == list(values), timeout=10)


@pytest.mark.parametrize("end", ENDS)
async def test_an_entity_that_has_ended_is_not_available_until_it_is_back(
    house: House, device: Device, end: str
) -> None:
    come, leave, come_back = ENDS[end]
    await come(house)
    await house.home.add_entry(selection=EVERYTHING, delivery=FAST)
    await until(house.home, 1)
    await leave(house)
    await until(house.home, 1, 0)
    if come_back is not None:
        await come_back(house)
        await until(house.home, 1, 0, 1)


@pytest.mark.parametrize("end", ENDS)
async def test_an_entity_that_has_ended_while_nobody_listened_is_not_available_until_it_is_back(
    house: House, device: Device, end: str
) -> None:
    come, leave, come_back = ENDS[end]
    await come(house)
    entry = await house.home.add_entry(selection=EVERYTHING, delivery=FAST)
    await until(house.home, 1)
    await house.home.hass.config_entries.async_unload(entry.entry_id)
    await leave(house)
    assert await house.home.hass.config_entries.async_setup(entry.entry_id)
    await until(house.home, 1, 0)
    if come_back is not None:
        await come_back(house)
        await until(house.home, 1, 0, 1)


async def test_an_entity_that_was_away_while_nobody_listened_is_told_by_the_recorder(
    kept: Home, device: Device
) -> None:
    lightning = await storm(kept.hass)
    await lightning.strike("strike")
    entry = await kept.add_entry(selection=EVERYTHING, delivery=FAST)
    await until(kept, 1)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    await lightning.fade("strike")
    await lightning.strike("strike", distance=2.0)
    await async_wait_recording_done(kept.hass)
    assert await kept.hass.config_entries.async_setup(entry.entry_id)
    await until(kept, 1, 0, 1)
    assert kept.stored("strike") == [1.0, 2.0]


async def test_a_renamed_entity_stays_available(house: House, device: Device) -> None:
    await a_helper(house)
    await house.home.add_entry(selection=EVERYTHING, delivery=FAST)
    await until(house.home, 1)
    house.registry.async_update_entity("sensor.strike", new_entity_id="sensor.lightning")
    await house.home.hass.async_block_till_done()
    await house.call("input_number", "set_value", entity_id="input_number.power", value=5)
    await house.home.emulator.wait_for(lambda: house.home.stored("strike")[-1:] == ["5.0"])
    assert house.home.stored("strike_available") == [1]


async def test_nothing_is_told_of_an_entity_that_a_person_has_excluded(house: House, device: Device) -> None:
    await house.strike()
    await a_helper(house)
    entry = await house.home.add_entry(selection=EVERYTHING, delivery=FAST)
    await until(house.home, 1)
    excluded = {"entities": {"geo_location.strike": "geo_location.strike"}}
    house.home.hass.config_entries.async_update_entry(
        entry, options={**entry.options, "selection": {**EVERYTHING, "exclude": excluded}}
    )
    assert await house.home.hass.config_entries.async_reload(entry.entry_id)
    await house.fade()
    await house.call("input_number", "set_value", entity_id="input_number.power", value=5)
    await house.home.emulator.wait_for(lambda: house.home.stored("power") == [0.0, 5.0])
    assert house.home.stored("strike_available") == [1]


# Device classes that come later


KM: Final = {"unit_of_measurement": "km"}
WATT: Final = {"unit_of_measurement": "W", "device_class": "power", "state_class": "measurement"}


async def test_a_device_class_that_comes_later_chooses_an_entity_without_a_registry_entry(
    home: Home, device: Device
) -> None:
    home.hass.states.async_set("sensor.a", "1", {"unit_of_measurement": "W"})
    home.hass.states.async_set("sensor.b", "2", WATT)
    await home.add_entry(selection={"include": {"device_classes": ["power"]}}, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("b") == [2.0])
    home.hass.states.async_set("sensor.a", "1", WATT)
    await home.emulator.wait_for(lambda: home.stored("a") == [1.0])


async def test_a_device_class_that_comes_later_chooses_a_group_whose_members_have_one_by_now(
    home: Home, device: Device
) -> None:
    group = MockConfigEntry(
        domain="group",
        title="Sum",
        options={"group_type": "sensor", "name": "Sum", "entities": ["sensor.a", "sensor.b"], "type": "sum"}
        | {"hide_members": False, "ignore_non_numeric": False},
    )
    group.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(group.entry_id)
    await home.add_entry(selection={"include": {"device_classes": ["power"]}}, delivery=FAST)
    home.hass.states.async_set("sensor.a", "1", WATT)
    home.hass.states.async_set("sensor.b", "2", WATT)
    await home.emulator.wait_for(lambda: home.stored("sum")[-1:] == [3.0])


async def test_a_device_class_that_comes_later_excludes_an_entity(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.a", "1", {"unit_of_measurement": "W"})
    home.hass.states.async_set("sensor.b", "1", KM)
    selection = {"include": {"domains": ["sensor"]}, "exclude": {"device_classes": ["power"]}}
    await home.add_entry(selection=selection, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("a") == [1.0])
    home.hass.states.async_set("sensor.a", "1", WATT)
    home.hass.states.async_set("sensor.c", "1", KM)
    # One look takes in the new entity and the exclusion.
    await home.emulator.wait_for(lambda: home.stored("c") == [1.0])
    home.hass.states.async_set("sensor.a", "5", WATT)
    home.hass.states.async_set("sensor.b", "2", KM)
    await home.emulator.wait_for(lambda: home.stored("b") == [1.0, 2.0])
    assert home.stored("a") == [1.0]


async def test_an_entity_that_has_another_device_class_by_now_is_published_no_more(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.a", "1", WATT)
    home.hass.states.async_set("sensor.b", "1", WATT)
    await home.add_entry(selection={"include": {"device_classes": ["power"]}}, delivery=FAST)
    await home.emulator.wait_for(lambda: home.stored("a") == home.stored("b") == [1.0])
    home.hass.states.async_set("sensor.a", "1", KM)
    home.hass.states.async_set("sensor.c", "1", WATT)
    await home.emulator.wait_for(lambda: home.stored("c") == [1.0])
    home.hass.states.async_set("sensor.a", "5", KM)
    home.hass.states.async_set("sensor.b", "2", WATT)
    await home.emulator.wait_for(lambda: home.stored("b") == [1.0, 2.0])
    assert home.stored("a") == [1.0]


async def test_nothing_is_sent_of_the_end_of_an_entity_that_was_deselected(kept: Home) -> None:
    registry = er.async_get(kept.hass)
    chosen = {}
    for name in ("a", "b"):
        entity = registry.async_get_or_create("sensor", "test", name, suggested_object_id=name)
        chosen[entity.id] = entity.entity_id
        kept.hass.states.async_set(entity.entity_id, "1")
    entry = await kept.add_entry(selection={"include": {"entities": chosen}, "availability": True}, delivery=FAST)
    await kept.emulator.wait_for(lambda: kept.stored("a_available") == kept.stored("b_available") == [1])
    left = {reference: name for reference, name in chosen.items() if name == "sensor.b"}
    options = {**entry.options, "selection": {"include": {"entities": left}, "availability": True}}
    kept.hass.config_entries.async_update_entry(entry, options=options)
    await kept.hass.config_entries.async_reload(entry.entry_id)
    await kept.hass.async_block_till_done()
    for name in ("sensor.a", "sensor.b"):
        registry.async_remove(name)
        kept.hass.states.async_remove(name)
    await kept.emulator.wait_for(lambda: kept.stored("b_available")[-1:] == [0])
    await kept.hass.config_entries.async_reload(entry.entry_id)
    await kept.emulator.wait_for(lambda: kept.stored("b_available").count(0) > 1)
    assert set(kept.stored("a_available")) == {1}
