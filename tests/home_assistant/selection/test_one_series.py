"""One series: an entity keeps its series through other names, other units, and its own return."""

from collections.abc import Mapping
import time
from typing import Any

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import UnitOfPower
from homeassistant.helpers import entity_registry as er, label_registry as lr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, setup_test_component_platform
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.control.model_files import async_packed
from custom_components.aliyun_iot.delivery.misfits import Case
from custom_components.aliyun_iot.mapping.values import Misfit
from custom_components.aliyun_iot.thing_model import allocator, store
from tests.emulator import Device

from .. import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home

WATT = {"unit_of_measurement": "W"}
FAST = {"rate": 10}


class Meter(SensorEntity):
    """A real sensor, whose unit a person may change."""

    _attr_name = "Power"
    _attr_unique_id = "power"
    _attr_should_poll = False
    _attr_device_class = SensorDeviceClass.POWER
    _attr_native_unit_of_measurement = UnitOfPower.WATT
    _attr_native_value = 1500.0

    def measure(self, watt: float) -> None:
        self._attr_native_value = watt
        self.async_write_ha_state()


@pytest.fixture(autouse=True)
def _quick_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.2)


@pytest.fixture
async def meter(home: Home) -> Meter:
    meter = Meter()
    setup_test_component_platform(home.hass, "sensor", [meter])
    assert await async_setup_component(home.hass, "sensor", {"sensor": {"platform": "test"}})
    await home.hass.async_block_till_done()
    return meter


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


def say(home: Home, entity_id: str, *states: str, **attributes: Any) -> None:
    """Set one state after the other, each in a millisecond of its own."""
    for state in states:
        before = home.hass.states.get(entity_id)
        moment = max(time.time(), 0.0 if before is None else before.last_updated_timestamp + 0.002)
        home.hass.states.async_set(entity_id, state, attributes or WATT, timestamp=moment)


async def until(home: Home, identifier: str, *values: Any) -> None:
    """Return as soon as a property has these values; a value repeated at a start is the same point of the series."""
    await home.emulator.wait_for(lambda: series(home, identifier) == list(values))


def series(home: Home, identifier: str) -> list[Any]:
    samples = home.emulator.device(PRODUCT_KEY, DEVICE_NAME).history_of(identifier)
    return [value for _, value in sorted({(sample.time, sample.value) for sample in samples})]


async def restart(home: Home, entry: MockConfigEntry, *, meanwhile: Mapping[str, Any] | None = None) -> None:
    """Unload the entry, drop the models from memory, and set the entry up from its files."""
    await home.hass.config_entries.async_unload(entry.entry_id)
    home.hass.data.pop(store._MODELS)
    for entity_id, (state, attributes) in (meanwhile or {}).items():
        home.hass.states.async_set(entity_id, state, attributes)
    assert await home.hass.config_entries.async_setup(entry.entry_id)


def misfits(entry: MockConfigEntry) -> dict[str, Case]:
    cases: dict[str, Case] = entry.runtime_data.bridge.misfits.cases
    return cases


async def test_another_entity_id_and_another_name_go_on_in_the_same_series(
    home: Home, device: Device, meter: Meter
) -> None:
    registry = er.async_get(home.hass)
    entry = await home.add_entry(["sensor.power"], delivery=FAST)
    await until(home, "power", 1500.0)
    registry.async_update_entity("sensor.power", new_entity_id="sensor.oven", name="Oven")
    await home.hass.async_block_till_done()
    meter.measure(1600)
    await until(home, "power", 1500.0, 1600.0)
    await restart(home, entry)
    meter.measure(1700)
    await until(home, "power", 1500.0, 1600.0, 1700.0)
    registry.async_update_entity("sensor.oven", new_entity_id="sensor.power", name=None)
    await home.hass.async_block_till_done()
    meter.measure(1800)
    await until(home, "power", 1500.0, 1600.0, 1700.0, 1800.0)
    assert device.properties.keys() == {"power"}


async def test_two_entities_that_swap_their_entity_ids_keep_their_series(home: Home, device: Device) -> None:
    registry = er.async_get(home.hass)
    for name in ("a", "b"):
        registry.async_get_or_create("sensor", "test", name, suggested_object_id=name)
    say(home, "sensor.a", "1")
    say(home, "sensor.b", "10")
    await home.add_entry(selection={"include": {"domains": ["sensor"]}}, delivery=FAST)
    await until(home, "b", 10.0)
    for before, after in (("a", "c"), ("b", "a"), ("c", "b")):
        home.hass.states.async_remove(f"sensor.{before}")
        registry.async_update_entity(f"sensor.{before}", new_entity_id=f"sensor.{after}")
    say(home, "sensor.b", "2")
    say(home, "sensor.a", "20")
    await until(home, "a", 1.0, 2.0)
    await until(home, "b", 10.0, 20.0)
    assert device.properties.keys() == {"a", "b"}


async def test_values_in_another_unit_are_converted_to_the_unit_of_the_property(
    home: Home, device: Device, meter: Meter
) -> None:
    registry = er.async_get(home.hass)
    entry = await home.add_entry(["sensor.power"], delivery=FAST)
    home.emulator.import_thing_model(PRODUCT_KEY, (await async_packed(home.hass, entry)).body)
    await until(home, "power", 1500.0)
    arrived = [1500.0]
    for unit, state, watt in (("kW", "1.6", 1600.0), ("mW", "1700000", 1700.0), ("W", "1800", 1800.0)):
        registry.async_update_entity_options("sensor.power", "sensor", {"unit_of_measurement": unit})
        await home.hass.async_block_till_done()
        meter.measure(watt)
        arrived.append(watt)
        said = home.hass.states.get("sensor.power")
        assert said is not None
        assert (float(said.state), said.attributes["unit_of_measurement"]) == (float(state), unit)
        await until(home, "power", *arrived)
    assert arrived == [1500.0, 1600.0, 1700.0, 1800.0]
    assert device.rejected == {}
    assert misfits(entry) == {}


async def test_a_unit_that_cannot_be_converted_is_counted_and_nothing_wrong_is_sent(home: Home) -> None:
    say(home, "sensor.t", "1")
    entry = await home.add_entry(["sensor.t"], delivery=FAST)
    await until(home, "t", 1.0)
    say(home, "sensor.t", "20", "21", unit_of_measurement="°C")
    say(home, "sensor.t", "unavailable", unit_of_measurement="°C")
    case = misfits(entry)["t"]
    assert (case.count, case.misfit, case.shown, case.is_over) == (2, Misfit.UNIT, "21", False)
    say(home, "sensor.t", "2", unit_of_measurement="kW")
    await until(home, "t", 1.0, 2000.0)
    assert misfits(entry)["t"].is_over
    await restart(home, entry, meanwhile={"sensor.t": ("22", {"unit_of_measurement": "°C"})})
    assert misfits(entry)["t"].misfit is Misfit.UNIT
    say(home, "sensor.t", "3")
    await until(home, "t", 1.0, 2000.0, 3.0)


async def test_the_keys_of_an_enum_stay_whatever_happens_to_its_options(home: Home) -> None:
    enum = {"device_class": "enum"}
    say(home, "sensor.t", "b", options=["a", "b", "c"], **enum)
    entry = await home.add_entry(["sensor.t"], delivery=FAST)
    await until(home, "t", 1)
    say(home, "sensor.t", "d", "c", options=["d", "c", "a", "b"], **enum)
    await until(home, "t", 1, 3, 2)
    say(home, "sensor.t", "d", "a", options=["d", "e"], **enum)
    await until(home, "t", 1, 3, 2, 3, 0)
    await restart(home, entry)
    say(home, "sensor.t", "e", "d", options=["e", "d"], **enum)
    await until(home, "t", 1, 3, 2, 3, 0, 4, 3)
    assert misfits(entry) == {}


async def test_an_option_that_is_new_after_a_restart_is_sent_at_once(home: Home) -> None:
    enum = {"device_class": "enum"}
    say(home, "sensor.t", "a", options=["a", "b"], **enum)
    entry = await home.add_entry(["sensor.t"], delivery=FAST)
    await until(home, "t", 0)
    await restart(home, entry, meanwhile={"sensor.t": ("c", {"options": ["c", "a"], **enum})})
    await until(home, "t", 0, 2)


async def test_a_state_that_is_no_option_is_counted_and_not_sent(home: Home) -> None:
    say(home, "select.t", "a", options=["a", "b"])
    entry = await home.add_entry(["select.t"], delivery=FAST)
    await until(home, "t", 0)
    say(home, "select.t", "z", "b", options=["a", "b"])
    await until(home, "t", 0, 1)
    assert (misfits(entry)["t"].misfit, misfits(entry)["t"].is_over) == (Misfit.OPTION, True)


@pytest.mark.parametrize("selection", [{"entities": ["sensor.t"]}, {"domains": ["sensor"]}])
@pytest.mark.parametrize("is_off", [True, False])
async def test_an_entity_that_is_removed_and_comes_back_as_another_goes_on(
    home: Home, device: Device, selection: dict[str, Any], *, is_off: bool
) -> None:
    registry = er.async_get(home.hass)
    first = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="t")
    say(home, "sensor.t", "1")
    if "entities" in selection:
        selection = {"entities": {first.id: "sensor.t"}}
    entry = await home.add_entry(selection={"include": selection}, delivery=FAST)
    await until(home, "t", 1.0)
    if is_off:
        await home.hass.config_entries.async_unload(entry.entry_id)
    registry.async_remove("sensor.t")
    home.hass.states.async_remove("sensor.t")
    await home.hass.async_block_till_done()
    second = registry.async_get_or_create("sensor", "other", "2", suggested_object_id="t")
    assert (second.entity_id, second.id == first.id) == ("sensor.t", False)
    say(home, "sensor.t", "2")
    if is_off:
        assert await home.hass.config_entries.async_setup(entry.entry_id)
    await until(home, "t", 1.0, 2.0)
    await restart(home, entry)
    say(home, "sensor.t", "3")
    await until(home, "t", 1.0, 2.0, 3.0)
    assert device.properties.keys() == {"t"}


async def test_a_named_entity_that_came_back_as_another_can_be_renamed(home: Home, device: Device) -> None:
    registry = er.async_get(home.hass)
    registry.async_get_or_create("sensor", "test", "1", suggested_object_id="t")
    say(home, "sensor.t", "1")
    entry = await home.add_entry(["sensor.t"], delivery=FAST)
    await until(home, "t", 1.0)
    registry.async_remove("sensor.t")
    home.hass.states.async_remove("sensor.t")
    second = registry.async_get_or_create("sensor", "other", "2", suggested_object_id="t")
    say(home, "sensor.t", "2")
    await until(home, "t", 1.0, 2.0)
    registry.async_update_entity("sensor.t", new_entity_id="sensor.u")
    home.hass.states.async_remove("sensor.t")
    say(home, "sensor.u", "3")
    await until(home, "t", 1.0, 2.0, 3.0)
    await restart(home, entry)
    say(home, "sensor.u", "4")
    await until(home, "t", 1.0, 2.0, 3.0, 4.0)
    assert entry.options["selection"]["include"]["entities"] == {second.id: "sensor.u"}
    assert device.properties.keys() == {"t"}


async def test_an_entity_that_gets_a_registry_entry_only_later_goes_on(home: Home, device: Device) -> None:
    say(home, "sensor.t", "1")
    entry = await home.add_entry(selection={"include": {"domains": ["sensor"]}}, delivery=FAST)
    await until(home, "t", 1.0)
    er.async_get(home.hass).async_get_or_create("sensor", "test", "1", suggested_object_id="other")
    home.hass.states.async_remove("sensor.t")
    er.async_get(home.hass).async_get_or_create("sensor", "test", "2", suggested_object_id="t")
    say(home, "sensor.t", "2")
    await until(home, "t", 1.0, 2.0)
    await restart(home, entry)
    say(home, "sensor.t", "3")
    await until(home, "t", 1.0, 2.0, 3.0)
    assert device.properties.keys() == {"t"}


async def test_a_restart_changes_nothing_of_the_model_and_repeats_no_value(home: Home, device: Device) -> None:
    say(home, "sensor.t", "1")
    say(home, "climate.c", "heat", current_temperature=20.5, preset_mode="eco", preset_modes=["none", "eco"])
    say(home, "select.s", "b", options=["a", "b"])
    selection = {"include": {"domains": ["sensor", "climate", "select"]}, "availability": True}
    entry = await home.add_entry(selection=selection, delivery=FAST)
    before = await async_packed(home.hass, entry)
    home.emulator.import_thing_model(PRODUCT_KEY, before.body)
    await home.emulator.wait_for(lambda: len(device.properties) == 8)
    for _ in range(2):
        await restart(home, entry)
    say(home, "sensor.t", "2")
    await until(home, "t", 1.0, 2.0)
    assert await async_packed(home.hass, entry) == before
    assert all(len(series(home, name)) == 1 for name in device.properties.keys() - {"t"})
    assert device.rejected == {}


@pytest.mark.parametrize(
    ("entity_id", "before", "after", "misfit"),
    [
        ("sensor.t", ("1", WATT, 1.0), ("warm", {}), Misfit.TYPE),
        ("sensor.t", ("1", WATT, 1.0), ("on", WATT), Misfit.TYPE),
        ("sensor.t", ("a", {"device_class": "enum", "options": ["a"]}, 0), ("1", WATT), Misfit.OPTION),
        ("sensor.t", ("2026-11-21", {"device_class": "date"}, "1795219200000"), ("1", WATT), Misfit.TYPE),
        ("binary_sensor.t", ("on", {}, 1), ("1", {}), Misfit.TYPE),
        ("counter.t", ("1", {}, 1), ("1.5", {}), Misfit.TYPE),
        ("number.t", ("1", {"min": 0, "max": 10}, 1.0), ("20", {"min": 0, "max": 100}), Misfit.RANGE),
        ("text.t", ("a", {}, "a"), ("half \ud83d", {}), Misfit.TYPE),
    ],
)
async def test_a_state_of_another_type_is_counted_and_not_coerced(
    home: Home, entity_id: str, before: tuple[str, Any, Any], after: tuple[str, Any], misfit: Misfit
) -> None:
    await home.hass.config.async_set_time_zone("UTC")
    state, attributes, value = before
    home.hass.states.async_set(entity_id, state, attributes)
    say(home, "sensor.beacon", "1")
    entry = await home.add_entry([entity_id, "sensor.beacon"], delivery=FAST)
    await until(home, "t", value)
    home.hass.states.async_set(entity_id, *after)
    say(home, "sensor.beacon", "2")
    await until(home, "beacon", 1.0, 2.0)
    assert home.stored("t") == [value]
    assert (misfits(entry)["t"].count, misfits(entry)["t"].misfit) == (1, misfit)


async def test_a_text_that_looks_like_a_number_later_stays_a_text(home: Home) -> None:
    say(home, "sensor.t", "warm", friendly_name="T")
    await home.add_entry(["sensor.t"], delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "1")
    say(home, "sensor.t", "21.5")
    await until(home, "t", "warm", "21.5")


async def test_the_past_is_read_in_the_unit_that_each_row_was_in(kept: Home) -> None:
    say(kept, "sensor.t", "1000")
    entry = await kept.add_entry(["sensor.t"], delivery=FAST)
    await kept.until_state(VALUES_CONFIRMED, "1")
    await kept.hass.config_entries.async_unload(entry.entry_id)
    say(kept, "sensor.t", "2000", "3000")
    say(kept, "sensor.t", "4", "5", unit_of_measurement="kW")
    say(kept, "sensor.t", "20", unit_of_measurement="°C")
    say(kept, "sensor.t", "6", unit_of_measurement="kW")
    await async_wait_recording_done(kept.hass)
    assert await kept.hass.config_entries.async_setup(entry.entry_id)
    await until(kept, "t", 1000.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0)


async def test_the_past_is_read_in_its_unit_also_after_another_restart(kept: Home, device: Device) -> None:
    say(kept, "sensor.t", "1000")
    entry = await kept.add_entry(["sensor.t"], delivery=FAST)
    await kept.until_state(VALUES_CONFIRMED, "1")
    kept.emulator.faults.set(refuse_tcp=True)
    await kept.emulator.cut()
    await kept.until_state(CONNECTION, "off")
    say(kept, "sensor.t", "2000", "3000")
    say(kept, "sensor.t", "4", unit_of_measurement="kW")
    await async_wait_recording_done(kept.hass)
    for _ in range(2):
        await restart(kept, entry)
    kept.emulator.faults.clear()
    await until(kept, "t", 1000.0, 2000.0, 3000.0, 4000.0)


async def test_the_past_of_a_renamed_entity_is_read_into_its_series(kept: Home, device: Device) -> None:
    registry = er.async_get(kept.hass)
    registry.async_get_or_create("sensor", "test", "1", suggested_object_id="t")
    start = time.time() - 60
    kept.hass.states.async_set("sensor.t", "1", WATT, timestamp=start)
    entry = await kept.add_entry(["sensor.t"], delivery=FAST)
    await until(kept, "t", 1.0)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    say(kept, "sensor.t", "2")
    await async_wait_recording_done(kept.hass)
    registry.async_update_entity("sensor.t", new_entity_id="sensor.renamed")
    await async_wait_recording_done(kept.hass)
    say(kept, "sensor.renamed", "3", "4")
    await async_wait_recording_done(kept.hass)
    assert await kept.hass.config_entries.async_setup(entry.entry_id)
    await until(kept, "t", 1.0, 2.0, 3.0, 4.0)
    assert device.properties.keys() == {"t"}


async def test_history_before_a_change_of_the_unit_is_read_in_the_unit_of_then(kept: Home, device: Device) -> None:
    began = time.time() - 60
    entry = await kept.add_entry(["sensor.t"], delivery=FAST)
    for number, (value, unit) in enumerate([("1000", "W"), ("2000", "W"), ("4", "kW"), ("5", "kW")]):
        attributes = {"unit_of_measurement": unit, "device_class": "power"}
        kept.hass.states.async_set("sensor.t", value, attributes, timestamp=began + number)
    await until(kept, "t", 1000.0, 2000.0, 4000.0, 5000.0)
    await async_wait_recording_done(kept.hass)
    await entry.runtime_data.bridge.async_send_history(1)
    await kept.emulator.wait_for(lambda: len(device.history_of("t")) >= 8)
    assert {sample.value for sample in device.history_of("t")} == {1000.0, 2000.0, 4000.0, 5000.0}


async def test_what_was_recorded_of_an_entity_that_appears_after_us_is_sent_as_well(kept: Home) -> None:
    say(kept, "sensor.t", "1")
    entry = await kept.add_entry(selection={"include": {"domains": ["sensor"]}}, delivery=FAST)
    await until(kept, "t", 1.0)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    say(kept, "sensor.t", "2", "3", "4")
    await async_wait_recording_done(kept.hass)
    kept.hass.states.async_remove("sensor.t")
    assert await kept.hass.config_entries.async_setup(entry.entry_id)
    say(kept, "sensor.t", "5")
    await until(kept, "t", 1.0, 2.0, 3.0, 4.0, 5.0)


async def test_a_rename_while_the_recorder_is_busy_loses_no_history(
    kept: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = er.async_get(kept.hass)
    registry.async_get_or_create("sensor", "test", "t", suggested_object_id="t")
    say(kept, "sensor.t", "1")
    entry = await kept.add_entry(["sensor.t"], delivery=FAST)
    await until(kept, "t", 1.0)
    await kept.hass.config_entries.async_unload(entry.entry_id)
    say(kept, "sensor.t", "2", "3", "4")
    await async_wait_recording_done(kept.hass)
    recorder = get_instance(kept.hass)
    wait = recorder.async_block_till_done
    has_renamed = False

    async def rename_meanwhile() -> None:
        nonlocal has_renamed
        await wait()
        if not has_renamed:
            has_renamed = True
            kept.hass.states.async_remove("sensor.t")
            registry.async_update_entity("sensor.t", new_entity_id="sensor.u")
            say(kept, "sensor.u", "5")

    monkeypatch.setattr(recorder, "async_block_till_done", rename_meanwhile)
    assert await kept.hass.config_entries.async_setup(entry.entry_id)
    await until(kept, "t", 1.0, 2.0, 3.0, 4.0, 5.0)


@pytest.mark.parametrize(
    ("entity_id", "before", "after", "identifier"),
    [
        ("media_player.p", ("off", {}), ("playing", {"media_title": "Für Elise"}), "p_media_title"),
        ("person.p", ("unknown", {}), ("home", {"latitude": 48.1, "longitude": 11.5}), "p_location"),
        ("light.p", ("unavailable", {}), ("on", {"brightness": 3}), "p_brightness"),
    ],
)
async def test_an_attribute_that_appears_later_is_published_from_then_on(
    home: Home,
    device: Device,
    entity_id: str,
    before: tuple[str, dict[str, Any]],
    after: tuple[str, dict[str, Any]],
    identifier: str,
) -> None:
    home.hass.states.async_set(entity_id, *before)
    await home.add_entry([entity_id], delivery=FAST)
    home.hass.states.async_set(entity_id, *after)
    await home.emulator.wait_for(lambda: identifier in device.properties)


async def test_what_is_chosen_again_is_what_it_was_also_in_a_large_house(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allocator, "FEATURES_PER_MODULE", 2)
    labels, registry = lr.async_get(home.hass), er.async_get(home.hass)
    label = labels.async_create("Cloud").label_id
    for name in "abc":
        registry.async_get_or_create("sensor", "test", name, suggested_object_id=name)
        registry.async_update_entity(f"sensor.{name}", labels={label})
        say(home, f"sensor.{name}", "1")
    entry = await home.add_entry(selection={"include": {"label_id": [label]}}, delivery=FAST)
    await until(home, "home_2:c", 1.0)
    entry.runtime_data.bridge.selection.model.revise("home_2:c", identifier="mine")
    entry.runtime_data.bridge.selection.async_refresh()
    await until(home, "home_2:mine", 1.0)
    registry.async_update_entity("sensor.c", labels=set())
    registry.async_get_or_create("sensor", "test", "d", suggested_object_id="d")
    registry.async_update_entity("sensor.d", labels={label})
    say(home, "sensor.d", "1")
    await until(home, "home_2:d", 1.0)
    registry.async_update_entity("sensor.c", labels={label})
    await home.hass.async_block_till_done()
    say(home, "sensor.c", "2")
    await home.emulator.wait_for(lambda: series(home, "home_2:mine")[-1] == 2.0)
