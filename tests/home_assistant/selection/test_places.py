"""Places in the thing model: what is gone gives its own back, and what is away for a while keeps it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState
from homeassistant.helpers import entity_registry as er, issue_registry as ir, label_registry as lr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot import coordinator
from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.diagnostics import async_get_config_entry_diagnostics
from custom_components.aliyun_iot.selection import live, places
from custom_components.aliyun_iot.thing_model import allocator
from tests.emulator import Device, Emulator

from .. import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, VALUES_LOST, Home, tsl
from .strikes import storm

FAST = {"rate": 10}
STORMS = {"include": {"domains": ["geo_location"]}}
VALUES_REJECTED = "sensor.ha_gateway_01_values_rejected"
KM = {"unit_of_measurement": "km"}


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the thing model hold three properties, and a strike be gone as soon as it has faded."""
    monkeypatch.setattr(allocator, "MODULES_PER_IMPORT", 1)
    monkeypatch.setattr(allocator, "FEATURES_PER_MODULE", 3)
    monkeypatch.setattr(places, "_GONE_FOR", 0.0)
    monkeypatch.setattr(live, "_PLACES", 0.05)
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.2)


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


async def until(home: Home, identifier: str, *values: float) -> None:
    await home.emulator.wait_for(lambda: home.stored(identifier) == list(values), timeout=20)


async def until_published(home: Home, names: Iterable[str]) -> None:
    """Return as soon as the model has properties of these names, and of no others."""
    wanted = {f"geo_location.{name}" for name in names}
    entry = home.hass.config_entries.async_entries("aliyun_iot")[0]
    model = entry.runtime_data.bridge.selection.model
    await until_true(lambda: {entity.entity_id for entity in model.entities.values()} == wanted)


async def until_true(predicate: Callable[[], bool]) -> None:
    """Return as soon as the predicate holds; nothing tells of the model's or a repair's changes."""
    async with asyncio.timeout(20):
        while not predicate():  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("is_registered", [False, True])
async def test_strikes_that_are_gone_make_room_for_new_ones_and_those_that_went_first_go_first(
    home: Home, device: Device, *, is_registered: bool
) -> None:
    lightning = await storm(home.hass, is_registered=is_registered)
    await lightning.strike("a", "b", "c")
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    await until(home, "c", 3.0)
    await lightning.fade("b")
    await until_true(lambda: len(entry.runtime_data.bridge.selection.chosen) == 2)
    await lightning.fade("a")
    await lightning.strike("d", distance=4.0)
    await until(home, "d", 4.0)
    await until_published(home, "acd")
    await lightning.strike("e", distance=5.0)
    await until(home, "e", 5.0)
    await until_published(home, "cde")
    # One that comes back is published again as soon as there is room.
    await lightning.fade("c")
    await lightning.strike("a", distance=6.0)
    await until(home, "a", 1.0, 6.0)
    assert [home.stored(name) for name in "bcde"] == [[2.0], [3.0], [4.0], [5.0]]


@pytest.mark.usefixtures("_small")
async def test_a_strike_that_was_chosen_by_name_keeps_its_place(home: Home, device: Device) -> None:
    lightning = await storm(home.hass)
    await lightning.strike("a", "b", "c")
    named = {"geo_location.a": "geo_location.a"}
    await home.add_entry(selection={"include": {"domains": ["geo_location"], "entities": named}}, delivery=FAST)
    await until(home, "c", 3.0)
    await lightning.fade("a")
    await lightning.fade("b")
    await lightning.strike("d", distance=4.0)
    await until(home, "d", 4.0)
    await until_published(home, "acd")
    await lightning.strike("e", distance=5.0)
    await home.hass.async_block_till_done()
    await until_published(home, "acd")


@pytest.mark.usefixtures("_small")
async def test_strikes_that_went_a_moment_ago_keep_their_places(
    home: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_GONE_FOR", 600.0)
    lightning = await storm(home.hass)
    await lightning.strike("a", "b", "c")
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    await until(home, "c", 3.0)
    await lightning.fade("a", "b")
    await lightning.strike("d", distance=4.0)
    await until_true(lambda: entry.runtime_data.bridge.selection.without_room == {"geo_location.d"})
    await until_published(home, "abc")
    monkeypatch.setattr(places, "_GONE_FOR", 0.0)
    await until(home, "d", 4.0)


@pytest.mark.usefixtures("_small")
async def test_strikes_of_an_integration_that_is_not_loaded_keep_their_places_until_it_is_removed(
    home: Home, device: Device
) -> None:
    lightning = await storm(home.hass)
    await lightning.strike("a", "b", "c")
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    await until(home, "c", 3.0)
    await home.hass.async_block_till_done()
    assert await home.hass.config_entries.async_unload(lightning.entry.entry_id)
    home.hass.states.async_set("geo_location.other", "9", KM)
    await until_true(lambda: entry.runtime_data.bridge.selection.without_room == {"geo_location.other"})
    await until_published(home, "abc")
    await home.hass.config_entries.async_remove(lightning.entry.entry_id)
    await until(home, "other", 9.0)


@pytest.mark.usefixtures("_small")
async def test_strikes_that_are_not_there_while_home_assistant_starts_keep_their_places(
    home: Home, device: Device
) -> None:
    for name in "abc":
        home.hass.states.async_set(f"geo_location.{name}", "1", KM)
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    await until(home, "c", 1.0)
    await home.hass.config_entries.async_unload(entry.entry_id)
    for name in "abc":
        home.hass.states.async_remove(f"geo_location.{name}")
    home.hass.set_state(CoreState.starting)
    home.hass.states.async_set("geo_location.d", "4", KM)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await until_true(lambda: entry.runtime_data.bridge.selection.without_room == {"geo_location.d"})
    await until_published(home, "abc")
    home.hass.states.async_set("geo_location.b", "5", KM)
    await until(home, "b", 1.0, 5.0)
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await until(home, "d", 4.0)
    await until_published(home, "bcd")


@pytest.mark.usefixtures("_small")
async def test_a_place_is_given_back_only_when_the_values_of_its_entity_have_arrived(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    lightning = await storm(kept.hass)
    await lightning.strike("a", "b", "c")
    entry = await kept.add_entry(selection=STORMS, delivery=FAST)
    await kept.until_state(VALUES_CONFIRMED, "3")
    emulator.faults.set(refuse_tcp=True)
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    lightning.move("a", 7.0)
    await lightning.fade("a")
    await lightning.strike("d", distance=4.0)
    await until_true(lambda: entry.runtime_data.bridge.selection.without_room == {"geo_location.d"})
    await until_published(kept, "abc")
    emulator.faults.clear()
    await until(kept, "a", 1.0, 7.0)
    await until(kept, "d", 4.0)
    await until_published(kept, "bcd")
    assert state_of(kept, VALUES_LOST) == "0"


@pytest.mark.usefixtures("_small")
async def test_what_a_strike_owes_after_a_restart_is_delivered_before_its_place_is_given_back(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    lightning = await storm(kept.hass)
    await lightning.strike("a", "b", "c")
    entry = await kept.add_entry(selection=STORMS, delivery=FAST)
    await until(kept, "c", 3.0)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    lightning.move("a", 7.0)
    lightning.move("a", 8.0)
    await lightning.fade("a")
    await async_wait_recording_done(kept.hass)
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await lightning.strike("d", distance=4.0)
    await until(kept, "d", 4.0)
    await until(kept, "a", 1.0, 7.0, 8.0)
    await until_published(kept, "bcd")
    assert state_of(kept, VALUES_LOST) == "0"


@pytest.mark.usefixtures("_small")
async def test_another_entity_gets_the_identifier_only_when_nothing_waits_under_it_and_its_first_value_arrives(
    kept: Home, emulator: Emulator, device: Device
) -> None:
    labels = lr.async_get(kept.hass)
    label = labels.async_create("Cloud").label_id
    registry = er.async_get(kept.hass)
    for domain, name in (("sensor", "a"), ("sensor", "b"), ("sensor", "c"), ("number", "a")):
        registry.async_get_or_create(domain, "test", name, suggested_object_id=name)
        kept.hass.states.async_set(f"{domain}.{name}", "1", KM)
    for name in "abc":
        registry.async_update_entity(f"sensor.{name}", labels={label})
    entry = await kept.add_entry(selection={"include": {"label_id": [label]}}, delivery=FAST)
    await kept.until_state(VALUES_CONFIRMED, "3")
    emulator.faults.set(refuse_tcp=True)
    await emulator.cut()
    await kept.until_state(CONNECTION, "off")
    kept.hass.states.async_set("sensor.a", "2", KM)
    registry.async_update_entity("sensor.a", labels=set())
    registry.async_update_entity("number.a", labels={label})
    await until_true(lambda: entry.runtime_data.bridge.selection.without_room == {"number.a"})
    kept.hass.states.async_set("number.a", "2", KM)
    assert kept.stored("a") == [1.0]
    emulator.faults.clear()
    # The value of the sensor, and then the same value of the number.
    await until(kept, "a", 1.0, 2.0, 2.0)
    kept.hass.states.async_set("sensor.a", "5", KM)
    kept.hass.states.async_set("number.a", "6", KM)
    await until(kept, "a", 1.0, 2.0, 2.0, 6.0)


@pytest.mark.usefixtures("_small")
async def test_what_the_platform_rejected_of_a_strike_is_forgotten_with_it(
    home: Home, emulator: Emulator, device: Device
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("b", "c", "d"))
    lightning = await storm(home.hass)
    await lightning.strike("a", "b", "c")
    await home.add_entry(selection=STORMS, delivery=FAST)
    await home.until(VALUES_REJECTED, lambda state: list(state.attributes["properties"]) == ["a"])
    await lightning.fade("a")
    await lightning.strike("d", distance=4.0)
    await until(home, "d", 4.0)
    await home.until(VALUES_REJECTED, lambda state: not state.attributes["properties"])
    assert state_of(home, VALUES_REJECTED) == "1"
    await until_true(lambda: model_issue(home) is None)


# The places that are left


@pytest.mark.usefixtures("_small")
async def test_the_places_that_are_left_are_shown_before_there_are_none(
    home: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "_LITTLE_ROOM", 2)
    lightning = await storm(home.hass)
    await lightning.strike("a")
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    await until(home, "a", 1.0)
    assert "The thing model has room for 2 more properties." in await notes(home, entry)
    assert await places_left(home, entry) == 2
    assert room_issue(home) is None
    await lightning.strike("b", distance=2.0)
    await until_true(lambda: room_issue(home) == {"name": DEVICE_NAME, "left": "1", "least": "2"})
    await lightning.strike("c", distance=3.0)
    await until_true(lambda: room_issue(home) == {"name": DEVICE_NAME, "left": "0", "least": "2"})
    assert "room for 0 more properties" in await notes(home, entry)
    # Gone entities give their places back, so they count as room.
    await lightning.fade("a", "b")
    lightning.move("c", 4.0)
    await until_true(lambda: room_issue(home) is None)
    assert "room for 2 more properties" in await notes(home, entry)
    assert await places_left(home, entry) == 2


@pytest.mark.usefixtures("_small")
async def test_the_preview_lets_others_give_way_as_the_selection_does(home: Home, device: Device) -> None:
    lightning = await storm(home.hass)
    await lightning.strike("a", "b", "c")
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    await until(home, "c", 3.0)
    await lightning.fade("a")
    await home.hass.async_block_till_done()
    await home.hass.config_entries.async_unload(entry.entry_id)
    await lightning.strike("d", distance=4.0)
    page = await preview(home, entry)
    assert page["properties"] == "3"
    assert "room for 0 more properties" in page["notes"]


# Thousands


async def test_a_model_that_is_full_of_strikes_takes_thousands_more(
    home: Home, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_GONE_FOR", 0.0)
    monkeypatch.setattr(live, "_PLACES", 0.05)
    lightning = await storm(home.hass, is_located=True)
    entry = await home.add_entry(selection=STORMS, delivery=FAST)
    for wave in range(4):
        names = [f"s{wave}_{number}" for number in range(1_000)]
        await lightning.strike(*names)
        await until_stored(home, device, names)
        await lightning.fade(*names)
    # A strike and its location take so much of a file that there is room for some 2,300.
    model = entry.runtime_data.bridge.selection.model
    left = Counter(entity.entity_id.partition(".s")[2].partition("_")[0] for entity in model.entities.values())
    assert (left["0"], left["2"], left["3"]) == (0, 1_000, 1_000)


async def until_stored(home: Home, device: Device, names: Iterable[str]) -> None:
    """Return as soon as the platform has values of properties with these names, in any modules."""
    wanted = set(names)
    await home.emulator.wait_for(
        lambda: wanted <= {identifier.rpartition(":")[2] for identifier in device.properties}, timeout=60
    )


def state_of(home: Home, entity_id: str) -> str | None:
    state = home.hass.states.get(entity_id)
    return None if state is None else state.state


def room_issue(home: Home) -> dict[str, str] | None:
    return issue(home, "little_room")


def model_issue(home: Home) -> dict[str, str] | None:
    return issue(home, "thing_model")


def issue(home: Home, kind: str) -> dict[str, str] | None:
    entry = home.hass.config_entries.async_entries("aliyun_iot")[0]
    found = ir.async_get(home.hass).async_get_issue("aliyun_iot", f"{kind}_{entry.entry_id}")
    return None if found is None else found.translation_placeholders


async def preview(home: Home, entry: MockConfigEntry) -> Mapping[str, str]:
    menu = await home.hass.config_entries.options.async_init(entry.entry_id)
    page = await home.hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "preview"})
    assert page["description_placeholders"] is not None
    return page["description_placeholders"]


async def notes(home: Home, entry: MockConfigEntry) -> str:
    return (await preview(home, entry))["notes"]


async def places_left(home: Home, entry: MockConfigEntry) -> Any:
    return (await async_get_config_entry_diagnostics(home.hass, entry))["properties"]["places_left"]
