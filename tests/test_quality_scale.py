"""The quality scale: its rules are complete, and those that a program can check hold.

`python -m tests.test_quality_scale` lists the rules with their states.
"""

import ast
from collections.abc import Iterator
from importlib.metadata import metadata
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.util.yaml import load_yaml_dict

INTEGRATION = Path(__file__).parent.parent / "custom_components" / "aliyun_iot"


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
    """Return the last name of the function that a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


# The rules of https://developers.home-assistant.io/docs/core/integration-quality-scale/, in its order.
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
    assert sorted(platforms) == ["BINARY_SENSOR", "BUTTON", "EVENT", "SENSOR", "SWITCH"]
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
        print(f"{rule:32} {state:7} {' '.join(comment.split())}")
