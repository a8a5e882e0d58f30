"""Diagnostics: the file of a report shows what is wrong, and identifies no home."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.emulator import Device, Emulator, posts

from . import CONNECTION, DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET, Home

type HassClient = Callable[[], Awaitable[TestClient[Any, Any]]]

INSTANCE_ID = "iot-06z00private"
ENTITY_ID = "sensor.bedroom_of_alice"
IDENTIFIER = "bedroom_of_alice"
STATE = "36.6789"


@pytest.fixture(autouse=True)
async def _served(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "diagnostics", {})


async def downloaded(client: TestClient[Any, Any], entry: MockConfigEntry) -> tuple[dict[str, Any], str]:
    """Return the entry's part of the file, and the whole file as text."""
    response = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    assert response.status == HTTPStatus.OK
    document = await response.json()
    return document["data"], await response.text()


async def private_home(home: Home) -> MockConfigEntry:
    """Set up an entry in a home with private names."""
    area = ar.async_get(home.hass).async_create("Alice upstairs")
    known = er.async_get(home.hass).async_get_or_create("sensor", "test", "x", suggested_object_id=IDENTIFIER)
    er.async_get(home.hass).async_update_entity(known.entity_id, area_id=area.id)
    assert known.entity_id == ENTITY_ID
    home.hass.states.async_set(
        ENTITY_ID, STATE, {"friendly_name": "Alice's fever", "unit_of_measurement": "°C", "device_class": "temperature"}
    )
    include = {"entities": {known.id: ENTITY_ID}, "area_id": [area.id], "domains": ["light"], "measuring": True}
    return await home.add_entry(selection={"include": include}, instance_id=INSTANCE_ID)


async def assert_private(home: Home, device: Device, text: str) -> None:
    private = {
        PRODUCT_KEY,
        PRODUCT_SECRET,
        DEVICE_NAME,
        device.secret,
        INSTANCE_ID,
        await home.instance_id(),
        "127.0.0.1",
        STATE,
        IDENTIFIER,
        "Alice",
        "alice",
    }
    assert {item for item in private if item in text} == set()


async def test_the_file_says_what_is_going_on(home: Home, device: Device, hass_client: HassClient) -> None:
    entry = await private_home(home)
    await home.until_state("sensor.ha_gateway_01_values_confirmed", "1")
    data, text = await downloaded(await hass_client(), entry)
    await assert_private(home, device, text)
    assert data["entry"]["state"] == "loaded"
    assert data["entry"]["data"] | {"port": 0} == {
        "product_key": "**REDACTED**",
        "device_name": "**REDACTED**",
        "device_secret": "**REDACTED**",
        "region": "cn-shanghai",
        "host": "**REDACTED**",
        "port": 0,
        "https_host": "**REDACTED**",
        "home": "**REDACTED**",
        "instance_id": "**REDACTED**",
    }
    assert data["selection"]["include"]["entities"] == data["selection"]["include"]["area_id"] == 1
    assert data["selection"]["include"]["domains"] == ["light"]
    assert (data["selection"]["include"]["measuring"], data["selection"]["exclude"]["measuring"]) == (True, False)
    assert data["delivery"]["rate"] == 1
    assert (data["status"]["connection"], data["status"]["problem"], data["status"]["confirmed"]) == (
        "connected",
        None,
        1,
    )
    assert data["properties"]["by_domain"] == {"sensor": 1}
    assert data["properties"]["by_type"] == {"double": 1}
    assert data["problems"] == []
    assert data["is_kept"] is True


async def test_the_file_says_why_a_property_is_not_stored_but_not_which(
    home: Home, emulator: Emulator, device: Device, hass_client: HassClient
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, {"properties": [], "events": [], "services": []})
    entry = await private_home(home)
    await home.until("sensor.ha_gateway_01_values_rejected", lambda state: state.state != "0")
    data, text = await downloaded(await hass_client(), entry)
    await assert_private(home, device, text)
    (problem,) = data["problems"]
    assert (problem["domain"], problem["unit"], problem["type"].split()[0]) == ("sensor", "°C", "double")
    assert problem["rejected"]["text"].endswith("**REDACTED**")
    assert problem["rejected"]["count"] == 1


@pytest.mark.parametrize(
    "reason",
    [
        f"tsl parse: {STATE} is not in the range -> {IDENTIFIER}",
        f"fever of Alice -> {IDENTIFIER}",
        {"code": 5092, "value": float(STATE)},
        {"code": 5092, "message": f"{STATE} is too hot"},
    ],
)
async def test_the_file_does_not_quote_a_platform_that_quotes_the_value(
    home: Home,
    device: Device,
    hass_client: HassClient,
    monkeypatch: pytest.MonkeyPatch,
    reason: str | dict[str, Any],
) -> None:
    monkeypatch.setattr(posts, "settle", lambda *_: ([], [], {IDENTIFIER: reason}))
    entry = await private_home(home)
    await home.until("sensor.ha_gateway_01_values_rejected", lambda state: state.state != "0")
    data, text = await downloaded(await hass_client(), entry)
    await assert_private(home, device, text)
    assert [problem["rejected"]["text"] for problem in data["problems"]] == ["**REDACTED**"]


async def test_an_entry_that_is_refused_has_a_file_too(home: Home, device: Device, hass_client: HassClient) -> None:
    await home.emulator.delete(PRODUCT_KEY, DEVICE_NAME)
    entry = await private_home(home)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    data, text = await downloaded(await hass_client(), entry)
    await assert_private(home, device, text)
    assert (data["entry"]["state"], data["entry"]["reason"]) == ("setup_error", "device_not_found")
    assert "status" not in data


async def test_a_secret_is_hidden_wherever_it_stands(
    home: Home, emulator: Emulator, device: Device, hass_client: HassClient
) -> None:
    entry = await home.add_entry()
    await home.until_state(CONNECTION, "on")
    home.hass.config_entries.async_update_entry(entry, options={"selection": {"include": {"domains": [device.secret]}}})
    _, text = await downloaded(await hass_client(), entry)
    await assert_private(home, device, text)


async def test_another_device_that_was_removed_is_not_named(
    home: Home, device: Device, hass_client: HassClient
) -> None:
    other = await home.add_entry()
    await home.hass.config_entries.async_remove(other.entry_id)
    entry = home.entry(product_key="z9Y8x7", device_name="another")
    entry.add_to_hass(home.hass)
    _, text = await downloaded(await hass_client(), entry)
    assert "removed_" in text
    await assert_private(home, device, text)
