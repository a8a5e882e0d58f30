"""The store: the thing model on the disk, also after somebody has broken the file."""

from collections.abc import Awaitable, Callable
import errno
from http import HTTPStatus
import json
import logging
import os
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.aliyun_iot import durable
from custom_components.aliyun_iot.thing_model import store
from tests.emulator import Device

from .. import DEVICE_NAME, VALUES_CONFIRMED, Home
from ..pages.test_options_flow import typed
from ..pages.test_property_pages import filled, picked

WATT = {"unit_of_measurement": "W"}


def file(home: Home, entry_id: str) -> Path:
    """Return the path of an entry's model."""
    path = Path(home.hass.config.path(".storage", f"aliyun_iot.thing_model_{entry_id}"))
    path.parent.mkdir(exist_ok=True)
    return path


def kept(home: Home, entry_id: str, document: Any) -> None:
    """Write a document there."""
    file(home, entry_id).write_text(json.dumps(document))


PROPERTY = {
    "identifier": "mine",
    "name": "Mine",
    "data_type": {"type": "double", "specs": {"min": "0", "max": "10", "step": "1"}},
    "module": None,
    "options": {},
    "unit": "W",
    "is_left_out": False,
}


def number(**specs: str) -> dict[str, Any]:
    return {"type": "double", "specs": {"min": "0", "max": "10", "step": "1", **specs}}


STRUCT = {"type": "struct", "specs": [{"identifier": "a", "name": "a", "dataType": number()}]}
ENUM = {"type": "enum", "specs": {"0": "off"}}
NESTED = pytest.param("[" * 100_000, id="nested")
LONG = {"type": "text", "specs": {"length": "9" * 400}}


async def test_what_was_kept_is_what_is_sent(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    kept(
        home,
        entry.entry_id,
        {"entities": {"sensor.t": {"entity_id": "sensor.t", "properties": {"state": PROPERTY}}}},
    )
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored("mine") == [1.0])
    assert device.properties.keys() == {"mine"}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": {"type": "?"}}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "options": []}}},
        {"entity_id": "sensor.t", "properties": []},
        {"entity_id": "sensor.t", "properties": {}, "is_complete": True},
        {"entity_id": "no entity", "properties": {"state": PROPERTY}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "device_class": ["power"]}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "device_class": "half \ud83d"}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": {"type": "array"}}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": {"type": "struct"}}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": STRUCT}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": {"type": "enum"}}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": ENUM, "options": {"on": 7}}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": number(max="9" * 400)}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": number(step="nan")}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "data_type": LONG}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "module": "../x"}}},
        {"entity_id": "sensor.t", "properties": {"state": {**PROPERTY, "identifier": "a:b"}}},
        {"entity_id": "sensor.t", "properties": {"state": PROPERTY, "attribute.x": PROPERTY}},
    ],
)
async def test_of_a_model_that_was_broken_by_hand_the_rest_is_read(
    home: Home, caplog: pytest.LogCaptureFixture, broken: Any
) -> None:
    for name in ("t", "u"):
        home.hass.states.async_set(f"sensor.{name}", "1", WATT)
    entry = home.entry(["sensor.t", "sensor.u"], home=await home.instance_id())
    good = {"entity_id": "sensor.u", "properties": {"state": PROPERTY}}
    kept(home, entry.entry_id, {"entities": {"sensor.t": broken, "sensor.u": good}})
    await home.set_up(entry)
    await home.until_state(VALUES_CONFIRMED, "2")
    assert (home.stored("t"), home.stored("mine")) == ([1.0], [1.0])
    assert "What the disk has of 1 entities cannot be read" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "[1]", "{", "", '{"entities": null}', '{"entities": []}', '"half \\ud83d']
)
async def test_what_is_no_model_at_all_is_made_anew(home: Home, caplog: pytest.LogCaptureFixture, content: str) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    file(home, entry.entry_id).write_text(content)
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    assert "cannot be read" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_model_that_cannot_be_read_now_is_tried_again_and_touched_by_nobody(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    path = file(home, entry.entry_id)
    path.mkdir()
    await home.set_up(entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "model_not_read"
    assert path.is_dir()
    assert not [record for record in caplog.records if record.exc_info and record.levelno >= logging.INFO]


async def test_who_asks_for_a_model_that_cannot_be_read_is_told_so(
    home: Home, hass_client: Callable[[], Awaitable[TestClient[Any, Any]]]
) -> None:
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    file(home, entry.entry_id).mkdir()
    await home.set_up(entry)
    with pytest.raises(HomeAssistantError) as refused:
        await home.hass.services.async_call(
            "aliyun_iot", "get_thing_model", {"config_entry_id": entry.entry_id}, blocking=True, return_response=True
        )
    assert refused.value.translation_key == "model_not_read"
    response = await (await hass_client()).get(f"/api/aliyun_iot/thing_model/{entry.entry_id}")
    assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
    for page in ("preview", "properties", "attributes", "file"):
        menu = await home.hass.config_entries.options.async_init(entry.entry_id)
        result = await home.hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": page})
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "model_not_read")


async def test_what_was_fixed_is_kept_until_the_entry_is_removed(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    path = file(home, entry.entry_id)
    (entity,) = json.loads(path.read_text())["entities"].values()
    assert entity["entity_id"] == "sensor.t"
    assert entity["properties"]["state"]["identifier"] == "t"
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert not path.exists()


def fail_as_full(path: Path, document: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_disk_that_is_full_is_told_of_and_the_model_is_kept_when_it_is_not(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    write = durable.write_json
    monkeypatch.setattr(store, "write_json", fail_as_full)
    entry = await home.add_entry(["sensor.t"])
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    assert not file(home, entry.entry_id).exists()
    assert "No space left on device" in caplog.text
    assert "Traceback" not in caplog.text
    monkeypatch.setattr(store, "write_json", write)
    await home.hass.config_entries.async_unload(entry.entry_id)
    assert file(home, entry.entry_id).exists()


async def test_a_change_in_the_options_that_the_disk_does_not_take_is_told_of(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    monkeypatch.setattr(store, "write_json", fail_as_full)
    page = await picked(home, entry, "t")
    await typed(home, page, filled(page, name="Mine"))
    issue = ir.async_get(home.hass).async_get_issue("aliyun_iot", f"disk_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"name": DEVICE_NAME, "reason": "No space left on device"}


async def test_a_unit_that_cannot_be_written_does_not_keep_the_rest_from_the_disk(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "half \ud83d"})
    home.hass.states.async_set("sensor.u", "1", WATT)
    entry = await home.add_entry(["sensor.t", "sensor.u"])
    await home.emulator.wait_for(lambda: home.stored("u") == [1.0])
    assert len(json.loads(file(home, entry.entry_id).read_text())["entities"]) == 2


async def test_a_key_that_was_sent_just_before_a_stop_is_kept(home: Home) -> None:
    options = ["a", "b"]
    home.hass.states.async_set("select.t", "a", {"options": options})
    entry = await home.add_entry(["select.t"])
    await home.emulator.wait_for(lambda: home.stored("t") == [0])
    home.hass.states.async_set("select.t", "x", {"options": [*options, "x"]})
    await home.emulator.wait_for(lambda: home.stored("t") == [0, 2])
    await home.hass.config_entries.async_unload(entry.entry_id)
    (entity,) = json.loads(file(home, entry.entry_id).read_text())["entities"].values()
    assert entity["properties"]["state"]["options"] == {"a": 0, "b": 1, "x": 2}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\u4dae家灯", "家灯"),
        ("\u3649", "mine"),
        ("Kitchen\u9fff", "Kitchen"),
        ("Mine of the house", "Mine_of_the_house"),
    ],
)
async def test_a_name_that_the_console_does_not_take_is_changed_and_stays_so(
    home: Home, device: Device, before: str, after: str
) -> None:
    home.hass.states.async_set("sensor.mine", "1", WATT)
    entry = home.entry(["sensor.mine"], home=await home.instance_id())
    entity = {"entity_id": "sensor.mine", "properties": {"state": {**PROPERTY, "name": before}}}
    kept(home, entry.entry_id, {"version": 1, "entities": {"sensor.mine": entity}})
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored("mine") == [1.0])
    await home.hass.config_entries.async_unload(entry.entry_id)
    document = json.loads(file(home, entry.entry_id).read_text())
    healed = document["entities"]["sensor.mine"]["properties"]["state"]
    assert {key: healed[key] for key in PROPERTY} == {**PROPERTY, "name": after}


async def test_the_names_of_values_that_the_console_does_not_take_are_changed(home: Home) -> None:
    home.hass.states.async_set("sensor.mine", "\u3649塘", {"device_class": "enum", "options": ["\u3649塘", "on"]})
    entry = home.entry(["sensor.mine"], home=await home.instance_id())
    definition = {
        **PROPERTY,
        "data_type": {"type": "enum", "specs": {"0": "\u3649塘", "1": "on"}},
        "options": {"\u3649塘": 0, "on": 1},
        "unit": None,
    }
    entity = {"entity_id": "sensor.mine", "properties": {"state": definition}}
    kept(home, entry.entry_id, {"version": 1, "entities": {"sensor.mine": entity}})
    await home.set_up(entry)
    await home.emulator.wait_for(lambda: home.stored("mine") == [0])
    await home.hass.config_entries.async_unload(entry.entry_id)
    document = json.loads(file(home, entry.entry_id).read_text())
    healed = document["entities"]["sensor.mine"]["properties"]["state"]
    assert healed["data_type"] == {"type": "enum", "specs": {"0": "塘", "1": "on"}}
    assert healed["options"] == {"\u3649塘": 0, "on": 1}
