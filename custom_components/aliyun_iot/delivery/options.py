"""The delivery options: the mode and the pace, as chosen in the options."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import math
from typing import Any, Final, Self

from ..alink import Pace
from ..const import CONF_BURST, CONF_DELIVERY, CONF_INTERVAL, CONF_MODE, CONF_RATE, CONF_REPEAT

HISTORY_DAYS_MAX: Final = 3650  # of a new entry; no recorder keeps ten years
INTERVAL_MAX: Final = 86400  # s; a dashboard without one value a day looks dead
REPEAT_MAX: Final = 1440  # minutes, a day as well
RATE_MIN: Final = 0.1  # messages a second; with 200 values each, a house of any size falls behind below


class Mode(StrEnum):
    """The values of an entity that are sent."""

    EVERY_CHANGE = "every_change"
    LATEST = "latest"


def amount(kept: Any, low: float, high: float, default: float) -> float:
    """Read a number that an entry keeps; the default stands for one that cannot be.

    Forms took NaN once, which Home Assistant writes to the disk as null.
    """
    try:
        number = float(kept)
    except OverflowError, TypeError, ValueError:
        return default
    return number if math.isfinite(number) and low <= number <= high else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The delivery options of an entry."""

    mode: Mode = Mode.EVERY_CHANGE
    interval: float = 60.0  # s, between two values of an entity; only with `Mode.LATEST`
    rate: float = 1.0  # messages a second
    burst: float = 1.0  # messages at once after a pause
    repeat: float = 0.0  # minutes after which a value that has not changed is sent again; 0 for never

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """Read an entry's options."""
        chosen: Mapping[str, Any] = options.get(CONF_DELIVERY, {})
        default = cls()
        mode = chosen.get(CONF_MODE)
        # However high rate and burst are, the token bucket stays below the platform's limit.
        return cls(
            mode=Mode(mode) if mode in tuple(Mode) else default.mode,
            interval=amount(chosen.get(CONF_INTERVAL), 0.0, INTERVAL_MAX, default.interval),
            rate=amount(chosen.get(CONF_RATE), RATE_MIN, math.inf, default.rate),
            burst=amount(chosen.get(CONF_BURST), 1.0, math.inf, default.burst),
            repeat=amount(chosen.get(CONF_REPEAT), 0.0, REPEAT_MAX, default.repeat),
        )

    @property
    def pace(self) -> Pace:
        """Return the pace for the library."""
        interval = self.interval if self.mode is Mode.LATEST else 0.0
        return Pace(rate=self.rate, burst=self.burst, interval=interval)
