"""The thing model as JSON: written for the console's import, and read from the platform ("What is TSL?")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
import math
from typing import Any, Final

from .data_types import Array, Bool, DataType, Date, Enum, Field, Number, NumberType, Struct, Text, Unit
from .errors import MalformedAnswerError
from .foreign import finite, one_line

_SCHEMA: Final = "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json"
SEPARATOR: Final = ":"  # between a module and a property of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProperty:
    """One property of a product."""

    identifier: str
    name: str
    data_type: DataType
    description: str | None = None
    access_mode: str = "r"  # "rw" for one that the cloud may set


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A part of a thing model beside the default one, with properties of its own."""

    identifier: str
    name: str


def wire_identifier(identifier: str, module: str | None) -> str:
    """Return the name of a property in messages."""
    return identifier if module is None else f"{module}{SEPARATOR}{identifier}"


# Writing


def module_file(product_key: str, properties: Iterable[ModelProperty], module: Module | None = None) -> dict[str, Any]:
    """Write the file of one module for the console's import; without `module` that of the default one.

    The platform adds the post event and the set and get services itself.
    """
    document: dict[str, Any] = {
        "schema": _SCHEMA,
        "profile": {"version": "1.0", "productKey": product_key},
        "properties": [property_json(property_) for property_ in properties],
        "events": [],
        "services": [],
    }
    if module is not None:
        document |= {"functionBlockId": module.identifier, "functionBlockName": module.name}
    return document


def property_json(property_: ModelProperty) -> dict[str, Any]:
    """Write one property."""
    written: dict[str, Any] = {
        "identifier": property_.identifier,
        "name": property_.name,
        "accessMode": property_.access_mode,
        "required": False,
        "dataType": data_type_json(property_.data_type),
    }
    if property_.description:
        written["desc"] = property_.description
    return written


def data_type_json(data_type: DataType) -> dict[str, Any]:
    """Write a data type; all numbers in it are texts."""
    match data_type:
        case Bool(off=off, on=on):
            return _typed("bool", {"0": off, "1": on})
        case Enum(names=names):
            return _typed("enum", {str(key): name for key, name in names.items()})
        case Number():
            return _typed(data_type.type.value, _number_specs(data_type))
        case Text(length=length):
            return _typed("text", {"length": str(length)})
        case Date():
            return _typed("date", {})
        case Struct(fields=fields):
            return _typed(
                "struct",
                [
                    {"identifier": field.identifier, "name": field.name, "dataType": data_type_json(field.data_type)}
                    for field in fields
                ],
            )
        case Array():
            raise TypeError("nothing here has arrays")


def _typed(name: str, specs: Any) -> dict[str, Any]:
    return {"type": name, "specs": specs}


def _number_specs(number: Number) -> dict[str, str]:
    specs = {"min": number_text(number.low), "max": number_text(number.high), "step": number_text(number.step)}
    if number.unit is not None:
        specs |= {"unit": number.unit.symbol, "unitName": number.unit.name}
    return specs


def number_text(number: float) -> str:
    """Write a number without an exponent, and a whole one without a decimal point."""
    text = format(Decimal(repr(number + 0)), "f")  # + 0: no sign of a zero
    return text.rstrip("0").rstrip(".") if "." in text else text


# Reading


def parse_thing_model(document: Mapping[str, Any]) -> dict[str, DataType]:
    """Read the types of a thing model's properties, by their names in messages; raises MalformedAnswerError.

    A property of a type that is not known here is left out.
    """
    try:
        types = _read_module(document, None)
        blocks = document.get("functionBlocks")
        for block in blocks if isinstance(blocks, list) else ():
            types |= _read_module(block, str(block["functionBlockId"]))
    except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as err:
        raise MalformedAnswerError("no thing model") from err
    return types


def _read_module(document: Mapping[str, Any], module: str | None) -> dict[str, DataType]:
    read = ((str(item["identifier"]), parse_data_type(item["dataType"])) for item in document["properties"])
    return {wire_identifier(identifier, module): data_type for identifier, data_type in read if data_type is not None}


def parse_data_type(document: Mapping[str, Any]) -> DataType | None:
    """Read a data type; None for one that is not known here.

    Raises ArithmeticError, AttributeError, KeyError, RecursionError, TypeError or ValueError for a broken one.
    """
    specs = document.get("specs") or {}
    match document["type"]:
        case "bool":
            return Bool(off=one_line(specs["0"]), on=one_line(specs["1"]))
        case "enum":
            return Enum(names={int(key): one_line(name) for key, name in specs.items()})
        case "int" | "float" | "double" as name:
            return _read_number(NumberType(name), specs)
        case "text":
            return Text(length=int(specs.get("length", 10240)))
        case "date":
            return Date()
        case "struct":
            return _read_struct(specs)
        case "array":
            return Array()
        case _:
            return None


def _read_number(name: NumberType, specs: Mapping[str, Any]) -> Number:
    unit = specs.get("unit")
    return Number(
        type=name,
        low=finite(specs["min"]) if "min" in specs else -math.inf,
        high=finite(specs["max"]) if "max" in specs else math.inf,
        step=finite(specs.get("step", 0)),
        unit=Unit(symbol=one_line(unit), name=one_line(specs.get("unitName", unit))) if unit else None,
    )


def _read_struct(specs: Iterable[Mapping[str, Any]]) -> Struct | None:
    read = [(item, parse_data_type(item["dataType"])) for item in specs]
    if any(data_type is None for _, data_type in read):
        return None
    return Struct(
        fields=tuple(
            Field(identifier=str(item["identifier"]), name=one_line(item.get("name", "")), data_type=data_type)
            for item, data_type in read
            if data_type is not None
        )
    )
