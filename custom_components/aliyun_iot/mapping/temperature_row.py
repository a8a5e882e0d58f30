"""Temperature row: the target temperatures of a thermostat or a water heater in one action."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.climate import ClimateEntityFeature
from homeassistant.const import UnitOfTemperature

from .action_rows import Action, supports
from .commanded import Commanded, Span, span
from .kinds import ATTRIBUTE
from .ranges import finite
from .refusals import NotCommandableError, Refusal

TARGET: Final = f"{ATTRIBUTE}temperature"
LOW: Final = f"{ATTRIBUTE}target_temp_low"
HIGH: Final = f"{ATTRIBUTE}target_temp_high"
# Of an entity that names no step: the precision with which Home Assistant shows its temperatures.
_STEPS: Final[Mapping[str, float]] = {UnitOfTemperature.CELSIUS: 0.1, UnitOfTemperature.FAHRENHEIT: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureRow:
    """One temperature, or a low and a high one, which Home Assistant takes together only.

    An entity that is off takes them as well: it keeps them for the time when it is turned on.
    """

    feature: int  # for one
    range_feature: int = 0  # for two; 0 where there is none

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the temperatures that the entity supports."""
        one = {TARGET} if supports(attributes, self.feature) else set()
        two = {LOW, HIGH} if self.range_feature and supports(attributes, self.range_feature) else set()
        return frozenset(one | two)

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action; of a pair, the one that is missing stays as it is."""
        limits, unit = _limits(command), command.units.temperature_unit
        asked = {key: command.number(key, unit, limits) for key in (TARGET, LOW, HIGH) if command.has(key)}
        if TARGET not in asked:
            asked = {key: asked[key] if key in asked else _present(command, key) for key in (LOW, HIGH)}
            if asked[LOW] > asked[HIGH]:
                raise NotCommandableError(Refusal.CONTRADICTION, LOW if command.has(LOW) else HIGH)
        data = {key.removeprefix(ATTRIBUTE): temperature for key, temperature in asked.items()}
        yield Action(domain=command.state.domain, service="set_temperature", data=data)


CLIMATE_TEMPERATURES: Final = TemperatureRow(
    feature=ClimateEntityFeature.TARGET_TEMPERATURE, range_feature=ClimateEntityFeature.TARGET_TEMPERATURE_RANGE
)


def _limits(command: Commanded) -> Span:
    stated = span(command.attributes, "min_temp", "max_temp", "target_temp_step")
    step = _STEPS.get(command.units.temperature_unit) if stated.step is None else stated.step
    return Span(low=stated.low, high=stated.high, step=step)


def _present(command: Commanded, key: str) -> float:
    present = finite(command.attributes.get(key.removeprefix(ATTRIBUTE)))
    if present is None:
        raise NotCommandableError(Refusal.INCOMPLETE, key)
    return present
