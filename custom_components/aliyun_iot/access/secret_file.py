"""Secret file: keeps the credentials that the platform hands out only once.

Home Assistant's own Store swallows a failed write. Here the caller has to know of it: a secret that is not on disk must
not be used.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import DOMAIN
from ..durable import async_alone, files_set_aside, read_object, reason, remove_set_aside, set_aside, write_json
from ..errors import SecretFileError

type Kept = dict[str, dict[str, str]]

_NAME: Final = f"{DOMAIN}.credentials"


def fingerprint_of(unique_id: str) -> str:
    """Return a short hash that stands for a device where its name must not appear."""
    # A file that somebody has edited may have half of a surrogate pair as a key.
    return sha256(unique_id.encode(errors="surrogatepass")).hexdigest()[:16]


class SecretFile:
    """Credentials by unique id; they outlive a flow that is closed half-way and an entry that is removed."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Locate the file; each call reads it anew."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, _NAME))

    async def async_remember(self, unique_id: str, credentials: Mapping[str, str]) -> None:
        """Write credentials; they are on disk when this returns. Raises SecretFileError."""
        await self._async_do(lambda: write_json(self._path, {**self._read(), unique_id: dict(credentials)}))

    async def async_recall(self, unique_id: str) -> dict[str, str] | None:
        """Return the credentials that were remembered, if any. Raises SecretFileError."""
        return (await self._async_do(self._read)).get(unique_id)

    async def async_find(self, fingerprint: str) -> str | None:
        """Return the unique id with this fingerprint, if it is in the file. Raises SecretFileError."""
        kept = await self._async_do(self._read)
        return next((unique_id for unique_id in kept if fingerprint_of(unique_id) == fingerprint), None)

    async def async_is_set_aside(self) -> bool:
        """Tell whether there are files that could not be read: nobody knows whose secrets they hold."""
        return bool(await self._async_do(lambda: files_set_aside(self._path)))

    async def async_forget(self, fingerprint: str) -> None:
        """Remove a device's credentials, and all files that could not be read and may hold them as well.

        Raises SecretFileError.
        """
        await self._async_do(lambda: self._remove(fingerprint))

    async def _async_do[T](self, job: Callable[[], T]) -> T:
        try:
            return await async_alone(self._hass, self._path, job)
        except OSError as err:
            raise SecretFileError(reason(err)) from None

    def _remove(self, fingerprint: str) -> None:
        kept = self._read()
        left = {unique_id: one for unique_id, one in kept.items() if fingerprint_of(unique_id) != fingerprint}
        if left != kept:
            write_json(self._path, left)
        remove_set_aside(self._path)

    def _read(self) -> Kept:
        try:
            kept = read_object(self._path) or {}
        except ValueError:
            # For a person to look at; left in place, it would block every set-up.
            set_aside(self._path)
            return {}
        return {key: value for key, value in kept.items() if isinstance(value, dict)}


@singleton(f"{DOMAIN}_secret_file")
def secret_file(hass: HomeAssistant) -> SecretFile:
    """Return the one object that all flows share, because its lock serializes their writes."""
    return SecretFile(hass)
