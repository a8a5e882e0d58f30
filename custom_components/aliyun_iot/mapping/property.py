"""Properties: turn the states of an entity into samples for the platform."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE
from homeassistant.core import State

from ..alink import Bool, Date, Enum, Number, Sample, Value
from .definition import Definition
from .kinds import ATTRIBUTE, AVAILABLE, LOCATION, STATE, word
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

_TEMPERATURE: Final = "temperature"


class Property:
    """Turns the states of one entity into samples of one property.

    A state, and a row of the recorder, says itself in which unit it is. The conversion is chosen once, and again only
    when the unit is another.
    """

    __slots__ = (
        "_attributes",
        "_convert",
        "_is_measured",
        "_measured",
        "_unit",
        "_unit_attribute",
        "definition",
        "identifier",
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
        self._attributes: Mapping[str, Any] | None = None
        # An attribute without a unit is one of those whose unit Home Assistant fixes, or that no one names.
        has_unit = isinstance(definition.data_type, Number) and (key == STATE or definition.unit is not None)
        self._is_measured = has_unit and (self._unit_attribute is not None or unit is not None)
        self._measured: tuple[Any, Any] = (definition.unit, None)  # unit and device class that `_convert` is for
        self._convert: Converter = converter(definition, same)

    def is_same(self, definition: Definition, key: str, unit: str | None) -> bool:
        """Tell if a property of these would convert states alike."""
        return self.definition is definition and (self.key, self._unit) == (key, unit)

    def copy(self) -> Property:
        """Return a copy for another thread."""
        return Property(self.definition, self.key, self._unit)

    def revised(self, definition: Definition) -> Property:
        """Return a property of the same facet with another definition."""
        return Property(definition, self.key, self._unit)

    @property
    def needs_attributes(self) -> bool:
        """True if a row's state alone does not tell its value.

        A number may be in any unit, and only the row says in which. The recorder writes an empty state for a removed
        entity, and an empty text is a state as well: only the row of the removed one has no attributes.
        """
        return self.key != STATE or not isinstance(self.definition.data_type, Bool | Date | Enum)

    def value(self, state: State) -> Value | None:
        """Convert a state; returns None for one without a value, and raises NotFittingError."""
        sample = self.sample(state)
        return None if sample is None else sample.value

    def raw(self, state: State) -> Any:
        """Return the state or the attribute that the value is made of."""
        return state.state if self.key in (STATE, AVAILABLE) else state.attributes.get(self.key.removeprefix(ATTRIBUTE))

    def unit_of(self, attributes: Mapping[str, Any]) -> str | None:
        """Return the unit of the state or the attribute that the value is made of, if it has one and it is known."""
        named = None if self._unit_attribute is None else word(attributes, self._unit_attribute)
        return self._unit if named is None else named

    def _state_sample(self, state: State) -> Sample | None:
        # Hot path: every change in the house passes here.
        if state.attributes is not self._attributes:
            self._measure(state.attributes)
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
        if state.attributes is not self._attributes:
            self._measure(state.attributes)
        return self._convert(raw)

    def _measure(self, attributes: Mapping[str, Any]) -> None:
        """Choose the conversion from the unit that these attributes tell, by the device class."""
        self._attributes = attributes
        if not self._is_measured:
            return
        definition, unit = self.definition, self.unit_of(attributes)
        of_state = word(attributes, ATTR_DEVICE_CLASS) if self.key == STATE else None
        if (unit, of_state) != self._measured:
            self._measured = (unit, of_state)
            device_class = of_state or definition.device_class or self._class_of_before
            self._convert = converter(definition, ratio(unit, definition.unit, device_class))

    @property
    def _class_of_before(self) -> str | None:
        """The device class of an attribute in a model that was written without: only temperatures depend on it."""
        return None if self.key == STATE else _TEMPERATURE
