"""The file that keeps one entry's thing model."""

from collections.abc import Callable
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import DOMAIN
from ..durable import read_object, write_json

_LOGGER = logging.getLogger(__name__)


class ModelFile:
    """A JSON file that outlives a power cut."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Find the file; it is read when it is asked for."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.thing_model_{entry_id}"))

    async def async_load(self) -> dict[str, Any] | None:
        """Read it; None where there is none. Raises OSError."""
        return await self._hass.async_add_executor_job(self._load)

    async def async_save(self, make: Callable[[], dict[str, Any]]) -> None:
        """Make a document and write it, both elsewhere than on the event loop. Raises OSError."""
        await self._hass.async_add_executor_job(lambda: write_json(self._path, make()))

    async def async_remove(self) -> None:
        """Remove it. Raises OSError."""
        await self._hass.async_add_executor_job(lambda: self._path.unlink(missing_ok=True))

    def _load(self) -> dict[str, Any] | None:
        try:
            return read_object(self._path)
        except ValueError:
            broken = self._path.with_name(f"{self._path.name}.broken")
            self._path.replace(broken)
            _LOGGER.warning("The thing model on the disk cannot be read; it is kept as %s and made anew", broken.name)
            return None
