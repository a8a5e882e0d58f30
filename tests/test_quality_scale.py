"""What quality_scale.yaml claims is there. `python -m tests.test_quality_scale` lists the rules and their places."""

import ast
from collections.abc import Iterator
from importlib.metadata import metadata
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parent.parent
HOUSE = "custom_components/aliyun_iot"
TESTS = "tests/home_assistant"
INTEGRATION = ROOT / HOUSE

# Where each rule is kept: a file, and a name or a heading in it.
PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "action-setup": ((f"{HOUSE}/__init__.py", "async_setup_services(hass)"), (f"{HOUSE}/services.py", "_entry")),
    "brands": ((f"{HOUSE}/brand/icon.png", ""), (f"{HOUSE}/brand/dark_logo@2x.png", "")),
    "common-modules": ((f"{HOUSE}/coordinator.py", "AliyunIotCoordinator"), (f"{HOUSE}/entity.py", "AliyunIotEntity")),
    "config-flow": ((f"{HOUSE}/config_flow.py", "AliyunIotConfigFlow"), (f"{HOUSE}/pages/options_flow.py", "init")),
    "config-flow-test-coverage": (("scripts/test", "--fail-under=100"), (f"{TESTS}/test_config_flow.py", "")),
    "dependency-transparency": ((f"{HOUSE}/manifest.json", "paho-mqtt"),),
    "docs-actions": (("README.md", "aliyun_iot.send_history"), ("README.md", "aliyun_iot.get_thing_model")),
    "docs-configuration-parameters": (("README.md", "\n## Configuration parameters\n"),),
    "docs-data-update": (("README.md", "\n## Data update\n"),),
    "docs-examples": (("README.md", "\n## Examples\n"),),
    "docs-high-level-description": (("README.md", "\n## What it does\n"),),
    "docs-installation-instructions": (("README.md", "\n## Installation\n"),),
    "docs-installation-parameters": (("README.md", "\n## Setup and installation parameters\n"),),
    "docs-known-limitations": (("README.md", "\n## Known limitations\n"),),
    "docs-removal-instructions": (("README.md", "\n## Removal\n"),),
    "docs-supported-functions": (("README.md", "\n## Supported functions\n"),),
    "docs-troubleshooting": (("README.md", "\n## Troubleshooting\n"),),
    "docs-use-cases": (("README.md", "\n## Use cases\n"),),
    "entity-event-setup": ((f"{HOUSE}/sensor.py", "async_on_remove"), (f"{HOUSE}/entity.py", "CoordinatorEntity")),
    "entity-unique-id": ((f"{HOUSE}/entity.py", "_attr_unique_id"),),
    "has-entity-name": ((f"{HOUSE}/entity.py", "_attr_has_entity_name = True"),),
    "runtime-data": ((f"{HOUSE}/__init__.py", "entry.runtime_data = "), (f"{HOUSE}/coordinator.py", "type AliyunIot")),
    "test-before-configure": ((f"{HOUSE}/access/credentials.py", "_async_prove"),),
    "unique-config-entry": (
        (f"{HOUSE}/config_flow.py", "_abort_if_unique_id_configured"),
        (f"{HOUSE}/access/settings.py", "unique_id"),
    ),
    "action-exceptions": ((f"{HOUSE}/services.py", "ServiceValidationError"),),
    "config-entry-unloading": (
        (f"{HOUSE}/__init__.py", "async_unload_entry"),
        (f"{HOUSE}/delivery/bridge.py", "async_stop"),
    ),
    "entity-unavailable": (
        (f"{HOUSE}/binary_sensor.py", "is_on"),
        (f"{TESTS}/test_entities.py", "test_entities_stay_there"),
    ),
    "integration-owner": ((f"{HOUSE}/manifest.json", "codeowners"),),
    "log-when-unavailable": (
        (f"{HOUSE}/coordinator.py", "_said_lost"),
        (f"{TESTS}/test_entities.py", "test_the_log_says_once"),
    ),
    "parallel-updates": ((f"{HOUSE}/sensor.py", "PARALLEL_UPDATES = 0"),),
    "reauthentication-flow": ((f"{HOUSE}/config_flow.py", "async_step_reauth_confirm"),),
    "test-coverage": (("scripts/test", "--fail-under=95"),),
    "devices": ((f"{HOUSE}/entity.py", "DeviceEntryType.SERVICE"), (f"{HOUSE}/entity.py", "configuration_url")),
    "diagnostics": ((f"{HOUSE}/diagnostics.py", "_SHOWN"), (f"{TESTS}/test_diagnostics.py", "assert_private")),
    "entity-category": ((f"{HOUSE}/sensor.py", "EntityCategory.DIAGNOSTIC"),),
    "entity-device-class": (
        (f"{HOUSE}/binary_sensor.py", "BinarySensorDeviceClass.CONNECTIVITY"),
        (f"{HOUSE}/sensor.py", "SensorDeviceClass.TIMESTAMP"),
    ),
    "entity-disabled-by-default": ((f"{HOUSE}/sensor.py", "entity_registry_enabled_default=False"),),
    "entity-translations": ((f"{HOUSE}/translations/en.json", '"entity"'),),
    "exception-translations": ((f"{HOUSE}/translations/en.json", '"exceptions"'),),
    "icon-translations": ((f"{HOUSE}/icons.json", '"entity"'),),
    "reconfiguration-flow": ((f"{HOUSE}/config_flow.py", "async_step_reconfigure"),),
    "repair-issues": ((f"{HOUSE}/issues.py", "async_create_issue"), (f"{HOUSE}/repairs.py", "async_create_fix_flow")),
    "async-dependency": ((f"{HOUSE}/alink/transport/link.py", "loop_read"),),
    "strict-typing": ((f"{HOUSE}/py.typed", ""), ("pyproject.toml", "strict = true")),
}


def rules() -> dict[str, tuple[str, str]]:
    """Return the state of each rule, and the comment on it."""
    found = {}
    for rule, said in load_yaml_dict(str(INTEGRATION / "quality_scale.yaml"))["rules"].items():
        state, comment = (said, "") if isinstance(said, str) else (said["status"], said["comment"])
        found[rule] = (state, comment)
    return found


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in INTEGRATION.rglob("*.py"):
        yield path, ast.parse(path.read_text())


def called(node: ast.AST) -> str:
    """Return the last name of what is called."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


# Of https://developers.home-assistant.io/docs/core/integration-quality-scale/, in its order.
RULES = [
    "action-setup", "appropriate-polling", "brands", "common-modules", "config-flow", "config-flow-test-coverage",
    "dependency-transparency", "docs-actions", "docs-conditions", "docs-high-level-description",
    "docs-installation-instructions", "docs-removal-instructions", "docs-triggers", "entity-event-setup",
    "entity-unique-id", "has-entity-name", "runtime-data", "test-before-configure", "test-before-setup",
    "unique-config-entry", "action-exceptions", "config-entry-unloading", "docs-configuration-parameters",
    "docs-installation-parameters", "entity-unavailable", "integration-owner", "log-when-unavailable",
    "parallel-updates", "reauthentication-flow", "test-coverage", "devices", "diagnostics", "discovery",
    "discovery-update-info", "docs-data-update", "docs-examples", "docs-known-limitations", "docs-supported-devices",
    "docs-supported-functions", "docs-troubleshooting", "docs-use-cases", "dynamic-devices", "entity-category",
    "entity-device-class", "entity-disabled-by-default", "entity-translations", "exception-translations",
    "icon-translations", "reconfiguration-flow", "repair-issues", "stale-devices", "async-dependency",
    "inject-websession", "strict-typing",
]  # fmt: skip


def test_all_54_rules_are_there_and_each_exemption_has_a_reason() -> None:
    assert len(RULES) == 54
    assert list(rules()) == RULES
    assert {state for state, _ in rules().values()} == {"done", "exempt"}
    assert all(len(comment.split()) > 5 for state, comment in rules().values() if state == "exempt")


def test_every_rule_that_is_done_has_a_place() -> None:
    assert {rule for rule, (state, _) in rules().items() if state == "done"} == PLACES.keys()


@pytest.mark.parametrize("rule", list(PLACES))
def test_the_place_is_there(rule: str) -> None:
    for path, words in PLACES[rule]:
        file = ROOT / path
        assert file.is_file()
        if words:
            assert words in file.read_text("utf-8"), f"{path} has no {words}"


def test_actions_are_registered_when_the_integration_is_set_up_and_not_with_an_entry() -> None:
    registering = {
        path.name
        for path, tree in sources()
        for node in ast.walk(tree)
        if called(node) == "async_register_admin_service" or ast.unparse(node).endswith("hass.services.async_register")
    }
    assert registering == {"services.py"}
    calling = {
        function.name
        for path, tree in sources()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        if "async_setup_services" in {called(node) for node in ast.walk(function)}
    }
    assert calling == {"async_setup"}


def test_every_platform_says_how_many_updates_go_on_at_once() -> None:
    platforms = re.findall(r"Platform\.(\w+)", (INTEGRATION / "__init__.py").read_text())
    assert sorted(platforms) == ["BINARY_SENSOR", "BUTTON", "SENSOR"]
    for platform in platforms:
        assert "\nPARALLEL_UPDATES = " in (INTEGRATION / f"{platform.lower()}.py").read_text()


ERRORS = ("HomeAssistantError", "ServiceValidationError")


def test_every_error_that_a_user_may_read_is_translated() -> None:
    untranslated = [
        f"{path.name}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if (name := called(node)) and (name in ERRORS or name.startswith("ConfigEntry")) and isinstance(node, ast.Call)
        if name in ERRORS or name in ("ConfigEntryAuthFailed", "ConfigEntryError", "ConfigEntryNotReady")
        if not {"translation_domain", "translation_key"} <= {keyword.arg for keyword in node.keywords}
    ]
    assert untranslated == []


OUTDATED = (
    "add_update_listener", "async_get_device(", "default_manufacturer=", "default_model=", "default_name=",
    "hass.components.", "hass.helpers.", "merge_connections", "OptionsFlowWithConfigEntry", "run_immediately=",
    "show_advanced_options", "_attr_icon", "self.config_entry =", "hass.data[DOMAIN]", "strings.json",
)  # fmt: skip


def test_nothing_is_used_that_home_assistant_has_given_up() -> None:
    used = {f"{path.name}: {word}" for path, _ in sources() for word in OUTDATED if word in path.read_text()}
    assert used == set()
    assert not (INTEGRATION / "strings.json").exists()


def test_what_is_needed_is_free_software_from_the_package_index() -> None:
    manifest: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text())
    names = [re.split(r"[<>=!~]", requirement)[0] for requirement in manifest["requirements"]]
    assert names == ["paho-mqtt"]
    for name in names:
        assert "OSI Approved" in " ".join(metadata(name).get_all("Classifier", []))


if __name__ == "__main__":
    for rule, (state, comment) in rules().items():
        where = ", ".join(f"{path} ({words.strip()})" if words else path for path, words in PLACES.get(rule, ()))
        print(f"{rule:32} {state:7} {where or ' '.join(comment.split())}")
