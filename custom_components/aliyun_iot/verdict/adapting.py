"""Adaptations: changes of a property so that it takes a state which does not fit it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.core import HomeAssistant, State, callback

from ..alink import TEXT_LENGTH_MAX, Bool, BrokenRuleError, DataType, Date, Enum, Number, NumberType, Text
from ..delivery.bridge import Bridge
from ..delivery.misfits import Case
from ..mapping.kinds import TEXT
from ..mapping.property import Property
from ..mapping.ranges import widened, with_decimals
from ..mapping.values import Misfit, NotFittingError

_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """A type for a property that takes the state which does not fit its present one."""

    identifier: str
    entity_id: str
    shown: str  # the state that does not fit
    data_type: DataType
    is_other_type: bool  # whether it is another kind of type, not only a wider one


@callback
def adaptations(hass: HomeAssistant, bridge: Bridge) -> list[Adaptation]:
    """Return an adaptation for each state that does not fit now, if there is one."""
    found: list[Adaptation] = []
    for identifier in sorted(bridge.misfits.open):
        entity_id, property_ = bridge.selection.sources[identifier]
        state, case = hass.states.get(entity_id), bridge.misfits.cases[identifier]
        if state is None or property_ not in bridge.selection.properties.get(entity_id, ()):
            continue
        before = property_.definition.data_type
        for data_type in _candidates(before, case):
            if _takes(property_, data_type, state):
                is_other_type = _kind(data_type) != _kind(before)
                found.append(
                    Adaptation(
                        identifier=identifier,
                        entity_id=entity_id,
                        shown=case.shown,
                        data_type=data_type,
                        is_other_type=is_other_type,
                    )
                )
                break
    return found


async def async_adapt(bridge: Bridge, chosen: list[Adaptation]) -> bool:
    """Change the model, write it, and publish by it; returns whether anything has changed.

    What somebody has changed elsewhere since it was offered may not be there any more.
    """
    model = bridge.selection.model
    has_changed = False
    for adaptation in chosen:
        if model.find(adaptation.identifier) is None:
            continue
        with suppress(BrokenRuleError):
            model.revise(adaptation.identifier, **_changes(adaptation.data_type))
            has_changed = True
    await bridge.selection.async_keep()
    bridge.selection.async_refresh()
    return has_changed


def _candidates(before: DataType, case: Case) -> Iterator[DataType]:
    """Yield types that may take the state, the smallest change first."""
    if isinstance(before, Number):
        yield widened(before, case.low, case.high)
        if before.type is NumberType.INT:
            double = replace(before, type=NumberType.DOUBLE, low=float(before.low), high=float(before.high))
            yield with_decimals(widened(double, case.low, case.high), _DECIMALS)
    elif isinstance(before, Text):
        yield Text(length=TEXT_LENGTH_MAX)
    if isinstance(before, Bool | Date | Enum | Number) and case.misfit in (Misfit.TYPE, Misfit.OPTION):
        yield TEXT


def _takes(property_: Property, data_type: DataType, state: State) -> bool:
    definition = replace(property_.definition, **_changes(data_type))
    with suppress(NotFittingError):
        return property_.revised(definition).sample(state) is not None
    return False


def _changes(data_type: DataType) -> dict[str, Any]:
    if isinstance(data_type, Number):
        return {"data_type": data_type}
    return {"data_type": data_type, "options": {}, "unit": None}


def _kind(data_type: DataType) -> object:
    return data_type.type if isinstance(data_type, Number) else type(data_type)
