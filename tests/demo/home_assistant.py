"""A real Home Assistant with the demo home, or another one, in a folder of its own."""

import asyncio
from collections.abc import Mapping
import json
import os
from pathlib import Path
import shutil
import sys
import time
from typing import Any

import aiohttp

from .client import Client
from .processes import Program, StartError

HOME = Path(__file__).parent / "home"
INTEGRATION = Path(__file__).parents[2] / "custom_components" / "aliyun_iot"


class HomeAssistant:
    """One config folder and the process that serves it."""

    def __init__(self, folder: Path, port: int, home: Path = HOME) -> None:
        self.config = folder / "home-assistant"
        self._home = home
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.program = Program("home-assistant", folder)

    def prepare(self, language: str = "en") -> None:
        """Write the home and all that must be there before a first start; stored data of a former run stays."""
        shutil.copytree(self._home, self.config, dirs_exist_ok=True)
        configuration = self.config / "configuration.yaml"
        configuration.write_text(configuration.read_text().replace("language: en", f"language: {language}"))
        custom = self.config / "custom_components"
        custom.mkdir(exist_ok=True)
        link = custom / INTEGRATION.name
        # With a link, changes of the code apply after a restart of Home Assistant.
        if not link.is_symlink():
            link.symlink_to(INTEGRATION, target_is_directory=True)
        storage = self.config / ".storage"
        storage.mkdir(exist_ok=True)
        _store(storage, "http", 2, 2, _http_settings(self.port))
        if not (storage / "onboarding").exists():
            # Only the user is left to create. The other steps would set up integrations that connect to the internet.
            _store(storage, "onboarding", 4, 1, {"done": ["core_config", "analytics", "integration"]})

    async def start(self, environment: Mapping[str, str]) -> None:
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        await self.program.start(
            [sys.executable, "-m", "homeassistant", "-c", str(self.config), "--skip-pip", "--log-no-color"],
            cwd=self.config,
            environment=inherited | dict(environment),
        )

    async def ready(self, http: aiohttp.ClientSession, language: str = "en", seconds: float = 180) -> Client:
        """Wait until Home Assistant runs, and return a client that is signed in."""
        client = Client(http, self.url)
        deadline = time.monotonic() + seconds
        while not await client.answers():
            await self._pause(deadline)
        await client.sign_in(language)
        while (await client.get("/api/config"))["state"] != "RUNNING":
            await self._pause(deadline)
        return client

    async def _pause(self, deadline: float) -> None:
        if not self.program.running:
            raise StartError("Home Assistant ended while it was starting")
        if time.monotonic() > deadline:
            raise StartError("Home Assistant is not up in time")
        await asyncio.sleep(0.1)

    async def stop(self) -> int | None:
        return await self.program.stop()

    async def kill(self) -> int:
        return await self.program.kill()


def _store(storage: Path, key: str, version: int, minor: int, data: dict[str, Any]) -> None:
    content = {"version": version, "minor_version": minor, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))


def _http_settings(port: int) -> dict[str, Any]:
    # Home Assistant keeps these settings in its storage now; settings from YAML are only tried for five minutes, and
    # without any it listens on every interface.
    stable = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-11-21T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}
