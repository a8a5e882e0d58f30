"""Texts: the integration's own and Home Assistant's, in one language."""

from collections.abc import Mapping
import json
import re
from typing import Any

import hass_frontend

from tests.demo.home_assistant import INTEGRATION

_POINT = re.compile(r"^\d+\. ")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")

CONFIG_FLOW = "ui.panel.config.integrations.config_flow"
ENTRY = "ui.panel.config.integrations.config_entry"


class Texts:
    """All texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._own = json.loads((INTEGRATION / "translations" / f"{language}.json").read_text())
        folder = hass_frontend.where() / "static" / "translations"
        self._frontend: dict[str, str] = {}
        # The settings have a file of their own within the frontend; the hash in its name keeps en and en-GB apart.
        for path in (*folder.glob(f"{language}-{'?' * 32}.json"), *folder.glob(f"config/{language}-{'?' * 32}.json")):
            self._frontend |= json.loads(path.read_text())

    def own(self, path: str, **values: str) -> str:
        """Return one text of the integration; `path` is as in its translation file."""
        found = self._at(path)
        assert isinstance(found, str), f"{path} is not one text"
        return _filled(found, values)

    def paragraphs(self, path: str, **values: str) -> list[str]:
        """Return a text as it is read: each paragraph and each point of a list by itself, without its number."""
        return [_LINK.sub(r"\1", _POINT.sub("", line)) for line in self.own(path, **values).splitlines() if line]

    def has(self, path: str) -> bool:
        """Return whether the integration has a text at this place."""
        found: Any = self._own
        for name in path.split("."):
            found = found.get(name, {})
        return bool(found)

    def under(self, *paths: str) -> list[str]:
        """Return the texts directly below these places, in the order of the file."""
        return [text for path in paths for text in self._at(path).values() if isinstance(text, str)]

    def frontend(self, key: str, **values: str) -> str:
        """Return one text of Home Assistant's frontend."""
        return _filled(self._frontend[key], values)

    def _at(self, path: str) -> Any:
        found = self._own
        for name in path.split("."):
            found = found[name]
        return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
