"""Every text that the code asks for is there, in both languages."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.selector import NumberSelector, SelectSelector
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.aliyun_iot import (
    binary_sensor,
    button,
    config_flow,
    errors,
    flow_schemas,
    issues,
    sensor,
)
from custom_components.aliyun_iot.alink.protocol.errors import Unreachable
from custom_components.aliyun_iot.alink.status import Connection
from custom_components.aliyun_iot.options_flow import entities_schema
from custom_components.aliyun_iot.schema import vol

INTEGRATION = Path(config_flow.__file__).parent
LANGUAGES = ("en", "zh-Hans")


def texts(language: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((INTEGRATION / "translations" / f"{language}.json").read_text("utf-8"))
    return document


def flat(document: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    english, chinese = (
        {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in flat(texts(language))} for language in LANGUAGES
    )
    assert english == chinese


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_one_that_home_assistant_takes(language: str) -> None:
    bad = {
        key: text
        for key, text in flat(texts(language))
        if text != text.strip() or not text or re.search(r"https?://|<[a-z/]|'{\w+}'|\[%key", text)
    }
    assert bad == {}


def test_chinese_texts_are_chinese() -> None:
    names = {"ProductKey", "ProductSecret", "DeviceName", "DeviceSecret", "MQTT", "HTTPS", "TLS", "WebSocket"}
    left = {
        key: text
        for key, text in flat(texts("zh-Hans"))
        if text not in names and "HMAC" not in text and not re.search("[一-鿿]", text)
    }
    assert left == {}


def fields(schema: vol.Schema) -> Iterator[str]:
    for key, value in schema.schema.items():
        yield str(key)
        if hasattr(value, "schema") and hasattr(value, "options"):  # a section
            yield from (f"{key}.{inner}" for inner in fields(value.schema))


def assert_described(flow: str, step: str, schema: vol.Schema) -> None:
    """Every field has a name and says what it means or where its value is found, and no text is left over."""
    page = texts("en")[flow]["step"][step]
    sections = page.get("sections", {})
    named = {*page["data"], *(f"{name}.{key}" for name, inner in sections.items() for key in inner["data"]), *sections}
    described = {
        *page["data_description"],
        *(f"{name}.{key}" for name, inner in sections.items() for key in inner["data_description"]),
        *sections,
    }
    assert set(fields(schema)) == named == described
    assert page["title"]
    assert page["description"]
    assert all(inner["name"] and inner["description"] for inner in sections.values())


@pytest.mark.parametrize(
    ("step", "schema"),
    [
        ("user", flow_schemas.USER_SCHEMA),
        ("unencrypted", flow_schemas.UNENCRYPTED_SCHEMA),
        ("device_secret", flow_schemas.DEVICE_SECRET_SCHEMA),
        ("reauth_confirm", flow_schemas.REAUTH_SCHEMA),
        ("reconfigure", flow_schemas.RECONFIGURE_SCHEMA),
    ],
)
def test_every_field_has_a_name_and_says_where_its_value_is_found(step: str, schema: vol.Schema) -> None:
    assert_described("config", step, schema)


async def test_the_pages_for_picking_entities_are_described(hass: HomeAssistant) -> None:
    pickers = entities_schema(hass).schema
    assert_described("config", "entities", vol.Schema({**pickers, **flow_schemas.HISTORY}))
    assert_described("options", "init", vol.Schema({**pickers, **flow_schemas.DELIVERY}))


def keys_of(function: ast.AST, name: str) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == name and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


FIELDS = ("product_key", "product_secret", "device_secret", "device_name", "instance_id", "host", "port", "https_host")
PROBLEMS = {
    *(key for key in errors._CONNACK.values() if key != "refused"),
    *(key for _, key in errors._AUTHENTICATION.values()),
    *(f"unreachable_{reason}" for reason in Unreachable),
    "authentication_refused",
    "credentials_refused",
    "malformed_answer",
}


def test_every_error_has_a_text_and_every_text_is_used() -> None:
    named = {
        key
        for module in ("errors.py", "config_flow.py")
        for key in keys_of(ast.parse((INTEGRATION / module).read_text()), "key")
    }
    used = {
        *named,
        *PROBLEMS,
        *(f"invalid_{field}" for field in FIELDS),
        *errors._CONNACK.values(),
        *(key for _, key in errors._REGISTRATION.values()),
        "registration_refused",
    }
    assert used == texts("en")["config"]["error"].keys()


def test_every_error_of_the_options_has_a_text() -> None:
    source = (INTEGRATION / "options_flow.py").read_text()
    assert set(re.findall(r'errors\[[^\]]+\] = "(\w+)"', source)) == texts("en")["options"]["error"].keys()


def test_every_exception_has_a_text() -> None:
    refusals = {key for _, key in errors._AUTHENTICATION.values()} | {"credentials_refused"}
    raised = {
        key
        for path in INTEGRATION.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise)
        for key in keys_of(node, "translation_key")
    }
    assert raised | refusals == texts("en")["exceptions"].keys()


def test_every_issue_has_a_text() -> None:
    document = texts("en")["issues"]
    assert document.keys() == {
        issues.COPIED,
        issues.REMOVED,
        issues._TAKEN_OVER,
        issues._CLOCK,
        issues._DISK,
        issues._NO_ANSWERS,
        issues._ROOT_ENDS,
        issues._ROOT_ENDS_WEBSOCKET,
    }
    assert all(("fix_flow" in text) != ("description" in text) for text in document.values())


def named_by(schema: vol.Schema) -> Iterator[tuple[str, str, str]]:
    """Yield where the name of each choice and each unit of a form is to be found."""
    for value in schema.schema.values():
        if isinstance(value, section):
            yield from named_by(value.schema)
        elif isinstance(value, SelectSelector):
            yield from ((value.config["translation_key"], "options", str(name)) for name in value.config["options"])
        elif isinstance(value, NumberSelector) and "unit_of_measurement" in value.config:
            yield value.config["translation_key"], "unit_of_measurement", value.config["unit_of_measurement"]


FORMS = (
    flow_schemas.USER_SCHEMA,
    flow_schemas.RECONFIGURE_SCHEMA,
    vol.Schema(flow_schemas.DELIVERY),
    vol.Schema(flow_schemas.HISTORY),
)


def test_every_choice_and_every_unit_has_a_name() -> None:
    assert {named for form in FORMS for named in named_by(form)} == {
        (key, kind, name)
        for key, kinds in texts("en")["selector"].items()
        for kind, names in kinds.items()
        for name in names
    }


def test_every_action_and_its_fields_have_names() -> None:
    actions = load_yaml_dict(str(INTEGRATION / "services.yaml"))
    described = texts("en")["services"]
    assert {name: set(action["fields"]) for name, action in actions.items()} == {
        name: set(action["fields"]) for name, action in described.items()
    }
    assert all(
        field["name"] and field["description"] for text in described.values() for field in text["fields"].values()
    )
    assert actions.keys() == icons()["services"].keys()


def icons() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((INTEGRATION / "icons.json").read_text("utf-8"))
    return document


DESCRIPTIONS: dict[str, tuple[EntityDescription, ...]] = {
    "binary_sensor": (binary_sensor.MQTT_CLIENT,),
    "button": (button.SEND_NOW,),
    "sensor": (*sensor.SENSORS, sensor.MESSAGES_TODAY),
}


def test_every_entity_has_a_name_and_an_icon() -> None:
    named = {platform: set(names) for platform, names in texts("en")["entity"].items()}
    assert named == {
        platform: {str(item.translation_key) for item in items} for platform, items in DESCRIPTIONS.items()
    }
    bare = {
        (platform, item.key) for platform, items in DESCRIPTIONS.items() for item in items if item.device_class is None
    }
    assert bare == {(platform, key) for platform, keys in icons()["entity"].items() for key in keys}


def test_every_connection_and_every_problem_has_a_name() -> None:
    attributes = texts("en")["entity"]["binary_sensor"]["mqtt_client"]["state_attributes"]
    assert attributes["connection"]["state"].keys() == {connection.value for connection in Connection}
    assert attributes["problem"]["state"].keys() == PROBLEMS | {"none"}
