"""Gathered log: one line for much of the same, instead of a line for each."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

# s. While the thing model is not imported, the platform rejects every property. It answers a message of 200 values
# within a second, and the messages of a large home follow each other for a few seconds.
TOGETHER: Final = 10.0
_NAMED: Final = 5  # items, in one line
_SAID_MAX: Final = 20_000  # a model has room for 6,000 properties, and codes for one of them are few


class GatheredLog:
    """Logs items of one kind together, and each of them once."""

    def __init__(self, hass: HomeAssistant, write: Callable[[int, str], None]) -> None:
        """Start with nothing; `write` takes the number of items, and the first few of them with their texts."""
        self._hass = hass
        self._write = write
        self._said: set[tuple[str, object]] = set()
        self._waiting: dict[str, str] = {}
        self._later: CALLBACK_TYPE | None = None

    @callback
    def note(self, item: str, kind: object, text: str) -> None:
        """Have an item logged soon, unless it was logged before as of the same kind."""
        if (item, kind) in self._said or len(self._said) >= _SAID_MAX:
            return
        self._said.add((item, kind))
        self._waiting[item] = text
        if self._later is None:
            self._later = async_call_later(self._hass, TOGETHER, self.flush)

    @callback
    def flush(self, _now: datetime | None = None) -> None:
        """Log now, as for the end of an entry."""
        if self._later is not None:
            self._later()
            self._later = None
        waiting, self._waiting = self._waiting, {}
        if count := len(waiting):
            named = "; ".join(f"{item}: {text}" for item, text in list(waiting.items())[:_NAMED])
            self._write(count, f"{named}; and {count - _NAMED} more" if count > _NAMED else named)
