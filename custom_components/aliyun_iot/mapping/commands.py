"""Commands: the way back, from values of an entity's properties to Home Assistant's actions.

The readings are made first, by the definitions that the platform's model agreed with. Then come the checks that concern
several values, and then the rows of the domain, each of which checks against the limits and options of now. All of that
is done before the first action runs, so a plan is carried out as a whole or refused as a whole. A value is never
clamped: a person who asked for 40 °C and gets 35 °C without a word would take the wrong one for confirmed.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import ATTR_RESTORED, STATE_UNAVAILABLE
from homeassistant.core import State
from homeassistant.util.unit_system import UnitSystem

from .action_rows import Action
from .action_table import EXCLUSIVE, OFF_AT_ZERO, ROWS
from .commanded import Commanded
from .commanded_values import Reading, read
from .definition import Definition
from .kinds import STATE
from .refusals import NotCommandableError, Refusal

__all__ = ["Action", "NotCommandableError", "Refusal", "plan", "settable"]


def settable(state: State) -> frozenset[str]:
    """Return the keys of the facets that an entity can be set by, as far as its attributes tell it now."""
    return frozenset().union(*(row.keys(state.attributes) for row in ROWS.get(state.domain, ())))


def plan(state: State, values: Mapping[str, tuple[Definition, Any]], units: UnitSystem) -> tuple[Action, ...]:
    """Return the actions for raw JSON values by the facet's key, in their order; raises NotCommandableError."""
    if state.attributes.get(ATTR_RESTORED):
        raise NotCommandableError(Refusal.RESTORED)
    if state.state == STATE_UNAVAILABLE:
        raise NotCommandableError(Refusal.UNAVAILABLE)
    allowed = settable(state)
    for key in values:
        if key not in allowed:
            raise NotCommandableError(Refusal.NOT_SETTABLE, key)
    readings = {key: read(definition, key, raw) for key, (definition, raw) in values.items()}
    _refuse_contradictions(readings)
    command = Commanded(
        state=state,
        units=units,
        definitions={key: definition for key, (definition, _) in values.items()},
        readings=readings,
    )
    asked = (row for row in ROWS.get(state.domain, ()) if row.keys(state.attributes) & values.keys())
    return tuple(action for row in asked for action in row.actions(command))


def _refuse_contradictions(readings: Mapping[str, Reading]) -> None:
    """Refuse values that want different things.

    An entity is turned off alone: many devices start again when they get a temperature or a preset after it.
    """
    for one, other in EXCLUSIVE:
        if one in readings and other in readings:
            raise NotCommandableError(Refusal.CONTRADICTION, other)
    zeros = {key for key in OFF_AT_ZERO & readings.keys() if readings[key] == 0}
    offs = zeros | {key for key in {STATE} & readings.keys() if readings[key] is False or readings[key] == "off"}
    if offs and (others := readings.keys() - offs):
        raise NotCommandableError(Refusal.CONTRADICTION, min(others))
