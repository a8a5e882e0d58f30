"""Check: the way from the set-up, the options and the repair to stored values, and each thing that is in its way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from datetime import timedelta
from http import HTTPStatus
import json
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.verdict import check
from tests.emulator import Emulator, ReplyFault, alink

from .. import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home, chosen, tsl

type HassClient = Callable[..., Awaitable[TestClient[Any, Any]]]
type Json = dict[str, Any]

SETUP = "/api/config/config_entries/flow"
OPTIONS = "/api/config/config_entries/options/flow"
FIX = "/api/repairs/issues/fix"
WATT = {"unit_of_measurement": "W"}
VALUES_REJECTED = "sensor.ha_gateway_01_values_rejected"
THREE = ("sensor.a", "sensor.b", "sensor.c")


@pytest.fixture
async def client(home: Home, hass_client: HassClient) -> TestClient[Any, Any]:
    """Return a client with an administrator's access token."""
    for component in ("config", "repairs", "aliyun_iot"):  # routes cannot be added after the client has started
        assert await async_setup_component(home.hass, component, {})
    return await hass_client()


async def posted(client: TestClient[Any, Any], path: str, body: Mapping[str, Any]) -> Json:
    response = await client.post(path, json=body)
    assert response.status == HTTPStatus.OK
    page: Json = await response.json()
    return page


async def fetched(client: TestClient[Any, Any], flow: str, page: Json) -> Json:
    """Ask for the present page of a flow, as the frontend does after each piece of progress."""
    found: Json = await (await client.get(f"{flow}/{page['flow_id']}")).json()
    return found


async def opened(client: TestClient[Any, Any], entry: MockConfigEntry) -> Json:
    """Open the page with the file from the menu of the options."""
    menu = await posted(client, OPTIONS, {"handler": entry.entry_id})
    page = await posted(client, f"{OPTIONS}/{menu['flow_id']}", {"next_step_id": "file"})
    assert (page["type"], page["step_id"], page["menu_options"]) == ("menu", "file", ["check", "init"])
    return page


async def checked(home: Home, client: TestClient[Any, Any], page: Json, flow: str = OPTIONS) -> Json:
    """Check, and return the page at the end of it."""
    page = await posted(client, f"{flow}/{page['flow_id']}", {"next_step_id": "check"})
    assert (page["type"], page["step_id"]) == ("progress", "check")
    await home.hass.async_block_till_done()
    return await fetched(client, flow, page)


async def checked_soon(home: Home, client: TestClient[Any, Any], page: Json, flow: str = OPTIONS) -> Json:
    """Check a platform that has half a second to apply an import, and return the page at the end of it."""
    with pytest.MonkeyPatch.context() as impatient:
        impatient.setattr(check, "_PATIENCE", 0.5)
        return await checked(home, client, page, flow)


async def file_of(client: TestClient[Any, Any], page: Json) -> bytes:
    """Follow the link of a page."""
    response = await client.get(page["description_placeholders"]["link"].split('"')[1])
    assert response.status == HTTPStatus.OK
    return await response.read()


async def three(home: Home) -> MockConfigEntry:
    """Set up an entry with three sensors."""
    for number, name in enumerate(THREE, 1):
        home.hass.states.async_set(name, str(number), WATT)
    return await home.add_entry(THREE)


def seen(page: Json) -> str:
    said: str = page["description_placeholders"]["seen"]
    return said


def stored(home: Home) -> list[Any]:
    """Return the newest value of each of the three."""
    return [home.stored(name.partition(".")[2])[-1:] for name in THREE]


# The three doors


async def continued(page: Json, client: TestClient[Any, Any], _entry: ConfigEntry) -> Json:
    """Go on with the flow that the set-up names."""
    return await fetched(client, OPTIONS, page)


async def started(_page: Json, client: TestClient[Any, Any], entry: ConfigEntry) -> Json:
    """Start another flow of the entry, as the frontend does."""
    return await posted(client, OPTIONS, {"handler": entry.entry_id})


@pytest.mark.parametrize("begun", [continued, started])
async def test_the_set_up_leads_to_the_file_and_ends_with_stored_values(
    home: Home,
    emulator: Emulator,
    client: TestClient[Any, Any],
    hass_client_no_auth: HassClient,
    begun: Callable[[Json, TestClient[Any, Any], ConfigEntry], Awaitable[Json]],
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl())
    for number, name in enumerate(THREE, 1):
        home.hass.states.async_set(name, str(number), WATT)
    page = await posted(client, SETUP, {"handler": "aliyun_iot"})
    page = await posted(client, f"{SETUP}/{page['flow_id']}", home.typed(instance_id="iot-060a02cn"))
    await home.hass.async_block_till_done()
    page = await fetched(client, SETUP, page)
    page = await posted(client, f"{SETUP}/{page['flow_id']}", {**chosen(*THREE), "availability": False})
    page = await posted(client, f"{SETUP}/{page['flow_id']}", {"next_step_id": "save"})
    assert page["type"] == "create_entry"
    kind, flow_id = page["next_flow"]
    assert kind == "options_flow"
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    page = await begun({"flow_id": flow_id}, client, entry)
    assert (page["type"], page["step_id"], page["menu_options"]) == ("menu", "file", ["check", "init"])
    console = page["description_placeholders"]["console"]
    assert console == "https://iot.console.aliyun.com/product/region/cn-shanghai?instanceId=iot-060a02cn"
    emulator.import_thing_model(PRODUCT_KEY, await file_of(await hass_client_no_auth(), page))
    page = await checked(home, client, page)
    assert (page["type"], page["step_id"], seen(page)) == ("menu", "stored", "3 of 3 values are stored.")
    assert page["menu_options"] == ["control", "done"]
    assert stored(home) == [[1.0], [2.0], [3.0]]
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "done"})
    assert (page["type"], page["reason"], seen(page)) == ("abort", "stored", "3 of 3 values are stored.")
    assert not ir.async_get(home.hass).issues
    assert (await started({}, client, entry))["step_id"] == "init"


async def test_the_way_back_from_the_file_after_the_set_up_is_the_menu(
    home: Home, client: TestClient[Any, Any]
) -> None:
    entry = await three(home)
    file = await home.hass.config_entries.options.async_init(entry.entry_id, context={"source": "after_set_up"})
    assert file["step_id"] == "file"
    page = await posted(client, f"{OPTIONS}/{file['flow_id']}", {"next_step_id": "init"})
    assert page["step_id"] == "init"


async def test_a_set_up_whose_model_cannot_be_read_ends_as_it_did(
    home: Home, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.hass.states.async_set("sensor.a", "1", WATT)
    page = await posted(client, SETUP, {"handler": "aliyun_iot"})
    page = await posted(client, f"{SETUP}/{page['flow_id']}", home.typed())
    await home.hass.async_block_till_done()
    page = await fetched(client, SETUP, page)
    page = await posted(client, f"{SETUP}/{page['flow_id']}", {**chosen("sensor.a"), "availability": False})

    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("custom_components.aliyun_iot.verdict.model_pages.async_model", broken)
    page = await posted(client, f"{SETUP}/{page['flow_id']}", {"next_step_id": "save"})
    assert page["type"] == "create_entry"
    assert page.get("next_flow") is None
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    menu = await posted(client, OPTIONS, {"handler": entry.entry_id})
    page = await posted(client, f"{OPTIONS}/{menu['flow_id']}", {"next_step_id": "file"})
    assert (page["type"], page["reason"]) == ("abort", "model_not_read")


async def test_the_repair_has_the_same_steps_and_carries_on_after_a_dialog_that_was_closed(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl())
    page = await opened(client, await three(home))
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    assert page["type"] == "progress"
    assert (await client.delete(f"{OPTIONS}/{page['flow_id']}")).status == HTTPStatus.OK
    await home.until_state(VALUES_REJECTED, "3")
    ((_, issue_id),) = ir.async_get(home.hass).issues
    page = await posted(client, FIX, {"handler": "aliyun_iot", "issue_id": issue_id})
    assert (page["type"], page["step_id"], page["menu_options"]) == ("menu", "file", ["check"])
    assert "**a** (`a`): is missing from the thing model" in page["description_placeholders"]["problems"]
    page = await checked_soon(home, client, page, FIX)
    assert (page["type"], page["menu_options"]) == ("menu", ["check", "file"])
    page = await posted(client, f"{FIX}/{page['flow_id']}", {"next_step_id": "file"})
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, page))
    page = await checked(home, client, page, FIX)
    assert (page["type"], page["reason"], seen(page)) == ("abort", "stored", "3 of 3 values are stored.")
    assert stored(home) == [[1.0], [2.0], [3.0]]
    assert not ir.async_get(home.hass).issues


# Each finding


def without(model: bytes, *names: str) -> Json:
    """Return a model without some of its properties."""
    document: Json = json.loads(model)
    document["properties"] = [one for one in document["properties"] if one["identifier"] not in names]
    return document


def narrow(model: bytes) -> Json:
    """Return a model whose first property takes less than ours."""
    document: Json = json.loads(model)
    document["properties"][0]["dataType"]["specs"] |= {"min": "0", "max": "10"}
    return document


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda _: tsl(), "Properties that the platform knows: 0 of 3. Most likely, the draft has not been released"),
        (lambda _: tsl("x", "y"), "Properties that the platform knows: 0 of 3; others in its model: 2."),
        (lambda model: without(model, "b"), "Properties that the platform knows: 2 of 3."),
        (narrow, "The platform knows all properties (3), but some with another data type or a narrower range."),
    ],
    ids=["not released", "another product's", "older", "narrower"],
)
async def test_a_model_that_does_not_do_is_named_and_a_later_import_is_found(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], changed: Callable[[bytes], Json], said: str
) -> None:
    page = await opened(client, await three(home))
    whole = await file_of(client, page)
    emulator.import_thing_model(PRODUCT_KEY, changed(whole))
    page = await checked_soon(home, client, page)
    assert (page["type"], page["step_id"], page["menu_options"]) == ("menu", "checked", ["check", "file"])
    assert seen(page).startswith(said)
    assert page["description_placeholders"]["problems"].startswith(
        "The platform does not store values of these properties, or they are not sent.\n\n- "
    )
    emulator.import_thing_model(PRODUCT_KEY, whole)
    page = await checked(home, client, page)
    assert (page["step_id"], seen(page)) == ("stored", "3 of 3 values are stored.")


async def test_a_grant_that_the_platform_does_not_have_is_named_by_the_check(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    lamp = er.async_get(home.hass).async_get_or_create("switch", "test", "1", suggested_object_id="lamp")
    home.hass.states.async_set("switch.lamp", "on")
    entry = await home.add_entry(["switch.lamp"])
    page = await opened(client, entry)
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, page))
    options = {**entry.options, "control": {"single": {lamp.id: "switch.lamp"}, "lives": {lamp.id: ""}}}
    home.hass.config_entries.async_update_entry(entry, options=options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "_PATIENCE", 0.5)
        page = await checked(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    assert seen(page).startswith("The platform knows all properties (1), but not yet all that the cloud may set.")
    assert page["description_placeholders"]["problems"] == (
        "The cloud cannot set these properties before the file is imported.\n\n"
        "- **lamp** (`lamp`): is read-only in the console"
    )
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, await opened(client, entry)))
    page = await checked(home, client, page)
    assert (page["step_id"], seen(page)) == ("stored", "1 of 1 values are stored.")


async def test_an_import_during_the_check_is_found_by_it(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl())
    page = await opened(client, await three(home))
    whole = await file_of(client, page)
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    async with asyncio.timeout(10):
        while not seen(page):
            page = await fetched(client, OPTIONS, page)
    assert page["type"] == "progress"
    assert seen(page).startswith("Properties that the platform knows: 0 of 3.")
    emulator.import_thing_model(PRODUCT_KEY, whole)
    await home.hass.async_block_till_done()
    page = await fetched(client, OPTIONS, page)
    assert (page["step_id"], seen(page)) == ("stored", "3 of 3 values are stored.")


async def test_a_product_that_does_not_tell_its_model_is_judged_by_the_values(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = {topic: handler for topic, handler in alink._HANDLERS.items() if "dsltemplate" not in topic}
    monkeypatch.setattr(alink, "_HANDLERS", handlers)
    page = await opened(client, await three(home))
    whole = await file_of(client, page)
    emulator.import_thing_model(PRODUCT_KEY, without(whole, "b", "c"))
    page = await checked_soon(home, client, page)
    assert seen(page).startswith("Properties that the platform knows: 1 of 3.")
    emulator.import_thing_model(PRODUCT_KEY, whole)
    page = await checked(home, client, page)
    assert (page["step_id"], seen(page)) == ("stored", "3 of 3 values are stored.")


async def test_values_that_are_refused_by_a_silent_product_are_counted(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = {topic: handler for topic, handler in alink._HANDLERS.items() if "dsltemplate" not in topic}
    monkeypatch.setattr(alink, "_HANDLERS", handlers)
    page = await opened(client, await three(home))
    narrower = narrow(await file_of(client, page))
    narrower["properties"][0]["dataType"]["specs"] |= {"max": "0.5"}
    emulator.import_thing_model(PRODUCT_KEY, narrower)
    page = await checked_soon(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    assert seen(page) == "2 of 3 values are stored. The platform has refused the others."


async def test_a_home_without_a_connection_is_told_why(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    page = await opened(client, await three(home))
    emulator.faults.set(refuse_tcp=True)
    await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
    await home.until_state(CONNECTION, "off")
    page = await checked_soon(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    assert seen(page).startswith("There is no connection to the platform now. 127&#46;0&#46;0&#46;1, port ")


async def test_what_has_no_value_now_is_counted_apart(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    page = await opened(client, await three(home))
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, page))
    home.hass.states.async_set("sensor.b", "unavailable")
    page = await checked(home, client, page)
    assert (page["type"], page["step_id"], seen(page)) == ("menu", "stored", "2 of 2 values are stored.")
    silent = "Properties without a value now: 1. Theirs follow with the first states of their entities."
    assert page["description_placeholders"]["silent"] == silent


async def test_a_home_where_nothing_has_a_value_is_told_so(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    page = await opened(client, await three(home))
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, page))
    for name in THREE:
        home.hass.states.async_set(name, "unavailable")
    page = await checked(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "stored")
    assert seen(page) == "No property has a value now. The values follow with the first states of their entities."


async def test_states_that_do_not_fit_are_told_apart_and_counted_once(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    page = await opened(client, await three(home))
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, page))
    home.hass.states.async_set("sensor.b", "broken", WATT)
    home.hass.states.async_set("sensor.c", "unavailable")
    page = await checked(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    said = page["description_placeholders"]
    assert said["seen"].startswith("1 of 1 values are stored. Other states do not fit their properties")
    assert said["silent"].startswith("Properties without a value now: 1. ")
    assert "the state broken does not fit" in said["problems"]
    await home.until_state("sensor.ha_gateway_01_values_that_fit_no_type", "1")


async def test_what_was_taken_before_a_check_is_not_stored_by_it(
    home: Home, emulator: Emulator, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A product that has taken everything so far lacks a property by now, and does not tell its model."""
    handlers = {topic: handler for topic, handler in alink._HANDLERS.items() if "dsltemplate" not in topic}
    monkeypatch.setattr(alink, "_HANDLERS", handlers)
    emulator.faults.set(reply=ReplyFault(delay=1.0, times=1))
    page = await opened(client, await three(home))
    emulator.import_thing_model(PRODUCT_KEY, without(await file_of(client, page), "b"))
    page = await checked_soon(home, client, page)
    assert seen(page).startswith("Properties that the platform knows: 2 of 3.")


async def test_a_property_that_is_left_out_during_a_check_is_not_sent_by_it(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    entry = await three(home)
    await home.until_state(VALUES_CONFIRMED, "3")
    page = await opened(client, entry)
    emulator.faults.set(throttle=True)  # which keeps the check waiting for the platform's model
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    selection = entry.runtime_data.bridge.selection
    selection.model.revise("b", is_left_out=True)
    selection.async_refresh()
    emulator.faults.clear()
    await home.hass.async_block_till_done()
    page = await fetched(client, OPTIONS, page)
    assert (page["step_id"], seen(page)) == ("stored", "2 of 2 values are stored.")
    assert page["description_placeholders"]["silent"] == ""
    assert home.stored("b") == [2.0]


async def test_values_without_an_answer_are_not_called_stored(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    page = await opened(client, await three(home))
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, page))
    emulator.faults.set(throttle=True)
    page = await checked_soon(home, client, page)
    assert (page["type"], page["step_id"]) == ("menu", "checked")
    assert seen(page).startswith("0 of 3 values are stored. The platform has not answered for the others yet")


# Meanwhile


async def test_an_entry_that_is_unloaded_ends_the_check(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl())
    entry = await three(home)
    page = await opened(client, entry)
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    await home.hass.config_entries.async_unload(entry.entry_id)
    await home.hass.async_block_till_done()
    page = await fetched(client, OPTIONS, page)
    assert (page["type"], page["reason"]) == ("abort", "entry_not_loaded")


async def test_an_entry_that_is_removed_ends_the_dialog_with_a_text_and_the_unseen_one_without(
    home: Home, client: TestClient[Any, Any]
) -> None:
    entry = await three(home)
    page = await opened(client, entry)
    options = home.hass.config_entries.options
    await options.async_init(entry.entry_id, context={"source": "after_set_up"})
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert [flow["flow_id"] for flow in options.async_progress()] == [page["flow_id"]]
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    assert (page["type"], page["reason"]) == ("abort", "entry_removed")


async def test_a_dialog_of_the_set_up_that_was_closed_long_ago_is_not_followed(
    home: Home, client: TestClient[Any, Any]
) -> None:
    entry = await three(home)
    await home.hass.config_entries.options.async_init(entry.entry_id, context={"source": "after_set_up"})
    object.__setattr__(entry, "created_at", entry.created_at - timedelta(minutes=2))
    assert (await posted(client, OPTIONS, {"handler": entry.entry_id}))["step_id"] == "init"


async def test_a_check_after_the_set_up_goes_on_beside_another_dialog(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    entry = await three(home)
    first = await home.hass.config_entries.options.async_init(entry.entry_id, context={"source": "after_set_up"})
    page = await posted(client, f"{OPTIONS}/{first['flow_id']}", {"next_step_id": "check"})
    assert (await posted(client, OPTIONS, {"handler": entry.entry_id}))["step_id"] == "init"
    await home.hass.async_block_till_done()
    assert (await fetched(client, OPTIONS, page))["step_id"] == "stored"


async def test_an_entry_that_is_loaded_anew_is_checked_anew(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl())
    entry = await three(home)
    page = await opened(client, entry)
    whole = await file_of(client, page)
    page = await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    await home.hass.config_entries.async_reload(entry.entry_id)
    emulator.import_thing_model(PRODUCT_KEY, whole)
    await home.hass.async_block_till_done()
    page = await fetched(client, OPTIONS, page)
    assert (page["type"], seen(page)) == ("progress", "")
    await home.hass.async_block_till_done()
    page = await fetched(client, OPTIONS, page)
    assert (page["step_id"], seen(page)) == ("stored", "3 of 3 values are stored.")
    assert stored(home) == [[1.0], [2.0], [3.0]]


async def test_two_dialogs_can_check_at_the_same_time(
    home: Home, emulator: Emulator, client: TestClient[Any, Any]
) -> None:
    entry = await three(home)
    pages = [await opened(client, entry) for _ in range(2)]
    emulator.import_thing_model(PRODUCT_KEY, await file_of(client, pages[0]))
    for page in deepcopy(pages):
        await posted(client, f"{OPTIONS}/{page['flow_id']}", {"next_step_id": "check"})
    await home.hass.async_block_till_done()
    ends = [await fetched(client, OPTIONS, page) for page in pages]
    assert [(page["step_id"], seen(page)) for page in ends] == [("stored", "3 of 3 values are stored.")] * 2
