"""The property that an entity is on the platform."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import State

from ..alink.protocol.messages import Sample
from .values import converter


class Property:
    """Turns the states of one entity into samples; how to is decided once for as long as its attributes stay."""

    __slots__ = ("_attributes", "_convert", "identifier")

    def __init__(self, identifier: str) -> None:
        """Take the identifier; the first state says the rest."""
        self.identifier = identifier
        self._attributes: Mapping[str, Any] | None = None

    def sample(self, state: State) -> Sample | None:
        """Convert a state, or return None for one that says nothing; raises NotConvertibleError."""
        if state.attributes is not self._attributes:
            self._attributes = state.attributes
            self._convert = converter(state.domain, state.attributes)
        value = self._convert(state.state)
        if value is None:
            return None
        return Sample(self.identifier, value, int(state.last_updated_timestamp * 1000))
