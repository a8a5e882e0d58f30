"""Device classes: a number that comes in another unit is converted by its device class, or not sent."""

from typing import Any

import pytest

from .. import VALUES_CONFIRMED, Home

FAST = {"rate": 10}


def told(device_class: str | None, unit: str | None) -> dict[str, Any]:
    attributes: dict[str, Any] = {"device_class": device_class, "unit_of_measurement": unit}
    return {"state_class": "measurement", **{key: value for key, value in attributes.items() if value is not None}}


# Sources: 9 °C warmer is 9 x 1.8 °F warmer; air of 20 °C and 101.325 kPa has 24.0549 L/mol; glucose has 180.16 g/mol.
@pytest.mark.parametrize(
    ("device_class", "unit", "before", "other", "after", "wanted"),
    [
        ("temperature_delta", "°F", "3", "°C", "9", [3.0, 16.2]),
        ("temperature_delta", "K", "3", "°F", "9", [3.0, 5.0]),
        ("temperature", "°F", "3", "°C", "9", [3.0, 48.2]),
        ("temperature", "K", "300", "°F", "32", [300.0, 273.15]),
        ("carbon_monoxide", "μg/m³", "3", "ppm", "2", [3.0, 2328.8184510]),
        ("carbon_monoxide", "ppm", "3", "\u00b5g/m³", "1164.4092255", [3.0, 1.0]),
        ("ozone", "ppb", "3", "\u00b5g/m³", "199.54175", [3.0, 100.0000]),
        ("blood_glucose_concentration", "mmol/L", "5", "mg/dL", "108.096", [5.0, 6.0]),
        ("blood_glucose_concentration", "mg/dL", "100", "mmol/L", "5", [100.0, 90.08]),
        ("energy_distance", "kWh/100km", "20", "km/kWh", "8", [20.0, 12.5]),
        ("energy_distance", "km/kWh", "5", "Wh/km", "125", [5.0, 8.0]),
        ("power_factor", "%", "95", None, "0.98", [95.0, 98.0]),
        ("power_factor", None, "0.95", "%", "98", [0.95, 0.98]),
        ("wind_speed", "m/s", "3", "Beaufort", "4", [3.0, 6.688]),
        ("weight", "kg", "3", "lb", "10", [3.0, 4.5359237]),
        (None, "W", "3", "kW", "2.5", [3.0, 2500.0]),
        (None, "%", "3", "ppm", "20000", [3.0, 2.0]),
    ],
)
async def test_a_number_in_another_unit_is_converted_by_what_was_measured(
    home: Home,
    device_class: str | None,
    unit: str | None,
    before: str,
    other: str | None,
    after: str,
    wanted: list[float],
) -> None:
    home.hass.states.async_set("sensor.t", before, told(device_class, unit))
    await home.add_entry(["sensor.t"], delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.t", after, told(device_class, other))
    await home.emulator.wait_for(lambda: len(home.stored("t")) == 2)
    # The sources have seven digits.
    assert home.stored("t") == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("device_class", "unit", "other", "state"),
    [
        (None, "°C", "°F", "9"),  # warm, or warmer?
        ("carbon_monoxide", "ppm", None, "2"),
        (None, "ppm", "mg/m³", "2"),
        ("temperature", "°C", None, "9"),
        ("power", "W", "VA", "9"),
        ("power", "W", "kWh", "9"),
        (None, None, "W", "9"),
        ("energy_distance", "kWh/100km", "km/kWh", "0"),
        ("wind_speed", "m/s", "Beaufort", "-1"),
        ("volatile_organic_compounds_parts", "ppm", None, "9"),
        ("aqi", None, "%", "41"),
        ("ph", None, "ppm", "7.5"),
        ("power_factor", None, "W", "1"),
    ],
)
async def test_a_number_that_nobody_can_convert_is_counted_and_not_sent(
    home: Home, device_class: str | None, unit: str | None, other: str | None, state: str
) -> None:
    home.hass.states.async_set("sensor.t", "3", told(device_class, unit))
    await home.add_entry(["sensor.t"], delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.t", state, told(device_class, other))
    await home.until_state("sensor.ha_gateway_01_values_that_fit_no_type", "1")
    home.hass.states.async_set("sensor.t", "4", told(device_class, unit))
    await home.emulator.wait_for(lambda: home.stored("t") == [3.0, 4.0])


async def test_the_device_class_is_kept_for_states_that_do_not_tell_it(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "3", told("temperature_delta", "°F"))
    await home.add_entry(["sensor.t"], delivery=FAST)
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.t", "9", told(None, "°C"))
    await home.emulator.wait_for(lambda: home.stored("t") == [3.0, 16.2])
