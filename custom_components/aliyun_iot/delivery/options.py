"""The delivery options: the mode and the pace, as chosen in the options."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ..alink import Pace
from ..const import CONF_BURST, CONF_DELIVERY, CONF_INTERVAL, CONF_MODE, CONF_RATE, CONF_REPEAT


class Mode(StrEnum):
    """The values of an entity that are sent."""

    EVERY_CHANGE = "every_change"
    LATEST = "latest"


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
        return cls(
            mode=Mode(chosen.get(CONF_MODE, default.mode)),
            interval=float(chosen.get(CONF_INTERVAL, default.interval)),
            rate=float(chosen.get(CONF_RATE, default.rate)),
            burst=float(chosen.get(CONF_BURST, default.burst)),
            repeat=float(chosen.get(CONF_REPEAT, default.repeat)),
        )

    @property
    def pace(self) -> Pace:
        """Return the pace for the library."""
        interval = self.interval if self.mode is Mode.LATEST else 0.0
        return Pace(rate=self.rate, burst=self.burst, interval=interval)
