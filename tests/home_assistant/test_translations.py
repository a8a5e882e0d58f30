"""Translations: both languages have every text that the code asks for, and no other."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import ConfigEntryBaseFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.selector import NumberSelector, SelectSelector
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.aliyun_iot import binary_sensor, button, config_flow, errors, event, issues, sensor, switch
from custom_components.aliyun_iot.alink.protocol.data_types import (
    Bool,
    DataType,
    Date,
    Enum,
    Struct,
    Text,
    integer_type,
)
from custom_components.aliyun_iot.alink.protocol.errors import Unreachable
from custom_components.aliyun_iot.alink.protocol.rules import Rule
from custom_components.aliyun_iot.alink.status import Connection
from custom_components.aliyun_iot.config_flow import AliyunIotConfigFlow
from custom_components.aliyun_iot.control.consent import Obstacle
from custom_components.aliyun_iot.control.journal import Kind
from custom_components.aliyun_iot.control.refusing import Cause
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.values import Misfit
from custom_components.aliyun_iot.pages import flow_schemas
from custom_components.aliyun_iot.pages.control_form import CONTROL_SCHEMA
from custom_components.aliyun_iot.pages.options_flow import AliyunIotOptionsFlow
from custom_components.aliyun_iot.pages.property_form import Nature, property_schema
from custom_components.aliyun_iot.pages.selection_form import async_selection_schema
from custom_components.aliyun_iot.schema import vol
from custom_components.aliyun_iot.verdict.adapting import Way
from custom_components.aliyun_iot.verdict.check import Outcome
from custom_components.aliyun_iot.verdict.problems import Reason

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
        if text not in names
        and "HMAC" not in text
        and not re.search("[一-鿿]", text)
        and re.search("[A-Za-z]", re.sub(r"{\w+}", "", text))
    }
    assert left == {}


def fields(schema: vol.Schema) -> Iterator[str]:
    for key, value in schema.schema.items():
        yield str(key)
        if hasattr(value, "schema") and hasattr(value, "options"):  # a section
            yield from (f"{key}.{inner}" for inner in fields(value.schema))


def assert_described(flow: str, step: str, schema: vol.Schema) -> None:
    """Assert that every field has a name and a description, and that no text is without a field."""
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
        ("user", flow_schemas.PASTED_SCHEMA),
        ("unencrypted", flow_schemas.UNENCRYPTED_SCHEMA),
        ("device_secret", flow_schemas.DEVICE_SECRET_SCHEMA),
        ("reauth_confirm", flow_schemas.REAUTH_SCHEMA),
        ("reconfigure", flow_schemas.RECONFIGURE_SCHEMA),
    ],
)
def test_every_field_has_a_name_and_says_where_its_value_is_found(step: str, schema: vol.Schema) -> None:
    assert_described("config", step, schema)


async def test_the_page_that_chooses_what_is_published_is_described(hass: HomeAssistant) -> None:
    schema = await async_selection_schema(hass, {})
    assert_described("config", "entities", vol.Schema({**schema.schema, **flow_schemas.HISTORY}))
    assert_described("options", "selection", schema)
    assert_described("options", "delivery", flow_schemas.DELIVERY_SCHEMA)
    assert_described("options", "control", CONTROL_SCHEMA)


def test_the_page_that_changes_a_property_is_described() -> None:
    fields = {key: value for form in PROPERTY_FORMS for key, value in form.schema.items()}
    assert_described("options", "property", vol.Schema(fields))


def properties_of(*data_types: DataType) -> Iterator[vol.Schema]:
    for data_type in data_types:
        definition = Definition(identifier="x", name="x", data_type=data_type)
        yield property_schema(definition, Nature(data_type=data_type, options={}, unit=None, device_class=None), "W")


PROPERTY_FORMS = tuple(
    properties_of(integer_type(), Enum(names={}), Bool(off="", on=""), Text(length=1), Date(), Struct(fields=()))
)


@pytest.mark.parametrize("flow", [AliyunIotConfigFlow, AliyunIotOptionsFlow])
def test_every_page_and_every_way_on_has_a_text(flow: type[ConfigEntryBaseFlow]) -> None:
    steps = texts("en")["config" if flow is AliyunIotConfigFlow else "options"]["step"]
    pages = {name.removeprefix("async_step_") for name in vars_of(flow)}
    turns = {"next_page", "previous_page"}
    assert steps.keys() <= pages
    assert pages - steps.keys() <= {
        *turns,
        "save",
        "control_save",
        "control_imported",
        "done",
        "connect",
        "obtained",
        "reauth",
        "alike",
        "measuring",
    }
    for page in steps.values():
        assert page["title"]
        ways = page.get("menu_options", {})
        assert ways.keys() <= pages
        assert page.get("menu_option_descriptions", {}).keys() == ways.keys() - turns


def vars_of(flow: type[ConfigEntryBaseFlow]) -> Iterator[str]:
    """Yield the methods of a flow's own steps."""
    for owner in flow.__mro__:
        if owner.__module__.startswith("custom_components"):
            yield from (name for name in vars(owner) if name.startswith("async_step_"))


def test_every_word_that_is_put_together_here_is_there() -> None:
    asked = {
        *(f"misfit_{misfit}" for misfit in Misfit),
        *("new", "traffic", "no_traffic", "no_recorder_traffic", "gone", "secret", "silent", "full", "places", "page"),
        *("left_out", "never_recorded", "no_past"),
        *("aside", "pair", "valued", "amount", "properties", "apart"),
        *(f"obstacle_{obstacle}" for obstacle in Obstacle),
        *("control_nothing", "control_new", "control_refused", "control_import"),
        *("may_turn", "may_color", "may_mode", "may_open", "may_task", "may_value", "may_nothing", "off_at_zero"),
        *("assumed", "also_by"),
    }
    assert texts("en")["common"].keys() == asked


def test_everything_that_the_system_information_tells_has_a_name() -> None:
    told = (INTEGRATION / "system_health.py").read_text().partition("async def _async_info")[2].partition("\n\n\n")[0]
    assert set(re.findall(r'"(\w+)": ', told)) == texts("en")["system_health"]["info"].keys()


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
    "misdirected",
    "unknown",
}


def test_every_error_has_a_text_and_every_text_is_used() -> None:
    named = {
        key
        for module in (
            "errors.py",
            "access/claim.py",
            "config_flow.py",
            "pages/connect_pages.py",
            "pages/first_choice.py",
            "pages/first_form.py",
        )
        for key in keys_of(ast.parse((INTEGRATION / module).read_text()), "key")
    }
    used = {
        *named,
        *PROBLEMS,
        *(f"invalid_{field}" for field in FIELDS),
        *errors._CONNACK.values(),
        *(key for _, key in errors._REGISTRATION.values()),
        "registration_refused",
        "not_a_number",
    }
    assert used == texts("en")["config"]["error"].keys()


OPTIONS = ("pages/options_flow", "pages/property_pages", "pages/attribute_pages", "pages/numbers")


def test_every_error_of_the_options_has_a_text() -> None:
    source = "".join((INTEGRATION / f"{name}.py").read_text() for name in OPTIONS)
    named = set(re.findall(r'errors\[[^\]]+\] = "(\w+)"', source))
    assert named | {rule.value for rule in Rule} == texts("en")["options"]["error"].keys()


def test_every_exception_has_a_text() -> None:
    refusals = {"bad_device_secret", "device_not_found"}  # the others are tried again
    raised = {
        key
        for path in INTEGRATION.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise)
        for key in keys_of(node, "translation_key")
    }
    assert raised | refusals == texts("en")["exceptions"].keys()


def test_every_issue_has_a_text() -> None:
    document = texts("en")["issues"]
    assert document.keys() == {
        issues.COPIED,
        issues.JOINED,
        issues.REMOVED,
        issues.THING_MODEL,
        issues._TAKEN_OVER,
        issues._CLOCK,
        issues._COMMAND_LOOP,
        issues._DATABASE,
        issues._DISK,
        issues._LITTLE_ROOM,
        issues._NOT_CONNECTED,
        issues._PUT_OFF,
        issues._NO_ANSWERS,
        issues._NOT_SETTABLE,
        issues._ROOT_ENDS,
        issues._ROOT_ENDS_WEBSOCKET,
        issues._UNENCRYPTED_COMMAND,
    }
    assert all(("fix_flow" in text) != ("description" in text) for text in document.values())


def test_every_problem_has_a_text() -> None:
    assert texts("en")["selector"]["problem"]["options"].keys() == {*Reason, "named", "line", "more", Way.LEAVE_OUT}


def test_every_finding_of_the_check_has_a_text() -> None:
    assert texts("en")["selector"]["check"]["options"].keys() == {*Outcome, "silent", "headline", "control_headline"}


def test_the_dialog_about_the_thing_model_is_described() -> None:
    dialog = texts("en")["issues"][issues.THING_MODEL]["fix_flow"]
    source = "".join((INTEGRATION / f"verdict/{name}.py").read_text() for name in ("repair", "model_pages"))
    shown = set(re.findall(r'step_id="(\w+)"', source))
    # The frontend looks for the title of progress elsewhere; only the options have ways on from the end.
    assert shown - {"check", "stored"} == dialog["step"].keys()
    assert set(re.findall(r'(?:reason=|AbortFlow\()"(\w+)"', source)) == dialog["abort"].keys()
    assert set(re.findall(r'progress_action="(\w+)"', source)) == dialog["progress"].keys()
    page = dialog["step"]["adapt"]
    assert page["data"].keys() == page["data_description"].keys() == set(Way)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_with_the_file_is_the_same_behind_each_door(language: str) -> None:
    options, repair = texts(language)["options"], texts(language)["issues"][issues.THING_MODEL]["fix_flow"]
    assert options["step"]["checked"] == repair["step"]["checked"]
    assert options["progress"] == repair["progress"]
    steps = options["step"]["file"]["description"].removesuffix("{problems}")
    assert repair["step"]["file"]["description"].startswith(steps)
    assert options["abort"]["stored"] == repair["abort"]["stored"] == options["step"]["stored"]["description"]


def named_by(schema: vol.Schema) -> Iterator[tuple[str, str, str]]:
    """Yield the key under `selector` of every choice and every unit of a form."""
    for value in schema.schema.values():
        if isinstance(value, section):
            yield from named_by(value.schema)
        elif isinstance(value, SelectSelector) and "translation_key" in value.config:
            yield from ((value.config["translation_key"], "options", str(name)) for name in value.config["options"])
        elif isinstance(value, NumberSelector) and "unit_of_measurement" in value.config:
            yield value.config["translation_key"], "unit_of_measurement", value.config["unit_of_measurement"]


FORMS = (
    flow_schemas.USER_SCHEMA,
    flow_schemas.RECONFIGURE_SCHEMA,
    flow_schemas.DELIVERY_SCHEMA,
    vol.Schema(flow_schemas.HISTORY),
    *PROPERTY_FORMS,
)


def test_every_choice_and_every_unit_has_a_name() -> None:
    assert {named for form in FORMS for named in named_by(form)} == {
        (key, kind, name)
        for key, kinds in texts("en")["selector"].items()
        if key not in ("problem", "check")
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
    "event": (event.COMMAND,),
    "sensor": (*sensor.SENSORS, *sensor.COMMANDS, sensor.MESSAGES_TODAY, sensor.VALUES_LOST, sensor.VALUES_UNFIT),
    "switch": (switch.CONTROL, switch.CONTROL_ALL),
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


def test_everything_that_becomes_of_a_command_has_a_name() -> None:
    attributes = texts("en")["entity"]["event"]["command"]["state_attributes"]
    assert attributes["event_type"]["state"].keys() == set(Kind)
    assert attributes["reason"]["state"].keys() == set(Cause)
    assert texts("en")["entity"]["sensor"]["commands_refused"]["state_attributes"].keys() == set(Cause)


def test_every_connection_and_every_problem_has_a_name() -> None:
    attributes = texts("en")["entity"]["binary_sensor"]["mqtt_client"]["state_attributes"]
    assert attributes["connection"]["state"].keys() == {connection.value for connection in Connection}
    assert attributes["problem"]["state"].keys() == PROBLEMS | {"none"}
