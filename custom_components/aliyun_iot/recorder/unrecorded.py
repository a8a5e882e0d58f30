"""Unrecorded attributes: those that Home Assistant never writes to its database."""

from collections.abc import Iterable
from typing import Final

from homeassistant.components.recorder.const import ALL_DOMAIN_EXCLUDE_ATTRS
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_FRIENDLY_NAME, ATTR_UNIT_OF_MEASUREMENT, MATCH_ALL
from homeassistant.core import State

# The recorder keeps these also of an entity that asks for none of its attributes to be recorded.
_ALWAYS: Final = frozenset({ATTR_DEVICE_CLASS, ATTR_FRIENDLY_NAME, ATTR_UNIT_OF_MEASUREMENT, "state_class"})


def is_recorded(state: State, attributes: Iterable[str]) -> bool:
    """Tell if the recorder writes all of these attributes with a state, as far as its entity says."""
    info = state.state_info
    left_out = frozenset[str]() if info is None else info["unrecorded_attributes"]
    return not any(
        name in ALL_DOMAIN_EXCLUDE_ATTRS or name in left_out or (MATCH_ALL in left_out and name not in _ALWAYS)
        for name in attributes
    )
