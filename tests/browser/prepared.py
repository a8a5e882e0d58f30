"""A home with many troubles: each of its devices has one of them, and is named after it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import time
from types import MappingProxyType
from typing import Any

import aiohttp
from homeassistant.config_entries import STORAGE_VERSION, STORAGE_VERSION_MINOR, ConfigEntry

from tests.demo.faults.clock import SteppedClock
from tests.demo.home_assistant import HomeAssistant
from tests.demo.platform import PRODUCT_KEY, PRODUCT_SECRET, Platform
from tests.demo.rig import Rig, running

from .dialogs import DOMAIN
from .troubles import CONTESTED, contest

HOME = "0123456789abcdef0123456789abcdef"
ANOTHER_HOME = "fedcba9876543210fedcba9876543210"
SECRET = "0123456789abcdef0123456789abcdef"
FORMER_SECRET = "f" * 32

PORT_443 = "port-443"
WEBSOCKET = "websocket"
COPIED = "copied"
SILENT = "silent"
FULL_DISK = "full-disk"
OTHER_SECRET = "other-secret"
BROKEN_DISK = "broken-disk"
WRONG_CLOCK = "wrong-clock"
# The peculiarities of each device's entry, by the name of the device.
DEVICES: Mapping[str, Mapping[str, Any]] = {
    PORT_443: {"port": 443},
    WEBSOCKET: {"transport": "wss"},
    COPIED: {"home": ANOTHER_HOME},
    SILENT: {},
    FULL_DISK: {},
    CONTESTED: {},
    OTHER_SECRET: {"device_secret": FORMER_SECRET},
    BROKEN_DISK: {},
    WRONG_CLOCK: {},
}
ENTITY = "sensor.house_power"

# This is in the last year of the root that all ports other than 8883 need.
TODAY = datetime(2027, 2, 1, tzinfo=UTC)
AHEAD = round(max(TODAY - datetime.now(UTC), timedelta()).total_seconds())


@asynccontextmanager
async def troubled(folder: Path, language: str) -> AsyncIterator[Rig]:
    """Start a Home Assistant that had these devices before."""
    devices = [{"device_name": name, "device_secret": SECRET} for name in DEVICES]
    product = {"product_key": PRODUCT_KEY, "product_secret": PRODUCT_SECRET, "devices": devices}
    async with running(folder, language=language, products=[product], prepared=_prepare) as rig:
        other = asyncio.ensure_future(contest(rig))
        try:
            yield rig
        finally:
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)


async def _prepare(platform: Platform, home: HomeAssistant, http: aiohttp.ClientSession) -> Mapping[str, str]:
    storage = home.config / ".storage"
    entries = [_entry(name, more) for name, more in DEVICES.items()]
    _store(storage, "core.config_entries", STORAGE_VERSION, STORAGE_VERSION_MINOR, {"entries": entries})
    _store(storage, "core.uuid", 1, 1, {"uuid": HOME})
    clock = SteppedClock(home.config.parent)
    clock.step(AHEAD)
    await set_clock(platform, http)
    await platform.post(http, "/api/limits", {"connects_per_minute": None})
    # According to its mark the platform has never replied to this device, and the fault keeps it that way.
    mark = {"until": round((time.time() + AHEAD) * 1000), "answers": False}
    (storage / f"{DOMAIN}.delivery_{SILENT}").write_text(json.dumps(mark))
    await platform.post(http, "/api/faults", {"reply": {"lost": True}})
    (storage / f"{DOMAIN}.thing_model_{BROKEN_DISK}").mkdir()
    full_disk(home).write_text(f"{DOMAIN}.delivery_{FULL_DISK}\n")
    return {**clock.environment, "DEMO_FULL_DISK": str(full_disk(home))}


async def set_clock(platform: Platform, http: aiohttp.ClientSession, *, behind: int = 0) -> None:
    """Set the platform's clock ahead of Home Assistant's by `behind` seconds."""
    await platform.post(http, "/api/clock", {"offset": (AHEAD + behind) * 1000})


def full_disk(home: HomeAssistant) -> Path:
    """Return the file that keeps the disk full as long as it is there."""
    return home.config.parent / "full-disk"


def _entry(name: str, more: Mapping[str, Any]) -> dict[str, Any]:
    data = {
        "product_key": PRODUCT_KEY,
        "device_name": name,
        "device_secret": SECRET,
        "region": "cn-shanghai",
        "transport": "tls",
        "sign_method": "hmacsha256",
        "home": HOME,
        **more,
    }
    entry = ConfigEntry(
        data=data,
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        # The names of its files contain this id.
        entry_id=name,
        minor_version=1,
        options={"selection": {"include": {"entities": {ENTITY: ENTITY}}, "exclude": {}}},
        source="user",
        subentries_data=None,
        title=name,
        unique_id=f"{PRODUCT_KEY}_{name}",
        version=1,
    )
    return entry.as_dict()


def _store(storage: Path, key: str, version: int, minor: int, data: dict[str, Any]) -> None:
    content = {"version": version, "minor_version": minor, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))
