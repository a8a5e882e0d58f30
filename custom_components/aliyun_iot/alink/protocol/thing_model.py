"""The thing model as JSON: written for the console's import, and read from the platform ("What is TSL?")."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
import math
from typing import Any, Final

from .data_types import Array, Bool, DataType, Date, Enum, Field, Number, NumberType, Struct, Text, Unit
from .errors import MalformedAnswerError
from .foreign import finite, one_line

_SCHEMA: Final = "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json"
SEPARATOR: Final = ":"  # between a module and a property of its own
_ACCESS_MODES: Final = ("r", "rw", "w")

# The errors that reading raises for a document in another form.
_BROKEN: Final = (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of a product, as far as its model tells."""

    is_sync: bool  # whether its caller waits for the result
    inputs: Mapping[str, DataType | None]  # by identifier; None for a type that is not told, or not known here
    outputs: Mapping[str, DataType | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformModel:
    """The thing model that the platform has of a product, by names in messages."""

    types: Mapping[str, DataType]  # of properties; one of a type that is not known here is left out
    access: Mapping[str, str] = field(default_factory=dict)  # of properties: "r", "rw" or "w"
    services: Mapping[str, Service] = field(default_factory=dict)  # the automatic `set` and `get` included


def wire_identifier(identifier: str, module: str | None) -> str:
    """Return the name of a property in messages."""
    return identifier if module is None else f"{module}{SEPARATOR}{identifier}"


# Writing


def module_file(product_key: str, properties: Iterable[ModelProperty], module: Module | None = None) -> dict[str, Any]:
    """Write the file of one module for the console's import; without `module` that of the default one.

    The platform adds the post event and the get service itself. The set service names the properties that the cloud may
    set, and is there only with one of these.
    """
    properties = list(properties)
    settable = [property_ for property_ in properties if property_.access_mode != "r"]
    document: dict[str, Any] = {
        "schema": _SCHEMA,
        "profile": {"version": "1.0", "productKey": product_key},
        "properties": [property_json(property_) for property_ in properties],
        "events": [],
        "services": [_set_service(settable)] if settable else [],
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


def _set_service(properties: Iterable[ModelProperty]) -> dict[str, Any]:
    return {
        "identifier": "set",
        "name": "set",
        "required": True,
        "callType": "async",
        "desc": "property set",
        "method": "thing.service.property.set",
        "inputData": [
            {
                "identifier": property_.identifier,
                "name": property_.name,
                "dataType": data_type_json(property_.data_type),
            }
            for property_ in properties
        ],
        "outputData": [],
    }


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
    return dict(parse_platform_model(document).types)


def parse_platform_model(document: Mapping[str, Any]) -> PlatformModel:
    """Read a thing model; raises MalformedAnswerError for one whose properties cannot be read.

    A service that cannot be read is left out.
    """
    types: dict[str, DataType] = {}
    access: dict[str, str] = {}
    services: dict[str, Service] = {}
    try:
        blocks = document.get("functionBlocks")
        modules = [(document, None), *((one, str(one["functionBlockId"])) for one in _listed(blocks))]
        for part, module in modules:
            types |= _read_types(part, module)
            access |= _read_access(part, module)
            services |= _read_services(part, module)
    except _BROKEN as err:
        raise MalformedAnswerError("no thing model") from err
    return PlatformModel(types=types, access=access, services=services)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _read_types(document: Mapping[str, Any], module: str | None) -> dict[str, DataType]:
    read = ((str(item["identifier"]), parse_data_type(item["dataType"])) for item in document["properties"])
    return {wire_identifier(identifier, module): data_type for identifier, data_type in read if data_type is not None}


def _read_access(document: Mapping[str, Any], module: str | None) -> dict[str, str]:
    read = ((str(item["identifier"]), item.get("accessMode")) for item in document["properties"])
    return {wire_identifier(identifier, module): mode for identifier, mode in read if mode in _ACCESS_MODES}


def _read_services(document: Mapping[str, Any], module: str | None) -> dict[str, Service]:
    services: dict[str, Service] = {}
    for item in _listed(document.get("services")):
        with suppress(*_BROKEN):
            services[wire_identifier(str(item["identifier"]), module)] = Service(
                is_sync=item.get("callType") == "sync",
                inputs=_read_parameters(item.get("inputData")),
                outputs=_read_parameters(item.get("outputData")),
            )
    return services


def _read_parameters(document: Any) -> dict[str, DataType | None]:
    # The inputs of the automatic `get` are bare names.
    return {
        str(item["identifier"]): parse_data_type(item["dataType"])
        for item in _listed(document)
        if not isinstance(item, str)
    } | {item: None for item in _listed(document) if isinstance(item, str)}


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
