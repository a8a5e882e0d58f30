"""Adaptations: changes of a property so that it takes a state which does not fit it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import HomeAssistant, State, callback

from ..alink import TEXT_LENGTH_MAX, Bool, BrokenRuleError, DataType, Date, Enum, Number, NumberType, Text
from ..delivery.bridge import Bridge
from ..delivery.misfits import Case
from ..mapping.definition import Definition
from ..mapping.kinds import TEXT
from ..mapping.property import Property
from ..mapping.ranges import widened, with_decimals
from ..mapping.spelling import exact
from ..mapping.units import platform_unit
from ..mapping.values import Misfit, NotFittingError

_DECIMALS: Final = 2


class Way(StrEnum):
    """The ways out; each is a choice in the dialog."""

    WIDEN = "widen"
    SAME_UNIT = "same_unit"
    AS_TOLD = "as_told"
    CHANGE_TYPE = "change_type"
    LEAVE_OUT = "leave_out"


# A person has to choose these. Values that the platform has stored keep the former type; nothing that is left out is
# sent at all.
GRAVE: Final = frozenset({Way.CHANGE_TYPE, Way.LEAVE_OUT})

# The platform's model need not change for these.
LOCAL: Final = frozenset({Way.SAME_UNIT, Way.LEAVE_OUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """A change of a property that takes the state which does not fit its present definition."""

    identifier: str
    entity_id: str
    shown: str  # the state that does not fit
    way: Way
    changes: Mapping[str, Any]  # of the definition

    @property
    def data_type(self) -> DataType | None:
        """The type that the property gets."""
        return self.changes.get("data_type")

    @property
    def unit(self) -> str | None:
        """The unit that the property gets."""
        return self.changes.get("unit")


@callback
def adaptations(hass: HomeAssistant, bridge: Bridge) -> list[Adaptation]:
    """Return an adaptation for each state that does not fit now, and for each property that is a guess no more."""
    found: list[Adaptation] = []
    model = bridge.selection.model
    for identifier in sorted(bridge.misfits.open | model.outgrown.keys()):
        entity_id, property_ = bridge.selection.sources.get(identifier, ("", None))
        state = hass.states.get(entity_id)
        if state is None or property_ is None or property_ not in bridge.selection.properties.get(entity_id, ()):
            continue
        if (anew := model.outgrown.get(identifier)) is not None:
            shown, way, changes = state.state, Way.AS_TOLD, _nature(anew)
        else:
            if _is_taken_or_absent(property_, state):
                continue
            case = bridge.misfits.cases[identifier]
            unit = property_.unit_of(state)
            shown = f"{case.shown} {unit}" if case.misfit is Misfit.UNIT and unit is not None else case.shown
            way, changes = _way(property_, case, state, model.as_told(identifier, state))
        found.append(Adaptation(identifier=identifier, entity_id=entity_id, shown=shown, way=way, changes=changes))
    return found


async def async_adapt(bridge: Bridge, chosen: list[Adaptation], declined: list[Adaptation]) -> bool:
    """Change the model, write it, and publish by it; returns whether anything has changed.

    What somebody has changed elsewhere since it was offered may not be there any more.
    """
    model = bridge.selection.model
    has_changed = False
    for adaptation in chosen:
        if model.find(adaptation.identifier) is None:
            continue
        with suppress(BrokenRuleError):
            model.revise(adaptation.identifier, **adaptation.changes)
            has_changed = True
    for adaptation in declined:
        if adaptation.way is Way.AS_TOLD:
            model.settle(adaptation.identifier)
    await bridge.selection.async_keep()
    bridge.selection.async_refresh()
    return has_changed


def _way(property_: Property, case: Case, state: State, told: Definition | None) -> tuple[Way, Mapping[str, Any]]:
    """Return the smallest change with which a property takes a state; if there is none, the property is left out."""
    before = property_.definition
    for way, changes in _candidates(property_, case, state, told):
        if _takes(property_, replace(before, **changes), state):
            return way, changes
    return Way.LEAVE_OUT, {"is_left_out": True}


def _candidates(
    property_: Property, case: Case, state: State, told: Definition | None
) -> Iterator[tuple[Way, Mapping[str, Any]]]:
    """Yield changes with which a property may take a state, the smallest first."""
    definition = property_.definition
    before = definition.data_type
    if isinstance(before, Number):
        if case.misfit is Misfit.UNIT:
            yield from _same_unit(definition, before, property_.unit_of(state))
        yield Way.WIDEN, {"data_type": widened(before, case.low, case.high)}
        if before.type is NumberType.INT:
            double = replace(before, type=NumberType.DOUBLE, low=float(before.low), high=float(before.high))
            yield Way.CHANGE_TYPE, {"data_type": with_decimals(widened(double, case.low, case.high), _DECIMALS)}
    elif isinstance(before, Text):
        yield Way.WIDEN, {"data_type": Text(length=TEXT_LENGTH_MAX)}
    if told is not None and case.misfit in (Misfit.TYPE, Misfit.OPTION, Misfit.UNIT):
        yield Way.CHANGE_TYPE, _nature(told)
    if isinstance(before, Date) or (isinstance(before, Bool | Enum | Number) and case.misfit is not Misfit.RANGE):
        yield Way.CHANGE_TYPE, {"data_type": TEXT, "options": {}, "unit": None}


def _same_unit(definition: Definition, number: Number, unit: Any) -> Iterator[tuple[Way, Mapping[str, Any]]]:
    """Yield the change for loose spellings of units, if there are any: the state's, the property's or both."""
    units = [one for one in (unit, definition.unit) if isinstance(one, str)]
    spelled = {loose: found for loose in units if (found := exact(loose)) is not None}
    if spelled and definition.unit is not None:
        now = spelled.get(definition.unit, definition.unit)
        data_type = replace(number, unit=platform_unit(now))
        same_units = {**definition.same_units, **spelled}
        yield Way.SAME_UNIT, {"data_type": data_type, "unit": now, "same_units": same_units}


def _nature(definition: Definition) -> Mapping[str, Any]:
    names = ("data_type", "options", "unit", "device_class")
    return {name: getattr(definition, name) for name in names}


def _is_taken_or_absent(property_: Property, state: State) -> bool:
    with suppress(NotFittingError):
        property_.revised(property_.definition).sample(state)
        return True
    return False


def _takes(property_: Property, definition: Definition, state: State) -> bool:
    with suppress(NotFittingError):
        return property_.revised(definition).sample(state) is not None
    return False
