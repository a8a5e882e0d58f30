"""Questions: has the platform tell the product's thing model as often as commands need it.

A command runs only by a model that was told over the present link, because the console may have imported another one
while there was none. And an import during a link tells nobody: the first command that does not fit asks again.
"""

from collections.abc import Callable
import math
import time
from typing import Final

from homeassistant.core import callback

from ..alink import Connection, Status

# s between two questions. A command that does not fit may come every second, and the answer has been here for long.
_PAUSE: Final = 10.0

# Questions at the beginning of a link. An answer may get lost, and some products never give one.
_MOST: Final = 3


class ModelQuestions:
    """Asks for the product's thing model."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        """Ask by a call that tells whether the question was sent."""
        self._ask = ask
        self._asked_at = -math.inf  # s of the running time
        self._asked = 0  # questions over the present link

    @callback
    def async_note(self, status: Status) -> None:
        """Ask at the beginning of each link, until there is an answer."""
        if status.connection is not Connection.CONNECTED:
            self._asked_at, self._asked = -math.inf, 0
        elif not status.is_model_current and self._asked < _MOST:
            self.async_doubt()

    @callback
    def async_doubt(self) -> None:
        """Ask, because a command does not fit the model as it is known."""
        before, now = self._asked_at, time.monotonic()
        if now - before < _PAUSE:
            return
        self._asked_at = now  # before the question, which is news itself
        if self._ask():
            self._asked += 1
        else:
            self._asked_at = before
