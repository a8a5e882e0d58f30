"""Properties: turn the states of an entity into samples for the platform."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE
from homeassistant.core import State

from ..alink import Bool, Date, Enum, Number, Sample, Value
from .definition import Definition
from .house_units import HouseUnits
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
        "_unit_attribute",
        "_units",
        "definition",
        "identifier",
        "key",
        "sample",
    )

    def __init__(self, definition: Definition, key: str, units: HouseUnits | None = None) -> None:
        """Take the definition and the key of its facet; `units` hold where the attributes name none."""
        self.definition = definition
        self.key = key
        self.identifier = definition.wire
        self.sample: Callable[[State], Sample | None] = self._state_sample if key == STATE else self._other_sample
        self._units = units
        self._unit_attribute = ATTR_UNIT_OF_MEASUREMENT if key == STATE else _UNIT_OF.get(key.removeprefix(ATTRIBUTE))
        self._attributes: Mapping[str, Any] | None = None
        # An attribute without a unit is one of those whose unit Home Assistant fixes, or that no one names.
        is_number = isinstance(definition.data_type, Number)
        self._is_measured = is_number and (self._unit_attribute is not None or units is not None)
        self._measured: tuple[Any, Any] = (definition.unit, None)  # unit and device class that `_convert` is for
        self._convert: Converter = converter(definition, same)

    def is_same(self, definition: Definition, key: str, units: HouseUnits | None) -> bool:
        """Tell if a property of these would convert states alike."""
        return self.definition is definition and self.key == key and self._units is units

    def for_rows(self, settings: Sequence[tuple[int, str]]) -> Property:
        """Return a copy for another thread; `settings` (ms UTC) of the house's unit are those that the recorder has."""
        return Property(self.definition, self.key, None if self._units is None else self._units.with_past(settings))

    def revised(self, definition: Definition) -> Property:
        """Return a property of the same facet with another definition."""
        return Property(definition, self.key, self._units)

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

    def unit_of(self, state: State) -> str | None:
        """Return the unit of the state or the attribute that the value is made of, if it has one and it is known.

        A loose spelling is the unit that a person took it for.
        """
        named = None if self._unit_attribute is None else word(state.attributes, self._unit_attribute)
        if named is not None:
            return self.definition.same_units.get(named, named)
        return None if self._units is None else self._units.at(int(state.last_updated_timestamp * 1000))

    def _state_sample(self, state: State) -> Sample | None:
        # Hot path: every change in the house passes here.
        if state.attributes is not self._attributes:
            self._measure(state)
        value = self._convert(state.state)
        if value is None:
            return None
        return Sample(self.identifier, value, int(state.last_updated_timestamp * 1000))

    def _other_sample(self, state: State) -> Sample | None:
        value = self._other(state)
        return None if value is None else Sample(self.identifier, value, int(state.last_updated_timestamp * 1000))

    def _other(self, state: State) -> Value | None:
        if self.key == AVAILABLE:
            # The recorder writes a row without state and attributes when an entity is removed.
            return int(state.state != STATE_UNAVAILABLE and bool(state.state or state.attributes))
        if self.key == LOCATION:
            return self._convert(state.attributes)
        raw = state.attributes.get(self.key.removeprefix(ATTRIBUTE))
        if raw is None:
            return None
        if self._units is not None:
            if self._units.past is None and self.unit_of(state) is None:
                return None  # the recorder will tell
            self._measure(state)  # rows with the same attributes share them, also over a change of the house's unit
        elif state.attributes is not self._attributes:
            self._measure(state)
        return self._convert(raw)

    def _measure(self, state: State) -> None:
        """Choose the conversion from the unit that a state is in, by the device class."""
        self._attributes = attributes = state.attributes
        if not self._is_measured:
            return
        definition, unit = self.definition, self.unit_of(state)
        of_state = word(attributes, ATTR_DEVICE_CLASS) if self.key == STATE else None
        if (unit, of_state) != self._measured:
            self._measured = (unit, of_state)
            # Only a state that tells its device class can be one without a unit: a row may have lost its attributes.
            declared = None if unit is None else definition.device_class or self._class_of_before
            device_class = of_state or declared
            self._convert = converter(definition, ratio(unit, definition.unit, device_class))

    @property
    def _class_of_before(self) -> str | None:
        """The device class of an attribute in a model that was written without: only temperatures depend on it."""
        return None if self.key == STATE else _TEMPERATURE
