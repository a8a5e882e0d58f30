"""Platform: runs the emulator as a program of its own, and reads its view of a device."""

from collections.abc import Iterable, Mapping, Sequence
import json
import os
from pathlib import Path
import sys
from typing import Any

import aiohttp

from .processes import Program, until

REPOSITORY = Path(__file__).parents[2]

# The values that a person types; only this emulator knows them.
PRODUCT_KEY = "a1DemoHome1"
PRODUCT_SECRET = "DemoHomeSecret01"
DEVICE_NAME = "demo-home"


class Platform:
    """The emulator's process, its settings for Home Assistant, and its console's API."""

    def __init__(self, folder: Path) -> None:
        self.program = Program("platform", folder)
        self.data = folder / "platform"
        self._catalogue = folder / "products.json"
        # Records the platform's host names that Home Assistant's process has asked for.
        self.journal = folder / "journal.jsonl"
        self.facts: dict[str, Any] = {}

    async def start(
        self,
        ports: Mapping[str, int] | None = None,
        extra: Iterable[str] = (),
        products: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Start it and read the one line with its addresses; the `ports` of a former run bring it back there.

        It has the demo's product and device, or `products`.
        """
        # A former run's output would pass for this one's.
        self.program.output.unlink(missing_ok=True)
        chosen = {"mqtts": 0, "mqtt": 0, "https": 0, "console": 0} | dict(ports or {})
        listen = [word for name, port in chosen.items() for word in (f"--{name}-port", str(port))]
        known = ["--product-key", PRODUCT_KEY, "--product-secret", PRODUCT_SECRET, "--device", DEVICE_NAME]
        if products is not None:
            self._catalogue.write_text(json.dumps(products))
            known = ["--products", str(self._catalogue)]
        command = [sys.executable, "-m", "tests.emulator", *known, *listen, *extra, "--data", str(self.data)]
        await self.program.start(command, cwd=REPOSITORY, environment=dict(os.environ))
        self.facts = await until("first line", self._first_line, self.program, 30)

    def _first_line(self) -> dict[str, Any] | None:
        line, newline, _ = self.program.output.read_text().partition("\n")
        return dict(json.loads(line)) if newline else None

    @property
    def ports(self) -> dict[str, int]:
        return {name: int(self.facts[f"{name}_port"]) for name in ("mqtts", "mqtt", "https", "console")}

    @property
    def console_url(self) -> str:
        return str(self.facts["console_url"])

    @property
    def typed(self) -> dict[str, str]:
        """Return the four values that the platform's console shows and a person types."""
        return {
            "product_key": PRODUCT_KEY,
            "product_secret": PRODUCT_SECRET,
            "device_name": DEVICE_NAME,
            "region": str(self.facts["region"]),
        }

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment in which Home Assistant finds this emulator under the platform's own names."""
        stands_for = {"8883": self.ports["mqtts"], "1883": self.ports["mqtt"], "443": self.ports["https"]}
        return {
            "PYTHONPATH": str(Path(__file__).parent / "resolver"),
            "DEMO_PLATFORM_PORTS": json.dumps(stands_for),
            "DEMO_PLATFORM_JOURNAL": str(self.journal),
            "REQUESTS_CA_BUNDLE": str(self.facts["ca_file"]),
        }

    def asked_for(self) -> list[tuple[str, int]]:
        """Return the platform's hosts and ports that were asked for, in order."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [(asked["host"], asked["port"]) for asked in map(json.loads, lines)]

    async def device(
        self, http: aiohttp.ClientSession, name: str = DEVICE_NAME, product_key: str = PRODUCT_KEY
    ) -> dict[str, Any]:
        """Return the device as the platform sees it: online, properties, rejections."""
        return dict(await self.get(http, f"/api/devices/{product_key}/{name}"))

    async def history(
        self,
        http: aiohttp.ClientSession,
        identifier: str,
        name: str = DEVICE_NAME,
        limit: int = 100_000,
        product_key: str = PRODUCT_KEY,
    ) -> list[dict[str, Any]]:
        """Return the values of one property that the platform has stored, the newest last."""
        path = f"/api/devices/{product_key}/{name}/history"
        return list((await self.get(http, path, identifier=identifier, limit=str(limit)))["history"])

    async def get(self, http: aiohttp.ClientSession, path: str, **query: str) -> Any:
        async with http.get(self._console(path), params=query) as response:
            response.raise_for_status()
            return await response.json()

    async def post(self, http: aiohttp.ClientSession, path: str, body: Any = None) -> Any:
        """Use the console as a person does: kick the device, set a property, switch a fault on."""
        async with http.post(self._console(path), json=body) as response:
            response.raise_for_status()
            return await response.json()

    def _console(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports['console']}{path}"

    async def stop(self) -> None:
        await self.program.stop()

    async def kill(self) -> None:
        await self.program.kill()
