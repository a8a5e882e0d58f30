"""Property form: its fields, and their translation to and from a definition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..alink import Bool, DataType, Date, Enum, Number, NumberType, Rule, Struct, Text
from ..const import (
    CONF_DATA_TYPE,
    CONF_HIGH,
    CONF_IDENTIFIER,
    CONF_LEFT_OUT,
    CONF_LENGTH,
    CONF_LOW,
    CONF_NAME,
    CONF_STEP,
    CONF_UNIT,
)
from ..mapping.definition import Definition
from ..mapping.kinds import TEXT
from ..mapping.units import platform_unit, ratio
from ..schema import vol

_FIELD_OF: Final = {
    Rule.IDENTIFIER_FORM: CONF_IDENTIFIER,
    Rule.IDENTIFIER_RESERVED: CONF_IDENTIFIER,
    Rule.IDENTIFIER_TAKEN: CONF_IDENTIFIER,
    Rule.NAME_FORM: CONF_NAME,
    Rule.NAME_TAKEN: CONF_NAME,
    Rule.RANGE_EMPTY: CONF_HIGH,
    Rule.RANGE_INT: CONF_DATA_TYPE,
    Rule.RANGE_FLOAT: CONF_DATA_TYPE,
    Rule.STEP: CONF_STEP,
    Rule.TEXT_LENGTH: CONF_LENGTH,
}


class TypeName(StrEnum):
    """The types of the thing model, as the console calls them."""

    INT = "int"
    FLOAT = "float"
    DOUBLE = "double"
    ENUM = "enum"
    BOOL = "bool"
    TEXT = "text"
    DATE = "date"
    STRUCT = "struct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """The data type that fits a property's entity, or the defined one while the entity has no state."""

    data_type: DataType
    options: Mapping[str, int]
    unit: str | None
    device_class: str | None


class UnitError(Exception):
    """The present unit cannot be converted to the one that was typed."""


def type_name(data_type: DataType) -> TypeName:
    """Return the name of a data type."""
    match data_type:
        case Number(type=number_type):
            return TypeName(number_type.value)
        case Enum():
            return TypeName.ENUM
        case Bool():
            return TypeName.BOOL
        case Date():
            return TypeName.DATE
        case Struct():
            return TypeName.STRUCT
    return TypeName.TEXT


def property_schema(definition: Definition, nature: Nature, unit: str | None) -> vol.Schema:
    """Make the form for a property whose entity measures in `unit`."""
    data_type = definition.data_type
    fields: dict[vol.Marker, Any] = {
        vol.Required(CONF_IDENTIFIER): TextSelector(),
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_DATA_TYPE): SelectSelector(
            SelectSelectorConfig(
                options=_kinds(data_type, nature.data_type),
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_DATA_TYPE,
            )
        ),
    }
    if isinstance(data_type, Number):
        number = NumberSelector(NumberSelectorConfig(mode=NumberSelectorMode.BOX, step="any"))
        fields |= {
            vol.Optional(CONF_UNIT): SelectSelector(
                SelectSelectorConfig(
                    options=_units(unit or definition.unit, nature.device_class),
                    custom_value=True,
                    mode=SelectSelectorMode.DROPDOWN,
                )
            ),
            vol.Required(CONF_LOW): number,
            vol.Required(CONF_HIGH): number,
            vol.Required(CONF_STEP): number,
        }
    if isinstance(data_type, Text):
        fields[vol.Required(CONF_LENGTH)] = NumberSelector(
            NumberSelectorConfig(
                mode=NumberSelectorMode.BOX, step=1, unit_of_measurement="bytes", translation_key="unit"
            )
        )
    fields[vol.Required(CONF_LEFT_OUT)] = BooleanSelector()
    return vol.Schema(fields)


def typed_property(definition: Definition) -> dict[str, Any]:
    """Return the values of the fields for a definition."""
    typed: dict[str, Any] = {
        CONF_IDENTIFIER: definition.identifier,
        CONF_NAME: definition.name,
        CONF_DATA_TYPE: type_name(definition.data_type).value,
        CONF_LEFT_OUT: definition.is_left_out,
    }
    match definition.data_type:
        case Number(low=low, high=high, step=step):
            typed |= {CONF_LOW: low, CONF_HIGH: high, CONF_STEP: step}
            if definition.unit is not None:
                typed[CONF_UNIT] = definition.unit
        case Text(length=length):
            typed[CONF_LENGTH] = length
    return typed


def changes_by(definition: Definition, nature: Nature, unit: str | None, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the values of the fields into changes of the definition. Raises UnitError."""
    changes = {
        "identifier": typed[CONF_IDENTIFIER].strip(),
        "name": typed[CONF_NAME].strip(),
        "is_left_out": typed[CONF_LEFT_OUT],
    }
    kind = TypeName(typed[CONF_DATA_TYPE])
    if kind in (TypeName.INT, TypeName.FLOAT, TypeName.DOUBLE):
        return {**changes, "options": {}, **_number(definition, nature, unit, typed, NumberType(kind.value))}
    if kind is TypeName.TEXT:
        length = Text(length=int(typed[CONF_LENGTH])) if CONF_LENGTH in typed else TEXT
        return {**changes, "data_type": length, "options": {}, "unit": None}
    if kind is not type_name(definition.data_type):
        changes |= {"data_type": nature.data_type, "options": nature.options, "unit": nature.unit}
    return changes


def field_of(rule: Rule, schema: vol.Schema) -> str:
    """Return the field that breaks a rule, or the form as a whole where the rule has no field."""
    field = _FIELD_OF.get(rule, "base")
    return field if field in schema.schema else "base"


def _number(
    definition: Definition, nature: Nature, present: str | None, typed: Mapping[str, Any], number_type: NumberType
) -> dict[str, Any]:
    if CONF_LOW not in typed:  # the property was no number, so the form had no range to fill in
        assert isinstance(nature.data_type, Number)
        return {
            "data_type": _typed_as(nature.data_type, number_type),
            "unit": nature.unit,
            "device_class": nature.device_class,
        }
    unit = typed.get(CONF_UNIT) or None
    if unit not in (definition.unit, present) and ratio(present or definition.unit, unit, nature.device_class) is None:
        raise UnitError
    number = Number(
        type=number_type,
        low=typed[CONF_LOW],
        high=typed[CONF_HIGH],
        step=typed[CONF_STEP],
        unit=platform_unit(unit),
    )
    return {"data_type": _typed_as(number, number_type), "unit": unit}


def _typed_as(number: Number, number_type: NumberType) -> Number:
    """Return a number of another type; for an int, the ends that are whole become integers."""
    if number_type is not NumberType.INT:
        return replace(number, type=number_type)
    low, high, step = (int(end) if float(end).is_integer() else end for end in (number.low, number.high, number.step))
    return replace(number, type=number_type, low=low, high=high, step=step)


def _kinds(*data_types: DataType) -> list[str]:
    """Return the types that a property of these data types can become, in the order of the console."""
    kinds = {type_name(data_type) for data_type in data_types}
    if kinds & {TypeName.INT, TypeName.FLOAT, TypeName.DOUBLE}:
        kinds |= {TypeName.INT, TypeName.FLOAT, TypeName.DOUBLE}
    if TypeName.STRUCT not in kinds:
        kinds.add(TypeName.TEXT)
    return [kind.value for kind in TypeName if kind in kinds]


def _units(unit: str | None, device_class: str | None) -> list[str]:
    """Return the units that a unit can be converted to, of a number that measures this."""
    if unit is None:
        return []
    known = {str(other) for converter in UNIT_CONVERTERS.values() for other in converter.VALID_UNITS if other}
    return sorted(other for other in known | {unit} if ratio(unit, other, device_class) is not None)
