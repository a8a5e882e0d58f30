"""A home with Home Assistant's own demo, helpers, templates and groups: the one whose values can be set."""

from collections.abc import Mapping
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from tests.home_assistant.mapping.commanded import CONFIGURATION, ROWS, Row

from ..client import Client

# Published, and never granted.
GARAGE = "cover.garage_door"
# Windows have no class in the demo. An owner who shows them as shutters says that they do not open the house.
SHUTTERS = ("cover.hall_window", "cover.kitchen_window", "cover.all_windows")

# These programs are of no use to a demo home, and most machines lack them.
MUTED = ("haffmpeg.core", "haffmpeg.tools", "homeassistant.components.camera.img_util")

# The demo's humidifiers and players have no unique ID, so they cannot be granted. Helpers with one stand for them.
STAND_INS = {
    "humidifier.hygrostat": "humidifier.cellar",
    "media_player.bedroom": "media_player.den",
    "media_player.lounge_room": "media_player.parlour",
}
MODES = {"eco": "away", "home": "normal"}


def rows() -> list[Row]:
    """Return the rows of the table, for this home."""
    return [_stood_in(row) if row.entity_id in STAND_INS else row for row in ROWS]


def _stood_in(row: Row) -> Row:
    mode = MODES.get(row.seen, row.seen) if row.key == "attribute.mode" else row.seen
    return replace(row, entity_id=STAND_INS[row.entity_id], seen=mode)


def write(folder: Path) -> Path:
    """Write the configuration below a folder, and return its own. JSON is YAML, too."""
    home = folder / "house"
    home.mkdir()
    (home / "configuration.yaml").write_text(json.dumps(_configuration(), ensure_ascii=False, indent=1), "utf-8")
    return home


def _configuration() -> dict[str, Any]:
    return {
        "homeassistant": {"name": "A home under control", "time_zone": "Asia/Shanghai", "unit_system": "metric"},
        "frontend": {},
        "config": {},
        "history": {},
        "logbook": {},
        "recorder": {"commit_interval": 1},
        "logger": {
            "default": "warning",
            "logs": {"custom_components.aliyun_iot": "info", **dict.fromkeys(MUTED, "critical")},
        },
        "demo": {},
        **{domain: _identified(parts) for domain, parts in CONFIGURATION.items()},
        "input_boolean": {**CONFIGURATION["input_boolean"], "fogger": {}},
        "media_player": [*_identified(CONFIGURATION["media_player"]), _player("Den"), _player("Parlour")],
        "generic_hygrostat": [
            {
                "name": "Cellar",
                "unique_id": "cellar",
                "humidifier": "input_boolean.fogger",
                "target_sensor": "sensor.outside_humidity",
                "away_humidity": 35,
                "initial_state": True,
            }
        ],
    }


def _player(name: str) -> dict[str, Any]:
    (child,) = [child for child, own in STAND_INS.items() if own == f"media_player.{name.lower()}"]
    return {
        "platform": "universal",
        "name": name,
        "unique_id": name,
        "children": [child],
        # One that is off has no active child, whom it could turn on.
        "commands": {"turn_on": {"action": "media_player.turn_on", "target": {"entity_id": child}}},
    }


def _identified(parts: Any) -> Any:
    """Give an ID to what has none: without one nothing can be granted. Helpers have their key."""
    if isinstance(parts, Mapping):
        return parts
    return [_with_id(part) if "name" in part or "alias" in part else _templates(part) for part in parts]


def _templates(part: Mapping[str, Any]) -> dict[str, Any]:
    return {domain: [_with_id(one) for one in several] for domain, several in part.items()}


def _with_id(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**part, "id": part["alias"]} if "alias" in part else {**part, "unique_id": part["name"]}


async def show_as_shutters(client: Client) -> None:
    """Set the class of the windows, as their owner can."""
    for entity_id in SHUTTERS:
        await client.command("config/entity_registry/update", entity_id=entity_id, device_class="shutter")
