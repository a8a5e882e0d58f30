"""The pages on which the owner grants, and the repair that asks about what has joined."""

import html
from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.control import watch
from custom_components.aliyun_iot.control.model_files import async_packed
from tests.emulator import Limits, alink

from .. import DEVICE_NAME, PRODUCT_KEY, Home
from .granting import AC, BED, CEILING, furnish, grant, id_of, issue, place, reviewed, settable, stepped, until
from .lamps import FAST


@pytest.fixture(autouse=True)
async def _furnished(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.0)
    await furnish(home.hass)


async def test_the_page_is_empty_at_first_and_nothing_is_granted_before_the_preview_is_saved(home: Home) -> None:
    entry = await home.add_entry([BED])
    before = dict(entry.options)
    page = await home.hass.config_entries.options.async_init(entry.entry_id)
    page = await stepped(home, page, {"next_step_id": "control"})
    assert page["data_schema"] is not None
    assert [key.description["suggested_value"] for key in page["data_schema"].schema] == [{}, []]
    page = await stepped(home, page, {"target": {"entity_id": [BED]}})
    assert (page["step_id"], page["menu_options"]) == ("control_review", ["control_save", "control"])
    assert entry.options == before
    page = await stepped(home, page, {"next_step_id": "control"})
    assert page["data_schema"] is not None
    assert page["data_schema"].schema["target"] is not None
    suggested = [key.description["suggested_value"] for key in page["data_schema"].schema]
    assert suggested == [{"entity_id": [BED]}, []]  # what was chosen is not lost


async def test_the_preview_tells_in_words_what_the_cloud_may_do(home: Home) -> None:
    lights = "switch.decorative_lights"
    entry = await home.add_entry(["sensor.t", BED])
    said = await grant(home, entry, entity_id=[BED, lights])
    assert said["entities"] == "2"
    may = "on and off, Brightness, Color temperature (Kelvin), color; Brightness 0 turns it off"
    assert html.unescape(said["rows"]).split("\n") == [
        f"| Bed Light<br><small>light.bed_light</small> | {may} |",
        "| Decorative Lights<br><small>switch.decorative_lights</small> | on and off; its state is only assumed |",
    ]
    assert "Published from now on: 1 (Decorative Lights)." in said["notes"]
    assert "The thing model has to be imported again after you save" in said["notes"]


async def test_another_entry_that_grants_the_same_is_named(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, entity_id=[AC])
    home.emulator.add_device(PRODUCT_KEY, "second")
    other = MockConfigEntry(domain="aliyun_iot", title="Second", data=dict(entry.data), options=dict(entry.options))
    other.add_to_hass(home.hass)
    page = await reviewed(home, entry, entity_id=[AC])
    said = page["description_placeholders"]
    assert said is not None
    assert "| on and off; Second may control it, too |" in html.unescape(said["rows"])


async def test_ten_lights_of_an_area_take_six_clicks_and_one_import(home: Home) -> None:
    assert await async_setup_component(home.hass, "light", {})
    registry, area = er.async_get(home.hass), place(home.hass)
    for number in range(10):
        made = registry.async_get_or_create(
            "light", "test", str(number), capabilities={"supported_color_modes": ["onoff"]}
        )
        registry.async_update_entity(made.entity_id, area_id=area)
        home.hass.states.async_set(made.entity_id, "on", {"supported_color_modes": ["onoff"]})
    entry = await home.add_entry(["sensor.t"])
    # Configure; this page; Area; the area; Submit; Save
    said = await grant(home, entry, area_id=[area])
    assert said["entities"] == "10"
    assert len(await settable(home, entry)) == 10


async def test_a_lamp_that_was_never_seen_can_be_granted_and_the_page_says_that_nothing_of_it_is_known(
    home: Home,
) -> None:
    made = er.async_get(home.hass).async_get_or_create("light", "test", "unseen")
    entry = await home.add_entry(["sensor.t"])
    page = await reviewed(home, entry, entity_id=[made.entity_id])
    said = page["description_placeholders"]
    assert said is not None
    assert said["entities"] == "1"
    assert said["rows"].startswith("| light")
    assert await settable(home, entry) == []


async def test_taking_all_away_says_that_the_cloud_may_do_nothing(home: Home) -> None:
    entry = await home.add_entry([AC])
    await grant(home, entry, entity_id=[AC])
    said = await grant(home, entry)
    assert said["notes"] == "The cloud may control nothing."
    assert await settable(home, entry) == []


# The model in the console


async def code_of_set(home: Home, name: str) -> int:
    reply: dict[str, Any] = await home.emulator.set_properties(PRODUCT_KEY, DEVICE_NAME, {name: 1})
    code: int = reply["code"]
    return code


async def import_file(home: Home, entry: MockConfigEntry, **changes: str) -> None:
    """Import the file, in which the access modes of properties may be changed on the way."""
    answer: Any = await home.hass.services.async_call(
        "aliyun_iot", "get_thing_model", {"config_entry_id": entry.entry_id}, blocking=True, return_response=True
    )
    (file,) = answer["files"].values()
    for one in file["properties"]:
        one["accessMode"] = changes.get(one["identifier"], one["accessMode"])
    home.emulator.import_thing_model(PRODUCT_KEY, file)


async def asked(home: Home, entry: MockConfigEntry) -> None:
    await entry.runtime_data.proof.async_ask()
    entry.runtime_data.proof.async_update()


async def test_a_property_that_is_read_only_in_the_console_is_named_until_it_is_imported(home: Home) -> None:
    entry = await home.add_entry([AC])
    await import_file(home, entry)
    await grant(home, entry, entity_id=[AC])
    await until(lambda: entry.runtime_data.data.is_model_current)  # the answer to the question of the new link
    await asked(home, entry)
    found = issue(home, "not_settable")
    assert found is not None
    assert found.translation_placeholders == {
        "name": entry.title,
        "problems": "- **AC** (`ac`): is read-only in the console",
    }
    assert issue(home, "thing_model") is None  # its values are stored
    await import_file(home, entry)
    await asked(home, entry)
    assert issue(home, "not_settable") is None


async def test_an_enum_with_other_names_in_the_console_is_named(home: Home) -> None:
    entry = await home.add_entry(["climate.hvac"])
    await grant(home, entry, entity_id=["climate.hvac"])
    answer: Any = await home.hass.services.async_call(
        "aliyun_iot", "get_thing_model", {"config_entry_id": entry.entry_id}, blocking=True, return_response=True
    )
    (file,) = answer["files"].values()
    (mode,) = (one for one in file["properties"] if one["identifier"] == "hvac")
    specs = mode["dataType"]["specs"]
    specs["0"], specs["1"] = specs["1"], specs["0"]
    file["services"] = []
    home.emulator.import_thing_model(PRODUCT_KEY, file)
    await home.until_state("binary_sensor.ha_gateway_01_mqtt_client", "on")
    await asked(home, entry)
    found = issue(home, "not_settable")
    assert found is not None
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["problems"] == (
        "- **Hvac** (`hvac`): has another unit or other names of its values in the console"
    )


async def test_the_file_with_settable_properties_is_one_that_the_console_takes(home: Home) -> None:
    entry = await home.add_entry([BED, "climate.hvac"])
    await grant(home, entry, entity_id=[BED, "climate.hvac", "number.volume"])
    home.emulator.import_thing_model(PRODUCT_KEY, (await async_packed(home.hass, entry)).body)
    await home.until_state("binary_sensor.ha_gateway_01_mqtt_client", "on")
    await asked(home, entry)
    assert issue(home, "not_settable") is None
    page = await reviewed(home, entry, entity_id=[BED, "climate.hvac", "number.volume"])
    said = page["description_placeholders"]
    assert said is not None
    assert said["notes"] == ""


async def test_where_the_platform_does_not_tell_its_model_the_owner_says_that_it_is_imported(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = {topic: handler for topic, handler in alink._HANDLERS.items() if "dsltemplate" not in topic}
    monkeypatch.setattr(alink, "_HANDLERS", handlers)
    entry = await home.add_entry(["sensor.t"])
    page = await reviewed(home, entry, entity_id=[AC])
    assert page["menu_options"] == ["control_save", "control"]  # nobody can have imported that yet
    await stepped(home, page, {"next_step_id": "control_save"})
    page = await reviewed(home, entry, entity_id=[AC])
    assert page["menu_options"] == ["control_save", "control_imported", "control"]
    page = await stepped(home, page, {"next_step_id": "control_imported"})
    assert page["type"] is FlowResultType.CREATE_ENTRY
    page = await reviewed(home, entry, entity_id=[AC])
    said = page["description_placeholders"]
    assert said is not None
    assert (page["menu_options"], said["notes"]) == (["control_save", "control"], "")
    await grant(home, entry, entity_id=[AC, BED])
    page = await reviewed(home, entry, entity_id=[AC, BED])
    assert "control_imported" in (page["menu_options"] or ())  # the light is not in the file that was imported


async def test_taking_one_grant_away_leaves_the_owners_word_about_the_others(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = {topic: handler for topic, handler in alink._HANDLERS.items() if "dsltemplate" not in topic}
    monkeypatch.setattr(alink, "_HANDLERS", handlers)
    home.emulator.limits = Limits.none()
    entry = await home.add_entry(["sensor.t"], delivery=FAST)
    await grant(home, entry, entity_id=[AC])
    page = await reviewed(home, entry, entity_id=[AC])
    await stepped(home, page, {"next_step_id": "control_imported"})
    await grant(home, entry, entity_id=[AC, BED])
    await home.until_state("binary_sensor.ha_gateway_01_mqtt_client", "on")
    assert [await code_of_set(home, name) for name in ("ac", "bed_light")] == [200, 100003]
    page = await reviewed(home, entry, entity_id=[AC, BED])
    await stepped(home, page, {"next_step_id": "control_imported"})
    await grant(home, entry, entity_id=[BED])
    await home.until_state("binary_sensor.ha_gateway_01_mqtt_client", "on")
    assert [await code_of_set(home, name) for name in ("ac", "bed_light")] == [
        460,
        200,
    ]  # the switch is not published any more


# Entities that join


async def joined(home: Home) -> MockConfigEntry:
    """Grant an area, and let two lights join it."""
    entry = await home.add_entry(["sensor.t"])
    area = place(home.hass, AC)
    await grant(home, entry, area_id=[area])
    assert issue(home, "joined") is None
    place(home.hass, BED, CEILING)
    await until(lambda: issue(home, "joined") is not None)
    return entry


async def test_the_repair_lists_what_has_joined_and_asks_about_each_once(home: Home) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    entry = await joined(home)
    manager = repairs_flow_manager(home.hass)
    assert manager is not None
    found = issue(home, "joined")
    assert found is not None
    page: Any = await manager.async_init("aliyun_iot", data={"issue_id": found.issue_id})
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "choose")
    (picker,) = page["data_schema"].schema.values()
    assert [option["label"] for option in picker.config["options"]] == [
        "Bed Light · light.bed_light",
        "Ceiling Lights · light.ceiling_lights",
    ]
    page = await manager.async_configure(page["flow_id"], {"allowed": [id_of(home.hass, BED)]})
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await home.hass.async_block_till_done()
    assert set(entry.options["control"]["granted"].values()) == {AC, BED}
    assert entry.options["control"]["never"] == [id_of(home.hass, CEILING)]
    await until(lambda: issue(home, "joined") is None)
    assert not any(name.startswith("ceiling") for name in await settable(home, entry))
    said = await grant(home, entry, area_id=[place(home.hass)])
    assert "you have answered never before: 1 (Ceiling Lights)" in said["notes"]
    await grant(home, entry, area_id=[place(home.hass)], entity_id=[CEILING])
    assert entry.options["control"]["never"] == []
    assert "ceiling_lights" in await settable(home, entry)


async def test_what_leaves_while_the_repair_is_open_is_neither_allowed_nor_refused(home: Home) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    entry = await joined(home)
    manager = repairs_flow_manager(home.hass)
    assert manager is not None
    found = issue(home, "joined")
    assert found is not None
    page: Any = await manager.async_init("aliyun_iot", data={"issue_id": found.issue_id})
    place(home.hass, BED, area="Cellar")
    await manager.async_configure(page["flow_id"], {"allowed": [id_of(home.hass, BED), id_of(home.hass, CEILING)]})
    await home.hass.async_block_till_done()
    assert set(entry.options["control"]["granted"].values()) == {AC, CEILING}
    assert entry.options["control"]["never"] == []


async def test_the_repair_of_an_entry_that_was_removed_says_so(home: Home) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    entry = await joined(home)
    manager = repairs_flow_manager(home.hass)
    assert manager is not None
    found = issue(home, "joined")
    assert found is not None
    page: Any = await manager.async_init("aliyun_iot", data={"issue_id": found.issue_id})
    await home.hass.config_entries.async_remove(entry.entry_id)
    page = await manager.async_configure(page["flow_id"], {})
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "entry_removed")
