"""What Home Assistant's hassfest and HACS's action would say of the folder; neither can be installed from an index."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from awesomeversion import AwesomeVersion
from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "aliyun_iot"

# Keys that each file may have; anything else is an error.
MANIFEST = {
    "after_dependencies", "bluetooth", "codeowners", "config_flow", "dependencies", "dhcp", "disabled",
    "documentation", "domain", "homekit", "import_executor", "integration_type", "iot_class", "issue_tracker",
    "loggers", "mqtt", "name", "preview_features", "quality_scale", "requirements", "single_config_entry",
    "ssdp", "usb", "version", "zeroconf",
}  # fmt: skip
IOT_CLASSES = ("assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push")
SCALES = ("bronze", "silver", "gold", "platinum", "custom", "no_score", "internal", "legacy")
TEXTS = {
    "application_credentials", "common", "conditions", "config", "config_panel", "config_subentries",
    "conversation", "device", "device_automation", "entity", "entity_component", "exceptions", "issues",
    "options", "preview_features", "selector", "services", "system_health", "title", "triggers",
}  # fmt: skip
STEP = {
    "data", "data_description", "description", "menu_option_descriptions", "menu_options", "sections", "submit",
    "title",
}  # fmt: skip
FLOW = frozenset(["abort", "create_entry", "error", "flow_title", "initiate_flow", "progress", "step"])
HACS = {
    "name", "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
    "persistent_directory", "render_readme", "zip_release",
}  # fmt: skip
# What may be imported from Home Assistant's components without being a dependency.
ALLOWED = frozenset({"diagnostics", "repairs", "system_health"})


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((INTEGRATION / name).read_text("utf-8"))
    return document


def items(document: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a document with the keys that lead to it."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from items(value, (*path, key))
    else:
        yield path, document


def test_the_manifest_is_complete_and_in_order() -> None:
    manifest = read("manifest.json")
    assert list(manifest) == ["domain", "name", *sorted(manifest.keys() - {"domain", "name"})]
    assert manifest.keys() <= MANIFEST
    assert manifest["domain"] == INTEGRATION.name
    assert manifest["name"]
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    assert manifest["codeowners"]
    assert manifest["documentation"].startswith("https://")
    assert manifest["issue_tracker"].startswith("https://")
    assert manifest["iot_class"] in IOT_CLASSES
    assert manifest["quality_scale"] in SCALES
    assert manifest["integration_type"] == "service"
    assert AwesomeVersion(manifest["version"]).valid
    assert all(re.fullmatch(r"[\w.-]+[<>=!~][^ ]+", requirement) for requirement in manifest["requirements"])


@pytest.mark.parametrize("typed", ["阿里云", "物联网", "Alibaba", "aliyun"])
def test_the_list_of_integrations_finds_it_in_both_languages(typed: str) -> None:
    """The search looks at the domain, and at about the first 20 characters of the name."""
    manifest = read("manifest.json")
    assert typed in manifest["name"][:20] or typed in manifest["domain"]


def test_a_flow_and_its_schema_are_where_the_manifest_says() -> None:
    assert read("manifest.json")["config_flow"]
    assert (INTEGRATION / "config_flow.py").is_file()
    assert "CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)" in (INTEGRATION / "__init__.py").read_text()


@pytest.mark.parametrize("path", sorted(INTEGRATION.rglob("*.py")), ids=lambda path: path.stem)
def test_what_is_imported_of_home_assistants_components_is_a_dependency(path: Path) -> None:
    manifest = read("manifest.json")
    # A platform is loaded by the component of its name only.
    known = {*manifest["dependencies"], *manifest["after_dependencies"], *ALLOWED, *Platform, path.stem}
    imported = {
        name.split(".")[2]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in names(node)
        if name.startswith("homeassistant.components.")
    }
    assert imported <= known


def names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_file_of_texts_keeps_to_the_schema(language: str) -> None:
    document = read(f"translations/{language}.json")
    assert document.keys() <= TEXTS
    for flow in ("config", "options"):
        assert document[flow].keys() <= FLOW
        for step in document[flow]["step"].values():
            assert step.keys() <= STEP
            for fields in (step, *step.get("sections", {}).values()):
                assert fields.get("data_description", {}).keys() <= fields.get("data", {}).keys()
    for issue in document["issues"].values():
        assert issue.keys() in ({"title", "description"}, {"title", "fix_flow"})
    for platform, entities in document["entity"].items():
        assert platform in Platform
        assert all(
            entity.keys() <= {"name", "state", "state_attributes", "unit_of_measurement"}
            for entity in entities.values()
        )
    assert all(exception.keys() == {"message"} for exception in document["exceptions"].values())


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_text_is_one_that_hassfest_takes(language: str) -> None:
    bad = {
        ".".join(path): text
        for path, text in items(read(f"translations/{language}.json"))
        if not all(re.fullmatch(r"[a-z0-9](?:[a-z0-9]|[-_](?![-_]))*", key) and key[-1] not in "-_" for key in path)
        or text != text.strip()
        or re.search(r"<[a-z/!]|https?://|'\{\w+\}'|\[%key", text)
        or not all(name.isidentifier() for name in re.findall(r"\{([^}]*)\}", text))
        or text.count("{") != text.count("}")
    }
    assert bad == {}


def test_names_that_never_change_have_no_placeholders() -> None:
    bad = [path for path, text in items(read("translations/en.json")["entity"]) if "{" in text]
    assert bad == []


def test_every_icon_is_one_of_home_assistants_own() -> None:
    icons = read("icons.json")
    assert icons.keys() <= {"config", "conditions", "entity", "issues", "options", "services", "triggers"}
    assert all(re.fullmatch(r"mdi:[a-z0-9-]+", icon) for _, icon in items(icons))
    texts = read("translations/en.json")
    for flow in ("config", "options"):
        for step, page in icons.get(flow, {}).get("step", {}).items():
            assert page["sections"].keys() <= texts[flow]["step"][step]["sections"].keys()


def test_every_action_is_described_with_a_selector_for_each_field() -> None:
    for action in load_yaml_dict(str(INTEGRATION / "services.yaml")).values():
        assert action.keys() <= {"fields", "target"}
        for field in action["fields"].values():
            assert field.keys() <= {"advanced", "default", "example", "filter", "required", "selector"}
            assert len(field["selector"]) == 1


# HACS


def test_hacs_finds_one_integration_and_all_that_it_asks_for() -> None:
    folders = [path for path in (ROOT / "custom_components").iterdir() if path.is_dir() and path.name[0] not in "_."]
    assert folders == [INTEGRATION]
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs.keys() <= HACS
    assert hacs["name"] == read("manifest.json")["name"]
    assert hacs["filename"] == f"{INTEGRATION.name}.zip"
    assert [hacs[key] for key in ("zip_release", "hide_default_branch", "render_readme")] == [True, True, True]
    assert AwesomeVersion(hacs["homeassistant"]).valid
    assert (ROOT / "README.md").is_file()
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert (INTEGRATION / "brand" / "icon.png").is_file()


def test_there_is_no_other_manifest_that_hassfest_would_look_at() -> None:
    found = [
        path
        for path in ROOT.rglob("manifest.json")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]
    assert found == [INTEGRATION / "manifest.json"]
