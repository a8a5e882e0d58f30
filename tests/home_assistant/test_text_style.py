"""Text style: the texts of each language follow the style that CONTRIBUTING.md describes."""

# ruff: noqa: RUF001 - the patterns look for full-width punctuation and curly quotation marks

import re
from typing import Final
import unicodedata

import pytest

from .test_translations import LANGUAGES, flat, texts

_CJK: Final = "[\u4e00-\u9fff]"
_FULL: Final = "[，。：；！？、（）“”]"
_LATIN: Final = "[A-Za-z0-9]"
_PLACEHOLDER: Final = re.compile(r"{\w+}")

# Patterns that a reader would stumble over.
STUMBLES: Final = {
    "en": {
        "two spaces": "  ",
        "a quotation mark that is not straight": "[“”‘’«»]",
        "a dash or dots of another style": r"[–—…]|\.\.",
        "a word that is avoided": r"(?i)\b(please|click|e\.g\.|via|simply|thing specification)\b|Enterprise instance",
    },
    "zh-Hans": {
        "two spaces": "  ",
        "a quotation mark that is not “”": "[\"'「」『』‘’«»]",
        "half-width punctuation": f"{_CJK}[,.;:!?()]|[,;:!?()]{_CJK}|[，。：；！？、]{{2}}",
        "no space between Chinese and Latin": f"{_CJK}{_LATIN}|{_LATIN}{_CJK}",
        "a space beside full-width punctuation": f" {_FULL}|{_FULL} ",
        "a word that is avoided": "你|附加属性|凭证|应答|若|点选|单击|TSL",
    },
}

# Terms for which the console or Home Assistant has another word than a dictionary.
GLOSSARY: Final = {
    # the console
    "console": "控制台",
    "thing model": "物模型",
    "node type": "节点类型",
    "Directly Connected Device": "直连设备",
    "data format": "数据格式",
    "(?i)dynamic registration": "动态注册",
    "Define Feature": "功能定义",
    "Edit Draft": "编辑草稿",
    "quick import": "快速导入",
    "Release Online|released the draft": "发布上线",
    "unpublish": "撤销发布",
    "Device Simulation": "设备模拟器",
    "Devices > Products > View": "设备管理 > 产品 > 查看",
    "Devices > Devices": "设备管理 > 设备",
    "Overview page": "实例概览",
    "Instance Details > View Development Configurations": "实例详情 > 查看开发配置",
    "(?i)instance ID": "实例 ID",
    "public instance": "公共实例",
    "Enterprise Edition": "企业版",
    "(?i)region": "地域",
    "endpoint host": "接入域名",
    "(?i)identifier": "标识符",
    "data type": "数据类型",
    "value range": "取值范围",
    # Home Assistant
    "(?i)entit(y|ies)": "实体",
    r"(?i)\bareas?\b": "区域",
    r"(?i)\bfloors?\b": "楼层",
    r"(?i)\blabels?\b": "标签",
    "(?i)device class": "设备类别",
    "(?i)attributes": "状态属性",
    "recorder": "记录器",
    "(?i)reconfigure": "重新配置",
    "Configure >": "配置 >",
    "Settings >": "设置 >",
    "Devices & services": "设备与服务",
    "Repairs": "修复",
}

SENTENCES: Final = re.compile(
    r"\.(data_description|menu_option_descriptions|error|abort|progress)\.\w+$|\.(description|message)$"
    r"|^selector\.check\.options\.\w+$"
)
NAMES: Final = re.compile(r"\.(data|menu_options|state|options|unit_of_measurement|info)\.[\w-]+$|(^|\.)title$|\.name$")
# The widths that a phone of 400 pixels shows in one line, or in two of a label or a menu option. A full-width character
# counts twice.
WIDTHS: Final = {
    re.compile(r"\.title$"): 28,
    re.compile(r"\.menu_options\.\w+$"): 44,
    re.compile(r"\.data\.\w+$"): 46,
    re.compile(r"\.error\.\w+$"): 300,
}


def of(language: str) -> dict[str, str]:
    return dict(flat(texts(language)))


def width(text: str) -> int:
    """Return the width of a text without its placeholders, which come last and may be cut off."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in _PLACEHOLDER.sub("", text))


@pytest.mark.parametrize(
    ("language", "what"), [(language, what) for language, several in STUMBLES.items() for what in several]
)
def test_nobody_stumbles_over(language: str, what: str) -> None:
    pattern = re.compile(STUMBLES[language][what])
    # {what} is a name in the language of the reader; the other placeholders can be in any.
    shown = {key: _PLACEHOLDER.sub("A", text.replace("{what}", "")) for key, text in of(language).items()}
    assert {key: text for key, text in shown.items() if pattern.search(text)} == {}


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_term_is_what_the_console_or_home_assistant_calls_it(term: str) -> None:
    english, chinese = (
        {key: _PLACEHOLDER.sub("", text) for key, text in of(language).items()} for language in LANGUAGES
    )
    named = [key for key, text in english.items() if re.search(term, text)]
    assert named, "a term that nothing uses"
    assert {key: chinese[key] for key in named if GLOSSARY[term] not in chinese[key]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_with_a_full_stop_and_names_do_not(language: str) -> None:
    end = {"en": (".", "}"), "zh-Hans": ("。", "}")}[language]
    wrong = {
        key: text
        for key, text in of(language).items()
        if (
            not text.endswith(end) if SENTENCES.search(key) else NAMES.search(key) and text.endswith(tuple(".:!。：！"))
        )
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_shows_the_whole_text(language: str) -> None:
    wide = {
        key: (width(text), text)
        for key, text in of(language).items()
        for kind, limit in WIDTHS.items()
        if kind.search(key) and width(text) > limit
    }
    assert wide == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_says_what_is_wrong_before_it_names_the_device(language: str) -> None:
    # The list of repairs cuts a title off at its end, and the head of a dialog has no room for a name.
    titles = {key: text for key, text in of(language).items() if key.endswith(".title") and "{name}" in text}
    assert {key: text for key, text in titles.items() if not text.endswith("{name}") or ".step." in key} == {}
