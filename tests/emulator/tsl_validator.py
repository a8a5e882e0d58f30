"""Thing model validator: finds a module's breaches of the schema, and words the problems."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
import re
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import create

from .tsl_problems import Path, quote
from .tsl_schema import module_schema

_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_TYPES = {"object": "an object", "array": "a list", "boolean": "true or false"}
_LISTED_KEYS = 3


def broken_rules(document: Any, product_key: str) -> Iterator[tuple[Path, str]]:
    """Yield each problem's place and text, for a plain value only the first problem."""
    told: set[Path] = set()
    for error in _Validator(module_schema(product_key)).iter_errors(document):
        path = tuple(error.absolute_path)
        if path not in told:
            yield path, _text(error)
        if not isinstance(error.instance, dict | list):
            told.add(path)


def _text(error: ValidationError) -> str:
    schema: Any = error.schema
    value: Any = error.instance
    if rule := schema.get("description"):
        return f"{rule}, is {quote(value)}"
    match error.validator:
        case "type":
            return f"must be {_TYPES[schema['type']]}, is {quote(value)}"
        case "minItems" | "maxItems" if "minItems" in schema:
            return f"must have {schema['minItems']} to {schema['maxItems']} items, has {len(value)}"
        case "minProperties" | "maxProperties":
            return f"must have {schema['minProperties']} to {schema['maxProperties']} items, has {len(value)}"
        case "maxItems":
            return f"must have at most {schema['maxItems']} items, has {len(value)}"
        case "additionalProperties":
            unknown = [quote(key) for key in value if key not in schema["properties"]]
            return f"unknown key {', '.join(unknown[:_LISTED_KEYS])}"
        case _:
            return error.message


# Keywords. The first two are standard; redefined, they place a problem at the key instead of the object.


def _required(_: Any, keys: Any, value: Any, __: Mapping[str, Any]) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        yield from (ValidationError("is missing", path=[key]) for key in keys if key not in value)


def _property_names(validator: Any, rule: Any, value: Any, _: Mapping[str, Any]) -> Iterator[ValidationError]:
    for key in value if isinstance(value, dict) else ():
        yield from validator.descend(key, rule, path=key)


def _by_type(validator: Any, rules: Any, value: Any, _: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Apply the rule for an object's type."""
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in rules:
        yield from validator.descend(value, rules[kind])


def _written(validator: Any, rule: Any, value: Any, _: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Apply a rule for numbers to a text."""
    if (number := _read(value)) is not None:
        yield from validator.descend(number, rule)


def _ordered(_: Any, __: Any, value: Any, ___: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Require min < max, and a step that leads from one towards the other."""
    if not isinstance(value, dict):
        return
    low, high, step = (_read(value.get(key)) for key in ("min", "max", "step"))
    span = None if low is None or high is None else high - low
    if span is not None and span <= 0:
        yield ValidationError("must be greater than min", path=["max"])
    if step is not None and step <= 0:
        yield ValidationError("must be greater than 0", path=["step"])
    elif step is not None and span is not None and step > span > 0:
        yield ValidationError("must not be greater than max - min", path=["step"])


def _unique_by(_: Any, keys: Any, value: Any, __: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Require that no two objects of a list have the same text under one of the keys."""
    for key in keys if isinstance(value, list) else ():
        yield from _unique(((index, key), item.get(key)) for index, item in enumerate(value) if isinstance(item, dict))


def _unique_values(_: Any, __: Any, value: Any, ___: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Require that no two keys of an object have the same text."""
    if isinstance(value, dict):
        yield from _unique(((key,), text) for key, text in value.items())


def _unique(texts: Iterable[tuple[Path, Any]]) -> Iterator[ValidationError]:
    first: dict[str, Path] = {}
    for path, text in texts:
        if isinstance(text, str) and first.setdefault(text, path) != path:
            yield ValidationError(f"must be unique, {quote(text)} is also that of {first[text][0]!r}", path=path)


def _read(text: Any) -> Decimal | None:
    return Decimal(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else None


_Validator = create(
    Draft202012Validator.META_SCHEMA,
    {
        **Draft202012Validator.VALIDATORS,
        "required": _required,
        "propertyNames": _property_names,
        "byType": _by_type,
        "written": _written,
        "ordered": _ordered,
        "uniqueBy": _unique_by,
        "uniqueValues": _unique_values,
    },
)
