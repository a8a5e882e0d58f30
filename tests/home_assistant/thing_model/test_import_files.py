"""Import files: the download, and the action that returns them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
import io
import json
from typing import Any
import zipfile

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from custom_components.aliyun_iot.alink.protocol.data_types import Number, NumberType, Text
from custom_components.aliyun_iot.alink.protocol.limits import MODEL_FILE_SIZE_MAX
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.thing_model.download import async_signed_path
from custom_components.aliyun_iot.thing_model.import_files import filename, files, packed
from tests.emulator import Emulator

from .. import PRODUCT_KEY, Home

type HassClient = Callable[..., Awaitable[TestClient[Any, Any]]]

URL = "/api/aliyun_iot/thing_model"


async def action(home: Home, entry: MockConfigEntry, context: Context | None = None) -> dict[str, Any]:
    """Call the action and return its files."""
    response = await home.hass.services.async_call(
        "aliyun_iot",
        "get_thing_model",
        {"config_entry_id": entry.entry_id},
        blocking=True,
        context=context,
        return_response=True,
    )
    assert response is not None
    found: dict[str, Any] = response["files"]  # type: ignore[assignment]  # as it is documented
    return found


@pytest.fixture
async def browser(home: Home, hass_client: HassClient) -> TestClient[Any, Any]:
    """Return the HTTP client of an administrator's browser."""
    for component in ("config", "aliyun_iot"):  # the client starts the server, which takes no address after that
        assert await async_setup_component(home.hass, component, {})
    return await hass_client()


async def linked(browser: TestClient[Any, Any], entry: MockConfigEntry) -> str:
    """Return the path that the page of the options has for a browser."""
    flow = "/api/config/config_entries/options/flow"
    page = await (await browser.post(flow, json={"handler": entry.entry_id})).json()
    page = await (await browser.post(f"{flow}/{page['flow_id']}", json={"next_step_id": "file"})).json()
    path: str = page["description_placeholders"]["link"].split('"')[1]
    return path


# The download


async def test_a_signed_path_leads_to_the_file_that_the_console_takes(
    home: Home, emulator: Emulator, browser: TestClient[Any, Any], hass_client_no_auth: HassClient
) -> None:
    home.hass.states.async_set("sensor.power", "1", {"unit_of_measurement": "W", "friendly_name": "Power"})
    home.hass.states.async_set("sensor.gas", "1", {"unit_of_measurement": "ft³"})
    entry = await home.add_entry(["sensor.power", "sensor.gas"])
    client = await hass_client_no_auth()
    response = await client.get(await linked(browser, entry))
    assert response.status == HTTPStatus.OK
    assert response.content_type == "application/json"
    assert response.headers["Content-Disposition"] == 'attachment; filename="thing_model.json"'
    assert response.headers["Cache-Control"] == "no-store"
    body = await response.read()
    emulator.import_thing_model(PRODUCT_KEY, body)
    gas, power = json.loads(body)["properties"]
    assert (gas["identifier"], gas["desc"]) == ("gas", "sensor.gas (ft³)")
    assert "unit" not in gas["dataType"]["specs"]
    assert (power["identifier"], power["name"], power["desc"]) == ("power", "Power", "sensor.power")
    assert power["dataType"]["specs"]["unit"] == "W"
    assert body == await (await client.get(await linked(browser, entry))).read()


async def test_a_link_works_for_an_hour_without_the_page_that_had_it(
    home: Home,
    browser: TestClient[Any, Any],
    hass_client_no_auth: HassClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    home.hass.states.async_set("sensor.power", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.power"])
    await home.hass.config_entries.async_unload(entry.entry_id)  # a link over TLS does not live in a clock that jumps
    path = await linked(browser, entry)
    await browser.close()
    client = await hass_client_no_auth()
    freezer.tick(timedelta(minutes=59))
    assert (await client.get(path)).status == HTTPStatus.OK
    freezer.tick(timedelta(minutes=2))
    assert (await client.get(path)).status == HTTPStatus.UNAUTHORIZED


async def test_the_file_is_for_administrators(
    home: Home,
    hass_client: HassClient,
    hass_client_no_auth: HassClient,
    hass_read_only_access_token: str,
) -> None:
    entry = await home.add_entry()
    path = f"{URL}/{entry.entry_id}"
    assert (await (await hass_client()).get(path)).status == HTTPStatus.OK
    assert (await (await hass_client_no_auth()).get(path)).status == HTTPStatus.UNAUTHORIZED
    reader = await hass_client(hass_read_only_access_token)
    assert (await reader.get(path)).status == HTTPStatus.UNAUTHORIZED
    assert (await reader.get(f"{path}?authSig=none")).status == HTTPStatus.UNAUTHORIZED


async def test_a_path_that_another_user_has_signed_leads_nowhere(
    home: Home,
    hass_client_no_auth: HassClient,
    hass_ws_client: Callable[..., Awaitable[MockHAClientWebSocket]],
    hass_read_only_access_token: str,
) -> None:
    assert await async_setup_component(home.hass, "auth", {})
    entry = await home.add_entry()
    socket = await hass_ws_client(home.hass, hass_read_only_access_token)
    await socket.send_json_auto_id({"type": "auth/sign_path", "path": f"{URL}/{entry.entry_id}"})
    signed = (await socket.receive_json())["result"]["path"]
    client = await hass_client_no_auth()
    for path in (signed, async_signed_path(home.hass, entry.entry_id)):
        assert (await client.get(path)).status == HTTPStatus.UNAUTHORIZED


async def test_a_path_is_signed_for_one_entry_only(
    home: Home, browser: TestClient[Any, Any], hass_client_no_auth: HassClient
) -> None:
    entry = await home.add_entry()
    path = await linked(browser, entry)
    client = await hass_client_no_auth()
    assert (await client.get(path)).status == HTTPStatus.OK
    assert (await client.get(path.replace(entry.entry_id, "another"))).status == HTTPStatus.UNAUTHORIZED


async def test_there_is_no_file_of_an_entry_that_is_not_ours(home: Home, hass_client: HassClient) -> None:
    await home.add_entry()
    other = MockConfigEntry(domain="other")
    other.add_to_hass(home.hass)
    client = await hass_client()
    for entry_id in ("unknown", other.entry_id):
        assert (await client.get(f"{URL}/{entry_id}")).status == HTTPStatus.NOT_FOUND


async def test_more_than_a_module_holds_is_a_zip_that_the_console_takes(
    home: Home, emulator: Emulator, hass_client: HassClient
) -> None:
    for number in range(301):
        home.hass.states.async_set(f"sensor.n{number:03}", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(selection={"include": {"domains": ["sensor"]}})
    client = await hass_client()
    response = await client.get(f"{URL}/{entry.entry_id}")
    assert response.content_type == "application/zip"
    assert response.headers["Content-Disposition"] == 'attachment; filename="thing_model.zip"'
    body = await response.read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["thing_model.json", "home_2.json"]
        assert json.loads(archive.read("home_2.json"))["functionBlockId"] == "home_2"
    emulator.import_thing_model(PRODUCT_KEY, body)
    assert body == await (await client.get(f"{URL}/{entry.entry_id}")).read()


# The action


async def test_the_action_returns_the_files_also_when_the_entry_is_not_loaded(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"])
    loaded = await action(home, entry)
    assert [one["identifier"] for one in loaded["thing_model.json"]["properties"]] == ["t"]
    await home.hass.config_entries.async_unload(entry.entry_id)
    assert await action(home, entry) == loaded


async def test_the_action_is_for_administrators_and_automations(
    home: Home, hass_admin_user: MockUser, hass_read_only_user: MockUser
) -> None:
    entry = await home.add_entry()
    assert await action(home, entry, Context(user_id=hass_admin_user.id)) == await action(home, entry)
    with pytest.raises(Unauthorized):
        await action(home, entry, Context(user_id=hass_read_only_user.id))


async def test_the_action_needs_an_entry_of_ours(home: Home) -> None:
    await home.add_entry()
    other = MockConfigEntry(domain="other")
    other.add_to_hass(home.hass)
    with pytest.raises(ServiceValidationError) as caught:
        await action(home, other)
    assert caught.value.translation_key == "entry_not_found"


# The files


def definition(identifier: str, **changes: Any) -> Definition:
    number = Number(type=NumberType.DOUBLE, low=-1, high=1, step=0.1)
    return Definition(**{"identifier": identifier, "name": identifier, "data_type": number, **changes})


def test_what_does_not_belong_to_the_default_module_leaves_that_alone() -> None:
    made = files(PRODUCT_KEY, [("sensor.b", definition("b", module="home_2")), ("sensor.a", definition("a"))])
    assert list(made) == ["thing_model.json", "home_2.json"]
    made = files(PRODUCT_KEY, [("sensor.b", definition("b", module="home_2"))])
    assert list(made) == ["home_2.json"]
    assert packed(made).filename == filename(["home_2", "home_2"]) == "home_2.json"
    assert packed(files(PRODUCT_KEY, [])).filename == filename([]) == filename([None]) == "thing_model.json"


def test_a_description_keeps_the_unit_and_the_limit() -> None:
    long = f"sensor.{'x' * 120}"
    made = files(
        PRODUCT_KEY,
        [(long, definition("a", unit="ft³")), ("text.b", definition("b", data_type=Text(length=9), unit="W"))],
    )
    first, second = made["thing_model.json"]["properties"]
    assert first["desc"] == f"{long[:94]} (ft³)"
    assert second["desc"] == "text.b"


def test_a_file_that_would_be_too_large_does_without_white_space() -> None:
    few, many = ({"properties": [{"x": 1}] * count} for count in (10, 25_000))
    assert b"\n" in packed({"thing_model.json": few}).body
    large = packed({"thing_model.json": many}).body
    assert b"\n" not in large
    assert len(large) <= MODEL_FILE_SIZE_MAX
