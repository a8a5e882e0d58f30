"""First form: filled by what is pasted into it, and by an entry that is there.

The suite pastes 1,000 broken texts; `PASTES=10000 pytest tests/home_assistant/pages/test_first_form.py` pastes that
many.
"""

from collections.abc import Iterator
import json
import logging
import os
import random
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.aliyun_iot.access.pasted import LENGTH_MAX
from tests.emulator import Device, Emulator

from .. import DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET, Home
from ..access.test_pasted import CERTIFICATE, DEVICE_SECRET, FORMS, INSTANCE_HOST, parameters

PASTES: Final = int(os.environ.get("PASTES", "500"))
SECOND: Final = "ha-gateway-02"


def filled(page: ConfigFlowResult) -> dict[str, Any]:
    """Return the suggested values of the first form, those of its section beside the others."""
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "user")
    assert page["data_schema"] is not None
    section = page["data_schema"].schema["network"].schema
    return dict(suggested(page["data_schema"].schema)) | dict(suggested(section.schema))


def suggested(schema: Any) -> Iterator[tuple[str, Any]]:
    yield from ((str(key), key.description["suggested_value"]) for key in schema if key.description)


def certificate(device: Device, name: str = DEVICE_NAME) -> str:
    return json.dumps({"ProductKey": PRODUCT_KEY, "DeviceName": name, "DeviceSecret": device.secret})


async def pasted(home: Home, flow_id: str, text: str, **others: Any) -> ConfigFlowResult:
    """Paste a text into the form as it is when it opens."""
    form = {"product_key": text, "device_name": "ha-test-home", "region": "cn-shanghai", "network": {}, **others}
    return await home.submit(flow_id, form)


async def test_a_certificate_and_a_look_make_an_entry_without_a_product_secret(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.kitchen", "21.5", {"unit_of_measurement": "°C"})
    flow_id = await home.start_flow()
    page = await pasted(home, flow_id, certificate(device), network=home.network())
    assert page["errors"] == {}
    values = filled(page)
    assert (values["product_key"], values["device_name"], values["use_pasted"]) == (PRODUCT_KEY, DEVICE_NAME, True)
    page = await home.submit(flow_id, {**home.typed(product_secret=""), "use_pasted": True})
    assert page["step_id"] == "entities"
    result = await home.choose(flow_id, "sensor.kitchen")
    await home.hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED
    assert result["data"]["device_secret"] == device.secret
    await home.emulator.wait_for(lambda: home.stored("kitchen") == [21.5])


async def test_certificate_and_parameters_in_one_paste_lead_to_the_host(
    home: Home, emulator: Emulator, device: Device
) -> None:
    flow_id = await home.start_flow()
    text = f"{parameters('127.0.0.1', emulator.mqtts_port)} {certificate(device)}"
    page = await pasted(home, flow_id, text)
    values = filled(page)
    assert (values["host"], values["port"], page["errors"]) == ("127.0.0.1", emulator.mqtts_port, {})
    network = {"host": values["host"], "port": values["port"]}
    page = await home.submit(flow_id, {**home.typed(network, product_secret=""), "use_pasted": True})
    assert page["step_id"] == "entities"
    assert device.connects == 1


async def test_parameters_pasted_after_the_certificate_add_to_it(home: Home) -> None:
    flow_id = await home.start_flow()
    await pasted(home, flow_id, CERTIFICATE)
    page = await pasted(home, flow_id, parameters(), device_name=DEVICE_NAME, use_pasted=True)
    assert page["errors"] == {}
    assert filled(page) == {
        "product_key": PRODUCT_KEY,
        "device_name": DEVICE_NAME,
        "region": "cn-shanghai",
        "instance_id": "iot-06z00abcdefgh",
        "use_pasted": True,
        "registration": "mqtt",
        "transport": "tls",
        "sign_method": "hmacsha256",
    }


async def test_a_host_of_a_region_chooses_the_region_and_clears_what_led_elsewhere(home: Home) -> None:
    flow_id = await home.start_flow()
    host = f"{PRODUCT_KEY}.iot-as-mqtt.us-east-1.aliyuncs.com"
    network = {"host": "iot.example.com", "port": 8884, "transport": "wss"}
    page = await pasted(home, flow_id, parameters(host), network=network, instance_id="iot-060a0bcd")
    values = filled(page)
    assert (values["region"], values["instance_id"], values["transport"]) == ("us-east-1", "", "wss")
    assert values.keys().isdisjoint({"host", "port", "use_pasted"})


async def test_without_the_pasted_secret_the_typed_one_counts(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    await pasted(home, flow_id, CERTIFICATE)
    page = await home.submit(flow_id, {**home.typed(), "use_pasted": True})
    assert page["errors"] == {"base": "bad_device_secret"}
    assert filled(page)["use_pasted"] is True
    page = await home.submit(flow_id, {**home.typed(), "use_pasted": False})
    assert page["step_id"] == "entities"


async def test_a_pasted_product_secret_registers(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    text = f"ProductKey: {PRODUCT_KEY} ProductSecret: {PRODUCT_SECRET} DeviceName: {DEVICE_NAME}"
    page = await pasted(home, flow_id, text)
    assert PRODUCT_SECRET not in shown(home, page)
    page = await home.submit(flow_id, {**home.typed(product_secret=""), "use_pasted": True})
    assert page["step_id"] == "entities"
    assert ",authType=register," in device.recent_connects[0].client_id


async def test_a_secret_goes_with_no_other_device_than_its_own(home: Home, emulator: Emulator) -> None:
    emulator.add_device(PRODUCT_KEY, SECOND)
    flow_id = await home.start_flow()
    await pasted(home, flow_id, CERTIFICATE)
    page = await home.submit(flow_id, {**home.typed(product_secret="", device_name=SECOND), "use_pasted": True})
    assert page["step_id"] == "device_secret"
    assert emulator.device(PRODUCT_KEY, SECOND).connects == 0


@pytest.mark.parametrize(
    ("text", "key", "names"),
    [
        ("{", "pasted_incomplete", "ProductKey, DeviceName"),
        (CERTIFICATE[:-10], "pasted_incomplete", "DeviceSecret"),
        (CERTIFICATE[:60], "pasted_incomplete", "}"),
        (CERTIFICATE + CERTIFICATE.replace(PRODUCT_KEY, "a1B2c3D4e5G"), "pasted_twice", "ProductKey"),
        (CERTIFICATE + CERTIFICATE.replace(DEVICE_SECRET, "f" * 32), "pasted_twice", "DeviceSecret"),
        (CERTIFICATE + " " * LENGTH_MAX, "pasted_too_long", None),
    ],
)
async def test_what_a_text_lacks_is_said_at_its_field_and_a_whole_one_heals_it(
    home: Home, text: str, key: str, names: str | None
) -> None:
    flow_id = await home.start_flow()
    page = await pasted(home, flow_id, text)
    assert page["errors"] == {"product_key": key}
    assert (page["description_placeholders"] or {}).get("names") == names
    assert DEVICE_SECRET[:-10] not in shown(home, page)
    page = await pasted(home, flow_id, CERTIFICATE)
    assert page["errors"] == {}
    assert filled(page)["product_key"] == PRODUCT_KEY


@pytest.mark.parametrize("field", ["product_key", "device_name", "instance_id", "host", "https_host"])
@pytest.mark.parametrize("text", [CERTIFICATE, CERTIFICATE[:-10], f"DeviceSecret {DEVICE_SECRET}"])
async def test_a_text_in_the_wrong_field_does_not_come_back(home: Home, field: str, text: str) -> None:
    flow_id = await home.start_flow()
    typed = home.typed(home.network(**({field: text} if "host" in field else {})))
    page = await home.submit(flow_id, typed if "host" in field else {**typed, field: text})
    assert DEVICE_SECRET[:16] not in shown(home, page)


async def test_a_certificate_in_the_field_of_a_secret_counts_as_its_secret(home: Home, device: Device) -> None:
    flow_id = await home.start_flow()
    page = await home.submit(flow_id, home.typed(product_secret=""))
    assert page["step_id"] == "device_secret"
    page = await home.submit(flow_id, {"device_secret": CERTIFICATE})
    assert page["errors"] == {"device_secret": "bad_device_secret"}
    page = await home.submit(flow_id, {"device_secret": certificate(device)})
    assert page["step_id"] == "entities"


async def test_a_certificate_mends_an_entry_whose_secret_is_refused(home: Home, device: Device) -> None:
    entry = await home.add_entry([], device_secret="f" * 32)
    (flow,) = home.hass.config_entries.flow.async_progress()
    result = await home.submit(flow["flow_id"], {"device_secret": certificate(device)})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["device_secret"] == device.secret


@pytest.mark.parametrize("text", ["=" * LENGTH_MAX, "=" * (LENGTH_MAX + 1), "two words"])
async def test_what_is_no_secret_is_refused_by_its_field(home: Home, text: str) -> None:
    page = await home.submit(await home.start_flow(), home.typed(product_secret=text))
    assert page["errors"] == {"product_secret": "invalid_product_secret"}


# Broken texts

SECRET: Final = "KGQQFFlGinIipW9Xn7xQ5U6d6MokPZD4"
ODD: Final[list[str]] = [
    *"\"'{}[]:=,;|&#\\/.*\t\n\r\0 \u201c\u201d\uff1a\uff0c\uff5b\uff5d\uff1d\u3000\ud800\U0001f600",
    *("null", "{}", "\\u0026", "define ", "DeviceName", "ProductKey: "),
]


def broken(text: str, dice: random.Random) -> str:
    """Return a text with a part of it changed, cut, lost, doubled or moved."""
    first, second, third = sorted(dice.randrange(len(text) + 1) for _ in range(3))
    match dice.randrange(8):
        case 0:
            return text[:first] + dice.choice(ODD) + text[first:]
        case 1:
            return text[:first] + dice.choice(ODD) + text[first + 1 :]
        case 2:
            return text[:second]
        case 3:
            return text[first:]
        case 4:
            return text[:first] + text[second:]
        case 5:
            return text[:second] + text[first:]
        case 6:
            return text[:first] + text[second:third] + text[first:second] + text[third:]
        case _:
            return text.replace(dice.choice(text or " "), dice.choice(ODD))


def shown(home: Home, page: ConfigFlowResult) -> str:
    """Return all that the dialog tells whoever asks for it."""
    progress = home.hass.config_entries.flow.async_progress()
    told = {key: value for key, value in page.items() if key != "data_schema"}
    return json.dumps([filled(page) if page["step_id"] == "user" else {}, progress, told], default=str)


def pieces(secret: str, length: int) -> set[str]:
    return {secret[start : start + length].lower() for start in range(len(secret) - length + 1)}


async def test_no_broken_text_raises_or_gives_a_secret_back(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "custom_components")
    dice = random.Random("pastes 2026")
    texts = [text.replace(DEVICE_SECRET, SECRET) for text, _, _ in FORMS.values()]
    telling = pieces(SECRET, 24) | {PRODUCT_SECRET.lower()}
    steps: list[str] = []
    for _ in range(PASTES):
        text = dice.choice(texts)
        for _ in range(dice.randrange(1, 4)):
            text = broken(text, dice)
        flow_id = await home.start_flow()
        page = await pasted(home, flow_id, text)
        assert page["type"] is FlowResultType.FORM
        assert [piece for piece in telling if piece in shown(home, page).lower()] == [], text
        home.hass.config_entries.flow.async_abort(flow_id)
        steps.append(page["step_id"])
    assert steps.count("user") > PASTES * 0.9
    assert [record for record in caplog.records if record.name.startswith("custom_components")] == []
    assert [piece for piece in telling if piece in caplog.text.lower()] == []


# An entry that is there


async def test_an_entry_suggests_all_but_the_name_and_the_secret(home: Home) -> None:
    home.hass.config.location_name = "Gateway 01"
    home.entry(region="eu-central-1", instance_id="iot-06z00abcdefgh", transport="wss").add_to_hass(home.hass)
    page = await home.hass.config_entries.flow.async_init("aliyun_iot", context={"source": "user"})
    assert filled(page) == {
        "product_key": PRODUCT_KEY,
        "device_name": "ha-gateway-01-2",
        "region": "eu-central-1",
        "instance_id": "iot-06z00abcdefgh",
        "transport": "wss",
        "host": "127.0.0.1",
        "port": home.emulator.mqtts_port,
        "https_host": f"127.0.0.1:{home.emulator.https_port}",
    }


async def test_a_second_device_publishes_what_the_first_does(home: Home, emulator: Emulator) -> None:
    home.hass.states.async_set("sensor.kitchen", "21.5", {"unit_of_measurement": "°C"})
    await home.add_entry(["sensor.kitchen"])
    second = emulator.add_device(PRODUCT_KEY, SECOND)
    page = await home.hass.config_entries.flow.async_init("aliyun_iot", context={"source": "user"})
    flow_id = page["flow_id"]
    page = await home.submit(flow_id, home.typed(device_name=SECOND))
    assert page["menu_options"] == ["alike", "entities"]
    page = await home.submit(flow_id, {"next_step_id": "entities"})
    assert page["data_schema"] is not None
    chosen = dict(suggested(page["data_schema"].schema))
    assert chosen["target"] == {"entity_id": ["sensor.kitchen"]}
    page = await home.submit(flow_id, {**chosen, "exclude": {}})
    assert page["step_id"] == "preview"
    result = await home.submit(flow_id, {"next_step_id": "save"})
    assert result["options"]["selection"]["include"] == {"entities": {"sensor.kitchen": "sensor.kitchen"}}
    await emulator.wait_for(lambda: [sample.value for sample in second.history_of("kitchen")] == [21.5])


async def test_a_device_of_another_product_makes_its_own_choice(home: Home, emulator: Emulator) -> None:
    emulator.add_device(PRODUCT_KEY, SECOND)
    home.entry(["sensor.kitchen"], product_key="a1ZZZZZZZZZ").add_to_hass(home.hass)
    page = await home.submit(await home.start_flow(), home.typed(device_name=SECOND))
    assert page["step_id"] == "entities"
    assert page["data_schema"] is not None
    assert dict(suggested(page["data_schema"].schema)) == {}


async def test_a_pasted_product_takes_region_and_network_of_its_own_entry(home: Home) -> None:
    home.entry(region="eu-central-1", instance_id="iot-06z00abcdefgh").add_to_hass(home.hass)
    home.entry(product_key="a1ZZZZZZZZZ", region="us-east-1").add_to_hass(home.hass)
    flow_id = await home.start_flow()
    page = await pasted(home, flow_id, CERTIFICATE.replace(DEVICE_NAME, SECOND), region="us-east-1")
    values = filled(page)
    assert (values["region"], values["instance_id"], values["device_name"]) == (
        "eu-central-1", "iot-06z00abcdefgh", SECOND,
    )  # fmt: skip
    page = await pasted(home, flow_id, parameters(INSTANCE_HOST).replace(DEVICE_NAME, SECOND), region="cn-shanghai")
    assert filled(page)["region"] == "cn-shanghai"


async def test_a_device_without_a_secret_suggests_its_way_to_register(home: Home) -> None:
    home.entry(device_token="t" * 32, client_id="c").add_to_hass(home.hass)
    page = await home.hass.config_entries.flow.async_init("aliyun_iot", context={"source": "user"})
    assert filled(page)["registration"] == "mqtt_not_added"


@pytest.mark.parametrize(
    ("location_name", "taken", "free"),
    [
        ("Our Home", ["ha-our-home"], "ha-our-home-2"),
        ("Our Home", ["ha-our-home", "ha-our-home-2"], "ha-our-home-3"),
        ("A very long name for a small place", ["ha-a-very-long-name-for-a-small"], "ha-a-very-long-name-for-a-smal-2"),
    ],
)
async def test_a_name_that_an_entry_has_is_not_suggested_again(
    home: Home, location_name: str, taken: list[str], free: str
) -> None:
    home.hass.config.location_name = location_name
    for name in taken:
        home.entry(device_name=name).add_to_hass(home.hass)
    page = await home.hass.config_entries.flow.async_init("aliyun_iot", context={"source": "user"})
    assert filled(page)["device_name"] == free
