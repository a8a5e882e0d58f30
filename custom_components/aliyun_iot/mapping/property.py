"""Properties: turn the states of an entity into samples for the platform."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE
from homeassistant.core import State

from ..alink import Number, Sample, Text, Value
from .definition import Definition
from .kinds import ATTRIBUTE, AVAILABLE, LOCATION, STATE
from .units import ratio, same
from .values import Converter, converter

# Attributes whose unit is an attribute as well
_UNIT_OF: Final = {
    "apparent_temperature": "temperature_unit",
    "dew_point": "temperature_unit",
    "precipitation": "precipitation_unit",
    "pressure": "pressure_unit",
    "temperature": "temperature_unit",
    "visibility": "visibility_unit",
    "wind_gust_speed": "wind_speed_unit",
    "wind_speed": "wind_speed_unit",
}


class Property:
    """Turns the states of one entity into samples of one property.

    The conversion is chosen once, and again only when the attributes of the entity are others.
    """

    __slots__ = (
        "_attributes",
        "_convert",
        "_latest_unit",
        "_unit",
        "_unit_attribute",
        "definition",
        "identifier",
        "is_mixed",
        "key",
        "sample",
    )

    def __init__(self, definition: Definition, key: str, unit: str | None = None) -> None:
        """Take the definition and the key of its facet; `unit` holds where the attributes do not name one."""
        self.definition = definition
        self.key = key
        self.identifier = definition.wire
        self.sample: Callable[[State], Sample | None] = self._state_sample if key == STATE else self._other_sample
        self._unit = unit
        self._unit_attribute = ATTR_UNIT_OF_MEASUREMENT if key == STATE else _UNIT_OF.get(key.removeprefix(ATTRIBUTE))
        self.is_mixed = False  # whether its states have come in several units
        self._latest_unit: Any = None
        self._attributes: Mapping[str, Any] | None = None
        self._convert: Converter = self._converter({})

    def is_same(self, definition: Definition, key: str, unit: str | None) -> bool:
        """Tell if a property of these would convert states alike."""
        return self.definition is definition and (self.key, self._unit) == (key, unit)

    def for_rows(self, unit: Any) -> Property:
        """Return a copy for another thread, to read rows without attributes in their unit, if it is known."""
        return Property(self.definition, self.key, unit if self.key == STATE and isinstance(unit, str) else self._unit)

    def revised(self, definition: Definition) -> Property:
        """Return a property of the same facet with another definition."""
        return Property(definition, self.key, self._unit)

    @property
    def has_unit(self) -> bool:
        """True if the unit has to be known."""
        return self.definition.unit is not None

    @property
    def needs_attributes(self) -> bool:
        """True if a row's state alone does not tell its value.

        The recorder writes an empty state for a removed entity, and an empty text is a state as well. Only the row of
        the removed one has no attributes.
        """
        return self.key != STATE or isinstance(self.definition.data_type, Text)

    def value(self, state: State) -> Value | None:
        """Convert a state; returns None for one without a value, and raises NotFittingError."""
        sample = self.sample(state)
        return None if sample is None else sample.value

    def raw(self, state: State) -> Any:
        """Return the state or the attribute that the value is made of."""
        return state.state if self.key in (STATE, AVAILABLE) else state.attributes.get(self.key.removeprefix(ATTRIBUTE))

    def unit_of(self, attributes: Mapping[str, Any]) -> Any:
        """Return the unit of the state or the attribute that the value is made of, if it is known."""
        return attributes.get(self._unit_attribute, self._unit) if self._unit_attribute else self._unit

    def _state_sample(self, state: State) -> Sample | None:
        # Hot path: every change in the house passes here.
        if state.attributes is not self._attributes:
            self._attributes = state.attributes
            self._convert = self._converter(state.attributes)
        value = self._convert(state.state)
        if value is None:
            return None
        return Sample(self.identifier, value, int(state.last_updated_timestamp * 1000))

    def _other_sample(self, state: State) -> Sample | None:
        value = self._other(state)
        return None if value is None else Sample(self.identifier, value, int(state.last_updated_timestamp * 1000))

    def _other(self, state: State) -> Value | None:
        if self.key == AVAILABLE:
            return int(state.state != STATE_UNAVAILABLE)
        if self.key == LOCATION:
            return self._convert(state.attributes)
        raw = state.attributes.get(self.key.removeprefix(ATTRIBUTE))
        if raw is None:
            return None
        if self._unit_attribute is not None and state.attributes is not self._attributes:
            self._attributes = state.attributes
            self._convert = self._converter(state.attributes)
        return self._convert(raw)

    def _converter(self, attributes: Mapping[str, Any]) -> Converter:
        definition = self.definition
        if not isinstance(definition.data_type, Number) or definition.unit is None:
            return converter(definition, same)
        unit = self.unit_of(attributes)
        if unit is not None and unit != self._latest_unit:
            self.is_mixed |= self._latest_unit is not None
            self._latest_unit = unit
        if unit is None or unit == definition.unit:
            return converter(definition, same)
        return converter(definition, ratio(unit, definition.unit, None) if isinstance(unit, str) else None)
