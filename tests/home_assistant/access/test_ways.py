"""Ways: every way to register and to connect, and the change from one to another."""

from dataclasses import replace
import json
import socket
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.aliyun_iot.alink.transport import supervision
from tests.emulator import Device, Emulator, HttpsFault, Only

from .. import CONNECTION, DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET, VALUES_CONFIRMED, Home

SECUREMODES = {"tls": "securemode=2", "wss": "securemode=2", "tcp": "securemode=3", "https_first": "securemode=-1"}


def network(home: Home, transport: str, **changes: Any) -> dict[str, Any]:
    """Return the network section for a way to connect."""
    port = home.emulator.mqtt_port if transport == "tcp" else home.emulator.mqtts_port
    return home.network(transport=transport, port=port, **changes)


async def walked(home: Home, typed: dict[str, Any], device_secret: str | None = None) -> None:
    """Walk the dialog to its end, answer its questions, and see a value arrive."""
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, typed)
    if result["step_id"] == "unencrypted":
        result = await home.submit(flow_id, {"understood": True})
    if result["step_id"] == "device_secret":
        result = await home.submit(flow_id, {"device_secret": device_secret})
    assert (result["step_id"], result["errors"]) == ("entities", {})
    await home.choose(flow_id, "sensor.t")
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])


@pytest.mark.parametrize("transport", list(SECUREMODES))
@pytest.mark.parametrize("registration", ["mqtt", "https"])
@pytest.mark.parametrize("sign_method", ["hmacsha256", "hmacmd5"])
async def test_a_device_that_was_added_registers_and_connects_every_way(
    home: Home, device: Device, transport: str, registration: str, sign_method: str
) -> None:
    await walked(home, home.typed(network(home, transport, registration=registration, sign_method=sign_method)))
    assert SECUREMODES[transport] in device.last_client_id


@pytest.mark.parametrize("transport", list(SECUREMODES))
async def test_a_pasted_secret_connects_every_way(home: Home, device: Device, transport: str) -> None:
    secret = device.secret
    await walked(home, home.typed(network(home, transport), product_secret=""), secret)
    assert device.secret == secret
    assert SECUREMODES[transport] in device.last_client_id


@pytest.mark.parametrize("transport", ["tls", "wss", "tcp"])
@pytest.mark.parametrize("instance_id", [None, "iot-0a1b2c3d"])
async def test_a_device_that_nobody_added_registers_itself_and_connects_with_a_token(
    home: Home, emulator: Emulator, transport: str, instance_id: str | None
) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    section = network(home, transport, registration="mqtt_not_added")
    flow_id = await home.start_flow()
    result = await home.submit(
        flow_id, home.typed(section, device_name="nobody-knows-me", instance_id=instance_id or "")
    )
    if transport == "tcp":
        result = await home.submit(flow_id, {"understood": True})
    assert (result["step_id"], result["errors"]) == ("entities", {})
    result = await home.choose(flow_id, "sensor.t")
    device = emulator.device(PRODUCT_KEY, "nobody-knows-me")
    await emulator.wait_for(lambda: [sample.value for sample in device.history_of("t")] == [1.0])
    assert "authType=connwl" in device.last_client_id
    assert "device_secret" not in result["result"].data
    assert {"client_id", "device_token"} <= result["result"].data.keys()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"region": "eu-central-1"}, "only_in_shanghai"),
        ({"transport": "https_first"}, "https_first_needs_secret"),
    ],
)
async def test_what_cannot_work_without_pre_registration_is_said_before_anything_is_sent(
    home: Home, device: Device, changes: dict[str, str], key: str
) -> None:
    region = {name: value for name, value in changes.items() if name == "region"}
    section = home.network(registration="mqtt_not_added", **{k: v for k, v in changes.items() if k != "region"})
    result = await home.submit(await home.start_flow(), home.typed(section, **region))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"network": key})
    assert device.connects == 0


async def test_plain_text_needs_to_be_confirmed(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed(network(home, "tcp")))
    assert result["step_id"] == "unencrypted"
    result = await home.submit(flow_id, {"understood": False})
    assert result["errors"] == {"base": "not_understood"}
    assert device.connects == 0
    result = await home.submit(flow_id, {"understood": True})
    assert result["step_id"] == "entities"


@pytest.mark.parametrize("product_secret", ["", PRODUCT_SECRET])
async def test_an_error_names_the_host_that_was_assigned_over_https_and_not_the_one_that_nobody_asked(
    home: Home, emulator: Emulator, device: Device, product_secret: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = listener.getsockname()[1]
    data = {"iotId": "id", "iotToken": "token", "resources": {"mqtt": {"host": "127.0.0.1", "port": dead}}}
    answer = json.dumps({"code": 200, "data": data, "message": "success"})
    emulator.faults.set(https=HttpsFault(body=answer, only=Only.AUTHENTICATION))
    section = home.network(transport="https_first", registration="https", host="never.asked.example", port=1)
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed(section, product_secret=product_secret))
    if result["step_id"] == "device_secret":
        result = await home.submit(flow_id, {"device_secret": device.secret})
    assert result["errors"] == {"base": "unreachable_refused"}
    assert result["description_placeholders"] == {"host": "127.0.0.1", "port": str(dead)}


# Reconfigure and reauthenticate


async def reconfigured(home: Home, changes: dict[str, Any]) -> Any:
    """Submit the page that changes the settings of the entry."""
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    result = await home.hass.config_entries.flow.async_init(
        "aliyun_iot", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert result["data_schema"] is not None
    assert entry.data["device_secret"] not in str(result["data_schema"].schema)
    result = await home.submit(result["flow_id"], {"region": "cn-shanghai", "network": home.network(), **changes})
    await home.hass.async_block_till_done()
    return result


@pytest.mark.parametrize("transport", ["wss", "https_first"])
async def test_another_way_to_connect_is_proved_before_it_is_kept(home: Home, device: Device, transport: str) -> None:
    entry = await home.add_entry()
    result = await reconfigured(home, {"network": network(home, transport)})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert result.get("translation_domain") is None  # Home Assistant's own text exists in English only
    await home.until_state(CONNECTION, "on")
    assert entry.data["transport"] == transport
    assert SECUREMODES[transport] in device.last_client_id


async def test_a_way_that_does_not_lead_there_changes_nothing(home: Home) -> None:
    entry = await home.add_entry()
    before = dict(entry.data)
    result = await reconfigured(home, {"network": home.network(https_host="127.0.0.1:1", transport="https_first")})
    assert result["errors"] == {"base": "unreachable_refused"}
    assert entry.data == before
    assert entry.state is ConfigEntryState.LOADED


async def test_a_way_that_cannot_be_is_refused_by_its_field(home: Home, device: Device) -> None:
    await home.add_entry()
    await home.until_state(CONNECTION, "on")
    connects = device.connects
    result = await reconfigured(home, {"network": home.network(host="no host")})
    assert result["errors"] == {"network": "invalid_host"}
    assert device.connects == connects


async def test_a_token_is_kept_when_the_way_changes(home: Home, emulator: Emulator) -> None:
    flow_id = await home.start_flow()
    section = home.network(registration="mqtt_not_added")
    await home.submit(flow_id, home.typed(section, device_name="nobody-knows-me"))
    result = await home.choose(flow_id, "sensor.t")
    await home.hass.async_block_till_done()
    entry = result["result"]
    token = entry.data["device_token"]
    result = await home.hass.config_entries.flow.async_init(
        "aliyun_iot", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    result = await home.submit(result["flow_id"], {"region": "cn-shanghai", "network": network(home, "wss")})
    assert result["reason"] == "reconfigure_successful"
    assert (entry.data["device_token"], entry.data["transport"]) == (token, "wss")
    device = emulator.device(PRODUCT_KEY, "nobody-knows-me")
    await emulator.wait_for(lambda: device.online)


async def test_a_product_secret_registers_the_device_again(home: Home, emulator: Emulator, device: Device) -> None:
    entry = await home.add_entry()
    await home.until_state(CONNECTION, "on")
    await emulator.reset(PRODUCT_KEY, DEVICE_NAME)
    result = await reconfigured(home, {"product_secret": PRODUCT_SECRET})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["device_secret"] == device.secret


async def test_another_device_secret_replaces_the_first(home: Home, device: Device) -> None:
    entry = await home.add_entry()
    await home.until_state(CONNECTION, "on")
    device.secret = "a" * 32
    result = await reconfigured(home, {"device_secret": "b" * 32})
    assert result["errors"] == {"device_secret": "bad_device_secret"}
    result = await home.submit(
        result["flow_id"], {"region": "cn-shanghai", "network": home.network(), "device_secret": "a" * 32}
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["device_secret"] == "a" * 32


async def test_reauthentication_takes_a_device_secret(home: Home, device: Device) -> None:
    entry = await home.add_entry([], device_secret="f" * 32)
    assert (entry.state, entry.error_reason_translation_key) == (ConfigEntryState.SETUP_ERROR, "bad_device_secret")
    (flow,) = home.hass.config_entries.flow.async_progress()
    result = await home.submit(flow["flow_id"], {"device_secret": device.secret})
    assert result["reason"] == "reauth_successful"
    await home.hass.async_block_till_done()
    assert home.hass.config_entries.async_loaded_entries("aliyun_iot") == [entry]


async def test_a_device_that_was_enabled_again_needs_nothing_typed(
    home: Home, emulator: Emulator, device: Device
) -> None:
    await emulator.disable(PRODUCT_KEY, DEVICE_NAME)
    entry = await home.add_entry()
    assert entry.state is ConfigEntryState.LOADED
    connection = home.hass.states.get(CONNECTION)
    assert connection is not None
    assert connection.attributes["problem"] == "device_disabled"
    await emulator.enable(PRODUCT_KEY, DEVICE_NAME)
    await emulator.wait_for(lambda: device.online)
    assert home.hass.config_entries.flow.async_progress() == []


async def test_a_device_that_nobody_added_registers_again_when_its_token_is_refused(
    home: Home, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = home.network(registration="mqtt_not_added")
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed(section, device_name="nobody-knows-me"))
    result = await home.choose(flow_id, "sensor.t")
    await home.hass.async_block_till_done()
    device = emulator.device(PRODUCT_KEY, "nobody-knows-me")
    await emulator.wait_for(lambda: device.online)
    await emulator.reset(PRODUCT_KEY, "nobody-knows-me")
    device.token = "another"
    emulator.limits = replace(emulator.limits, connects_per_minute=None)
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.1)
    monkeypatch.setattr(supervision, "_REFUSED_FOR", 0.1)
    await home.hass.config_entries.async_reload(result["result"].entry_id)
    refused = "binary_sensor.nobody_knows_me_mqtt_client"
    await home.until(refused, lambda state: state.attributes["connection"] == "refused")
    (flow,) = home.hass.config_entries.flow.async_progress()
    result = await home.submit(flow["flow_id"], {"product_secret": PRODUCT_SECRET})
    assert result["reason"] == "reauth_successful"
    await emulator.wait_for(lambda: device.online)


@pytest.mark.parametrize(
    ("prepare", "key"),
    [("delete", "device_not_found"), ("reset", "bad_device_secret")],
)
async def test_what_happened_to_the_device_in_the_console_is_said(
    home: Home, emulator: Emulator, device: Device, prepare: str, key: str
) -> None:
    if prepare == "reset":
        await emulator.reset(PRODUCT_KEY, DEVICE_NAME)
        device_secret = device.secret
        device.secret = "0" * 32
        entry = await home.add_entry([], device_secret=device_secret)
    else:
        await getattr(emulator, prepare)(PRODUCT_KEY, DEVICE_NAME)
        entry = await home.add_entry()
    assert (entry.state, entry.error_reason_translation_key) == (ConfigEntryState.SETUP_ERROR, key)


# The clock


@pytest.mark.parametrize("hours", [-30, 30])
async def test_a_clock_that_is_wrong_is_said_and_the_values_get_the_right_time(
    home: Home, emulator: Emulator, device: Device, hours: int
) -> None:
    emulator.clock_offset = hours * 3_600_000
    began = int(time.time())
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"}, timestamp=began + 0.25)
    await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    assert abs(device.properties["t"].time - (began * 1000 + 250 + hours * 3_600_000)) < 60_000
    (issue,) = [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == "aliyun_iot"]
    assert issue.translation_key == "clock"
    assert issue.translation_placeholders == {"name": DEVICE_NAME, "minutes": "1800"}
    emulator.clock_offset = 0
    await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
    await home.until_state(CONNECTION, "off")
    await home.until_state(CONNECTION, "on")
    home.hass.states.async_set("sensor.t", "2", {"unit_of_measurement": "W"}, timestamp=began + 1.25)
    await emulator.wait_for(lambda: len(home.stored("t")) == 2)
    assert [sample.time for sample in device.history_of("t")][1] == began * 1000 + 1250
    assert not [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == "aliyun_iot"]
