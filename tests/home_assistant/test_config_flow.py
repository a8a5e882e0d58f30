"""Config flow: every page, each failure, and the way on from there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import socket
import ssl
import threading
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
import trustme

from custom_components.aliyun_iot.access.secret_file import secret_file
from tests.emulator import ConnackFault, Device, Emulator, HttpsFault, Only, Product, PushFault

from . import DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET, Home, chosen


@pytest.fixture
def secrets(hass_config_dir: str) -> Path:
    """Return the path of the file of secrets."""
    return Path(hass_config_dir, ".storage", "aliyun_iot.credentials")


async def to_the_end(home: Home, flow_id: str, typed: dict[str, Any]) -> None:
    """Submit good values and see the entry loaded."""
    home.hass.states.async_set("sensor.kitchen", "21.5", {"unit_of_measurement": "°C"})
    result = await home.submit(flow_id, typed)
    assert (result["type"], result["step_id"], result.get("errors")) == (FlowResultType.FORM, "entities", {})
    result = await home.choose(flow_id, "sensor.kitchen")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED
    await home.emulator.wait_for(lambda: home.stored("kitchen") == [21.5])


async def test_four_values_and_a_pick_make_an_entry_that_publishes(
    home: Home, device: Device, hass_storage: dict[str, Any]
) -> None:
    flow_id = await home.start_flow()
    await to_the_end(home, flow_id, home.typed())
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    assert entry.title == DEVICE_NAME
    assert entry.data["device_secret"] == device.secret
    assert entry.options == {
        "selection": {
            "include": {"entities": {"sensor.kitchen": "sensor.kitchen"}},
            "exclude": {},
            "availability": False,
        }
    }
    assert device.activated
    assert PRODUCT_SECRET not in json.dumps([dict(entry.data), dict(entry.options), hass_storage])


async def test_registration_over_https_makes_the_same_entry(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    await to_the_end(home, flow_id, home.typed(home.network(registration="https")))
    assert device.activated


async def test_an_instance_with_an_id_is_registered_with_that_id(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    await to_the_end(home, flow_id, home.typed(instance_id="iot-0a1b2c3d"))
    assert device.recent_connects[0].client_id.endswith(",instanceId=iot-0a1b2c3d|")


@pytest.mark.parametrize(
    ("location_name", "suggested"),
    [
        ("Our Home", "ha-our-home"),
        ("家", "ha-jia"),
        ("", "home-assistant"),
        ("A very long name for a small place in the country", "ha-a-very-long-name-for-a-small"),
    ],
)
async def test_the_device_name_is_suggested_from_the_name_of_the_home(
    home: Home, location_name: str, suggested: str
) -> None:
    home.hass.config.location_name = location_name
    result = await home.hass.config_entries.flow.async_init("aliyun_iot", context={"source": "user"})
    assert result["data_schema"] is not None
    (key,) = [key for key in result["data_schema"].schema if key == "device_name"]
    assert key.description == {"suggested_value": suggested}


@pytest.mark.parametrize(
    ("changes", "field", "key"),
    [
        ({"product_key": "a1 B2"}, "product_key", "invalid_product_key"),
        ({"product_secret": "two words"}, "product_secret", "invalid_product_secret"),
        ({"device_name": "abc"}, "device_name", "invalid_device_name"),
        ({"instance_id": "iot/1"}, "instance_id", "invalid_instance_id"),
        ({"network": {"host": "https://host"}}, "network", "invalid_host"),
        ({"network": {"https_host": "a:b:c"}}, "network", "invalid_https_host"),
        ({"network": {"host": "iot.example.com", "registration": "https"}}, "network", "https_host_missing"),
        ({"network": {"host": "iot.example.com", "transport": "https_first"}}, "network", "https_host_missing"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_sent(
    home: Home, device: Device, changes: dict[str, Any], field: str, key: str
) -> None:
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, {**home.typed(), **changes})
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {field: key})
    assert device.connects == 0
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize(
    ("code", "field", "key"),
    [
        (400, "base", "request_failed"),
        (429, "base", "throttled"),
        (460, "base", "bad_parameter"),
        (500, "base", "server_error"),
        (5005, "product_key", "product_query_failed"),
        (5244, "product_key", "lora_query_failed"),
        (6100, "device_name", "device_not_found"),
        (6203, "base", "topic_not_parsed"),
        (6204, "device_name", "device_disabled"),
        (6250, "product_key", "product_not_found"),
        (6280, "device_name", "invalid_device_name"),
        (6288, "product_key", "registration_off"),
        (6292, "base", "bad_sign_method"),
        (6600, "product_secret", "bad_signature"),
        (9999, "base", "registration_refused"),
    ],
)
async def test_each_code_of_the_platform_has_its_text_and_a_way_on(
    home: Home, emulator: Emulator, code: int, field: str, key: str
) -> None:
    emulator.faults.set(https=HttpsFault(code=code, times=1))
    flow_id = await home.start_flow()
    typed = home.typed(home.network(registration="https"))
    result = await home.submit(flow_id, typed)
    assert result["errors"] == {field: key}
    assert (result["description_placeholders"] or {})["code"] == str(code)
    await to_the_end(home, flow_id, typed)


@pytest.mark.parametrize(
    ("code", "key"), [(1, "unreachable_closed"), (2, "identifier_rejected"), (3, "server_unavailable")]
)
async def test_each_connack_has_its_text_and_a_way_on(home: Home, emulator: Emulator, code: int, key: str) -> None:
    emulator.faults.set(connack=ConnackFault(code=code, only=Only.REGISTRATION, times=1))
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert result["errors"] == {"base": key}
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize("code", [4, 5])
async def test_a_refusal_without_a_reason_lists_what_to_check(home: Home, emulator: Emulator, code: int) -> None:
    emulator.faults.set(connack=ConnackFault(code=code, only=Only.REGISTRATION, times=1))
    flow_id = await home.start_flow()
    network = home.network()
    del network["https_host"]
    result = await home.submit(flow_id, home.typed(network))
    assert result["errors"] == {"base": "refused"}
    await to_the_end(home, flow_id, home.typed())


async def test_a_refusal_keeps_its_text_when_https_cannot_tell_more(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(connack=ConnackFault(code=4, only=Only.REGISTRATION, times=1))
    emulator.faults.set(https=HttpsFault(body="<html>", times=1))
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert result["errors"] == {"base": "refused"}
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_a_wrong_product_secret_is_named(home: Home, registration: str) -> None:
    flow_id = await home.start_flow()
    network = home.network(registration=registration)
    result = await home.submit(flow_id, home.typed(network, product_secret="wrong"))
    assert result["errors"] == {"product_secret": "bad_signature"}
    await to_the_end(home, flow_id, home.typed(network))


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_an_unknown_device_is_named(home: Home, registration: str) -> None:
    flow_id = await home.start_flow()
    network = home.network(registration=registration)
    result = await home.submit(flow_id, home.typed(network, device_name="nobody"))
    assert result["errors"] == {"device_name": "device_not_found"}
    await to_the_end(home, flow_id, home.typed(network))


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_an_active_device_registers_after_a_reset(
    home: Home, emulator: Emulator, device: Device, registration: str
) -> None:
    device.activated = True
    flow_id = await home.start_flow()
    network = home.network(registration=registration)
    result = await home.submit(flow_id, home.typed(network))
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "already_active")
    await emulator.reset(PRODUCT_KEY, DEVICE_NAME)
    result = await home.submit(flow_id, {"next_step_id": "user"})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "user", {})
    await to_the_end(home, flow_id, home.typed(network))


async def test_an_active_device_is_set_up_with_its_pasted_secret(home: Home, device: Device) -> None:
    device.activated = True
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed())
    result = await home.submit(flow_id, {"next_step_id": "device_secret"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "device_secret")
    result = await home.submit(flow_id, {"device_secret": "two words"})
    assert result["errors"] == {"device_secret": "invalid_device_secret"}
    result = await home.submit(flow_id, {"device_secret": "wrong"})
    assert result["errors"] == {"device_secret": "bad_device_secret"}
    await to_the_end(home, flow_id, {"device_secret": device.secret})


async def test_without_a_product_secret_the_device_secret_is_asked_for(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed(product_secret=""))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "device_secret")
    await to_the_end(home, flow_id, {"device_secret": device.secret})
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    assert entry.data["device_secret"] == device.secret


async def test_a_product_without_dynamic_registration_is_named(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch, enable_custom_integrations: None
) -> None:
    product = Product(product_key=PRODUCT_KEY, dynamic_registration=False)
    async with Emulator(products=[product], devices=[(PRODUCT_KEY, DEVICE_NAME)]) as emulator:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(emulator.ca_file))
        home = Home(hass=hass, emulator=emulator)
        result = await home.submit(await home.start_flow(), home.typed())
    assert result["errors"] == {"product_key": "registration_off"}


async def test_a_secret_that_never_comes_has_its_text(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(push=PushFault(lost=True, times=1))
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert result["errors"] == {"base": "no_secret"}
    await to_the_end(home, flow_id, home.typed())


async def test_an_answer_that_is_not_the_platforms_has_its_text(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(https=HttpsFault(body="<html>", times=1))
    flow_id = await home.start_flow()
    typed = home.typed(home.network(registration="https"))
    result = await home.submit(flow_id, typed)
    assert result["errors"] == {"base": "malformed_answer"}
    await to_the_end(home, flow_id, typed)


# Servers that are not the platform


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server for one guest, and yield its port."""

    def serve() -> None:
        listener.settimeout(10)
        guest, _ = listener.accept()
        with guest:
            guest.settimeout(10)
            talk(guest)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def in_plain_text(guest: socket.socket) -> None:
    guest.recv(4096)
    guest.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    guest.shutdown(socket.SHUT_WR)
    with suppress(ConnectionError):
        while guest.recv(4096):
            pass


def hanging_up(guest: socket.socket) -> None:
    guest.recv(4096)


def with_certificate_of(certificate: trustme.LeafCert) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def talk(guest: socket.socket) -> None:
        with pytest.raises(ssl.SSLError), context.wrap_socket(guest, server_side=True) as secured:
            secured.recv(4096)

    return talk


def garbage_inside_tls(certificate: trustme.LeafCert) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def talk(guest: socket.socket) -> None:
        with context.wrap_socket(guest, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(b"\x20\x02\x00\x63" + b"\n" * 100)
            while secured.recv(4096):
                pass

    return talk


@pytest.mark.parametrize("registration", ["mqtt", "https"])
@pytest.mark.parametrize(("talk", "key"), [(in_plain_text, "unreachable_not_tls"), (hanging_up, "unreachable_closed")])
async def test_a_server_that_does_not_speak_tls_is_named(
    home: Home, registration: str, talk: Callable[[socket.socket], None], key: str
) -> None:
    flow_id = await home.start_flow()
    with server(talk) as port:
        network = home.network(registration=registration, port=port, https_host=f"127.0.0.1:{port}")
        result = await home.submit(flow_id, home.typed(network))
    assert result["errors"] == {"base": key}
    assert result["description_placeholders"] == {"host": "127.0.0.1", "port": str(port)}
    await to_the_end(home, flow_id, home.typed())


PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("registration", ["mqtt", "https"])
@pytest.mark.parametrize(
    ("name", "begin", "end", "key"),
    [
        ("somebody.else", PAST, FUTURE, "unreachable_wrong_host"),
        ("127.0.0.1", PAST, PAST, "unreachable_expired"),
        ("127.0.0.1", FUTURE, FUTURE, "unreachable_expired"),
    ],
)
async def test_a_certificate_that_is_not_the_hosts_or_not_of_now_gets_nothing(
    home: Home,
    registration: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    begin: datetime,
    end: datetime,
    key: str,
) -> None:
    authority = trustme.CA()
    flow_id = await home.start_flow()
    with authority.cert_pem.tempfile() as ca_file, monkeypatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        with server(with_certificate_of(authority.issue_cert(name, not_before=begin, not_after=end))) as port:
            network = home.network(registration=registration, port=port, https_host=f"127.0.0.1:{port}")
            result = await home.submit(flow_id, home.typed(network))
    assert result["errors"] == {"base": key}
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_a_certificate_of_an_unknown_authority_gets_nothing(home: Home, registration: str) -> None:
    flow_id = await home.start_flow()
    with server(with_certificate_of(trustme.CA().issue_cert("127.0.0.1"))) as port:
        network = home.network(registration=registration, port=port, https_host=f"127.0.0.1:{port}")
        result = await home.submit(flow_id, home.typed(network))
    assert result["errors"] == {"base": "unreachable_untrusted"}
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_a_server_that_speaks_something_else_inside_tls_is_named(
    home: Home, registration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    flow_id = await home.start_flow()
    with authority.cert_pem.tempfile() as ca_file, monkeypatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        with server(garbage_inside_tls(authority.issue_cert("127.0.0.1"))) as port:
            network = home.network(registration=registration, port=port, https_host=f"127.0.0.1:{port}")
            result = await home.submit(flow_id, home.typed(network))
    assert result["errors"] == {"base": "malformed_answer"}
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_a_dead_host_is_named(home: Home, registration: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    flow_id = await home.start_flow()
    network = home.network(registration=registration, port=port, https_host=f"127.0.0.1:{port}")
    result = await home.submit(flow_id, home.typed(network))
    assert result["errors"] == {"base": "unreachable_refused"}
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize("registration", ["mqtt", "https"])
@pytest.mark.parametrize(
    ("error", "key"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "unreachable_name"),
        (TimeoutError(), "unreachable_timeout"),
        (OSError(101, "Network is unreachable"), "unreachable_network"),
    ],
)
async def test_a_network_that_does_not_lead_there_is_named(
    home: Home, monkeypatch: pytest.MonkeyPatch, registration: str, error: OSError, key: str
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    flow_id = await home.start_flow()
    typed = home.typed(home.network(registration=registration))
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fail)
        result = await home.submit(flow_id, typed)
    assert result["errors"] == {"base": key}
    await to_the_end(home, flow_id, typed)


# Secrets and second devices


async def test_the_same_device_is_not_set_up_twice(home: Home, device: Device) -> None:
    home.entry().add_to_hass(home.hass)
    result = await home.submit(await home.start_flow(), home.typed())
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert device.connects == 0


async def test_a_dialog_that_was_left_open_does_not_lock_out(home: Home) -> None:
    left = await home.start_flow()
    await home.submit(left, home.typed())
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed())
    await to_the_end(home, flow_id, {})
    assert home.hass.config_entries.flow.async_progress() == []


async def test_a_second_device_is_set_up_beside_the_first(home: Home, emulator: Emulator) -> None:
    home.entry().add_to_hass(home.hass)
    emulator.add_device(PRODUCT_KEY, "ha-gateway-02")
    result = await home.submit(await home.start_flow(), home.typed(device_name="ha-gateway-02"))
    assert (result["type"], result["step_id"], result.get("errors")) == (FlowResultType.FORM, "entities", {})


async def registered_and_closed(home: Home) -> None:
    """Close the dialog after the device was registered."""
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert result["step_id"] == "entities"
    home.hass.config_entries.flow.async_abort(flow_id)


async def test_a_dialog_that_was_closed_after_registration_goes_on_with_its_secret(home: Home, device: Device) -> None:
    await registered_and_closed(home)
    secret = device.secret
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "kept")
    await to_the_end(home, flow_id, {})
    assert device.secret == secret


async def test_a_removed_entry_comes_back_without_a_reset_of_the_device(home: Home, device: Device) -> None:
    await to_the_end(home, await home.start_flow(), home.typed())
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert device.activated
    result = await home.submit(await home.start_flow(), home.typed())
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "kept")


async def test_a_kept_secret_that_is_void_is_replaced(home: Home, device: Device) -> None:
    await registered_and_closed(home)
    device.secret = "f" * 32
    await to_the_end(home, await home.start_flow(), home.typed())
    assert device.secret != "f" * 32


async def test_a_kept_secret_is_not_given_up_while_the_platform_is_away(
    home: Home, emulator: Emulator, device: Device
) -> None:
    await registered_and_closed(home)
    secret = device.secret
    emulator.faults.set(connack=ConnackFault(code=3, times=1))
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert result["errors"] == {"base": "server_unavailable"}
    result = await home.submit(flow_id, home.typed())
    assert result["step_id"] == "kept"
    assert device.secret == secret


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(30, "Read-only file system")])
async def test_a_secret_that_cannot_be_kept_is_not_used(
    home: Home, device: Device, monkeypatch: pytest.MonkeyPatch, error: OSError, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_descriptor: int) -> None:
        raise error

    flow_id = await home.start_flow()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        result = await home.submit(flow_id, home.typed())
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "secret_not_kept"})
    assert (result["description_placeholders"] or {})["reason"] == error.strerror
    assert not device.activated
    assert "Traceback" not in caplog.text
    await to_the_end(home, flow_id, home.typed())


@pytest.mark.parametrize(
    ("content", "is_set_aside"),
    [
        ("{", True),
        ("[]", True),
        ("null", True),
        pytest.param("[" * 100_000, True, id="nested"),
        ('{"a1B2c3D4e5F_ha-gateway-01": {}}', False),
        ('{"a1B2c3D4e5F_ha-gateway-01": 7}', False),
        ('{"a1B2c3D4e5F_ha-gateway-01": {"device_secret": "a b"}}', False),
        ('{"a1B2c3D4e5F_ha-gateway-01": {"device_secret": 7}}', False),
    ],
)
async def test_a_file_of_secrets_that_nobody_can_read_locks_nobody_out(
    home: Home, secrets: Path, content: str, is_set_aside: bool
) -> None:
    secrets.parent.mkdir(exist_ok=True)
    secrets.write_text(content)
    await to_the_end(home, await home.start_flow(), home.typed())
    aside = secrets.with_name("aliyun_iot.credentials.unreadable")
    assert aside.exists() == is_set_aside
    assert not is_set_aside or aside.read_text() == content


async def test_files_of_secrets_that_nobody_can_read_stay_beside_each_other_up_to_five(
    home: Home, secrets: Path
) -> None:
    secrets.parent.mkdir(exist_ok=True)
    for number in range(1, 8):
        secrets.write_text(f"broken {number}")
        assert await secret_file(home.hass).async_recall("anybody") is None
    aside = {path.name: path.read_text() for path in secrets.parent.glob("aliyun_iot.credentials.unreadable*")}
    assert aside == {f"aliyun_iot.credentials.unreadable.{number}": f"broken {number}" for number in range(3, 8)}
    assert {path.stat().st_mode & 0o777 for path in secrets.parent.glob("aliyun_iot.credentials*")} == {0o600}


async def test_a_file_of_secrets_that_cannot_be_opened_is_said(home: Home, secrets: Path) -> None:
    secrets.mkdir(parents=True)
    result = await home.submit(await home.start_flow(), home.typed())
    assert result["errors"] == {"base": "secret_not_kept"}


async def test_what_nobody_expected_is_said_and_can_be_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("nobody expected this")

    flow_id = await home.start_flow()
    with monkeypatch.context() as patch:
        patch.setattr(ssl, "SSLContext", fail)
        result = await home.submit(flow_id, home.typed())
    assert result["errors"] == {"base": "unknown"}
    assert "nobody expected this" in caplog.text
    await to_the_end(home, flow_id, home.typed())


async def test_only_the_user_of_home_assistant_can_read_the_secrets(home: Home, device: Device, secrets: Path) -> None:
    await registered_and_closed(home)
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert json.loads(secrets.read_text()) == {f"{PRODUCT_KEY}_{DEVICE_NAME}": {"device_secret": device.secret}}


async def registering(home: Home, **network: Any) -> str:
    """Submit the first page and return the id of the dialog, which shows progress."""
    flow_id = await home.start_flow()
    result = await home.hass.config_entries.flow.async_configure(flow_id, home.typed(home.network(**network)))
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "connect")
    return flow_id


@pytest.mark.parametrize("registration", ["mqtt", "https"])
async def test_a_dialog_that_is_closed_while_it_registers_keeps_the_secret_that_was_handed_out(
    home: Home, device: Device, secrets: Path, registration: str
) -> None:
    home.hass.config_entries.flow.async_abort(await registering(home, registration=registration))
    assert home.hass.config_entries.flow.async_progress() == []
    await home.hass.async_block_till_done()
    secret = device.secret
    assert json.loads(secrets.read_text()) == {f"{PRODUCT_KEY}_{DEVICE_NAME}": {"device_secret": secret}}
    flow_id = await home.start_flow()
    result = await home.submit(flow_id, home.typed())
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "kept")
    await to_the_end(home, flow_id, {})
    assert device.secret == secret


async def test_a_secret_that_cannot_be_kept_after_its_dialog_was_closed_is_said_in_the_log(
    home: Home, device: Device, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        home.hass.config_entries.flow.async_abort(await registering(home))
        await home.hass.async_block_till_done()
    assert "registration failed after it was given up: secrets cannot be kept: No space left on device" in caplog.text
    assert device.secret not in caplog.text


async def test_two_dialogs_for_one_device_go_on_with_one_secret(home: Home, device: Device) -> None:
    first, second = await registering(home), await registering(home)
    await home.hass.async_block_till_done()
    page = await home.hass.config_entries.flow.async_configure(first)
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "entities")
    other = await home.hass.config_entries.flow.async_configure(second)
    assert (other["type"], other["step_id"]) == (FlowResultType.FORM, "kept")
    result = await home.choose(first, "sensor.kitchen")
    await home.hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED
    assert result["result"].data["device_secret"] == device.secret


def suggestions(page: ConfigFlowResult) -> dict[str, Any]:
    """Return the suggested values of a form."""
    assert page["data_schema"] is not None
    return {str(key): key.description["suggested_value"] for key in page["data_schema"].schema if key.description}


async def test_no_form_gives_a_typed_secret_back(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(connack=ConnackFault(code=3))
    flow_id = await home.start_flow()
    page = await home.submit(flow_id, home.typed())
    assert page["errors"] == {"base": "server_unavailable"}
    assert suggestions(page).keys() == {"product_key", "device_name", "region"}
    page = await home.submit(flow_id, home.typed(product_secret=""))
    assert page["step_id"] == "device_secret"
    page = await home.submit(flow_id, {"device_secret": "f" * 32})
    assert (page["step_id"], page["errors"]) == ("device_secret", {"base": "server_unavailable"})
    assert suggestions(page) == {}
    assert "f" * 32 not in json.dumps(home.hass.config_entries.flow.async_progress(), default=str)


@pytest.mark.parametrize("number", ["nan", "8883.5"])
async def test_a_port_that_is_no_whole_number_is_refused_by_its_field(home: Home, number: str) -> None:
    flow_id = await home.start_flow()
    page = await home.submit(flow_id, home.typed(home.network(port=number)))
    assert page["errors"] == {"network": "invalid_port"}
    await to_the_end(home, flow_id, home.typed())


async def test_days_of_history_that_are_no_number_are_refused_by_their_field(
    recorder_mock: Recorder, home: Home
) -> None:
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed())
    page = await home.submit(flow_id, chosen("sensor.kitchen", history_days="nan"))
    assert page["errors"] == {"history_days": "not_a_number"}
    assert "history_days" not in suggestions(page)
    result = await home.choose(flow_id, "sensor.kitchen", history_days=2)
    assert result["data"]["history_days"] == 2


@pytest.mark.parametrize("days", [float("nan"), float("inf"), None, "many", 1e300, -1])
async def test_an_entry_with_days_of_history_that_cannot_be_sends_none(home: Home, days: Any) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    entry = await home.add_entry(["sensor.t"], history_days=days)
    assert entry.state is ConfigEntryState.LOADED
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])


async def test_reconfiguring_an_entry_that_was_removed_ends_with_a_text(home: Home) -> None:
    entry = await home.add_entry()
    page = await entry.start_reconfigure_flow(home.hass)
    await home.hass.config_entries.async_remove(entry.entry_id)
    result = await home.submit(page["flow_id"], {"region": "cn-shanghai", "network": home.network()})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_removed")


async def test_an_entry_that_is_removed_while_its_new_way_is_proved_ends_the_dialog_with_a_text(home: Home) -> None:
    entry = await home.add_entry()
    page = await entry.start_reconfigure_flow(home.hass)
    typed = {"region": "cn-shanghai", "network": home.network()}
    page = await home.hass.config_entries.flow.async_configure(page["flow_id"], typed)
    assert page["type"] is FlowResultType.SHOW_PROGRESS
    await home.hass.config_entries.async_remove(entry.entry_id)
    await home.hass.async_block_till_done()
    result = await home.hass.config_entries.flow.async_configure(page["flow_id"])
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_removed")


async def test_something_is_chosen(home: Home) -> None:
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed())
    result = await home.submit(flow_id, {"exclude": {"domains": []}})
    assert result["errors"] == {"base": "nothing_chosen"}
    result = await home.choose(flow_id, "light.kitchen")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"]["selection"]["include"] == {"entities": {"light.kitchen": "light.kitchen"}}


async def test_a_choice_can_be_changed_after_a_look_at_it(home: Home) -> None:
    home.hass.states.async_set("sensor.kitchen", "21.5", {"unit_of_measurement": "°C"})
    home.hass.states.async_set("light.kitchen", "on", {"friendly_name": "Kitchen lamp"})
    flow_id = await home.start_flow()
    await home.submit(flow_id, home.typed())
    page = await home.submit(flow_id, chosen("sensor.kitchen"))
    assert page["menu_options"] == ["save", "publish"]
    assert (page["description_placeholders"] or {})["properties"] == "1"
    page = await home.submit(flow_id, {"next_step_id": "publish"})
    assert page["data_schema"] is not None
    suggested = {str(key): key.description for key in page["data_schema"].schema}
    assert suggested["target"] == {"suggested_value": {"entity_id": ["sensor.kitchen"]}}
    result = await home.choose(flow_id, "light.kitchen")
    assert result["options"]["selection"]["include"] == {"entities": {"light.kitchen": "light.kitchen"}}


# Reauthentication


async def test_a_refused_secret_asks_for_the_product_secret_and_mends_the_entry(
    home: Home, emulator: Emulator, device: Device
) -> None:
    entry = await home.add_entry([], device_secret="f" * 32)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = home.hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    result = await home.submit(flow["flow_id"], {"product_secret": " "})
    assert result["errors"] == {"device_secret": "bad_device_secret"}
    result = await home.submit(flow["flow_id"], {"product_secret": "two words"})
    assert result["errors"] == {"product_secret": "invalid_product_secret"}
    result = await home.submit(flow["flow_id"], {"product_secret": "wrong"})
    assert result["errors"] == {"product_secret": "bad_signature"}
    result = await home.submit(flow["flow_id"], {})
    assert result["errors"] == {"device_secret": "bad_device_secret"}
    result = await home.submit(flow["flow_id"], {"product_secret": PRODUCT_SECRET})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert result.get("translation_domain") is None  # Home Assistant's own text exists in English only
    await home.hass.async_block_till_done()
    assert home.hass.config_entries.async_loaded_entries("aliyun_iot") == [entry]
    assert entry.data["device_secret"] == device.secret
