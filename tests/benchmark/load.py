"""The load: sensors that change in bursts."""

import asyncio
from collections.abc import Mapping
import time
from typing import Final

from homeassistant.core import HomeAssistant

ENTITIES: Final = 200
CHANGES: Final = 20_000
_SLICE: Final = 20  # changes, before the event loop gets its turn
ATTRIBUTES: Final = {
    "state_class": "measurement",
    "unit_of_measurement": "°C",
    "device_class": "temperature",
    "friendly_name": "Living room Temperature",
}


class Load:
    """Sensors whose every change is a new value with two decimals."""

    def __init__(self, hass: HomeAssistant, *, entities: int = ENTITIES, name: str = "room") -> None:
        self._set = hass.states.async_set
        self.entity_ids = self.ids(entities, name)
        self._made = 0

    @staticmethod
    def ids(entities: int, name: str = "room") -> list[str]:
        """Return the entity ids of the sensors that a load of this size has."""
        return [f"sensor.{name}_{number:04}_temperature" for number in range(entities)]

    @property
    def properties(self) -> Mapping[str, str]:
        """The identifier of each sensor's property, by entity id."""
        return {entity_id: entity_id.partition(".")[2] for entity_id in self.entity_ids}

    def change(self, count: int) -> None:
        """Make `count` changes, one entity after the other."""
        ids, made, states = self.entity_ids, self._made, self._set
        for number in range(made, made + count):
            states(ids[number % len(ids)], f"{number // len(ids) % 9973 / 100:.2f}", ATTRIBUTES)
        self._made = made + count

    async def burst(self, count: int) -> None:
        """Make `count` changes; the event loop has its turn in between."""
        for done in range(0, count, _SLICE):
            self.change(min(_SLICE, count - done))
            await asyncio.sleep(0)

    async def run(self, changes: int, *, each: int, every: float) -> None:
        """Make bursts of `each` changes, one in `every` seconds; a late burst delays none of the others."""
        start = time.monotonic()
        for number in range(changes // each):
            await asyncio.sleep(max(0.0, start + number * every - time.monotonic()))
            await self.burst(each)
