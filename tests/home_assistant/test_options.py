"""What can be changed later: the entities, and how fast their values go."""

from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.aliyun_iot.schema import vol
from tests.emulator import Device

from . import VALUES_CONFIRMED, Home

USUAL = {"mode": "every_change", "interval": 60.0, "rate": 1.0, "burst": 1.0, "repeat": 0.0}
CHOSEN = {"mode": "latest", "interval": 300.0, "rate": 0.5, "burst": 3.0, "repeat": 30.0}


async def opened(home: Home, entry: MockConfigEntry) -> ConfigFlowResult:
    return await home.hass.config_entries.options.async_init(entry.entry_id)


async def saved(home: Home, page: ConfigFlowResult, **typed: Any) -> ConfigFlowResult:
    result = await home.hass.config_entries.options.async_configure(page["flow_id"], typed)
    await home.hass.async_block_till_done()
    return result


def shown(page: ConfigFlowResult) -> dict[str, Any]:
    """Return what stands in the fields of a page, and in those of its section."""
    assert page["data_schema"] is not None
    section = next(value for key, value in page["data_schema"].schema.items() if key == "delivery")
    return {**suggested(page["data_schema"]), "delivery": suggested(section.schema)}


def suggested(schema: vol.Schema) -> dict[str, Any]:
    return {str(key): key.description["suggested_value"] for key in schema.schema if key.description}


async def test_options_change_the_selection_and_keep_the_identifiers_that_stay(home: Home) -> None:
    registry = er.async_get(home.hass)
    kitchen = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="kitchen")
    home.hass.states.async_set("sensor.kitchen", "1", {"unit_of_measurement": "W"})
    home.hass.states.async_set("light.kitchen", "on")
    entry = await home.add_entry({kitchen.id: "power_of_old", "sensor.gone": "gone", "0" * 32: "removed"})
    page = await opened(home, entry)
    assert shown(page) == {"sensors": ["sensor.kitchen", "sensor.gone"], "others": [], "delivery": USUAL}
    page = await saved(home, page, delivery={})
    assert page["errors"] == {"base": "no_entities"}
    result = await saved(home, page, sensors=["sensor.kitchen"], others=["light.kitchen"], delivery={})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {
        "properties": {kitchen.id: "power_of_old", "light.kitchen": "kitchen"},
        "delivery": USUAL,
    }
    await home.emulator.wait_for(lambda: home.stored("kitchen") == [1])


async def test_the_delivery_is_kept_shown_again_and_used_from_then_on(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry({"sensor.t": "t"})
    await home.until_state(VALUES_CONFIRMED, "1")
    await saved(home, await opened(home, entry), sensors=["sensor.t"], delivery=CHOSEN)
    assert entry.options["delivery"] == CHOSEN
    await home.emulator.wait_for(lambda: device.connects == 2)
    page = await opened(home, entry)
    assert shown(page) == {"sensors": ["sensor.t"], "others": [], "delivery": CHOSEN}
    await saved(home, page, **shown(page))
    assert entry.options["delivery"] == CHOSEN
    assert device.connects == 2


async def test_a_delivery_field_that_was_emptied_is_as_usual_again(home: Home) -> None:
    entry = await home.add_entry({"sensor.t": "t"}, delivery=CHOSEN)
    await saved(home, await opened(home, entry), sensors=["sensor.t"], delivery={"mode": "latest", "rate": 0.5})
    assert entry.options["delivery"] == {**USUAL, "mode": "latest", "rate": 0.5}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", "sometimes"),
        ("interval", 0),
        ("interval", 86401),
        ("rate", 0),
        ("rate", 10.1),
        ("burst", 0),
        ("burst", 11),
        ("repeat", -1),
        ("repeat", 1441),
        ("repeat", "often"),
    ],
)
async def test_a_delivery_that_cannot_be_is_refused_with_a_text(
    home: Home, hass_client: ClientSessionGenerator, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    await async_setup_component(home.hass, "config", {})
    entry = await home.add_entry({"sensor.t": "t"})
    client = await hass_client()
    flow = "/api/config/config_entries/options/flow"
    page = await (await client.post(flow, json={"handler": entry.entry_id})).json()
    typed = {"sensors": ["sensor.t"], "delivery": {**USUAL, field: value}}
    answer = await client.post(f"{flow}/{page['flow_id']}", json=typed)
    assert answer.status == HTTPStatus.BAD_REQUEST
    (text,) = (await answer.json())["errors"]["base"]
    assert field in text
    assert "Traceback" not in caplog.text
    assert "delivery" not in entry.options
