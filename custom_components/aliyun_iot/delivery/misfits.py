"""Misfits: states that are no value of their property, counted until one fits again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
import logging
import math
from typing import Final

from homeassistant.core import HomeAssistant, State, callback

from ..alink import one_line
from ..gathered_log import GatheredLog
from ..mapping.property import Property
from ..mapping.values import Misfit, NotFittingError

_LOGGER = logging.getLogger(__name__)

_SHOWN: Final = 40  # characters of a state; enough to recognise it in a list of problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The misfits of one property."""

    entity_id: str
    count: int
    misfit: Misfit
    shown: str  # the latest, as Home Assistant writes it
    low: float = math.inf  # the range of the numbers outside of the property's range, in its unit
    high: float = -math.inf
    is_over: bool = False


class Misfits:
    """The misfits of one entry since it was set up."""

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        """Start without any; `changed` is called when a property begins or ceases to fit."""
        self._changed = changed
        self.log = GatheredLog(hass, _log)
        self.cases: dict[str, Case] = {}  # by identifier
        self.open: set[str] = set()  # identifiers whose latest state did not fit
        self.total = 0

    @callback
    def note(self, property_: Property, state: State, error: NotFittingError) -> None:
        """Count a state that did not fit."""
        identifier = property_.identifier
        before = self.cases.get(identifier)
        self.total += 1
        case = Case(
            entity_id=state.entity_id,
            count=1 if before is None else before.count + 1,
            misfit=error.misfit,
            shown=_shown(property_, state),
            low=math.inf if before is None else before.low,
            high=-math.inf if before is None else before.high,
        )
        if error.number is not None and math.isfinite(error.number):
            case = replace(case, low=min(case.low, error.number), high=max(case.high, error.number))
        self.cases[identifier] = case
        self.log.note(identifier, None, f"{state.entity_id}, {error.misfit}")
        if identifier not in self.open or before is None or before.misfit is not case.misfit:
            self.open.add(identifier)
            self._changed()

    @callback
    def forget(self, identifiers: Iterable[str]) -> None:
        """Forget properties that are gone for good."""
        was_open = len(self.open)
        for identifier in identifiers:
            self.cases.pop(identifier, None)
            self.open.discard(identifier)
        if len(self.open) < was_open:
            self._changed()

    @callback
    def fits(self, identifier: str) -> None:
        """Note that a state of a property with an open misfit has fitted."""
        self.open.discard(identifier)
        self.cases[identifier] = replace(self.cases[identifier], is_over=True)
        self._changed()


def _log(count: int, named: str) -> None:
    _LOGGER.warning(
        "States of %s do not fit and are counted and left out: %s",
        "one property" if count == 1 else f"{count} properties",
        named,
    )


def _shown(property_: Property, state: State) -> str:
    return one_line(property_.raw(state), _SHOWN)
