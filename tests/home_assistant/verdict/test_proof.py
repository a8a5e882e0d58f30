"""Proof: properties whose values are not stored, the repair, and the values missed meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
import html
from http import HTTPStatus
import io
import json
import re
from typing import Any
import zipfile

from aiohttp.test_utils import TestClient
from homeassistant.components.recorder import Recorder
from homeassistant.core import Event, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot import coordinator
from custom_components.aliyun_iot.alink.protocol.data_types import Text
from custom_components.aliyun_iot.thing_model.store import async_model
from custom_components.aliyun_iot.verdict import check, proof
from tests.emulator import Device, Emulator, Kind, alink

from .. import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home, tsl

type HassClient = Callable[..., Awaitable[TestClient[Any, Any]]]

VALUES_REJECTED = "sensor.ha_gateway_01_values_rejected"
VALUES_UNFIT = "sensor.ha_gateway_01_values_that_fit_no_type"
WATT = {"unit_of_measurement": "W"}
FIX = "/api/repairs/issues/fix"


@pytest.fixture
def kept(recorder_mock: Recorder, home: Home) -> Home:
    """Return a home with a recorder."""
    return home


@pytest.fixture
async def client(home: Home, hass_client: HassClient) -> TestClient[Any, Any]:
    """Return a client with an administrator's access token."""
    for component in ("repairs", "aliyun_iot"):  # routes cannot be added after the client has started
        assert await async_setup_component(home.hass, component, {})
    return await hass_client()


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again in a moment, not in minutes."""
    monkeypatch.setattr(proof, "_ASK_AGAIN", timedelta(seconds=0.2))


def issue(home: Home) -> dict[str, str] | None:
    """Return the placeholders of the issue, or None if there is no issue."""
    for found in ir.async_get(home.hass).issues.values():
        if found.translation_key == "thing_model":
            assert found.is_fixable
            assert found.severity is ir.IssueSeverity.WARNING
            return found.translation_placeholders
    return None


async def until_issue(home: Home, predicate: Callable[[dict[str, str] | None], bool]) -> None:
    """Return as soon as the issue is as wanted."""
    changed = asyncio.Event()

    @callback
    def note(_event: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        changed.set()

    stop = home.hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, note)
    try:
        async with asyncio.timeout(10):
            while not predicate(issue(home)):
                changed.clear()
                await changed.wait()
    finally:
        stop()


async def until_told(home: Home, *words: str) -> None:
    """Return as soon as a reader sees these words in the issue."""
    await until_issue(
        home, lambda said: said is not None and all(word in html.unescape(said["problems"]) for word in words)
    )


async def until_gone(home: Home) -> None:
    await until_issue(home, lambda said: said is None)


async def file_of(client: TestClient[Any, Any], entry: MockConfigEntry) -> bytes:
    response = await client.get(f"/api/aliyun_iot/thing_model/{entry.entry_id}")
    assert response.status == HTTPStatus.OK
    return await response.read()


async def begin(home: Home, client: TestClient[Any, Any]) -> dict[str, Any]:
    """Press the button of the issue."""
    (issue_id,) = [key for _, key in ir.async_get(home.hass).issues if key.startswith("thing_model_")]
    response = await client.post(FIX, json={"handler": "aliyun_iot", "issue_id": issue_id})
    page: dict[str, Any] = await response.json()
    return page


async def submit(client: TestClient[Any, Any], page: dict[str, Any], **typed: Any) -> dict[str, Any]:
    response = await client.post(f"{FIX}/{page['flow_id']}", json=typed)
    next_page: dict[str, Any] = await response.json()
    return next_page


async def checked(home: Home, client: TestClient[Any, Any], page: dict[str, Any]) -> dict[str, Any]:
    """Check that the values are stored, and return the page at the end of it."""
    page = await submit(client, page, next_step_id="check")
    assert (page["type"], page["step_id"]) == ("progress", "check")
    await home.hass.async_block_till_done()
    response = await client.get(f"{FIX}/{page['flow_id']}")
    last_page: dict[str, Any] = await response.json()
    return last_page


async def linked(client: TestClient[Any, Any], page: dict[str, Any]) -> bytes:
    """Follow the link on a page, as a browser that has only the link."""
    found = re.fullmatch(
        r'<a href="(/[^"]+)" target="_blank">thing_model\.json</a>', page["description_placeholders"]["link"]
    )
    assert found is not None
    response = await client.get(found[1])
    assert response.status == HTTPStatus.OK
    return await response.read()


def history(device: Device, identifier: str) -> list[Any]:
    """Return the values that came as history, in the order of their times."""
    came = [sample for sample in device.history_of(identifier) if sample.kind is Kind.HISTORY]
    return [sample.value for sample in sorted(came, key=lambda sample: sample.time)]


# No room in the thing model


async def test_what_has_no_room_in_the_thing_model_is_named_and_no_import_is_asked_for(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.thing_model.allocator.MODULES_PER_IMPORT", 1)
    monkeypatch.setattr("custom_components.aliyun_iot.thing_model.allocator.FEATURES_PER_MODULE", 1)
    for name in ("sensor.a", "sensor.b"):
        home.hass.states.async_set(name, "1", WATT)
    await home.add_entry(["sensor.a", "sensor.b"])
    await until_told(home, "- **b** (`sensor.b`): has no room in the thing model")
    page = await begin(home, client)
    assert (page["type"], page["reason"]) == ("abort", "no_room")
    assert "`sensor.b`" in page["description_placeholders"]["problems"]
    assert "sensor.a" not in page["description_placeholders"]["problems"]
    await emulator.wait_for(lambda: home.stored("a") == [1.0])
    # A property without room must not keep the dialog about missing ones from being finished.
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.a", "2", WATT)
    await until_told(home, "`a`")
    page = await begin(home, client)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    emulator.import_thing_model(PRODUCT_KEY, await linked(client, page))
    page = await checked(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")  # what has no room is still named
    assert page["description_placeholders"]["seen"].startswith("1 of 1 values are stored. Other states")
    assert home.stored("a") == [1.0, 2.0]


# Missing from the platform's model


async def test_a_property_that_the_product_lacks_is_named_until_the_file_is_imported(
    kept: Home, emulator: Emulator, device: Device, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("good"))
    for name, value in (("good", "1"), ("stray", "1")):
        kept.hass.states.async_set(f"sensor.{name}", value, {**WATT, "friendly_name": f"My *{name}*"})
    entry = await kept.add_entry(["sensor.good", "sensor.stray"])
    await until_told(kept, "- **My *stray*** (`stray`): is missing from the thing model in the console")
    said = issue(kept)
    assert said is not None
    assert said["name"] == DEVICE_NAME
    assert len(said["problems"].splitlines()) == 1
    assert "good" not in said["problems"]
    await kept.until_state(VALUES_REJECTED, "1")
    for value in ("2", "3"):
        kept.hass.states.async_set("sensor.stray", value, WATT)
    await kept.until_state(VALUES_REJECTED, "3")
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    kept.hass.states.async_set("sensor.stray", "4", WATT)
    await until_gone(kept)
    await emulator.wait_for(lambda: history(device, "stray") == [1.0, 2.0, 3.0])
    assert kept.stored("stray") == [1.0, 2.0, 3.0, 4.0]
    assert kept.stored("good") == [1.0]


async def test_what_was_missed_before_a_restart_arrives_after_an_import_all_the_same(
    kept: Home, emulator: Emulator, device: Device, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    kept.hass.states.async_set("sensor.stray", "1", WATT)
    entry = await kept.add_entry(["sensor.stray"])
    await kept.until_state(VALUES_REJECTED, "1")
    for value in ("2", "3"):
        kept.hass.states.async_set("sensor.stray", value, WATT)
    await kept.until_state(VALUES_REJECTED, "3")
    await kept.hass.config_entries.async_unload(entry.entry_id)
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    await kept.hass.config_entries.async_setup(entry.entry_id)
    await emulator.wait_for(lambda: history(device, "stray")[:2] == [1.0, 2.0])
    await until_gone(kept)
    assert set(kept.stored("stray")) == {1.0, 2.0, 3.0}


async def test_the_dialog_has_the_file_and_proves_the_import(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], hass_client_no_auth: HassClient
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await until_told(home, "`t`")
    page = await begin(home, client)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    assert "`t`" in page["description_placeholders"]["problems"]
    emulator.import_thing_model(PRODUCT_KEY, await linked(await hass_client_no_auth(), page))
    page = await checked(home, client, page)
    assert (page["type"], page["reason"]) == ("abort", "stored")
    assert issue(home) is None
    assert home.stored("t") == [1.0]


async def test_the_dialog_stays_while_nothing_was_imported(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_PATIENCE", 0.5)
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await until_told(home, "`t`")
    page = await checked(home, client, await begin(home, client))
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    assert "`t`" in page["description_placeholders"]["problems"]
    assert issue(home) is not None


@pytest.mark.usefixtures("_soon")
async def test_a_platform_that_does_not_tell_its_model_is_believed_by_what_it_rejects(
    kept: Home, emulator: Emulator, device: Device, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alink, "_HANDLERS", _without_model())
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    kept.hass.states.async_set("sensor.t", "1", WATT)
    entry = await kept.add_entry(["sensor.t"])
    await until_told(kept, "`t`): is missing from the thing model in the console")
    kept.hass.states.async_set("sensor.t", "2", WATT)
    await kept.until(VALUES_REJECTED, lambda state: int(state.state) >= 2)
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    # Nothing changes any more, so no value would be sent by itself.
    await until_gone(kept)
    await emulator.wait_for(lambda: history(device, "t") == [1.0, 2.0])


async def test_what_is_rejected_again_and_again_is_sent_again_a_few_times_only(
    kept: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> dict[str, str]:
        return {"t": "tsl parse: params not exist -> t"}

    post, past = "thing/event/property/post", "thing/event/property/history/post"
    handlers = dict(alink._HANDLERS)
    monkeypatch.setattr(alink, "_HANDLERS", {**handlers, post: refuse, past: refuse})
    kept.hass.states.async_set("sensor.t", "1", WATT)
    await kept.add_entry(["sensor.t"], delivery={"rate": 8})
    await until_told(kept, "`t`")
    monkeypatch.setattr(alink, "_HANDLERS", {**handlers, past: refuse})
    for count in range(2, 8):
        kept.hass.states.async_set("sensor.t", str(count), WATT)
        await until_stored(kept, "t", count)
        await until_history_posts(kept, device, min(count - 1, 3))
    await until_gone(kept)
    assert device.messages[past] == 3


async def until_stored(home: Home, identifier: str, value: object) -> None:
    """Return when a value is the latest on the platform."""
    await home.emulator.wait_for(lambda: home.stored(identifier)[-1:] == [value])


async def until_history_posts(home: Home, device: Device, posts: int) -> None:
    """Return when `posts` history messages have come."""
    await home.emulator.wait_for(lambda: device.messages["thing/event/property/history/post"] >= posts)


def _without_model() -> dict[str, Any]:
    return {name: handler for name, handler in alink._HANDLERS.items() if name != "thing/dsltemplate/get"}


@pytest.mark.usefixtures("_soon")
async def test_an_import_that_nobody_told_of_is_found_out(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await until_told(home, "is missing")
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    await until_gone(home)
    await emulator.wait_for(lambda: 1.0 in home.stored("t"))


@pytest.mark.usefixtures("_soon")
async def test_a_type_that_does_not_cover_ours_is_told_before_it_rejects_anything(
    home: Home, emulator: Emulator
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("t", min="0", max="10"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await until_told(home, "is double 0 ~ 10 in the console and must be double -", " ~ ")
    await emulator.wait_for(lambda: home.stored("t") == [1.0])


async def test_an_outage_at_the_first_time_to_ask_puts_the_question_off(home: Home, emulator: Emulator) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("t", min="0", max="10"))
    emulator.faults.set(refuse_tcp=True)
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    entry.runtime_data.proof._ask_again(dt_util.utcnow())
    emulator.faults.clear()
    await home.until_state(CONNECTION, "on")
    assert issue(home) is None
    entry.runtime_data.proof._ask_again(dt_util.utcnow())
    await until_told(home, "is double 0 ~ 10 in the console")


async def test_a_platform_that_never_answers_is_asked_a_few_times_only(
    home: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alink, "_HANDLERS", _without_model())
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    for _ in range(5):
        entry.runtime_data.proof._ask_again(dt_util.utcnow())
    home.hass.states.async_set("sensor.t", "2", WATT)
    await until_stored(home, "t", 2)
    assert device.messages["thing/dsltemplate/get"] == 3


async def test_a_model_that_the_platform_has_told_is_not_asked_for_again(
    home: Home, emulator: Emulator, device: Device
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("t"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    entry.runtime_data.proof._ask_again(dt_util.utcnow())
    home.hass.states.async_set("sensor.t", "2", WATT)
    await until_stored(home, "t", 2)
    entry.runtime_data.proof._ask_again(dt_util.utcnow())
    home.hass.states.async_set("sensor.t", "3", WATT)
    await until_stored(home, "t", 3)
    assert device.messages["thing/dsltemplate/get"] == 1


async def test_more_properties_than_a_list_can_show_are_counted(home: Home, emulator: Emulator) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    for number in range(12):
        home.hass.states.async_set(f"sensor.n{number}", "1", WATT)
    await home.add_entry([f"sensor.n{number}" for number in range(12)])
    await until_told(home, "- and 7 more")
    said = issue(home)
    assert said is not None
    assert len(said["problems"].splitlines()) == 6


async def test_the_issue_is_in_the_language_of_home_assistant(home: Home, emulator: Emulator) -> None:
    home.hass.config.language = "zh-Hans"
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await until_told(home, "控制台的物模型中没有该属性")


async def test_an_unloaded_entry_has_no_issue(home: Home, emulator: Emulator, client: TestClient[Any, Any]) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await until_told(home, "`t`")
    page = await begin(home, client)
    await home.hass.config_entries.async_unload(entry.entry_id)
    await home.hass.async_block_till_done()
    assert issue(home) is None
    page = await submit(client, page, next_step_id="check")
    assert (page["type"], page["reason"]) == ("abort", "entry_not_loaded")


@pytest.mark.usefixtures("_soon")
async def test_a_model_told_without_its_modules_says_nothing_of_what_is_in_them(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    for count in range(301):
        home.hass.states.async_set(f"sensor.n{count:03}", "1", WATT)
    entry = await home.add_entry(selection={"include": {"domains": ["sensor"]}}, delivery={"rate": 8})
    both = await file_of(client, entry)
    with zipfile.ZipFile(io.BytesIO(both)) as archive:
        emulator.import_thing_model(PRODUCT_KEY, archive.read("thing_model.json"))
    home.hass.states.async_set("sensor.n300", "2", WATT)
    await until_told(home, "`home_2:n300`): is missing from the thing model in the console")
    said = issue(home)
    assert said is not None
    assert len(said["problems"].splitlines()) == 1
    page = await begin(home, client)
    assert ">thing_model.zip</a>" in page["description_placeholders"]["link"]
    emulator.import_thing_model(PRODUCT_KEY, both)
    await until_gone(home)


async def test_what_is_not_published_any_more_is_no_problem(home: Home, emulator: Emulator) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    home.hass.states.async_set("sensor.u", "1", WATT)
    entry = await home.add_entry(["sensor.t", "sensor.u"])
    await until_told(home, "`t`", "`u`")
    home.hass.states.async_set("sensor.u", "broken", WATT)
    model = await async_model(home.hass, entry.entry_id)
    for identifier in ("t", "u"):
        model.revise(identifier, is_left_out=True)
    entry.runtime_data.bridge.selection.async_refresh()
    home.hass.states.async_set("sensor.t", "2", WATT)
    await entry.runtime_data.bridge.async_stop()
    await until_gone(home)


async def test_an_issue_of_an_entry_that_is_gone_leads_nowhere(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("other"))
    home.hass.states.async_set("number.n", *number(50))
    entry = await home.add_entry(["number.n"])
    home.hass.states.async_set("number.n", *number(120))
    await until_told(home, "`n`")
    offered = await begin(home, client)
    kept_issue = {
        key: found for key, found in ir.async_get(home.hass).issues.items() if key[1].startswith("thing_model_")
    }
    await home.hass.config_entries.async_unload(entry.entry_id)
    page = await submit(client, offered, widen=True)
    assert (page["type"], page["reason"]) == ("abort", "entry_not_loaded")
    ir.async_get(home.hass).issues.update(kept_issue)
    page = await begin(home, client)
    assert (page["type"], page["reason"]) == ("abort", "entry_not_loaded")


# An option that is new


async def test_a_new_option_gets_the_next_key_and_is_taken_after_an_import(
    kept: Home, emulator: Emulator, device: Device, client: TestClient[Any, Any]
) -> None:
    attributes = {"device_class": "enum", "options": ["low", "high"]}
    kept.hass.states.async_set("sensor.mode", "high", attributes)
    entry = await kept.add_entry(["sensor.mode"])
    before = await file_of(client, entry)
    emulator.import_thing_model(PRODUCT_KEY, before)
    await kept.until_state(VALUES_CONFIRMED, "1")
    kept.hass.states.async_set("sensor.mode", "boost", {**attributes, "options": ["boost", "low", "high"]})
    await until_told(kept, "`mode`", "enum")
    after = await file_of(client, entry)
    ((old, new),) = zip(
        *(_specs(one) for one in (before, after)),
        strict=True,
    )
    assert old.items() < new.items()
    assert new.keys() - old.keys() == {"2"}
    emulator.import_thing_model(PRODUCT_KEY, after)
    page = await checked(kept, client, await begin(kept, client))
    assert (page["type"], page["reason"]) == ("abort", "stored")
    assert issue(kept) is None
    await emulator.wait_for(lambda: 2 in history(device, "mode"))
    kept.hass.states.async_set("sensor.mode", "low", attributes)
    await emulator.wait_for(lambda: kept.stored("mode")[-1] == 0)


def _specs(file: bytes) -> Iterator[dict[str, str]]:
    for property_ in json.loads(file)["properties"]:
        yield property_["dataType"]["specs"]


def published(entry: MockConfigEntry) -> list[str]:
    """Return the identifiers that are published."""
    return [one.identifier for several in entry.runtime_data.bridge.selection.properties.values() for one in several]


# States that fit no type


def number(value: object, **attributes: Any) -> tuple[str, dict[str, Any]]:
    """Return the state and the attributes of a number that a person sets, with a range of 0 to 100."""
    return str(value), {"min": 0, "max": 100, "step": 1, "mode": "box", **attributes}


async def test_a_state_out_of_range_is_counted_and_fits_after_a_wider_range_was_imported(
    kept: Home, emulator: Emulator, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.hass.states.async_set("number.n", *number(50))
    entry = await kept.add_entry(["number.n"])
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    await kept.until_state(VALUES_CONFIRMED, "1")
    kept.hass.states.async_set("number.n", *number(110))
    await until_told(kept, "the value 110 is outside ", "0 ~ 100")
    kept.hass.states.async_set("number.n", *number(120))
    await kept.until_state(VALUES_UNFIT, "2")
    state = kept.hass.states.get(VALUES_UNFIT)
    assert state is not None
    assert state.attributes["properties"] == {"n": {"count": 2, "reason": "range", "state": "120"}}
    page = await begin(kept, client)
    assert (page["step_id"], [field["name"] for field in page["data_schema"]]) == ("adapt", ["widen"])
    assert "**n** (`n`): 120 → " in page["description_placeholders"]["changes"]
    page = await submit(client, page, widen=True)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    assert "in the console and must be" in page["description_placeholders"]["problems"]
    with monkeypatch.context() as impatient:
        impatient.setattr(check, "_PATIENCE", 0.5)
        page = await checked(kept, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    page = await checked(kept, client, page)
    assert (page["type"], page["reason"]) == ("abort", "stored")
    assert issue(kept) is None
    assert kept.stored("n")[0] == 50
    assert kept.stored("n")[-1] == 120
    kept.hass.states.async_set("number.n", *number(110))
    await emulator.wait_for(lambda: kept.stored("n")[-1] == 110)


@pytest.mark.parametrize(
    ("entity_id", "before", "attributes", "after", "value"),
    [
        ("counter.c", "1", {"step": 1}, "1.5", 1.5),
        ("counter.c", "1", {"step": 1}, "nothing", "nothing"),
        ("sensor.s", "1", WATT, "broken", "broken"),
        ("binary_sensor.b", "on", {}, "ajar", "ajar"),
    ],
)
async def test_a_state_of_another_type_is_offered_and_fits_if_that_is_wanted(
    home: Home,
    client: TestClient[Any, Any],
    entity_id: str,
    before: str,
    attributes: dict[str, Any],
    after: str,
    value: float | str,
) -> None:
    home.hass.states.async_set(entity_id, before, attributes)
    await home.add_entry([entity_id])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set(entity_id, after, attributes)
    await until_told(home, f"the state {after} does not fit the data type")
    page = await begin(home, client)
    assert [(field["name"], field["default"]) for field in page["data_schema"]] == [("change_type", False)]
    page = await submit(client, page, change_type=True)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    await home.emulator.wait_for(lambda: home.stored(entity_id.partition(".")[2])[-1] == value)
    await until_gone(home)


@pytest.mark.parametrize(
    "change", [{"identifier": "renamed"}, {"name": "_broken"}], ids=["another identifier", "a name that breaks a rule"]
)
async def test_what_was_changed_elsewhere_since_it_was_offered_is_left_as_it_is(
    home: Home, client: TestClient[Any, Any], change: dict[str, Any]
) -> None:
    for name in ("changed", "same"):
        home.hass.states.async_set(f"number.{name}", *number(50))
    entry = await home.add_entry(["number.changed", "number.same"])
    await home.until_state(VALUES_CONFIRMED, "2")
    for name in ("changed", "same"):
        home.hass.states.async_set(f"number.{name}", *number(120))
    await until_told(home, "`changed`", "`same`")
    page = await begin(home, client)
    model = await async_model(home.hass, entry.entry_id)
    found = model.find("changed")
    assert found is not None
    model._put(found[0], found[1], replace(found[2], **change))
    entry.runtime_data.bridge.selection.async_refresh()
    page = await submit(client, page, widen=True)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    await home.emulator.wait_for(lambda: home.stored("same")[-1] == 120)
    assert home.stored("changed") == [50]


async def test_what_does_not_fit_and_is_not_published_any_more_is_forgotten(home: Home) -> None:
    home.hass.states.async_set("sensor.s", "1", WATT)
    entry = await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", "broken", WATT)
    await until_told(home, "the state broken")
    bridge = entry.runtime_data.bridge
    bridge.selection.model.revise("s", is_left_out=True)
    bridge.selection.async_refresh()
    entry.runtime_data.proof.async_update()
    assert bridge.misfits.open == set()
    assert issue(home) is None
    bridge.selection.model.revise("s", is_left_out=False)
    bridge.selection.async_refresh()
    await until_told(home, "the state broken")
    home.hass.states.async_set("sensor.s", "2", WATT)
    await until_gone(home)


async def test_what_is_not_wanted_stays_and_the_message_says_so(home: Home, client: TestClient[Any, Any]) -> None:
    home.hass.states.async_set("sensor.s", "1", WATT)
    await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", "broken", WATT)
    await until_told(home, "the state broken does not fit the data type double")
    page = await submit(client, await begin(home, client), change_type=False)
    assert (page["type"], page["reason"]) == ("abort", "unfit")
    assert "broken" in page["description_placeholders"]["problems"]
    assert issue(home) is not None
    home.hass.states.async_set("sensor.s", "2", WATT)
    await until_gone(home)
    await home.emulator.wait_for(lambda: home.stored("s") == [1.0, 2.0])


async def test_a_unit_that_cannot_be_converted_is_offered_and_fits_if_that_is_wanted(
    home: Home, client: TestClient[Any, Any]
) -> None:
    home.hass.states.async_set("sensor.s", "1", WATT)
    await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", "2", {"unit_of_measurement": "kg"})
    await until_told(home, "the state has no unit that can be converted to W")
    page = await begin(home, client)
    assert [(field["name"], field["default"]) for field in page["data_schema"]] == [("change_type", False)]
    assert html.unescape(page["description_placeholders"]["changes"]).endswith(" kg")
    page = await submit(client, page, change_type=True)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    await home.emulator.wait_for(lambda: home.stored("s") == [1.0, 2.0])


# By hand: the property's unit, a loose spelling of a unit, a state in it, and the value in the property's unit.
@pytest.mark.parametrize(
    ("unit", "loose", "state", "value"),
    [
        ("°C", "C", "21.5", 21.5),
        ("°F", "degC", "20", 68.0),
        ("kWh", "kwh", "3", 3.0),
        ("Wh", "KWH", "3", 3000.0),
        ("m³", "m3", "4", 4.0),
        ("L", "M3", "4", 4000.0),
        ("ft²", "m^2", "9.290304", 100.0),
        ("lx", "lux", "120", 120.0),
        ("mg/m³", "ug/m3", "1500", 1.5),
        ("\u03bcg/m³", "\u00b5g/m3", "15", 15.0),
        ("%", "%RH", "45", 45.0),
        ("%", "percent", "45", 45.0),
        ("W/m²", "w/m2", "800", 800.0),
        ("m/s", "kmh", "36", 10.0),
        ("kvar", "VAR", "1500", 1.5),
    ],
)
async def test_a_loose_spelling_is_the_same_unit_by_one_click(
    home: Home, client: TestClient[Any, Any], unit: str, loose: str, state: str, value: float
) -> None:
    device_class = {"device_class": "temperature"} if "°" in unit else {}
    home.hass.states.async_set("sensor.s", "1", {"unit_of_measurement": unit, **device_class})
    await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", state, {"unit_of_measurement": loose, **device_class})
    await until_told(home, f"the state has no unit that can be converted to {unit}")
    assert home.stored("s") == [1.0]
    page = await begin(home, client)
    assert [(field["name"], field["default"]) for field in page["data_schema"]] == [("same_unit", True)]
    page = await submit(client, page, same_unit=True)
    assert page["type"] == "create_entry"
    await home.emulator.wait_for(lambda: home.stored("s") == [1.0, pytest.approx(value, rel=1e-9)])
    assert issue(home) is None


async def test_a_property_in_a_loose_spelling_takes_the_exact_one_after_one_click(
    home: Home, client: TestClient[Any, Any]
) -> None:
    home.hass.states.async_set("sensor.s", "1", {"unit_of_measurement": "kwh"})
    entry = await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", "2500", {"unit_of_measurement": "Wh"})
    await until_told(home, "the state has no unit that can be converted to kwh")
    page = await begin(home, client)
    assert page["description_placeholders"]["changes"].endswith("kwh = kWh")
    assert (await submit(client, page, same_unit=True))["type"] == "create_entry"
    await home.emulator.wait_for(lambda: home.stored("s") == [1.0, 2.5])
    assert [specs["unit"] for specs in _specs(await file_of(client, entry))] == ["kW·h"]
    home.hass.states.async_set("sensor.s", "3", {"unit_of_measurement": "kwh"})
    await home.emulator.wait_for(lambda: home.stored("s") == [1.0, 2.5, 3.0])


@pytest.mark.parametrize(
    ("entity_id", "before", "after"),
    [
        ("sensor.s", ("1", WATT), ("nan", WATT)),
        ("sensor.s", ("short", {}), ("half \ud83d", {})),
        ("person.s", ("home", {"latitude": 48.1, "longitude": 11.6}), ("home", {"latitude": 91, "longitude": 11.6})),
        ("person.s", ("home", {"latitude": 48.1, "longitude": 11.6}), ("home", {"latitude": [], "longitude": 11.6})),
    ],
)
async def test_a_property_that_no_change_helps_can_be_left_out(
    home: Home,
    client: TestClient[Any, Any],
    entity_id: str,
    before: tuple[str, dict[str, Any]],
    after: tuple[str, dict[str, Any]],
) -> None:
    home.hass.states.async_set(entity_id, *before)
    entry = await home.add_entry([entity_id])
    count = len(published(entry))
    await home.until_state(VALUES_CONFIRMED, str(count))
    home.hass.states.async_set(entity_id, *after)
    await until_issue(home, lambda said: said is not None)
    page = await begin(home, client)
    assert [(field["name"], field["default"]) for field in page["data_schema"]] == [("leave_out", False)]
    assert page["description_placeholders"]["changes"].endswith("left out")
    page = await submit(client, page, leave_out=True)
    assert page["type"] == "create_entry"
    assert len(published(entry)) == count - 1
    assert issue(home) is None


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        (("1970-06-01", {"device_class": "date"}), ("1969-06-01", {"device_class": "date"}), "1969-06-01"),
        (("a", {"device_class": "enum", "options": ["a"]}), ("5", WATT), 5.0),
        (("2026-11-21", {"device_class": "date"}), ("5", WATT), 5.0),
    ],
)
async def test_a_state_of_another_kind_is_offered_as_what_its_entity_tells(
    home: Home,
    client: TestClient[Any, Any],
    before: tuple[str, dict[str, Any]],
    after: tuple[str, dict[str, Any]],
    value: float | str,
) -> None:
    home.hass.states.async_set("sensor.s", *before)
    await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", *after)
    await until_issue(home, lambda said: said is not None)
    page = await submit(client, await begin(home, client), change_type=True)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    await home.emulator.wait_for(lambda: home.stored("s")[-1] == value)


@pytest.mark.parametrize(
    ("first", "attributes", "told"),
    [
        ("1400", {}, "is published as text, and its entity is double W by now"),
        ("1400", {"state_class": "measurement"}, "is published as double, and its entity is double W by now"),
    ],
)
async def test_a_guess_that_the_platform_has_is_fixed_anew_by_the_repair(
    home: Home, client: TestClient[Any, Any], first: str, attributes: dict[str, Any], told: str
) -> None:
    home.hass.states.async_set("sensor.s", first, attributes)
    entry = await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", "1500", WATT)
    await until_told(home, told)
    page = await begin(home, client)
    assert [(field["name"], field["default"]) for field in page["data_schema"]] == [("as_told", True)]
    page = await submit(client, page, as_told=True)
    assert (page["type"], page["step_id"]) == ("menu", "file")
    home.emulator.import_thing_model(PRODUCT_KEY, await file_of(client, entry))
    page = await checked(home, client, page)
    assert (page["type"], page["reason"]) == ("abort", "stored")
    home.hass.states.async_set("sensor.s", "2", {"unit_of_measurement": "kW"})
    await home.emulator.wait_for(lambda: home.stored("s")[-1] == 2000.0)


async def test_a_guess_that_a_person_keeps_is_not_offered_again(home: Home, client: TestClient[Any, Any]) -> None:
    home.hass.states.async_set("sensor.s", "1400")
    await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    home.hass.states.async_set("sensor.s", "1500", WATT)
    await until_told(home, "is published as text")
    page = await submit(client, await begin(home, client), as_told=False)
    assert page["type"] == "create_entry"
    home.hass.states.async_set("sensor.s", "1600", {**WATT, "device_class": "power"})
    await home.emulator.wait_for(lambda: home.stored("s") == ["1400", "1500", "1600"])
    assert issue(home) is None


async def test_a_text_that_is_too_long_gets_all_the_room_that_there_is(
    home: Home, client: TestClient[Any, Any]
) -> None:
    home.hass.states.async_set("sensor.s", "short")
    entry = await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    (await async_model(home.hass, entry.entry_id)).revise("s", data_type=Text(length=10))
    entry.runtime_data.bridge.selection.async_refresh()
    home.hass.states.async_set("sensor.s", "longer than that")
    await until_told(home, "the text is too long for text (10): longer than that")
    page = await begin(home, client)
    assert "longer than that → text (10240)" in html.unescape(page["description_placeholders"]["changes"])
    await submit(client, page, widen=True)
    await home.emulator.wait_for(lambda: home.stored("s")[-1] == "longer than that")


async def test_a_sensor_that_fits_in_turns_is_told_once_a_while(
    home: Home, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "QUIET", 60.0)
    told: list[str] = []
    home.hass.bus.async_listen(
        ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, callback(lambda event: told.append(event.data["action"]))
    )
    home.hass.states.async_set("sensor.s", "1", WATT)
    await home.add_entry(["sensor.s"])
    await home.until_state(VALUES_CONFIRMED, "1")
    for turn in range(10):
        home.hass.states.async_set("sensor.s", "broken", WATT)
        home.hass.states.async_set("sensor.s", str(turn), WATT)
    await home.hass.async_block_till_done()
    assert told == ["create"]
