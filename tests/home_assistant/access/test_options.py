"""Options: each field of the set-up form reaches the platform, and the entry that keeps it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.emulator import Attempt, ConnackFault, Device, Emulator, Only, https

from .. import CONNECTION, DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET, Home
from .test_ways import network, reconfigured

INSTANCE_ID = "iot-0a1b2c3d"


@pytest.fixture
def forms(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """Return the forms that the platform's HTTPS host receives."""
    received: list[Mapping[str, str]] = []
    read = https._fields

    def note(form: str) -> dict[str, str]:
        fields = read(form)
        received.append(fields)
        return fields

    monkeypatch.setattr(https, "_fields", note)
    return received


def extension(attempt: Attempt) -> dict[str, str]:
    """Return the pairs behind the client id of a CONNECT."""
    _, pairs, _ = attempt.client_id.split("|")
    return dict(pair.split("=") for pair in pairs.split(","))


def methods(device: Device, forms: list[Mapping[str, str]]) -> set[str]:
    """Return every sign method that the platform was told, over MQTT or HTTPS."""
    told = [*(extension(attempt) for attempt in device.recent_connects), *forms]
    return {value for fields in told for name, value in fields.items() if name.lower() == "signmethod"}


async def submitted(home: Home, flow_id: str, typed: dict[str, Any]) -> ConfigFlowResult:
    """Submit the first page, and the warning of plain text where it comes."""
    result = await home.submit(flow_id, typed)
    if result["step_id"] == "unencrypted":
        result = await home.submit(flow_id, {"understood": True})
    return result


async def entry_data_of(home: Home, flow_id: str, **more: Any) -> dict[str, Any]:
    """Choose an entity, and return the data of the entry."""
    result = await home.choose(flow_id, "sensor.t", **more)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.until_state(CONNECTION, "on")
    return dict(result["result"].data)


# The instance


@pytest.mark.parametrize("instance_id", [None, INSTANCE_ID])
@pytest.mark.parametrize(
    ("registration", "device_name"), [("mqtt", DEVICE_NAME), ("mqtt_not_added", "nobody-knows-me")]
)
async def test_a_registration_over_mqtt_names_the_instance(
    home: Home, emulator: Emulator, registration: str, device_name: str, instance_id: str | None
) -> None:
    typed = home.typed(home.network(registration=registration), device_name=device_name, instance_id=instance_id or "")
    result = await home.submit(await home.start_flow(), typed)
    assert (result["step_id"], result["errors"]) == ("entities", {})
    attempt = emulator.device(PRODUCT_KEY, device_name).recent_connects[0]
    assert extension(attempt).get("instanceId") == instance_id


# The hosts and the ports


@pytest.mark.parametrize(
    ("typed", "section", "host", "port"),
    [
        ({"region": "eu-central-1"}, {}, f"{PRODUCT_KEY}.iot-as-mqtt.eu-central-1.aliyuncs.com", "8883"),
        ({}, {"transport": "wss"}, f"{PRODUCT_KEY}.iot-as-mqtt.cn-shanghai.aliyuncs.com", "443"),
        ({"instance_id": INSTANCE_ID}, {}, f"{INSTANCE_ID}.mqtt.iothub.aliyuncs.com", "8883"),
        ({}, {"host": "iot.example.com", "port": 1884}, "iot.example.com", "1884"),
        ({"region": "us-east-1"}, {"registration": "https"}, "iot-auth.us-east-1.aliyuncs.com", "443"),
        ({}, {"https_host": "auth.example.com:8443", "registration": "https"}, "auth.example.com", "8443"),
    ],
)
async def test_a_registration_goes_to_the_host_that_was_chosen(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    typed: Mapping[str, str],
    section: Mapping[str, Any],
    host: str,
    port: str,
) -> None:
    def nowhere(*_args: object, **_kwargs: object) -> None:
        raise OSError(101, "Network is unreachable")

    flow_id = await home.start_flow()
    with monkeypatch.context() as patch:
        patch.setattr("socket.getaddrinfo", nowhere)
        result = await home.submit(flow_id, home.typed({"registration": "mqtt", **section}, **typed))
    assert result["errors"] == {"base": "unreachable_network"}
    assert result["description_placeholders"] == {"host": host, "port": port}


# The transport


@pytest.mark.parametrize(
    ("transport", "registered", "connected"), [("tls", "tls", "tls"), ("wss", "wss", "wss"), ("tcp", "tls", "tcp")]
)
async def test_mqtt_runs_over_the_chosen_transport_and_registration_never_in_plain_text(
    home: Home, device: Device, transport: str, registered: str, connected: str
) -> None:
    flow_id = await home.start_flow()
    await submitted(home, flow_id, home.typed(network(home, transport)))
    assert (await entry_data_of(home, flow_id))["transport"] == transport
    first, *others = [attempt.transport for attempt in device.recent_connects]
    assert (first, set(others)) == (registered, {connected})


# The sign method


@pytest.mark.parametrize("transport", ["tls", "https_first"])
@pytest.mark.parametrize("registration", ["mqtt", "https"])
@pytest.mark.parametrize("sign_method", ["hmacsha256", "hmacsha1", "hmacmd5"])
async def test_every_signature_is_made_by_the_chosen_method(
    home: Home, device: Device, forms: list[Mapping[str, str]], transport: str, registration: str, sign_method: str
) -> None:
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed(network(home, transport, registration=registration, sign_method=sign_method)))
    assert (await entry_data_of(home, flow_id))["sign_method"] == sign_method
    assert methods(device, forms) == {sign_method}


async def test_a_refusal_over_mqtt_is_looked_up_over_https_by_the_chosen_method(
    home: Home, device: Device, forms: list[Mapping[str, str]]
) -> None:
    typed = home.typed(home.network(sign_method="hmacmd5"), product_secret="wrong")
    result = await home.submit(await home.start_flow(), typed)
    assert result["errors"] == {"product_secret": "bad_signature"}
    assert len(forms) == 1
    assert methods(device, forms) == {"hmacmd5"}


# The way that is not the way of the registration


@pytest.mark.parametrize(("registration", "transport"), [("https", "tls"), ("mqtt", "tcp"), ("mqtt", "https_first")])
async def test_a_connection_that_differs_from_the_registration_is_proved_in_the_dialog(
    home: Home, emulator: Emulator, registration: str, transport: str
) -> None:
    emulator.faults.set(connack=ConnackFault(code=3, only=Only.NORMAL, times=1))
    flow_id = await home.start_flow()
    result = await submitted(home, flow_id, home.typed(network(home, transport, registration=registration)))
    assert (result["step_id"], result["errors"]) == ("user", {"base": "server_unavailable"})


# The entry


async def test_an_entry_keeps_every_option(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    section = network(home, "wss", sign_method="hmacmd5")
    await home.submit(flow_id, home.typed(section, region="eu-central-1", instance_id=INSTANCE_ID))
    assert await entry_data_of(home, flow_id) == {
        "product_key": PRODUCT_KEY,
        "device_name": DEVICE_NAME,
        "device_secret": device.secret,
        "region": "eu-central-1",
        "instance_id": INSTANCE_ID,
        "host": "127.0.0.1",
        "port": home.emulator.mqtts_port,
        "https_host": f"127.0.0.1:{home.emulator.https_port}",
        "transport": "wss",
        "sign_method": "hmacmd5",
        "home": await home.instance_id(),
    }


OTHER: dict[str, Any] = {
    "region": "eu-central-1",
    "instance_id": INSTANCE_ID,
    "transport": "wss",
    "sign_method": "hmacmd5",
}


async def test_reconfiguring_changes_every_option(home: Home) -> None:
    entry = await home.add_entry()
    before = dict(entry.data)
    section = home.network(transport="wss", sign_method="hmacmd5")
    result = await reconfigured(home, {"region": "eu-central-1", "instance_id": INSTANCE_ID, "network": section})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {**before, **OTHER}


async def test_reconfiguring_begins_with_the_present_options(home: Home) -> None:
    entry = await home.add_entry(**OTHER)
    flow = await entry.start_reconfigure_flow(home.hass)
    assert flow["data_schema"] is not None
    fields = {str(key): key for key in flow["data_schema"].schema}
    shown = {name: fields[name].description["suggested_value"] for name in ("region", "instance_id")}
    section = flow["data_schema"].schema[fields["network"]].schema.schema
    shown |= {str(key): key.description["suggested_value"] for key in section if key.description}
    kept = ("region", "instance_id", "host", "port", "https_host", "transport", "sign_method")
    assert shown == {name: entry.data[name] for name in kept}


async def test_reauthentication_changes_nothing_but_the_secret(home: Home, device: Device) -> None:
    entry = await home.add_entry(**OTHER, device_secret="f" * 32)
    before = dict(entry.data)
    (flow,) = home.hass.config_entries.flow.async_progress()
    result = await home.submit(flow["flow_id"], {"product_secret": PRODUCT_SECRET})
    assert result["reason"] == "reauth_successful"
    assert entry.data == {**before, "device_secret": device.secret}
    attempt = next(attempt for attempt in device.recent_connects if extension(attempt)["securemode"] == "-2")
    assert extension(attempt)["instanceId"] == INSTANCE_ID


# The DeviceSecret


async def test_a_pasted_secret_is_kept_when_the_dialog_is_closed(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed(product_secret=""))
    result = await home.submit(flow_id, {"device_secret": device.secret})
    assert result["step_id"] == "entities"
    home.hass.config_entries.flow.async_abort(flow_id)
    result = await home.submit(await home.start_flow(), home.typed())
    assert result["step_id"] == "kept"


async def test_a_blank_secret_is_asked_for_again(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed(product_secret=""))
    result = await home.submit(flow_id, {"device_secret": " "})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "device_secret", {})
    assert device.connects == 0
