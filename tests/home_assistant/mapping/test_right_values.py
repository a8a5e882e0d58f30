"""The right value, in the right unit: what the platform stores of units, numbers and scalars in any spelling."""

from contextlib import suppress
from typing import Any

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.setup import async_setup_component
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Text
from tests.emulator import Device

from .. import VALUES_CONFIRMED, Home

FAST = {"rate": 10}


async def assert_stored(home: Home, identifier: str, *expected: Any) -> None:
    """Wait until these values, and no others, are stored."""
    with suppress(TimeoutError):
        await home.emulator.wait_for(lambda: home.stored(identifier) == list(expected))
    assert home.stored(identifier) == list(expected)


# By hand: a state in the property's unit, one in another spelling or unit, and both in the property's unit.
@pytest.mark.parametrize(
    ("device_class", "first", "then", "expected"),
    [
        ("temperature", ("20", "°C"), ("21.5", "\u2103"), (20.0, 21.5)),
        ("temperature", ("68", "\u2109"), ("25", "°C"), (68.0, 77.0)),
        ("temperature", ("20", "\u2103"), ("86", "\u2109"), (20.0, 30.0)),
        ("temperature", ("300", "\u212a"), ("6.85", "°C"), (300.0, 280.0)),
        ("area", ("1", "ft²"), ("9.290304", "\u33a1"), (1.0, 100.0)),
        ("area", ("5", "\u33a1"), ("10000", "cm²"), (5.0, 1.0)),
        ("water", ("5", "\u33a5"), ("2000", "L"), (5.0, 2.0)),
        ("resistance", ("47", "\u2126"), ("48", "\u03a9"), (47.0, 48.0)),
        ("resistance", ("47", "k\u03a9"), ("48", "k\u2126"), (47.0, 48.0)),
        ("reactive_power", ("1500", "VAr"), ("2", "kvar"), (1500.0, 2000.0)),
        ("reactive_power", ("1.5", "kvar"), ("2500", "VAr"), (1.5, 2.5)),
        ("reactive_energy", ("1500", "varh"), ("2", "kVArh"), (1500.0, 2000.0)),
        ("pm25", ("15", "\u03bcg/m³"), ("16", "\u00b5g/m³"), (15.0, 16.0)),
        ("pm25", ("15", "\u338d/m³"), ("0.5", "mg/m³"), (15.0, 500.0)),
        ("humidity", ("45", "%"), ("46", "\uff05"), (45.0, 46.0)),
        ("energy", ("3", "kWh"), ("4", "\uff4b\uff37\uff48"), (3.0, 4.0)),
    ],
)
async def test_a_unit_is_the_same_in_every_spelling(
    home: Home,
    device: Device,
    device_class: str,
    first: tuple[str, str],
    then: tuple[str, str],
    expected: tuple[float, float],
) -> None:
    for state, unit in (first, then):
        attributes = {"unit_of_measurement": unit, "device_class": device_class}
        home.hass.states.async_set("sensor.it", state, attributes)
        if unit == first[1]:
            await home.add_entry(["sensor.it"], delivery=FAST)
            await home.until_state(VALUES_CONFIRMED, "1")
    with suppress(TimeoutError):
        await home.emulator.wait_for(lambda: len(home.stored("it")) == len(expected))
    assert home.stored("it") == pytest.approx(list(expected), rel=1e-9)
    assert device.rejected == {}


@pytest.mark.parametrize(
    ("device_class", "state", "expected"),
    [
        ("aqi", "42", 42.0),
        ("ph", "7.2", 7.2),
        ("power_factor", "0.98", 0.98),
        ("monetary", "3.50", 3.5),
        ("signal_strength", "-70", -70.0),
        ("irradiance", "800", 800.0),
        (None, "42", "42"),
        ("timestamp", "2026-11-21T04:00:00+00:00", "1795233600000"),
    ],
)
async def test_a_sensor_of_a_numeric_device_class_is_a_number_without_unit_and_state_class(
    home: Home, device_class: str | None, state: str, expected: Any
) -> None:
    home.hass.states.async_set("sensor.it", state, {"device_class": device_class} if device_class else {})
    await home.add_entry(["sensor.it"], delivery=FAST)
    await assert_stored(home, "it", expected)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("48.14", "11.58"), (48.14, "11.58"), ("48.14", 11.58), (" 48.14", "1.158e1")]
)
@pytest.mark.parametrize("entity_id", ["person.it", "device_tracker.it", "geo_location.it"])
async def test_a_place_that_is_given_as_text_is_one_of_numbers(
    home: Home, entity_id: str, latitude: Any, longitude: Any
) -> None:
    attributes = {"latitude": latitude, "longitude": longitude, "unit_of_measurement": "km"}
    home.hass.states.async_set(entity_id, "12", attributes)
    await home.add_entry([entity_id], delivery=FAST)
    await assert_stored(home, "it_location", {"latitude": 48.14, "longitude": 11.58})


@pytest.mark.parametrize(
    ("entity_id", "attributes", "identifier", "expected"),
    [
        ("climate.it", {"fan_mode": 3, "fan_modes": [1, 2, 3]}, "it_fan_mode", "3"),
        ("climate.it", {"preset_mode": 2.5}, "it_preset_mode", "2.5"),
        ("climate.it", {"swing_mode": False}, "it_swing_mode", "false"),
        ("climate.it", {"fan_mode": 2, "fan_modes": ["1", "2", "3"]}, "it_fan_mode", 1),
        ("media_player.it", {"media_title": 1984}, "it_media_title", "1984"),
        ("media_player.it", {"media_title": True, "source": 1}, "it_media_title", "true"),
        ("update.it", {"installed_version": 4.2}, "it_installed_version", "4.2"),
        ("lock.it", {"changed_by": 7}, "it_changed_by", "7"),
    ],
)
async def test_a_text_takes_any_scalar(
    home: Home, entity_id: str, attributes: dict[str, Any], identifier: str, expected: Any
) -> None:
    home.hass.states.async_set(entity_id, "on", attributes)
    await home.add_entry([entity_id], delivery=FAST)
    await assert_stored(home, identifier, expected)


@pytest.mark.parametrize(
    ("entity_id", "name", "value", "expected"),
    [
        ("light.it", "brightness", 128, "128"),
        ("fan.it", "oscillating", True, "true"),
        ("media_player.it", "volume_level", 0.35, "0.35"),
    ],
)
async def test_a_property_that_a_person_makes_a_text_takes_its_numbers_and_flags(
    home: Home, entity_id: str, name: str, value: Any, expected: str
) -> None:
    home.hass.states.async_set(entity_id, "on", {name: value})
    entry = await home.add_entry([entity_id], delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "2")
    selection = entry.runtime_data.bridge.selection
    selection.model.revise(f"it_{name}", data_type=Text(length=20), options={}, unit=None)
    selection.async_refresh()
    with suppress(TimeoutError):
        await home.emulator.wait_for(lambda: expected in home.stored(f"it_{name}"))
    assert home.stored(f"it_{name}")[-1] == expected


async def test_a_real_helper_that_counts_without_a_unit_is_a_number(home: Home) -> None:
    assert await async_setup_component(home.hass, "input_number", {"input_number": {"it": {"min": 0, "max": 9}}})
    await home.add_entry(["input_number.it"], delivery=FAST)
    await home.hass.services.async_call(
        "input_number", "set_value", {ATTR_ENTITY_ID: "input_number.it", "value": 4}, blocking=True
    )
    await assert_stored(home, "it", 0.0, 4.0)
