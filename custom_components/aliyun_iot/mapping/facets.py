"""Facets: everything about an entity that can be a property."""

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
    """Return the facets of an entity, its state first; none while this state does not tell its kind."""
    of_state = state_kind(state.domain, state.state, state.attributes)
    if of_state is None:
        return ()
    # A text that is typed as a password is private unless a person chooses it.
    is_secret = state.attributes.get("mode") == "password"
    return (of_state.facet(STATE, is_default=not is_secret), *attribute_facets(state.domain, state.attributes, units))
