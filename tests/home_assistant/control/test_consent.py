"""Consent: what the owner has allowed, and all that ends it."""

import json
from pathlib import Path
from typing import Any

from homeassistant.const import EntityCategory
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.control import watch
from custom_components.aliyun_iot.control.consent import Consent

from .. import Home
from .granting import AC, BED, CEILING, GARAGE, WINDOW, furnish, grant, group, id_of, issue, place, settable, until


@pytest.fixture(autouse=True)
async def _furnished(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.0)
    await furnish(home.hass)


async def test_nothing_may_be_controlled_at_first(home: Home) -> None:
    entry = await home.add_entry([BED, AC])
    assert await settable(home, entry) == []


async def test_what_is_granted_is_published_and_settable_in_the_file(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, entity_id=[AC])
    assert await settable(home, entry) == ["ac"]


async def test_a_light_can_be_set_in_all_that_it_can_do_also_while_it_is_off(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await home.hass.services.async_call("light", "turn_off", {"entity_id": CEILING}, blocking=True)
    await grant(home, entry, entity_id=[CEILING])
    assert await settable(home, entry) == [
        "ceiling_lights",
        "ceiling_lights_brightness",
        "ceiling_lights_color_temp_kelvin",
        "ceiling_lights_hs_color",
    ]


async def test_an_area_brings_lights_and_switches_and_not_what_opens_the_house(home: Home) -> None:
    area = place(home.hass, BED, AC, WINDOW, GARAGE, "alarm_control_panel.security", "number.volume")
    entry = await home.add_entry(["sensor.t"])
    said = await grant(home, entry, area_id=[area])
    assert set(entry.options["control"]["granted"].values()) == {BED, AC}
    assert "open the house or may do so: 3 (" in said["notes"]
    assert not {"kitchen_window", "garage_door", "security", "volume"} & set(await settable(home, entry))


async def test_a_curtain_comes_with_its_area(home: Home) -> None:
    er.async_get(home.hass).async_update_entity(WINDOW, device_class="curtain")
    area = place(home.hass, WINDOW)
    await home.hass.async_block_till_done()
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, area_id=[area])
    assert await settable(home, entry) == ["kitchen_window"]


async def test_a_curtain_that_becomes_a_garage_door_is_out_at_once(home: Home) -> None:
    registry = er.async_get(home.hass)
    registry.async_update_entity(WINDOW, device_class="curtain")
    area = place(home.hass, WINDOW)
    await home.hass.async_block_till_done()
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, area_id=[area])
    reference = id_of(home.hass, WINDOW)
    assert Consent(home.hass, entry.options).obstacle(reference) is None
    registry.async_update_entity(WINDOW, device_class="garage")
    assert Consent(home.hass, entry.options).obstacle(reference) == "opens"  # before any event was handled
    assert await settable(home, entry) == []


async def test_a_group_with_a_garage_comes_by_no_area_and_not_by_itself(home: Home) -> None:
    everything = await group(home.hass, "cover", "Everything", WINDOW, GARAGE)
    area = place(home.hass, everything)
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, area_id=[area])
    assert entry.options["control"]["granted"] == {}
    said = await grant(home, entry, entity_id=[everything])
    assert entry.options["control"]["single"] == {}
    assert "Not possible, they open the house or may do so: 1 (Everything)." in said["notes"]


async def test_a_group_that_gets_a_garage_later_is_out_at_once(home: Home) -> None:
    er.async_get(home.hass).async_update_entity(WINDOW, device_class="curtain")
    await home.hass.async_block_till_done()
    shades = await group(home.hass, "cover", "Shades", WINDOW)
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, entity_id=[shades])
    assert await settable(home, entry) == ["shades"]
    state = home.hass.states.get(shades)
    assert state is not None
    home.hass.states.async_set(shades, state.state, {**state.attributes, "entity_id": [WINDOW, GARAGE]})
    assert await settable(home, entry) == []


async def test_groups_and_templates_come_one_by_one_only(home: Home) -> None:
    template = {"switch": [{"name": "Pump", "unique_id": "p", "turn_on": [], "turn_off": []}]}
    assert await async_setup_component(home.hass, "template", {"template": [template]})
    await home.hass.async_block_till_done()
    lights = await group(home.hass, "light", "Lights", BED)
    area = place(home.hass, "switch.pump", lights)
    entry = await home.add_entry(["sensor.t"])
    said = await grant(home, entry, area_id=[area])
    assert entry.options["control"]["granted"] == {}
    assert "Only one by one: 2 (Lights, Pump)." in said["notes"]
    await grant(home, entry, entity_id=["switch.pump", lights])
    assert set(entry.options["control"]["single"].values()) == {"switch.pump", lights}


def leave_by_area(home: Home) -> None:
    device_id = er.async_get(home.hass).entities[BED].device_id
    assert device_id is not None
    dr.async_get(home.hass).async_update_device(device_id, area_id=None)


def hide(home: Home) -> None:
    er.async_get(home.hass).async_update_entity(BED, hidden_by=er.RegistryEntryHider.USER)


def disable(home: Home) -> None:
    er.async_get(home.hass).async_update_entity(BED, disabled_by=er.RegistryEntryDisabler.USER)


def make_diagnostic(home: Home) -> None:
    er.async_get(home.hass).async_update_entity(BED, entity_category=EntityCategory.DIAGNOSTIC)


def remove(home: Home) -> None:
    er.async_get(home.hass).async_remove(BED)


def end_area(home: Home) -> None:
    ar.async_get(home.hass).async_delete(place(home.hass))


@pytest.mark.parametrize("leave", [leave_by_area, hide, disable, make_diagnostic, remove, end_area])
async def test_what_leaves_is_out_at_once(home: Home, leave: Any) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, area_id=[place(home.hass, BED)])
    reference = id_of(home.hass, BED)
    assert "bed_light" in await settable(home, entry)
    leave(home)
    assert Consent(home.hass, entry.options).obstacle(reference) is not None
    assert await settable(home, entry) == []


async def test_what_moves_away_and_back_has_to_be_allowed_again(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, area_id=[place(home.hass, BED, CEILING)])
    place(home.hass, BED, area="Cellar")
    await until(lambda: set(entry.options["control"]["granted"].values()) == {CEILING})
    place(home.hass, BED)
    await until(lambda: issue(home, "joined") is not None)
    assert set(entry.options["control"]["granted"].values()) == {CEILING}
    found = issue(home, "joined")
    assert found is not None
    assert found.translation_placeholders is not None
    assert "light&#46;bed&#95;light" in found.translation_placeholders["entities"]


async def test_what_is_excluded_is_not_controllable(home: Home) -> None:
    selection = {"include": {"domains": ["sensor"]}, "exclude": {"entities": {id_of(home.hass, BED): BED}}}
    entry = await home.add_entry(selection=selection)
    said = await grant(home, entry, entity_id=[BED, AC], area_id=[place(home.hass, BED)])
    assert "they are excluded from what is published: 1 (Bed Light)." in said["notes"]
    assert await settable(home, entry) == ["ac"]
    options = {**entry.options, "selection": {**selection, "exclude": {"domains": ["switch"]}}}
    home.hass.config_entries.async_update_entry(entry, options=options)
    assert await settable(home, entry) == []


async def test_a_label_that_is_added_later_waits_to_be_allowed(home: Home) -> None:
    label = lr.async_get(home.hass).async_create("Cloud").label_id
    registry = er.async_get(home.hass)
    registry.async_update_entity(BED, labels={label})
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, label_id=[label])
    assert issue(home, "joined") is None
    registry.async_update_entity(CEILING, labels={label})
    registry.async_update_entity(GARAGE, labels={label})
    await until(lambda: issue(home, "joined") is not None)
    found = issue(home, "joined")
    assert found is not None
    assert found.translation_placeholders == {
        "name": entry.title,
        "entities": "- Ceiling Lights · light&#46;ceiling&#95;lights",
    }
    assert not any(name.startswith("ceiling") for name in await settable(home, entry))
    registry.async_update_entity(CEILING, labels=set())
    await until(lambda: issue(home, "joined") is None)


async def test_another_entity_under_the_old_id_has_no_grant_and_gets_another_identifier(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, entity_id=[AC])
    registry = er.async_get(home.hass)
    registry.async_remove(AC)
    await home.hass.async_block_till_done()
    other = registry.async_get_or_create("switch", "test", "gate opener", suggested_object_id="ac")
    home.hass.states.async_set(AC, "off")
    assert (other.entity_id, entry.options["control"]["single"]) == (AC, {})
    assert Consent(home.hass, entry.options).obstacle(other.id) == "not_granted"
    await grant(home, entry, entity_id=[AC])
    (identifier,) = await settable(home, entry)
    assert identifier == "switch_ac"


async def test_a_grant_is_erased_with_its_entity_also_while_the_entry_is_not_loaded(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, entity_id=[AC])
    await home.hass.config_entries.async_unload(entry.entry_id)
    registry = er.async_get(home.hass)
    before = registry.entities[AC]
    registry.async_remove(AC)
    await home.hass.async_block_till_done()
    again = registry.async_get_or_create("switch", "demo", before.unique_id)
    assert again.id == before.id  # the registry hands the same id out
    assert entry.options["control"]["single"] == {}


async def test_a_grant_whose_entity_is_gone_at_the_start_is_erased(home: Home) -> None:
    entry = home.entry(["sensor.t"])
    (demo,) = home.hass.config_entries.async_entries("demo")
    lives = {"0123456789abcdef": demo.entry_id, id_of(home.hass, BED): demo.entry_id}
    kept = {"single": {"0123456789abcdef": AC, id_of(home.hass, BED): BED}, "lives": lives}
    entry.add_to_hass(home.hass)
    home.hass.config_entries.async_update_entry(
        entry,
        options={**entry.options, "control": kept},
        data={**entry.data, "home": await home.instance_id()},
    )
    await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done()
    assert list(entry.options["control"]["single"].values()) == [BED]


async def test_what_came_anew_under_the_same_registry_id_while_nobody_looked_has_no_grant(home: Home) -> None:
    registry = er.async_get(home.hass)
    (demo,) = home.hass.config_entries.async_entries("demo")
    other = MockConfigEntry(domain="test")
    other.add_to_hass(home.hass)
    before = registry.async_get_or_create("switch", "test", "1", config_entry=demo, suggested_object_id="relay")
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    entry.add_to_hass(home.hass)
    kept = {"single": {before.id: before.entity_id}, "lives": {before.id: demo.entry_id}}
    home.hass.config_entries.async_update_entry(entry, options={**entry.options, "control": kept})
    assert Consent(home.hass, entry.options).obstacle(before.id) is None
    registry.async_remove(before.entity_id)
    again = registry.async_get_or_create("switch", "test", "1", config_entry=other)
    assert again.id == before.id
    assert Consent(home.hass, entry.options).obstacle(again.id) == "not_granted"
    await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done()
    assert entry.options["control"]["single"] == {}


async def test_a_rename_keeps_the_grant(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, entity_id=[AC])
    er.async_get(home.hass).async_update_entity(AC, new_entity_id="switch.cooler")
    await home.hass.async_block_till_done()
    assert await settable(home, entry) == ["ac"]


async def test_what_the_owner_marks_is_out(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, (AC,), entity_id=[AC, BED])
    assert not any(name.startswith("ac") for name in await settable(home, entry))
    assert list(entry.options["control"]["single"].values()) == [BED]


async def test_a_mark_outlives_its_entity_and_a_save_of_the_page_in_between(home: Home) -> None:
    registry = er.async_get(home.hass)
    opener = registry.async_get_or_create("switch", "test", "opener", suggested_object_id="opener")
    entry = await home.add_entry(["sensor.t"])
    await grant(home, entry, (opener.entity_id,), entity_id=[BED])
    registry.async_remove(opener.entity_id)
    await grant(home, entry, (), entity_id=[BED])  # as the page is shown meanwhile
    again = registry.async_get_or_create("switch", "test", "opener", suggested_object_id="opener")
    assert Consent(home.hass, entry.options).hindrance(again) == "opens"
    await grant(home, entry, (), entity_id=[BED])  # now the owner takes the mark away
    assert Consent(home.hass, entry.options).hindrance(again) is None


async def test_our_own_entities_are_never_granted(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    said = await grant(home, entry, entity_id=["button.ha_gateway_01_send_everything_now"])
    assert "belong to this integration: 1 (" in said["notes"]
    assert entry.options["control"]["single"] == {}


async def test_our_own_entities_are_never_published_not_even_the_switch_of_all_entries(home: Home) -> None:
    switch_all = "switch.control_from_alibaba_cloud"
    entry = await home.add_entry(["sensor.t"])
    for entity_id in (switch_all, "switch.ha_gateway_01_control_from_the_cloud"):
        assert er.async_get(home.hass).async_get(entity_id) is not None
    named = {"entities": {id_of(home.hass, switch_all): switch_all, id_of(home.hass, AC): AC}}
    for include in (named, {"domains": ["switch"]}):
        home.hass.config_entries.async_update_entry(
            entry, options={**entry.options, "selection": {"include": include, "exclude": {}}}
        )
        await home.hass.config_entries.async_reload(entry.entry_id)
        published = await settable(home, entry, mode="r")
        assert "ac" in published
        assert not any("control" in identifier or "cloud" in identifier for identifier in published)


async def test_an_entity_without_a_unique_id_is_named_and_not_granted(home: Home) -> None:
    home.hass.states.async_set("light.yaml", "on", {"friendly_name": "Yaml"})
    entry = await home.add_entry(["sensor.t"])
    said = await grant(home, entry, entity_id=["light.yaml"])
    assert "Not possible without a unique ID" in said["notes"]
    assert said["notes"].endswith(": 1 (Yaml).")
    assert entry.options["control"]["single"] == {}


@pytest.mark.parametrize(
    "damaged",
    [
        None, 5, "all", [], [{}], {"single": [BED]}, {"granted": {BED: 5}, "by": {"area_id": "kitchen"}},
        {"by": [1], "never": 5, "opens": {"a": 1}, "confirmed": 5}, {"by": {"area_id": [["x"]], "label_id": {}}},
    ],
)  # fmt: skip
async def test_what_somebody_has_broken_on_the_disk_grants_nothing(home: Home, damaged: Any) -> None:
    entry = await home.add_entry([BED])
    home.hass.config_entries.async_update_entry(entry, options={**entry.options, "control": damaged})
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.hass.async_block_till_done()
    assert await settable(home, entry) == []


def lamp(home: Home, settable_before: Any) -> tuple[str, dict[str, Any]]:
    """Register a lamp that shows only on and off now; returns its id, and what the disk has of it."""
    made = er.async_get(home.hass).async_get_or_create("light", "test", "1", suggested_object_id="lamp")
    home.hass.states.async_set("light.lamp", "on", {"supported_color_modes": ["onoff"]})
    base: dict[str, Any] = {"module": None, "options": {}, "unit": None, "is_left_out": False}
    number = {"type": "int", "specs": {"min": "0", "max": "255", "step": "1"}}
    switch = {"type": "bool", "specs": {"0": "off", "1": "on"}}
    document = {
        "entity_id": "light.lamp",
        "is_complete": True,
        "settable": settable_before,
        "properties": {
            "state": {**base, "identifier": "lamp", "name": "Lamp", "data_type": switch},
            "attribute.brightness": {**base, "identifier": "lamp_b", "name": "Lamp b", "data_type": number},
        },
    }
    return made.id, document


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["state", "attribute.brightness"], ["lamp", "lamp_b"]),
        (None, ["lamp"]),
        (5, ["lamp"]),
        ("attribute.brightness", ["lamp"]),
        ([5, {}], ["lamp"]),
    ],
)
async def test_what_a_lamp_could_ever_do_is_kept_and_what_is_broken_is_found_anew(
    home: Home, before: Any, after: list[str]
) -> None:
    reference, document = lamp(home, before)
    entry = home.entry(["light.lamp"], home=await home.instance_id())
    path = Path(home.hass.config.path(".storage", f"aliyun_iot.thing_model_{entry.entry_id}"))
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"version": 1, "entities": {reference: document}}))
    await home.set_up(entry)
    await grant(home, entry, entity_id=["light.lamp"])
    assert await settable(home, entry) == after
    kept = json.loads(path.read_text())["entities"][reference]
    assert (len(kept["settable"]), kept["was_granted"]) == (len(after), True)


async def test_a_text_that_holds_a_password_is_not_published_by_a_grant(home: Home) -> None:
    er.async_get(home.hass).async_get_or_create("text", "test", "1", suggested_object_id="code")
    home.hass.states.async_set("text.code", "1234", {"mode": "password", "min": 0, "max": 20})
    entry = await home.add_entry(["sensor.t"])
    said = await grant(home, entry, entity_id=["text.code"])
    assert "nothing that is known yet" in said["rows"]
    assert await settable(home, entry) == []
    assert await settable(home, entry, mode="r") == []
