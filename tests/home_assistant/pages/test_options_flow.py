"""Options flow: the selection, the delivery and the file of an entry."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, entity_registry as er, label_registry as lr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.aliyun_iot.schema import vol
from tests.emulator import Device

from .. import VALUES_CONFIRMED, Home, chosen

USUAL = {"mode": "every_change", "interval": 60.0, "rate": 1.0, "burst": 1.0, "repeat": 0.0}
CHOSEN = {"mode": "latest", "interval": 300.0, "rate": 0.5, "burst": 3.0, "repeat": 30.0}
WATT = {"unit_of_measurement": "W"}


async def opened(home: Home, entry: MockConfigEntry, page: str) -> ConfigFlowResult:
    """Open the options, and choose a page of the menu."""
    menu = await home.hass.config_entries.options.async_init(entry.entry_id)
    return await chose(home, menu, page)


async def chose(home: Home, menu: ConfigFlowResult, step: str) -> ConfigFlowResult:
    assert menu["type"] is FlowResultType.MENU
    return await typed(home, menu, {"next_step_id": step})


async def typed(home: Home, page: ConfigFlowResult, user_input: Mapping[str, Any]) -> ConfigFlowResult:
    result = await home.hass.config_entries.options.async_configure(page["flow_id"], dict(user_input))
    await home.hass.async_block_till_done()
    return result


def shown(page: ConfigFlowResult) -> dict[str, Any]:
    """Return the suggested values of a page's fields, and of the fields in its section."""
    assert page["data_schema"] is not None
    section = next((value for key, value in page["data_schema"].schema.items() if key == "exclude"), None)
    return suggested(page["data_schema"]) | ({} if section is None else {"exclude": suggested(section.schema)})


def suggested(schema: vol.Schema) -> dict[str, Any]:
    return {str(key): key.description["suggested_value"] for key in schema.schema if key.description}


def said(page: ConfigFlowResult) -> Mapping[str, str]:
    assert page["description_placeholders"] is not None
    return page["description_placeholders"]


# The menu


async def test_the_menu_leads_to_each_page_and_back(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    menu = await home.hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["selection", "preview", "properties", "attributes", "control", "file", "delivery"]
    page = await chose(home, await chose(home, menu, "preview"), "init")
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "init")


# The selection


async def test_everything_that_can_be_chosen_is_kept_and_shown_again(home: Home) -> None:
    registry = er.async_get(home.hass)
    label = lr.async_get(home.hass).async_create("Cloud").label_id
    area = ar.async_get(home.hass).async_create("Kitchen").id
    kitchen = registry.async_get_or_create(
        "sensor", "test", "1", suggested_object_id="kitchen", original_device_class="power"
    )
    home.hass.states.async_set("sensor.kitchen", "1", WATT)
    entry = await home.add_entry(["sensor.kitchen"])
    page = await opened(home, entry, "selection")
    assert shown(page) == {
        "target": {"entity_id": ["sensor.kitchen"]},
        "domains": [],
        "device_classes": [],
        "exclude": {"target": {}, "domains": [], "device_classes": []},
        "measuring": False,
        "availability": False,
    }
    everything = {
        "target": {"entity_id": ["sensor.kitchen"], "area_id": [area], "label_id": [label]},
        "domains": ["sensor"],
        "device_classes": ["power"],
        "measuring": True,
        "exclude": {"target": {"area_id": [area]}, "domains": ["sensor"], "device_classes": ["power"]},
        "availability": True,
    }
    result = await chose(home, await typed(home, page, everything), "save")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["selection"] == {
        "include": {
            "entities": {kitchen.id: "sensor.kitchen"},
            "area_id": [area],
            "label_id": [label],
            "domains": ["sensor"],
            "device_classes": ["power"],
            "measuring": True,
        },
        "exclude": {"area_id": [area], "domains": ["sensor"], "device_classes": ["power"]},
        "availability": True,
    }
    assert shown(await opened(home, entry, "selection")) == everything
    await home.emulator.wait_for(lambda: home.stored("kitchen_available") == [1])


async def test_a_new_choice_is_published_after_a_new_connection(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    home.hass.states.async_set("light.kitchen", "on")
    entry = await home.add_entry(["sensor.t"], delivery=CHOSEN)
    await home.until_state(VALUES_CONFIRMED, "1")
    page = await typed(home, await opened(home, entry, "selection"), chosen("light.kitchen"))
    assert home.stored("kitchen") == []
    assert entry.options["selection"]["include"] == {"entities": {"sensor.t": "sensor.t"}}
    await chose(home, page, "save")
    assert entry.options["delivery"] == CHOSEN
    await home.emulator.wait_for(lambda: home.stored("kitchen") == [1])
    assert device.connects == 2


async def test_a_choice_of_nothing_is_refused(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    page = await typed(home, await opened(home, entry, "selection"), {"target": {"area_id": []}, "exclude": {}})
    assert page["errors"] == {"base": "nothing_chosen"}
    assert shown(page)["target"] == {"area_id": []}


async def test_a_choice_can_be_changed_after_a_look_at_it(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    page = await typed(home, await opened(home, entry, "selection"), chosen("sensor.t", "light.kitchen"))
    page = await chose(home, page, "selection")
    assert shown(page)["target"] == {"entity_id": ["sensor.t", "light.kitchen"]}
    assert shown(await opened(home, entry, "selection"))["target"] == {"entity_id": ["sensor.t"]}


async def test_what_is_gone_stays_chosen_until_somebody_removes_it(home: Home) -> None:
    registry = er.async_get(home.hass)
    kitchen = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="kitchen")
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.kitchen", "sensor.t"])
    registry.async_remove("sensor.kitchen")
    page = await opened(home, entry, "selection")
    assert shown(page)["target"] == {"entity_id": ["sensor.kitchen", "sensor.t"]}
    page = await typed(home, page, {**shown(page)})
    assert said(page)["notes"].count("sensor&#46;kitchen") == 1
    await chose(home, page, "save")
    entities = {kitchen.id: "sensor.kitchen", "sensor.t": "sensor.t"}
    assert entry.options["selection"]["include"] == {"entities": entities}
    page = await typed(home, await opened(home, entry, "selection"), chosen("sensor.t"))
    await chose(home, page, "save")
    assert entry.options["selection"]["include"] == {"entities": {"sensor.t": "sensor.t"}}


async def test_a_renamed_entity_is_shown_by_its_name_of_now(home: Home) -> None:
    registry = er.async_get(home.hass)
    kitchen = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="kitchen")
    entry = await home.add_entry(["sensor.kitchen"])
    registry.async_update_entity("sensor.kitchen", new_entity_id="sensor.pantry")
    page = await opened(home, entry, "selection")
    assert shown(page)["target"] == {"entity_id": ["sensor.pantry"]}
    await chose(home, await typed(home, page, shown(page)), "save")
    assert entry.options["selection"]["include"] == {"entities": {kitchen.id: "sensor.pantry"}}


async def test_names_that_say_nothing_are_left_out(home: Home) -> None:
    registry = er.async_get(home.hass)
    kitchen = registry.async_get_or_create("sensor", "test", "1", suggested_object_id="kitchen")
    entry = await home.add_entry(["sensor.t"])
    target = {"entity_id": [kitchen.id, "0" * 32], "area_id": "cellar", "device_id": "{{ template }}"}
    page = await typed(home, await opened(home, entry, "selection"), {"target": target, "exclude": {}})
    await chose(home, page, "save")
    assert entry.options["selection"]["include"] == {
        "entities": {kitchen.id: "sensor.kitchen"},
        "area_id": ["cellar"],
    }


def offered(page: ConfigFlowResult, field: str) -> dict[str, str]:
    """Return the choices of a field with their labels."""
    assert page["data_schema"] is not None
    options = page["data_schema"].schema[field].config["options"]
    return {option["value"]: option["label"] for option in options}


async def test_the_types_and_classes_of_this_house_are_offered_by_name(home: Home) -> None:
    registry = er.async_get(home.hass)
    registry.async_get_or_create("sensor", "test", "1", original_device_class="humidity")
    registry.async_get_or_create("sensor", "test", "3", original_device_class="enum")
    registry.async_get_or_create("cover", "test", "2", disabled_by=er.RegistryEntryDisabler.USER)
    home.hass.states.async_set("binary_sensor.door", "on", {"device_class": "door"})
    home.hass.states.async_set("light.kitchen", "on")
    selection = {"include": {"domains": ["gone"], "device_classes": ["bygone"]}}
    entry = await home.add_entry(selection=selection)
    page = await opened(home, entry, "selection")
    domains = offered(page, "domains")
    assert domains.items() >= {"light": "Light", "sensor": "Sensor", "gone": "gone"}.items()
    assert "cover" not in domains
    classes = offered(page, "device_classes")
    assert classes == {
        "humidity": "Humidity (humidity)",
        "door": "Door (door)",
        "enum": "Sensor (enum)",
        "bygone": "bygone",
    }


# The delivery


async def test_the_delivery_is_kept_shown_again_and_used_from_then_on(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    page = await opened(home, entry, "delivery")
    assert shown(page) == USUAL
    await typed(home, page, CHOSEN)
    assert entry.options["delivery"] == CHOSEN
    assert entry.options["selection"]["include"] == {"entities": {"sensor.t": "sensor.t"}}
    await home.emulator.wait_for(lambda: device.connects == 2)
    page = await opened(home, entry, "delivery")
    assert shown(page) == CHOSEN
    await typed(home, page, shown(page))
    assert entry.options["delivery"] == CHOSEN
    assert device.connects == 2


async def test_a_delivery_field_that_was_emptied_is_as_usual_again(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"], delivery=CHOSEN)
    await typed(home, await opened(home, entry, "delivery"), {"mode": "latest", "rate": 0.5})
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
    entry = await home.add_entry(["sensor.t"])
    client = await hass_client()
    flow = "/api/config/config_entries/options/flow"
    page = await (await client.post(flow, json={"handler": entry.entry_id})).json()
    await client.post(f"{flow}/{page['flow_id']}", json={"next_step_id": "delivery"})
    answer = await client.post(f"{flow}/{page['flow_id']}", json={**USUAL, field: value})
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert field in (await answer.json())["errors"]
    assert "Traceback" not in caplog.text
    assert "delivery" not in entry.options


@pytest.mark.parametrize("field", ["interval", "rate", "burst", "repeat"])
async def test_a_delivery_that_is_no_number_is_refused_by_its_field(
    home: Home, hass_client: ClientSessionGenerator, field: str
) -> None:
    await async_setup_component(home.hass, "config", {})
    entry = await home.add_entry(["sensor.t"])
    client = await hass_client()
    flow = "/api/config/config_entries/options/flow"
    page = await (await client.post(flow, json={"handler": entry.entry_id})).json()
    await client.post(f"{flow}/{page['flow_id']}", json={"next_step_id": "delivery"})
    answer = await client.post(f"{flow}/{page['flow_id']}", json={**USUAL, field: "nan"})
    assert answer.status == HTTPStatus.OK
    assert (await answer.json())["errors"] == {field: "not_a_number"}
    answer = await client.post(f"{flow}/{page['flow_id']}", json=CHOSEN)
    assert (await answer.json())["type"] == "create_entry"
    assert entry.options["delivery"] == CHOSEN


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "often", [], 10**400, -1])
async def test_an_entry_with_a_delivery_that_cannot_be_delivers_as_usual(home: Home, value: Any) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"], delivery=dict.fromkeys(USUAL, value))
    assert entry.state is ConfigEntryState.LOADED
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    assert shown(await opened(home, entry, "delivery")) == USUAL


# An entry that is gone


@pytest.mark.parametrize("page", ["selection", "preview", "properties", "attributes", "control", "file", "delivery"])
async def test_a_page_of_an_entry_that_was_removed_ends_the_dialog_with_a_text(home: Home, page: str) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    menu = await home.hass.config_entries.options.async_init(entry.entry_id)
    await home.hass.config_entries.async_remove(entry.entry_id)
    result = await chose(home, menu, page)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_removed")


@pytest.mark.parametrize(
    ("page", "user_input"),
    [
        ("selection", chosen("sensor.t")),
        ("preview", {"next_step_id": "init"}),
        ("properties", {"property": "t"}),
        ("attributes", {"entity": "sensor.t"}),
        ("file", {"next_step_id": "init"}),
        ("delivery", CHOSEN),
    ],
)
async def test_what_is_typed_for_an_entry_that_was_removed_ends_the_dialog_with_a_text(
    home: Home, page: str, user_input: dict[str, Any]
) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    open_page = await opened(home, entry, page)
    await home.hass.config_entries.async_remove(entry.entry_id)
    result = await typed(home, open_page, user_input)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_removed")


async def test_no_page_of_a_preview_is_turned_for_an_entry_that_was_removed(home: Home) -> None:
    names = [f"sensor.n{number}" for number in range(60)]
    for name in names:
        home.hass.states.async_set(name, "1", WATT)
    entry = await home.add_entry(names)
    preview = await opened(home, entry, "preview")
    await home.hass.config_entries.async_remove(entry.entry_id)
    result = await chose(home, preview, "next_page")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_removed")


# The file


async def test_the_file_for_the_console_can_be_fetched_from_its_page(
    home: Home, hass_client: ClientSessionGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    assert await async_setup_component(home.hass, "config", {})
    administrator = await hass_client()
    flow = "/api/config/config_entries/options/flow"
    page = await (await administrator.post(flow, json={"handler": entry.entry_id})).json()
    page = await (await administrator.post(f"{flow}/{page['flow_id']}", json={"next_step_id": "file"})).json()
    assert page["menu_options"] == ["check", "init"]
    link = page["description_placeholders"]["link"]
    assert link.endswith('" target="_blank">thing_model.json</a>')
    client = await hass_client_no_auth()
    answer = await client.get(link.split('"')[1])
    assert answer.status == HTTPStatus.OK
    document = await answer.json()
    assert [property_["identifier"] for property_ in document["properties"]] == ["t"]
