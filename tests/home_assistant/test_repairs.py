"""Repairs: the issues that ask for a decision, and those that withdraw themselves."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.aliyun_iot.alink.device import Device as AlinkDevice
from tests.emulator import Device, Emulator, ReplyFault

from . import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home

type HassClient = Callable[[], Awaitable[TestClient[Any, Any]]]


def issues(home: Home) -> list[str]:
    registry = ir.async_get(home.hass)
    return [str(issue.translation_key) for issue in registry.issues.values() if issue.domain == "aliyun_iot"]


async def mend(home: Home, client: TestClient[Any, Any]) -> None:
    """Open the dialog of the only issue, and submit it."""
    (issue_id,) = [key for domain, key in ir.async_get(home.hass).issues if domain == "aliyun_iot"]
    response = await client.post("/api/repairs/issues/fix", json={"handler": "aliyun_iot", "issue_id": issue_id})
    assert response.status == HTTPStatus.OK
    shown = await response.json()
    assert (shown["type"], shown["step_id"]) == ("form", "confirm")
    assert shown["description_placeholders"] == {"name": DEVICE_NAME}
    response = await client.post(f"/api/repairs/issues/fix/{shown['flow_id']}", json={})
    assert (await response.json())["type"] == "create_entry"


async def test_a_copy_of_a_home_assistant_asks_before_it_connects(
    home: Home, device: Device, hass_client: HassClient
) -> None:
    await async_setup_component(home.hass, "repairs", {})
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"], home="another home")
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert device.connects == 0
    assert issues(home) == ["copied"]
    await mend(home, await hass_client())
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    assert issues(home) == []


async def test_reconfiguring_a_copy_settles_whose_it_is(home: Home) -> None:
    entry = await home.add_entry([], home="another home")
    result = await home.hass.config_entries.flow.async_init(
        "aliyun_iot", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    await home.submit(result["flow_id"], {"region": "cn-shanghai", "network": home.network()})
    await home.hass.async_block_till_done()
    assert home.hass.config_entries.async_loaded_entries("aliyun_iot") == [entry]
    assert issues(home) == []


async def test_a_removed_entry_takes_its_issues_along(home: Home) -> None:
    entry = await home.add_entry([], home="another home")
    assert issues(home) == ["copied"]
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert issues(home) == ["removed"]


async def register_and_remove(home: Home) -> None:
    await async_setup_component(home.hass, "repairs", {})
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed())
    result = await home.choose(flow_id, "sensor.t")
    await home.hass.async_block_till_done()
    await home.hass.config_entries.async_remove(result["result"].entry_id)


async def test_removing_an_entry_says_what_stays_and_offers_to_forget_it(
    home: Home, device: Device, hass_client: HassClient, hass_config_dir: str
) -> None:
    await register_and_remove(home)
    assert issues(home) == ["removed"]
    secrets = Path(hass_config_dir, ".storage", "aliyun_iot.credentials")
    assert device.secret in secrets.read_text()
    await mend(home, await hass_client())
    assert json.loads(secrets.read_text()) == {}
    assert issues(home) == []


async def test_the_issue_about_a_removed_device_does_not_name_it(home: Home) -> None:
    await register_and_remove(home)
    (issue,) = [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == "aliyun_iot"]
    written = json.dumps(issue.to_json())
    assert PRODUCT_KEY not in written
    assert DEVICE_NAME not in written


async def test_a_secret_that_is_gone_already_needs_no_question(
    home: Home, hass_client: HassClient, hass_config_dir: str
) -> None:
    await register_and_remove(home)
    Path(hass_config_dir, ".storage", "aliyun_iot.credentials").unlink()
    client = await hass_client()
    (issue_id,) = [key for domain, key in ir.async_get(home.hass).issues if domain == "aliyun_iot"]
    response = await client.post("/api/repairs/issues/fix", json={"handler": "aliyun_iot", "issue_id": issue_id})
    assert (await response.json())["type"] == "create_entry"
    assert issues(home) == []


async def opened(home: Home, client: TestClient[Any, Any]) -> dict[str, Any]:
    """Open the dialog of the only issue."""
    (issue_id,) = [key for domain, key in ir.async_get(home.hass).issues if domain == "aliyun_iot"]
    response = await client.post("/api/repairs/issues/fix", json={"handler": "aliyun_iot", "issue_id": issue_id})
    shown: dict[str, Any] = await response.json()
    return shown


async def test_forgetting_takes_the_files_along_that_nobody_can_read(
    home: Home, device: Device, hass_client: HassClient, hass_config_dir: str
) -> None:
    secrets = Path(hass_config_dir, ".storage", "aliyun_iot.credentials")
    await register_and_remove(home)
    secrets.with_name("aliyun_iot.credentials.unreadable").write_text(f'{{"half": "{device.secret}')
    secrets.with_name("aliyun_iot.credentials.unreadable.2").write_text(f'["{device.secret}"]')
    secrets.with_name("k3_x9-aliyun_iot.credentials.new").write_text(device.secret)
    await mend(home, await hass_client())
    left = {path.name: path.read_text() for path in secrets.parent.iterdir() if device.secret in path.read_text()}
    assert left == {}
    assert json.loads(secrets.read_text()) == {}


async def test_a_secret_that_only_an_unreadable_file_may_hold_is_asked_about_and_forgotten(
    home: Home, device: Device, hass_client: HassClient, hass_config_dir: str
) -> None:
    await register_and_remove(home)
    secrets = Path(hass_config_dir, ".storage", "aliyun_iot.credentials")
    secrets.write_text(secrets.read_text()[:-1])
    client = await hass_client()
    shown = await opened(home, client)
    assert (shown["type"], shown["step_id"]) == ("form", "unreadable")
    assert device.secret in secrets.with_name("aliyun_iot.credentials.unreadable").read_text()
    response = await client.post(f"/api/repairs/issues/fix/{shown['flow_id']}", json={})
    assert (await response.json())["type"] == "create_entry"
    assert [path.name for path in secrets.parent.glob("*aliyun_iot.credentials*")] == []
    assert issues(home) == []


async def test_the_dialog_of_an_entry_that_was_removed_ends_with_a_text(home: Home, hass_client: HassClient) -> None:
    await async_setup_component(home.hass, "repairs", {})
    entry = await home.add_entry(["sensor.t"], home="another home")
    client = await hass_client()
    shown = await opened(home, client)
    assert (shown["type"], shown["step_id"]) == ("form", "confirm")
    await home.hass.config_entries.async_remove(entry.entry_id)
    response = await client.post(f"/api/repairs/issues/fix/{shown['flow_id']}", json={})
    assert response.status == HTTPStatus.OK
    ended = await response.json()
    assert (ended["type"], ended["reason"]) == ("abort", "entry_removed")


async def test_setting_a_removed_device_up_again_takes_the_issue_away(home: Home) -> None:
    entry = await home.add_entry()
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert issues(home) == ["removed"]
    await home.add_entry()
    assert issues(home) == []


async def test_secrets_that_cannot_be_forgotten_are_said(
    home: Home, hass_client: HassClient, hass_config_dir: str
) -> None:
    await register_and_remove(home)
    client = await hass_client()
    (issue_id,) = [key for domain, key in ir.async_get(home.hass).issues if domain == "aliyun_iot"]
    response = await client.post("/api/repairs/issues/fix", json={"handler": "aliyun_iot", "issue_id": issue_id})
    file = Path(hass_config_dir, ".storage", "aliyun_iot.credentials")
    file.unlink()
    file.mkdir()
    response = await client.post(f"/api/repairs/issues/fix/{(await response.json())['flow_id']}", json={})
    shown = await response.json()
    assert (shown["type"], shown["reason"]) == ("abort", "secret_not_kept")
    assert issues(home) == ["removed"]


async def test_a_device_that_is_taken_over_again_and_again_is_given_up_until_someone_takes_it_back(
    home: Home, emulator: Emulator, device: Device, hass_client: HassClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await async_setup_component(home.hass, "repairs", {})
    monkeypatch.setattr("custom_components.aliyun_iot.alink.transport.supervision._SHORTEST_STEP", 0.1)
    await home.add_entry()
    for kicks in (1, 2, 3):
        await emulator.wait_for(lambda: device.online)
        await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
        await emulator.wait_for(lambda: not device.online)
        assert device.connects == kicks
    await home.until(CONNECTION, lambda state: state.attributes["connection"] == "taken_over")
    assert issues(home) == ["taken_over"]
    await mend(home, await hass_client())
    await emulator.wait_for(lambda: device.online)
    await home.until_state(CONNECTION, "on")
    assert issues(home) == []


def mark_of(home: Home, entry: MockConfigEntry) -> Path:
    """Return the path of the file that keeps up to which time values were sent."""
    return Path(home.hass.config.path(".storage", f"aliyun_iot.delivery_{entry.entry_id}"))


async def a_minute_later(home: Home) -> None:
    """Let a minute pass, and wait for the issues to change."""
    changed = asyncio.Event()

    @callback
    def note(_event: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        changed.set()

    home.hass.bus.async_listen_once(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, note)
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(seconds=61))
    async with asyncio.timeout(10):
        await changed.wait()


async def test_a_disk_that_takes_no_writes_is_told_until_it_does(
    home: Home, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.set(refuse_tcp=True)  # the minutes that this test skips would time out an open connection
    entry = await home.add_entry()
    mark = mark_of(home, entry)
    mark.unlink()
    mark.mkdir()
    await a_minute_later(home)
    assert issues(home) == ["disk"]
    (issue,) = [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == "aliyun_iot"]
    assert issue.translation_placeholders == {"name": DEVICE_NAME, "reason": "Is a directory"}
    assert "Cannot write the progress: Is a directory" in caplog.text
    mark.rmdir()
    await a_minute_later(home)
    assert issues(home) == []
    assert mark.is_file()


async def test_a_disk_that_cannot_be_read_at_start_is_told_and_keeps_nothing_back(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"])
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    await home.hass.config_entries.async_unload(entry.entry_id)
    mark = mark_of(home, entry)
    mark.unlink()
    mark.mkdir()
    await home.hass.config_entries.async_setup(entry.entry_id)
    assert issues(home) == ["disk"]
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0, 1.0])
    mark.rmdir()
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert issues(home) == []


async def test_a_product_that_never_replies_is_told_until_it_does(
    home: Home, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.Device", partial(AlinkDevice, reply_timeout=0.2))
    monkeypatch.setattr("custom_components.aliyun_iot.alink.reporting._NEVER", 1)
    emulator.faults.set(reply=ReplyFault(lost=True))
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    assert issues(home) == ["no_answers"]
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.until_state(VALUES_CONFIRMED, "1")
    assert issues(home) == ["no_answers"]
    emulator.faults.clear()
    home.hass.states.async_set("sensor.t", "2", {"unit_of_measurement": "W"})
    await home.until_state(VALUES_CONFIRMED, "2")
    assert issues(home) == []


@pytest.mark.parametrize(
    ("today", "port", "host", "expected"),
    [
        ("2027-01-01", 443, None, []),
        ("2027-02-01", 443, None, ["root_ends"]),
        ("2027-02-01", "wss", None, ["root_ends_websocket"]),
        ("2027-02-01", 1883, None, ["root_ends"]),
        ("2027-02-01", 8883, None, []),
        ("2052-08-01", None, None, ["root_ends"]),
        ("2027-02-01", 443, "iot.example.com", []),
    ],
)
async def test_the_end_of_a_ports_root_is_told_a_year_before(
    home: Home,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    today: str,
    port: int | str | None,
    host: str | None,
    expected: list[str],
) -> None:
    def nowhere(*_args: object, **_kwargs: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr("socket.getaddrinfo", nowhere)
    freezer.move_to(today)
    way = {"transport": port, "port": None} if isinstance(port, str) else {"port": port}
    entry = await home.add_entry([], host=host, **way)
    assert issues(home) == expected
    await home.hass.config_entries.async_unload(entry.entry_id)
