"""House: one of several Home Assistants beside one platform, with its states and issues."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
from typing import Self

import aiohttp

from .client import Client
from .home_assistant import HomeAssistant
from .processes import free_port

ENTRY = "/api/config/config_entries/entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running Home Assistant with one entry of the integration."""

    name: str
    home: HomeAssistant
    client: Client
    journal: Path

    @classmethod
    async def start(
        cls, name: str, home: HomeAssistant, environment: Mapping[str, str], http: aiohttp.ClientSession
    ) -> Self:
        """Start it, with a journal of its own."""
        home.prepare()
        journal = home.config.parent / "journal.jsonl"
        await home.start({**environment, "DEMO_PLATFORM_JOURNAL": str(journal)})
        return cls(name=name, home=home, client=await home.ready(http), journal=journal)

    def asked(self) -> list[int]:
        """Return the times (ms) at which it asked for the platform's address; every connection begins with that."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [int(json.loads(line)["time"]) for line in lines]

    async def state(self) -> str:
        """Return the state of the entry, or of the connection if it is loaded."""
        (entry,) = [entry for entry in await self.client.get(ENTRY) if entry["domain"] == "aliyun_iot"]
        for state in (await self.client.states()).values():
            if entry["state"] == "loaded" and "unreadable_messages" in state["attributes"]:
                return str(state["attributes"].get("connection", "-"))
        return str(entry["state"])

    async def issues(self) -> list[str]:
        """Return the integration's repair issues by their keys."""
        found = await self.client.command("repairs/list_issues")
        return [str(issue["translation_key"]) for issue in found["issues"] if issue["domain"] == "aliyun_iot"]


def copied(original: HomeAssistant, folder: Path, uuid: str | None = None) -> HomeAssistant:
    """Copy a Home Assistant that has ended, as a backup does; a uuid makes it a new one with that `.storage`."""
    shutil.copytree(original.config, folder / original.config.name, symlinks=True)
    copy = HomeAssistant(folder, free_port())
    if uuid is not None:
        file = copy.config / ".storage" / "core.uuid"
        content = json.loads(file.read_text())
        content["data"]["uuid"] = uuid
        file.write_text(json.dumps(content))
    return copy
