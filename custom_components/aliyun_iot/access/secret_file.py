"""Secret file: keeps the credentials that the platform hands out only once.

Home Assistant's own Store swallows a failed write. Here the caller has to know of it: a secret that is not on disk must
not be used.
"""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import DOMAIN
from ..durable import read_object, reason, write_json
from ..errors import SecretFileError

type Kept = dict[str, dict[str, str]]

_NAME: Final = f"{DOMAIN}.credentials"


def fingerprint_of(unique_id: str) -> str:
    """Return a short hash that stands for a device where its name must not appear."""
    return sha256(unique_id.encode()).hexdigest()[:16]


class SecretFile:
    """Credentials by unique id; they outlive a flow that is closed half-way and an entry that is removed."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Locate the file; each call reads it anew."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, _NAME))
        self._lock = asyncio.Lock()

    async def async_remember(self, unique_id: str, credentials: Mapping[str, str]) -> None:
        """Write credentials; they are on disk when this returns. Raises SecretFileError."""
        async with self._lock:
            await self._hass.async_add_executor_job(self._add, unique_id, dict(credentials))

    async def async_recall(self, unique_id: str) -> dict[str, str] | None:
        """Return the credentials that were remembered, if any. Raises SecretFileError."""
        async with self._lock:
            return (await self._hass.async_add_executor_job(self._read)).get(unique_id)

    async def async_find(self, fingerprint: str) -> str | None:
        """Return the unique id with this fingerprint, if it is in the file. Raises SecretFileError."""
        async with self._lock:
            kept = await self._hass.async_add_executor_job(self._read)
        return next((unique_id for unique_id in kept if fingerprint_of(unique_id) == fingerprint), None)

    async def async_forget(self, unique_id: str) -> None:
        """Remove credentials. Raises SecretFileError."""
        async with self._lock:
            await self._hass.async_add_executor_job(self._remove, unique_id)

    def _remove(self, unique_id: str) -> None:
        self._write({key: kept for key, kept in self._read().items() if key != unique_id})

    def _add(self, unique_id: str, credentials: dict[str, str]) -> None:
        self._write({**self._read(), unique_id: credentials})

    def _read(self) -> Kept:
        try:
            kept = read_object(self._path) or {}
        except OSError as err:
            raise SecretFileError(reason(err)) from None
        except ValueError:
            self._set_aside()
            return {}
        return {key: value for key, value in kept.items() if isinstance(value, dict)}

    def _set_aside(self) -> None:
        """Rename an unreadable file for a person to look at: left in place, it would block every set-up."""
        try:
            self._path.replace(self._path.with_name(f"{_NAME}.unreadable"))
        except OSError as err:
            raise SecretFileError(reason(err)) from None

    def _write(self, kept: Kept) -> None:
        try:
            write_json(self._path, kept)
        except OSError as err:
            raise SecretFileError(reason(err)) from None


@singleton(f"{DOMAIN}_secret_file")
def secret_file(hass: HomeAssistant) -> SecretFile:
    """Return the one object that all flows share, because its lock serializes their writes."""
    return SecretFile(hass)
