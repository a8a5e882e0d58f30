"""Live selection: the published entities follow choices, moves, labels, arrivals and removals."""

import asyncio
from dataclasses import dataclass
import threading
from typing import Any

from homeassistant.components.recorder import Recorder, statistics
from homeassistant.const import EntityCategory
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.selection.criteria import references
from custom_components.aliyun_iot.thing_model.model import ThingModel
from tests.emulator import Device

from .. import VALUES_CONFIRMED, Home

WATT = {"unit_of_measurement": "W"}
FAST = {"rate": 10}


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """A floor with a kitchen and a hall, a floor with an attic, and a label."""

    home: Home
    demo: MockConfigEntry
    ground: str
    kitchen: str
    hall: str
    attic: str
    label: str

    @property
    def registry(self) -> er.EntityRegistry:
        """The registry of entities."""
        return er.async_get(self.home.hass)

    def device(self, name: str, *, area: str | None = None, labels: set[str] | None = None) -> str:
        """Add a device and return its id."""
        devices = dr.async_get(self.home.hass)
        device = devices.async_get_or_create(
            config_entry_id=self.demo.entry_id, identifiers={("demo", name)}, name=name
        )
        devices.async_update_device(device.id, area_id=area, labels=labels or set())
        return device.id

    def add(
        self,
        entity_id: str,
        *,
        area: str | None = None,
        labels: set[str] | None = None,
        state: str | None = "1",
        attributes: dict[str, Any] | None = None,
        **entry: Any,
    ) -> er.RegistryEntry:
        """Add an entity to the registry, and its state."""
        domain, _, object_id = entity_id.partition(".")
        self.registry.async_get_or_create(
            domain, "demo", object_id, suggested_object_id=object_id, config_entry=self.demo, **entry
        )
        added = self.registry.async_update_entity(entity_id, area_id=area, labels=labels or set())
        if state is not None:
            self.home.hass.states.async_set(entity_id, state, WATT if attributes is None else attributes)
        return added

    def say(self, entity_id: str, state: str) -> None:
        """Set a state."""
        self.home.hass.states.async_set(entity_id, state, WATT)


@pytest.fixture
def rooms(home: Home) -> Rooms:
    hass = home.hass
    floors, areas = fr.async_get(hass), ar.async_get(hass)
    ground, upper = (floors.async_create(name).floor_id for name in ("Ground", "Upper"))
    demo = MockConfigEntry(domain="demo")
    demo.add_to_hass(hass)
    return Rooms(
        home=home,
        demo=demo,
        ground=ground,
        kitchen=areas.async_create("Kitchen", floor_id=ground).id,
        hall=areas.async_create("Hall", floor_id=ground).id,
        attic=areas.async_create("Attic", floor_id=upper).id,
        label=lr.async_get(hass).async_create("Cloud").label_id,
    )


async def furnish(rooms: Rooms) -> None:
    """Furnish every room, each entity in another way."""
    stove = rooms.device("stove", area=rooms.kitchen)
    rooms.add("sensor.stove", device_id=stove)
    rooms.add("sensor.stove_signal", device_id=stove, entity_category=EntityCategory.DIAGNOSTIC)
    rooms.add("sensor.stove_hidden", device_id=stove, hidden_by=er.RegistryEntryHider.USER)
    rooms.add("switch.kettle", area=rooms.kitchen, state="on", attributes={})
    rooms.add("light.hall", area=rooms.hall, state="off", attributes={})
    rooms.add("sensor.attic", area=rooms.attic, original_device_class="humidity")
    rooms.add("sensor.anywhere", labels={rooms.label})
    rooms.home.hass.states.async_set("sensor.nowhere", "5", {**WATT, "device_class": "power"})


async def assert_published(home: Home, device: Device, *identifiers: str) -> None:
    """Assert that the values of these properties arrive, and no others."""
    await home.emulator.wait_for(lambda: set(identifiers) <= device.properties.keys())
    await home.hass.async_block_till_done()
    assert device.properties.keys() == set(identifiers)


async def until_nothing_waits(rooms: Rooms) -> None:
    """Return when all earlier changes have arrived: the beacon changes after them."""
    beacon = rooms.home.hass.states.get("sensor.beacon")
    assert beacon is not None
    value = float(beacon.state) + 1
    rooms.say("sensor.beacon", str(value))
    await rooms.home.emulator.wait_for(lambda: rooms.home.stored("beacon")[-1] == value)


def ids(home: Home, *entity_ids: str) -> dict[str, dict[str, str]]:
    return {"entities": references(home.hass, entity_ids)}


@pytest.mark.parametrize(
    ("include", "published"),
    [
        ({"area_id": ["kitchen"]}, ["stove", "kettle"]),
        ({"area_id": ["hall", "attic"]}, ["hall", "attic"]),
        ({"floor_id": ["ground"]}, ["stove", "kettle", "hall"]),
        ({"label_id": ["cloud"]}, ["anywhere"]),
        ({"domains": ["sensor"]}, ["stove", "attic", "anywhere", "nowhere"]),
        ({"domains": ["light", "switch"]}, ["hall", "kettle"]),
        ({"device_classes": ["humidity"]}, ["attic"]),
        ({"device_classes": ["power"]}, ["nowhere"]),
        ({"domains": ["light"], "area_id": ["attic"], "device_classes": ["power"]}, ["hall", "attic", "nowhere"]),
        ({"area_id": ["gone"], "label_id": ["gone"], "floor_id": ["gone"], "device_id": ["gone"]}, []),
    ],
)
async def test_each_way_to_choose_publishes_what_it_reaches_and_nothing_else(
    rooms: Rooms, device: Device, include: dict[str, Any], published: list[str]
) -> None:
    await furnish(rooms)
    rooms.say("sensor.beacon", "1")
    await rooms.home.add_entry(selection={"include": {**ids(rooms.home, "sensor.beacon"), **include}}, delivery=FAST)
    await assert_published(rooms.home, device, "beacon", *published)


async def test_a_chosen_device_is_published_without_what_it_says_of_itself(rooms: Rooms, device: Device) -> None:
    await furnish(rooms)
    stove = rooms.registry.async_get("sensor.stove")
    assert stove is not None
    await rooms.home.add_entry(selection={"include": {"device_id": [stove.device_id]}}, delivery=FAST)
    await assert_published(rooms.home, device, "stove")


async def test_a_diagnostic_entity_is_published_by_its_label_and_by_its_device_class_and_by_name(
    rooms: Rooms, device: Device
) -> None:
    diagnostic: dict[str, Any] = {"entity_category": EntityCategory.DIAGNOSTIC}
    rooms.add("sensor.labelled", labels={rooms.label}, **diagnostic)
    rooms.add("sensor.battery", original_device_class="battery", **diagnostic)
    rooms.add("sensor.named", **diagnostic)
    rooms.add("sensor.not_chosen", area=rooms.kitchen, **diagnostic)
    include = ids(rooms.home, "sensor.named") | {"label_id": [rooms.label], "device_classes": ["battery"]}
    include |= {"area_id": [rooms.kitchen], "domains": ["sensor"]}
    await rooms.home.add_entry(selection={"include": include}, delivery=FAST)
    await assert_published(rooms.home, device, "labelled", "battery", "named")


async def test_a_hidden_entity_is_published_only_by_name(rooms: Rooms, device: Device) -> None:
    hidden: dict[str, Any] = {"hidden_by": er.RegistryEntryHider.USER}
    rooms.add("sensor.named", **hidden)
    rooms.add("sensor.labelled", labels={rooms.label}, area=rooms.kitchen, original_device_class="power", **hidden)
    include = ids(rooms.home, "sensor.named") | {"label_id": [rooms.label], "device_classes": ["power"]}
    include |= {"area_id": [rooms.kitchen], "domains": ["sensor"]}
    await rooms.home.add_entry(selection={"include": include}, delivery=FAST)
    await assert_published(rooms.home, device, "named")


@pytest.mark.parametrize(
    "exclude",
    [
        {"area_id": ["kitchen"]},
        {"floor_id": ["ground"]},
        {"label_id": ["cloud"]},
        {"domains": ["sensor"]},
        {"device_classes": ["power"]},
    ],
)
async def test_a_named_entity_is_published_whatever_else_excludes_it(
    rooms: Rooms, device: Device, exclude: dict[str, Any]
) -> None:
    both: dict[str, Any] = {"area": rooms.kitchen, "labels": {rooms.label}, "original_device_class": "power"}
    rooms.add("sensor.named", **both)
    rooms.add("sensor.reached", **both)
    rooms.add("light.other", state="on", attributes={})
    include = ids(rooms.home, "sensor.named") | {"domains": ["sensor", "light"]}
    await rooms.home.add_entry(selection={"include": include, "exclude": exclude}, delivery=FAST)
    await assert_published(rooms.home, device, "named", "other")


async def test_a_named_exclusion_wins_over_everything(rooms: Rooms, device: Device) -> None:
    rooms.add("sensor.secret", area=rooms.kitchen, labels={rooms.label})
    rooms.add("sensor.open", area=rooms.kitchen)
    rooms.say("sensor.without_entry", "1")
    include = ids(rooms.home, "sensor.secret", "sensor.open", "sensor.without_entry") | {
        "area_id": [rooms.kitchen],
        "label_id": [rooms.label],
        "domains": ["sensor"],
    }
    exclude = ids(rooms.home, "sensor.secret", "sensor.without_entry")
    await rooms.home.add_entry(selection={"include": include, "exclude": exclude}, delivery=FAST)
    await assert_published(rooms.home, device, "open")
    rooms.home.hass.states.async_remove("sensor.secret")
    rooms.registry.async_update_entity("sensor.secret", new_entity_id="sensor.renamed")
    rooms.home.hass.states.async_set("sensor.renamed", "2", WATT)
    rooms.say("sensor.open", "2")
    await rooms.home.emulator.wait_for(lambda: rooms.home.stored("open") == [1.0, 2.0])
    await assert_published(rooms.home, device, "open")


async def test_an_exclusion_reaches_also_what_a_device_says_of_itself(rooms: Rooms, device: Device) -> None:
    stove = rooms.device("stove", area=rooms.kitchen)
    rooms.add("sensor.signal", device_id=stove, labels={rooms.label}, entity_category=EntityCategory.DIAGNOSTIC)
    rooms.add("sensor.anywhere", labels={rooms.label})
    selection = {"include": {"label_id": [rooms.label]}, "exclude": {"area_id": [rooms.kitchen]}}
    await rooms.home.add_entry(selection=selection, delivery=FAST)
    await assert_published(rooms.home, device, "anywhere")


async def test_a_label_publishes_an_entity_without_a_reload_and_stops_it_when_it_is_taken_off(
    rooms: Rooms, device: Device
) -> None:
    rooms.add("sensor.t")
    rooms.add("sensor.beacon", labels={rooms.label})
    await rooms.home.add_entry(selection={"include": {"label_id": [rooms.label]}}, delivery=FAST)
    await assert_published(rooms.home, device, "beacon")
    rooms.registry.async_update_entity("sensor.t", labels={rooms.label})
    await rooms.home.emulator.wait_for(lambda: rooms.home.stored("t") == [1.0])
    rooms.say("sensor.t", "2")
    await rooms.home.emulator.wait_for(lambda: rooms.home.stored("t") == [1.0, 2.0])
    rooms.add("sensor.witness")
    # Both changes reach the selection in one look, so the first value of the one tells that the other has left.
    rooms.registry.async_update_entity("sensor.t", labels=set())
    rooms.registry.async_update_entity("sensor.witness", labels={rooms.label})
    await assert_published(rooms.home, device, "beacon", "t", "witness")
    rooms.say("sensor.t", "3")
    await until_nothing_waits(rooms)
    assert rooms.home.stored("t") == [1.0, 2.0]
    rooms.registry.async_update_entity("sensor.t", labels={rooms.label})
    await rooms.home.emulator.wait_for(lambda: rooms.home.stored("t") == [1.0, 2.0, 3.0])
    assert device.connects == 1


async def test_a_change_of_the_selection_does_not_wait_for_what_the_recorder_has_seen(
    recorder_mock: Recorder, rooms: Rooms, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered, loop = asyncio.Queue[set[str]](), threading.Event(), asyncio.get_running_loop()

    def slow(_hass: object, entity_ids: set[str]) -> list[object]:
        loop.call_soon_threadsafe(asked.put_nowait, entity_ids)
        answered.wait(30)
        return []

    monkeypatch.setattr(statistics, "list_statistic_ids", slow)
    rooms.add("sensor.t", labels={rooms.label})
    rooms.add("sensor.u")
    await rooms.home.add_entry(selection={"include": {"label_id": [rooms.label]}}, delivery=FAST)
    assert await asked.get() == {"sensor.t"}
    rooms.registry.async_update_entity("sensor.u", labels={rooms.label})
    try:
        await rooms.home.emulator.wait_for(lambda: rooms.home.stored("u") == [1.0])
    finally:
        answered.set()
    assert await asked.get() == {"sensor.u"}


async def test_an_entity_that_moves_into_a_chosen_area_is_published_and_one_that_moves_out_is_not(
    rooms: Rooms, device: Device
) -> None:
    rooms.add("sensor.comes", area=rooms.attic)
    rooms.add("sensor.goes", area=rooms.kitchen)
    rooms.add("sensor.beacon", area=rooms.kitchen)
    await rooms.home.add_entry(selection={"include": {"area_id": [rooms.kitchen]}}, delivery=FAST)
    await assert_published(rooms.home, device, "goes", "beacon")
    rooms.registry.async_update_entity("sensor.comes", area_id=rooms.kitchen)
    rooms.registry.async_update_entity("sensor.goes", area_id=rooms.attic)
    # One look takes in both moves, so the first value of the one that comes tells that the other has gone.
    await assert_published(rooms.home, device, "goes", "comes", "beacon")
    rooms.say("sensor.goes", "2")
    await until_nothing_waits(rooms)
    assert rooms.home.stored("goes") == [1.0]


async def test_what_happens_to_a_device_or_an_area_happens_to_the_entities_in_it(rooms: Rooms, device: Device) -> None:
    stove = rooms.device("stove")
    rooms.add("sensor.stove", device_id=stove)
    rooms.add("sensor.attic", area=rooms.attic)
    rooms.add("sensor.labelled_device", device_id=rooms.device("lamp"))
    rooms.say("sensor.beacon", "1")
    include = ids(rooms.home, "sensor.beacon") | {"floor_id": [rooms.ground], "label_id": [rooms.label]}
    await rooms.home.add_entry(selection={"include": include}, delivery=FAST)
    await assert_published(rooms.home, device, "beacon")
    devices = dr.async_get(rooms.home.hass)
    devices.async_update_device(stove, area_id=rooms.hall)
    await assert_published(rooms.home, device, "beacon", "stove")
    ar.async_get(rooms.home.hass).async_update(rooms.attic, floor_id=rooms.ground)
    await assert_published(rooms.home, device, "beacon", "stove", "attic")
    devices.async_update_device(rooms.device("lamp"), labels={rooms.label})
    await assert_published(rooms.home, device, "beacon", "stove", "attic", "labelled_device")
    assert device.connects == 1


async def test_a_new_entity_of_a_chosen_domain_is_published_with_and_without_a_registry_entry(
    rooms: Rooms, device: Device
) -> None:
    rooms.say("sensor.beacon", "1")
    await rooms.home.add_entry(
        selection={"include": {"domains": ["sensor"], "device_classes": ["door"]}}, delivery=FAST
    )
    await assert_published(rooms.home, device, "beacon")
    rooms.say("sensor.without", "1")
    rooms.add("sensor.with_entry")
    rooms.home.hass.states.async_set("binary_sensor.door", "on", {"device_class": "door"})
    rooms.home.hass.states.async_set("binary_sensor.window", "on", {"device_class": "window"})
    await assert_published(rooms.home, device, "beacon", "without", "with_entry", "door")
    assert device.connects == 1


async def test_an_entity_that_is_disabled_or_removed_is_published_no_more_and_the_others_are(
    rooms: Rooms, device: Device
) -> None:
    rooms.add("sensor.disabled", area=rooms.kitchen)
    rooms.add("sensor.removed", area=rooms.kitchen)
    rooms.add("sensor.beacon", area=rooms.kitchen)
    await rooms.home.add_entry(selection={"include": {"area_id": [rooms.kitchen]}}, delivery=FAST)
    await assert_published(rooms.home, device, "disabled", "removed", "beacon")
    rooms.registry.async_update_entity("sensor.disabled", disabled_by=er.RegistryEntryDisabler.USER)
    rooms.registry.async_remove("sensor.removed")
    for entity_id in ("sensor.disabled", "sensor.removed"):
        rooms.home.hass.states.async_remove(entity_id)
    await until_nothing_waits(rooms)
    await assert_published(rooms.home, device, "disabled", "removed", "beacon")


async def test_an_entity_that_is_chosen_and_comes_later_is_published_when_it_comes(
    rooms: Rooms, device: Device
) -> None:
    rooms.add("sensor.late", area=rooms.kitchen, state=None)
    rooms.add("sensor.unavailable", area=rooms.kitchen, state="unavailable", attributes={"restored": True})
    rooms.add("climate.heating", area=rooms.kitchen, state="unavailable", attributes={})
    rooms.say("sensor.beacon", "1")
    include = ids(rooms.home, "sensor.beacon", "sensor.named") | {"area_id": [rooms.kitchen]}
    await rooms.home.add_entry(selection={"include": include}, delivery=FAST)
    await assert_published(rooms.home, device, "beacon")
    rooms.say("sensor.late", "1")
    rooms.say("sensor.named", "2")
    rooms.home.hass.states.async_set("climate.heating", "heat", {"current_temperature": 21.5})
    await assert_published(rooms.home, device, "beacon", "late", "named", "heating", "heating_current_temperature")


async def test_our_own_entities_are_never_published_however_they_are_chosen(rooms: Rooms, device: Device) -> None:
    rooms.say("sensor.t", "1")
    include = {"domains": ["sensor", "binary_sensor", "button"], "label_id": [rooms.label]}
    entry = await rooms.home.add_entry(selection={"include": include}, delivery=FAST)
    await rooms.home.until_state(VALUES_CONFIRMED, "1")
    own = er.async_entries_for_config_entry(rooms.registry, entry.entry_id)
    assert own
    for one in own:
        rooms.registry.async_update_entity(one.entity_id, labels={rooms.label})
    hass = rooms.home.hass
    everything = include | ids(rooms.home, VALUES_CONFIRMED, *(one.entity_id for one in own))
    hass.config_entries.async_update_entry(entry, options={"selection": {"include": everything}})
    assert await hass.config_entries.async_reload(entry.entry_id)
    rooms.say("sensor.t", "2")
    await rooms.home.emulator.wait_for(lambda: rooms.home.stored("t") == [1.0, 2.0])
    await assert_published(rooms.home, device, "t")


async def test_thousands_of_entities_are_resolved_while_everything_else_has_its_turn(
    home: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2_000):
        home.hass.states.async_set(f"sensor.n{number}", str(number), WATT)
    fixed = [0]  # entities fixed in each turn of the event loop
    is_over = False

    def turn() -> None:
        fixed.append(0)
        if not is_over:
            home.hass.loop.call_soon(turn)

    adopt = ThingModel.adopt

    def counted(model: ThingModel, *arguments: Any) -> bool:
        fixed[-1] += 1
        return adopt(model, *arguments)

    turn()
    monkeypatch.setattr(ThingModel, "adopt", counted)
    await home.add_entry(selection={"include": {"domains": ["sensor"]}}, delivery={"rate": 10})
    is_over = True
    await home.emulator.wait_for(lambda: len(device.properties) == 2_000, timeout=30)
    assert sum(fixed) >= 2_000
    assert max(fixed) <= 50
