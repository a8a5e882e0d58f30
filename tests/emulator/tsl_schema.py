"""Thing model schema: the rules for one module's JSON, as a JSON schema.

A `description` is the text of the problem where its schema is broken. The keywords `byType`, `written`, `ordered`,
`uniqueBy` and `uniqueValues` are our own, see `tsl_validator.py`.
"""

from typing import Any

type Schema = dict[str, Any]

# The platform adds these by itself: every export has them, an import need not.
AUTOMATIC = {
    "events": {"post": "thing.event.property.post"},
    "services": {"set": "thing.service.property.set", "get": "thing.service.property.get"},
}
LONGEST_IDENTIFIER = 50

# The schemas of the import know the Chinese characters of Unicode 1.1 and no later ones.
_CHINESE = "\u4e00-\u9fa5"
# The repetition mark, hiragana and katakana; not the punctuation and the marks among them: the help lists none.
_JAPANESE = "\u3005\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe"
_LETTER = f"A-Za-z0-9{_CHINESE}{_JAPANESE}"


def _text(least: int, most: int) -> Schema:
    rule = f"must be a text of {least} to {most} characters"
    return {"type": "string", "minLength": least, "maxLength": most, "description": rule}


def _word(most: int) -> Schema:
    rule = f"must be 1 to {most} letters, digits and _"
    return {"type": "string", "pattern": rf"^[A-Za-z0-9_]{{1,{most}}}\Z", "description": rule}


def _one_of(*choices: str) -> Schema:
    return {"enum": [*choices], "description": f"must be {' or '.join(choices)}"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    """Return the schema of an object that has no other keys."""
    properties = required | (optional or {})
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


# Names

_RESERVED = {"not": {"enum": ["set", "get", "post", "time", "value"]}, "description": "must not be a reserved word"}
_IDENTIFIER = _word(LONGEST_IDENTIFIER) | {"allOf": [_RESERVED]}
_NAME = _text(1, 30) | {
    "allOf": [
        {"pattern": f"^[{_LETTER}]", "description": "must start with a letter or a digit"},
        {
            # No document lists the space, yet the platform takes names such as "Fan mode".
            "pattern": rf"^[-_/. {_LETTER}]+(?<! )\Z",
            "description": "must be of letters, digits, - _ / . and spaces inside",
        },
    ],
}

# Numbers, all of them written as texts


def _number(kind: str, pattern: str) -> Schema:
    rule = f"must be a {kind} written as a text"
    return {"type": "string", "maxLength": 400, "pattern": pattern, "description": rule}


_WHOLE = _number("whole number", r"^(0|-?[1-9][0-9]*)\Z")
_DECIMAL = _number("number", r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\Z")


def _within(number: Schema, rule: str, **bounds: int) -> Schema:
    return number | {"written": {**bounds, "description": f"must be {rule}"}}


def _decimal(kind: str, infinity: int) -> Schema:
    bounds = {"exclusiveMinimum": -infinity, "exclusiveMaximum": infinity}
    return _within(_DECIMAL, f"within the range of {kind}", **bounds)


def _up_to(most: int) -> Schema:
    return _within(_WHOLE, f"1 to {most}", minimum=1, maximum=most)


def _range(number: Schema) -> Schema:
    unit = _text(0, 60)
    bounds = {"min": number, "max": number, "step": number}
    return _object(bounds, {"unit": unit, "unitName": unit}) | {"ordered": True}


# Data types


def _data_type(specs: Schema, lacking: Schema | None = None) -> Schema:
    """Return the schema of a type that has one of these specs, or may lack one of the others."""
    by_type: Schema = {
        kind: {"required": ["specs"] if kind in specs else [], "properties": {"specs": rule}}
        for kind, rule in ((lacking or {}) | specs).items()
    }
    return _object({"type": _one_of(*by_type)}, {"specs": {}}) | {"byType": by_type}


def _parameters(data_type: Schema) -> Schema:
    parameter = _object({"identifier": _IDENTIFIER, "name": _NAME, "dataType": data_type})
    return _list(parameter) | {"uniqueBy": ["identifier", "name"]}


_LABEL = _text(1, 20)
_INT = _within(_WHOLE, "within the range of int", minimum=-(2**31), maximum=2**31 - 1)
_ENUM = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 100,
    "propertyNames": _INT,
    "additionalProperties": _LABEL,
    "uniqueValues": True,
}
_FOR_ELEMENTS = {
    "int": _range(_INT),
    # From half a step above the largest float or double, a number rounds to infinity.
    "float": _range(_decimal("float", 2**128 - 2**103)),
    "double": _range(_decimal("double", 2**1024 - 2**970)),
    "text": _object({"length": _up_to(10240)}),
}
_SIMPLE = _FOR_ELEMENTS | {"bool": _object({"0": _LABEL, "1": _LABEL}), "enum": _ENUM, "date": _object({})}
_STRUCT = {"struct": _parameters(_data_type(_SIMPLE)) | {"minItems": 1, "maxItems": 50}}
# An export has no specs for elements other than structs.
_ELEMENT = _data_type(_STRUCT, lacking=_FOR_ELEMENTS)
_DATA_TYPE = _data_type(_SIMPLE | _STRUCT | {"array": _object({"size": _up_to(512), "item": _ELEMENT})})

# Features

_PARAMETERS = _parameters(_DATA_TYPE)
_LIMITED = {"maxItems": 100}
# Rules for features that people made, not the platform.
_MADE = {"properties": {"identifier": _IDENTIFIER, "inputData": _LIMITED, "outputData": _LIMITED}}


def _automatic(section: str, *identifiers: str) -> Schema:
    methods = AUTOMATIC[section]
    pairs = [{"identifier": {"const": each}, "method": {"const": methods[each]}} for each in identifiers]
    return {"required": ["identifier", "method"], "anyOf": [{"properties": pair} for pair in pairs]}


def _feature(required: Schema) -> Schema:
    named = {"identifier": {}, "name": _NAME, "required": {"type": "boolean"}}
    return _object(named | required, {"desc": _text(1, 100)})


_PROPERTY = _feature({"identifier": _IDENTIFIER, "accessMode": _one_of("r", "rw", "w"), "dataType": _DATA_TYPE})
_EVENT = _feature({"type": _one_of("info", "alert", "error"), "method": {}, "outputData": _PARAMETERS}) | {
    "if": _automatic("events", "post"),
    "else": _MADE,
}
_SERVICE = _feature(
    {"callType": _one_of("async", "sync"), "method": {}, "inputData": {}, "outputData": _PARAMETERS}
) | {
    "allOf": [
        {"if": _automatic("services", "set", "get"), "else": _MADE},
        {
            "if": _automatic("services", "get"),
            "then": {"properties": {"inputData": _list(_IDENTIFIER)}},
            "else": {"properties": {"inputData": _PARAMETERS}},
        },
    ]
}


def module_schema(product_key: str) -> Schema:
    """Return the schema of a module of a product."""
    key = {"const": product_key, "description": f"must be the product's, {product_key}"}
    required = {
        "schema": _one_of("https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json"),
        "profile": _object({"productKey": key}, {"version": _text(1, 30)}),
        "properties": _list(_PROPERTY),
    }
    # Every module but the default one has both.
    custom = {"functionBlockId": _word(30), "functionBlockName": _text(4, 30)}
    return _object(required, {"events": _list(_EVENT), "services": _list(_SERVICE)} | custom) | {
        "if": {"anyOf": [{"required": [name]} for name in custom]},
        "then": {"required": [*custom]},
    }
