"""House units: the unit of temperatures that name none, which is that of Home Assistant's unit system, by time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, Self

from homeassistant.util.unit_conversion import TemperatureConverter

from .definition import Definition
from .kinds import STATE

# Changes that are remembered. A person changes the unit system once, and back when it was a mistake.
_MOST: Final = 20

_IN_DEGREES: Final = ("climate.", "water_heater.")


class Noted(NamedTuple):
    """A unit, and the time from which on it held."""

    since: int  # ms UTC
    unit: str
    is_heard: bool  # whether it was set at that time; otherwise it was found set


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseUnits:
    """The units of the house by time."""

    noted: tuple[Noted, ...] = ()  # the oldest first; its time is that of the first look
    past: tuple[Noted, ...] | None = None  # the settings that the recorder has; None for states of now

    def found(self, moment: int, unit: str) -> Self:
        """Return the units with that of now (ms UTC), which was set at some time before; the very same if it is known.

        The first one is taken for the one that was always set: a state of now is rarely older than it.
        """
        return self._with(Noted(moment, unit, is_heard=not self.noted))

    def heard(self, moment: int, unit: str) -> Self:
        """Return the units with one that was set now (ms UTC); the very same if it is known."""
        return self._with(Noted(moment, unit, is_heard=True))

    def _with(self, latest: Noted) -> Self:
        if self.noted and self.noted[-1].unit == latest.unit:
            return self
        return replace(self, noted=(*self.noted, latest)[-_MOST:])

    def with_past(self, settings: Iterable[tuple[int, str]]) -> Self:
        """Return the units for rows: `settings` (ms UTC, unit) are those that the recorder has."""
        return replace(self, past=tuple(Noted(since, unit, is_heard=True) for since, unit in settings))

    def at(self, moment: int) -> str | None:
        """Return the unit that held at a time (ms UTC); None where it is not known.

        The recorder has settings, not changes: somebody who saves the page with another language sets the unit system
        as well. So nothing is known of the time before the first setting.
        """
        told = sorted((*self.noted, *(self.past or ())))
        held = next((number for number in range(len(told) - 1, -1, -1) if told[number].since <= moment), None)
        if held is None:
            return told[0].unit if told and told[0] in self.noted else None
        is_sure = held == len(told) - 1 or told[held + 1].is_heard or told[held + 1].unit == told[held].unit
        return told[held].unit if is_sure else None

    def to_json(self) -> list[Any]:
        """Write it for the disk."""
        return [list(one) for one in self.noted]

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Read what `to_json` wrote; anything else reads as nothing noted."""
        try:
            noted = tuple(Noted(int(since), str(unit), bool(is_heard)) for since, unit, is_heard in kept)
        except OverflowError, TypeError, ValueError:
            return cls()
        is_ours = all(one.unit in TemperatureConverter.VALID_UNITS for one in noted) and list(noted) == sorted(noted)
        return cls(noted=noted[-_MOST:]) if is_ours else cls()


def silent_units(house: HouseUnits, entity_id: str, key: str, definition: Definition) -> HouseUnits | None:
    """Return the units of a temperature attribute that names none; None for any other property."""
    is_silent = key != STATE and is_in_degrees(entity_id) and definition.unit in TemperatureConverter.VALID_UNITS
    return house if is_silent else None


def is_in_degrees(entity_id: str) -> bool:
    """Tell if an entity has temperatures in attributes that name no unit."""
    return entity_id.startswith(_IN_DEGREES)
