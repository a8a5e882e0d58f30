"""What of an entity can be a property, and of which type."""

from typing import Final

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import State
from homeassistant.util.unit_system import UnitSystem

from ..alink import Bool
from .attributes import attribute_facets
from .kinds import AVAILABLE, STATE, Facet
from .states import state_kind

AVAILABILITY: Final = Facet(key=AVAILABLE, data_type=Bool(off=STATE_UNAVAILABLE, on="available"), is_default=False)


def facets(state: State, units: UnitSystem) -> tuple[Facet, ...]:
    """Return what can be sent of an entity, its state first; nothing while that cannot be told from this state."""
    of_state = state_kind(state.domain, state.state, state.attributes)
    if of_state is None:
        return ()
    # What is typed as a password is nobody's business, unless the user says so.
    is_secret = state.attributes.get("mode") == "password"
    return (of_state.facet(STATE, is_default=not is_secret), *attribute_facets(state.domain, state.attributes, units))
