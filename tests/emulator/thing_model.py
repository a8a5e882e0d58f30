"""Thing model: checks values against a product's properties and events."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .codes import Code

type Specs = Any
type Tsl = Mapping[str, Any]

# The default module of a product with imported modules only.
_EMPTY: Tsl = {"properties": [], "events": [], "services": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    code: Code
    text: str


class ThingModel:
    """Check properties and events against the JSON that the IoT Platform console exports.

    The default module has bare identifiers; the others prefix theirs with the module's ID: `{module}:{own}`.
    """

    def __init__(self, tsl: Tsl | None, modules: Mapping[str, Tsl]) -> None:
        self._tsl = tsl
        self._modules = modules
        self._properties: dict[str, Mapping[str, Any]] = {}
        self._events: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._synchronous: set[str] = set()
        self._settable: set[str] = set()
        for prefix, module in {"": tsl or _EMPTY, **{f"{name}:": module for name, module in modules.items()}}.items():
            properties = module.get("properties", [])
            self._settable |= {f"{prefix}{one['identifier']}" for one in properties if "w" in one.get("accessMode", "")}
            types = _types(properties)
            self._properties |= {f"{prefix}{identifier}": data_type for identifier, data_type in types.items()}
            events = module.get("events", [])
            self._events |= {f"{prefix}{event['identifier']}": _types(event["outputData"]) for event in events}
            services = module.get("services", [])
            self._synchronous |= {f"{prefix}{one['identifier']}" for one in services if one.get("callType") == "sync"}

    @property
    def extent(self) -> dict[str, int]:
        return extent([*([] if self._tsl is None else [self._tsl]), *self._modules.values()])

    def document(self) -> dict[str, Any]:
        """Return the default module's JSON, with any other modules inside."""
        document = dict(_EMPTY if self._tsl is None else self._tsl)
        return document | {"functionBlocks": [*self._modules.values()]} if self._modules else document

    def is_synchronous(self, service: str) -> bool:
        return service in self._synchronous

    def is_settable(self, identifier: str) -> bool:
        return identifier in self._settable

    def check_property(self, identifier: str, value: Any) -> Failure | None:
        return _check(self._properties, identifier, value)

    def check_event(self, identifier: str, outputs: Any) -> Failure | None:
        if identifier not in self._events:
            return _missing(identifier)
        if not isinstance(outputs, Mapping):
            return _failure(Code.STRUCT, "struct type must be json", identifier)
        failures = (_check(self._events[identifier], name, value) for name, value in outputs.items())
        return next((failure for failure in failures if failure), None)


def extent(modules: Collection[Tsl]) -> dict[str, int]:
    """Count the properties and the modules."""
    return {"properties": sum(len(module.get("properties", [])) for module in modules), "modules": len(modules)}


def _types(items: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {item["identifier"]: item["dataType"] for item in items}


def _check(types: Mapping[str, Mapping[str, Any]], identifier: str, value: Any) -> Failure | None:
    if identifier not in types:
        return _missing(identifier)
    if value is None:
        return _failure(Code.VALUE_MISSING, "params value is null", identifier)
    data_type = types[identifier]
    return _CHECKS[data_type["type"]](identifier, value, data_type.get("specs", {}))


def _failure(code: Code, text: str, identifier: str) -> Failure:
    return Failure(code=code, text=f"tsl parse: {text} -> {identifier}")


def _missing(identifier: str) -> Failure:
    return _failure(Code.NOT_IN_MODEL, "params not exist", identifier)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(name: str, code: Code) -> Callable[[str, Any, Specs], Failure | None]:
    def check(identifier: str, value: Any, specs: Specs) -> Failure | None:
        # Whole numbers pass as float and double, since many devices send 22 for 22.0.
        if not _is_int(value) and (name == "int" or not isinstance(value, float)):
            return _failure(code, f"data type is not {name}", identifier)
        if "min" in specs and value < float(specs["min"]):
            return _failure(code, f"{name} value is smaller than min {specs['min']}", identifier)
        if "max" in specs and value > float(specs["max"]):
            return _failure(code, f"{name} value is bigger than max {specs['max']}", identifier)
        return None

    return check


def _choice(name: str, code: Code) -> Callable[[str, Any, Specs], Failure | None]:
    def check(identifier: str, value: Any, specs: Specs) -> Failure | None:
        if not _is_int(value):
            return _failure(code, f"value of {name} type must be int", identifier)
        return None if str(value) in specs else _failure(code, f"{name} specs error", identifier)

    return check


def _text(identifier: str, value: Any, specs: Specs) -> Failure | None:
    if not isinstance(value, str):
        return _failure(Code.TEXT, "data type is not string", identifier)
    length = specs.get("length")
    if length is not None and len(value.encode()) > int(length):
        return _failure(Code.TEXT, f"string length bigger than max length {length}", identifier)
    return None


def _date(identifier: str, value: Any, _: Specs) -> Failure | None:
    if isinstance(value, str) and value.isdecimal():
        return None
    return _failure(Code.DATE, "date type must be a string of long(UTC ms)", identifier)


def _struct(identifier: str, value: Any, specs: Specs) -> Failure | None:
    if not isinstance(value, Mapping):
        return _failure(Code.STRUCT, "struct type must be json", identifier)
    types = _types(specs)
    for field in value:
        if field not in types:
            return Failure(code=Code.NOT_IN_MODEL, text=f"tsl parse: field {field} not exist in struct {identifier}")
    if len(value) != len(types):
        return _failure(Code.STRUCT, "struct param size error", identifier)
    return next((failure for field in value if (failure := _check(types, field, value[field]))), None)


def _array(identifier: str, value: Any, specs: Specs) -> Failure | None:
    if not isinstance(value, list):
        return _failure(Code.ARRAY, "date type is not array", identifier)
    if "size" in specs and len(value) > int(specs["size"]):
        return _failure(Code.ARRAY_SIZE, f"array size is bigger than max size {specs['size']}", identifier)
    item = specs["item"]
    check = _CHECKS[item["type"]]
    elements = (check(identifier, element, item.get("specs", {})) for element in value)
    return next((failure for failure in elements if failure), None)


_CHECKS: Mapping[str, Callable[[str, Any, Specs], Failure | None]] = {
    "int": _number("int", Code.INT),
    "float": _number("float", Code.FLOAT),
    "double": _number("double", Code.DOUBLE),
    "bool": _choice("bool", Code.BOOL),
    "enum": _choice("enum", Code.ENUM),
    "text": _text,
    "date": _date,
    "struct": _struct,
    "array": _array,
}
