"""The READMEs and the pages in docs/ are true, complete and alike in both languages, in the words of the interface."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
import json
from pathlib import Path
import re
from typing import Any, Final
import unicodedata

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.browser.readme import PICTURES
from tests.home_assistant.test_translations import flat, texts

ROOT: Final = Path(__file__).parent.parent
INTEGRATION: Final = ROOT / "custom_components" / "aliyun_iot"
READMES: Final = {"en": "README.md", "zh-Hans": "README_zh.md"}
LINES_MAX: Final = 330
# Pages that few readers need, and what both READMEs link to
DOCS: Final = ("control", "examples", "network", "options", "properties")
PAGES: Final = {
    "en": ("README.md", *(f"docs/{name}.md" for name in DOCS)),
    "zh-Hans": ("README_zh.md", *(f"docs/{name}_zh.md" for name in DOCS)),
}
# The rules of Home Assistant's quality scale, in the order of the sections that follow them
SECTIONS: Final = {
    "docs-high-level-description": ("What it does", "功能概述"),
    "docs-installation-instructions": ("Installation", "安装"),
    "docs-installation-parameters": ("Setup and installation parameters", "添加集成与安装参数"),
    "docs-supported-functions": ("Supported functions", "支持的功能"),
    "docs-configuration-parameters": ("Configuration parameters", "配置参数"),
    "docs-data-update": ("Data update", "数据更新"),
    "docs-actions": ("Actions", "动作"),
    "docs-triggers, docs-conditions": ("Triggers and conditions", "触发条件与条件"),
    "docs-use-cases": ("Use cases", "使用场景"),
    "docs-examples": ("Examples", "示例"),
    "docs-known-limitations": ("Known limitations", "已知限制"),
    "docs-supported-devices": ("Supported devices", "支持的设备"),
    "docs-troubleshooting": ("Troubleshooting", "故障排查"),
    "docs-removal-instructions": ("Removal", "移除"),
}
QUOTED: Final = re.compile('["\N{LEFT DOUBLE QUOTATION MARK}]([^"\N{RIGHT DOUBLE QUOTATION MARK}]+)["”]')
EMPHASISED: Final = re.compile(r"\*+([^*]+)\*+")
languages = pytest.mark.parametrize("language", list(READMES))


def content(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def prose(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", content(page), flags=re.MULTILINE | re.DOTALL)


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", content(page), re.MULTILINE | re.DOTALL)


def headings(page: str) -> list[tuple[int, str]]:
    found = re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)
    return [(len(signs), title) for signs, title in found]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def tables(page: str) -> list[list[list[str]]]:
    found = re.findall(r"(?:^\|.*\|\n)+", prose(page), re.MULTILINE)
    return [[cells(line) for line in table.splitlines()] for table in found]


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)]*)\)", prose(page))


def led_to(page: str) -> set[str]:
    """Return the files of this repository that a page links to, from the root."""
    found = ((ROOT / page).parent / target for target in links(page) if "://" not in target)
    return {str(path.resolve().relative_to(ROOT)) for path in found}


def pictures(page: str) -> list[str]:
    return re.findall(r"^!\[[^]]+\]\(([^)]+)\)$", prose(page), re.MULTILINE)


def yaml_examples(language: str) -> Iterator[dict[str, Any]]:
    for page in PAGES[language]:
        yield from map(_yaml, blocks(page, "yaml"))


def manifest() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text())
    return document


# The two are one


@pytest.mark.parametrize("pair", list(zip(*PAGES.values(), strict=True)), ids=lambda pair: Path(pair[0]).stem)
def test_both_have_the_same_sections_tables_examples_and_pictures(pair: tuple[str, str]) -> None:
    shapes = [
        {
            "headings": [level for level, _ in headings(page)],
            "tables": [[len(row) for row in table] for table in tables(page)],
            "examples": [len(block.splitlines()) for block in blocks(page, r"\w*")],
            "pictures": [Path(picture).name for picture in pictures(page)],
            "items": [line[:2] for line in prose(page).splitlines() if re.match(r"-|\d\.", line)],
        }
        for page in pair
    ]
    assert shapes[0] == shapes[1]


@languages
def test_each_leads_to_the_other(language: str) -> None:
    assert set(links(READMES[language])) & set(READMES.values()) == set(READMES.values()) - {READMES[language]}


@languages
def test_the_readme_leads_to_every_page_and_each_page_back_and_to_the_other_language(language: str) -> None:
    readme, *pages = PAGES[language]
    (other,) = PAGES.keys() - {language}
    assert set(pages) <= led_to(readme)
    for page, counterpart in zip(pages, PAGES[other][1:], strict=True):
        assert led_to(page) == {readme, counterpart}


def test_no_page_is_missing_in_the_list() -> None:
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")}
    assert there == {page for pages in PAGES.values() for page in pages[1:]}


@languages
def test_the_readme_is_short_enough_to_be_read(language: str) -> None:
    assert len(content(READMES[language]).splitlines()) <= LINES_MAX


@languages
def test_the_thing_model_is_imported_right_after_the_set_up(language: str) -> None:
    sections = [title for level, title in headings(READMES[language]) if level == 2]
    set_up, functions = (
        SECTIONS[rule][list(READMES).index(language)]
        for rule in ("docs-installation-parameters", "docs-supported-functions")
    )
    after = sections.index(set_up) + 1
    assert sections[after : after + 2] == [
        {"en": "Import the thing model", "zh-Hans": "导入物模型"}[language],
        functions,
    ]


# What has to be in it


@languages
def test_every_rule_about_documentation_has_its_section(language: str) -> None:
    wanted = [names[list(READMES).index(language)] for names in SECTIONS.values()]
    there = [title for level, title in headings(READMES[language]) if level == 2]
    assert [title for title in there if title in wanted] == wanted


def named_fields(step: Mapping[str, Any]) -> Iterator[str]:
    yield from step.get("data", {}).values()
    for section in step.get("sections", {}).values():
        yield section["name"]
        yield from named_fields(section)


def names_in_the_interface(language: str) -> Iterator[str]:
    document = texts(language)
    for flow in ("config", "options"):
        for step in document[flow]["step"].values():
            yield from named_fields(step)
    yield from document["options"]["step"]["init"]["menu_options"].values()
    for platform in document["entity"].values():
        for entity in platform.values():
            yield entity["name"]
            yield from (attribute["name"] for attribute in entity.get("state_attributes", {}).values())
    for action in document["services"].values():
        yield action["name"]
        yield from (field["name"] for field in action["fields"].values())
    for issue in document["issues"].values():
        for step in issue.get("fix_flow", {}).get("step", {}).values():
            yield from named_fields(step)


def unwrapped(language: str) -> str:
    """Return the text with each paragraph on one line; Chinese needs no space where a line ended."""
    everything = "\n".join(map(prose, PAGES[language]))
    return re.sub(r"\n *(?=[^\s|#])", " " if language == "en" else "", everything)


def names_in_pages(language: str) -> set[str]:
    """Return what is marked as a word of the interface, or stands alone in a table."""
    marked = (*EMPHASISED.findall(unwrapped(language)), *QUOTED.findall(unwrapped(language)))
    alone = (
        re.sub(r" ?\W`.*", "", cell)
        for page in PAGES[language]
        for table in tables(page)
        for row in table
        for cell in row
    )
    return {part.strip() for word in (*marked, *alone) for part in (word, *re.split(r" > |, |、", word))}


@languages
def test_every_field_page_entity_attribute_and_action_is_named_as_in_the_interface(language: str) -> None:
    assert set(names_in_the_interface(language)) - names_in_pages(language) == set()


@languages
def test_every_choice_of_the_set_up_is_named(language: str) -> None:
    selectors = texts(language)["selector"]
    choices = [
        text
        for key in ("mode", "region", "registration", "sign_method", "transport")
        for text in selectors[key]["options"].values()
    ]
    # Some regions say after a comma for whom they are.
    without_remark = (
        text
        if text in selectors["transport"]["options"].values() or "MQTT" in text
        else re.split(r"[,\uff0c]", text)[0]
        for text in choices
    )
    assert [choice for choice in without_remark if choice not in unwrapped(language)] == []


@languages
def test_every_repair_is_listed_by_its_title(language: str) -> None:
    titles = [re.sub(r"{\w+}", "…", issue["title"]) for issue in texts(language)["issues"].values()]
    assert [title for title in titles if title not in prose(READMES[language])] == []


@languages
def test_every_message_is_quoted_as_it_is_shown(language: str) -> None:
    shown = [text for _, text in flat(texts(language))]
    (symptoms,) = (table for table in tables(READMES[language]) if len(table[0]) == 3 and QUOTED.match(table[2][0]))
    quoted = [quote for row in symptoms[2:] for quote in QUOTED.findall(row[0])]
    patterns = {quote: ".+".join(map(re.escape, quote.split("…"))) for quote in quoted}
    assert len(quoted) > len(texts(language)["issues"])
    assert [
        quote
        for quote, pattern in patterns.items()
        if not any(re.fullmatch(pattern, text, re.DOTALL) for text in shown)
    ] == []


@languages
def test_the_oldest_home_assistant_is_named_once(language: str) -> None:
    oldest = json.loads((ROOT / "hacs.json").read_text())["homeassistant"].rpartition(".")[0]
    assert [found for page in PAGES[language] for found in re.findall(r"\b20\d\d\.\d+", content(page))] == [oldest]


# What it leads to


@languages
def test_every_relative_link_leads_somewhere(language: str) -> None:
    relative = {target for page in PAGES[language] for target in led_to(page)}
    assert [target for target in relative if not (ROOT / target).is_file()] == []


def test_every_link_of_contributing_leads_somewhere() -> None:
    assert [target for target in led_to("CONTRIBUTING.md") if not (ROOT / target).is_file()] == []


def places() -> Iterator[Path]:
    """Yield the files and folders of the map in CONTRIBUTING.md, whose indents nest them."""
    (tree,) = (block for block in blocks("CONTRIBUTING.md", "") if block.startswith("custom_components/"))
    folders: list[str] = []
    for line in tree.splitlines():
        names = re.split(r"  +", line.strip())[0].split(", ")
        folders[(len(line) - len(line.lstrip())) // 2 :] = [names[0]]
        yield from (ROOT.joinpath(*folders[:-1], name) for name in names if name != "...")


def test_the_map_in_contributing_is_that_of_the_repository_and_has_every_room() -> None:
    named = set(places())
    assert [place for place in named if not place.exists()] == []
    assert {module.parent for module in INTEGRATION.rglob("*.py")} <= named | {INTEGRATION}


@languages
def test_the_pictures_are_those_that_the_walk_through_the_interface_takes(language: str) -> None:
    shown = {f"docs/{language}/{name}.png" for name in PICTURES}
    assert set(pictures(READMES[language])) == shown
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / language).iterdir()} == shown


@languages
def test_hacs_can_show_it(language: str) -> None:
    """HACS leads relative links to GitHub one line at a time: not beside an address, and not in HTML."""
    lines = prose(READMES[language]).splitlines()
    assert [line for line in lines if re.search(r"<(img|a|picture)\b", line)] == []
    beside = [line for line in lines if "://" in line and re.search(r"\]\((?!https://)", line)]
    assert beside == []
    assert [target for target in links(READMES[language]) if target.startswith("#")] == []


@languages
def test_the_buttons_lead_to_this_repository(language: str) -> None:
    owner, repository = manifest()["documentation"].removeprefix("https://github.com/").split("/")
    my = "https://my.home-assistant.io/redirect"
    assert {
        f"{my}/hacs_repository/?owner={owner}&repository={repository}&category=integration",
        f"{my}/config_flow_start/?domain={manifest()['domain']}",
        manifest()["issue_tracker"],
    } <= set(links(READMES[language]))


@languages
def test_the_zip_for_an_installation_by_hand_is_that_of_the_latest_release(language: str) -> None:
    filename = json.loads((ROOT / "hacs.json").read_text())["filename"]
    assert f"{manifest()['documentation']}/releases/latest/download/{filename}" in links(READMES[language])


@languages
def test_every_command_is_there(language: str) -> None:
    named = {name for page in PAGES[language] for name in re.findall(r"scripts/(\w+)", content(page))}
    assert {"demo", "test"} <= named
    assert named <= {path.name for path in (ROOT / "scripts").iterdir()}


# How it reads


@languages
def test_no_line_is_too_long(language: str) -> None:
    # An address cannot be broken.
    lines = (
        re.sub(r"\(https://[^)]*\)", "", line)
        for page in PAGES[language]
        for line in content(page).splitlines()
        if not line.startswith("|")
    )
    assert [line for line in lines if len(line) > 120] == []


@pytest.mark.parametrize("page", PAGES["zh-Hans"])
def test_chinese_lines_end_where_a_space_is_not_seen(page: str) -> None:
    lines = prose(page).splitlines()
    ends = [line for line, next_line in pairwise(lines) if re.match(r"[^#|!\n]", line) and next_line]
    assert [line for line in ends if unicodedata.category(line[-1])[0] != "P"] == []


# What it shows


@languages
def test_every_action_in_an_example_is_there_and_has_its_fields(language: str) -> None:
    actions = texts(language)["services"]
    examples = [example for example in yaml_examples(language) if "action" in example]
    assert {example["action"] for example in examples} == {f"{manifest()['domain']}.{name}" for name in actions}
    for example in examples:
        assert example["data"].keys() == actions[example["action"].partition(".")[2]]["fields"].keys()


@languages
async def test_the_automation_tells_which_values_were_rejected(hass: HomeAssistant, language: str) -> None:
    (automation,) = (example for example in yaml_examples(language) if "triggers" in example)
    (action,) = automation["actions"]
    told = async_mock_service(hass, *action["action"].split("."))
    (sensor,) = automation["triggers"][0]["entity_id"]
    hass.states.async_set(sensor, "0", {"properties": {}})
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    hass.states.async_set(sensor, "3", {"properties": {"front_door": {}, "living_room_co2": {}}})
    await hass.async_block_till_done()
    (notification,) = told
    assert notification.data["title"] == action["data"]["title"]
    assert re.search(r"front_door.{1,2}living_room_co2", notification.data["message"])


def _yaml(block: str) -> dict[str, Any]:
    document = parse_yaml(block)
    assert isinstance(document, dict)
    return document
