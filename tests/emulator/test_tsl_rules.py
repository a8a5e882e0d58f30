from copy import deepcopy
import json
import re
from typing import Any

from jsonschema import Draft202012Validator
import pytest

from . import ImportRefusedError, Problem, tsl_file
from .client import PK
from .test_posts import MODEL
from .tsl_schema import module_schema

ABSENT = object()
WHOLE = {"type": "int", "specs": {"min": "0", "max": "1", "step": "1"}}
# The example's property of each type.
BOOL, ENUM, FLOAT, TEXT, INT, DATE, STRUCT, ARRAY = (f"properties[{number}].dataType" for number in range(8))
EVENT, SERVICE = "events[1]", "services[2]"


def put(document: Any, path: str, value: Any) -> Any:
    """Return a copy with a value at a path, written as in problems."""
    changed = deepcopy(document)
    *way, last = re.findall(r"[^.\[\]]+", path)
    item: Any = changed
    for key in way:
        item = item[int(key) if isinstance(item, list) else key]
    where = int(last) if isinstance(item, list) else last
    if value is ABSENT:
        del item[where]
    else:
        item[where] = value
    return changed


def problems(document: Any, kept: dict[str, Any] | None = None) -> list[Problem]:
    try:
        tsl_file.read(json.dumps(document).encode(), PK, kept or {})
    except ImportRefusedError as refused:
        return refused.problems
    return []


def parameters(count: int) -> list[dict[str, Any]]:
    return [{"identifier": f"p{number}", "name": f"p{number}", "dataType": WHOLE} for number in range(count)]


def properties(count: int, prefix: str = "p") -> list[dict[str, Any]]:
    return [
        {
            "identifier": f"{prefix}{number}",
            "name": f"{prefix}{number}",
            "accessMode": "r",
            "required": False,
            "dataType": WHOLE,
        }
        for number in range(count)
    ]


def event(identifier: str, outputs: int = 0) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "name": identifier,
        "type": "info",
        "required": False,
        "method": f"thing.event.{identifier}.post",
        "outputData": parameters(outputs),
    }


def number(low: Any = "0", high: Any = "100", step: Any = "1", **more: Any) -> dict[str, Any]:
    return {"min": low, "max": high, "step": step, **more}


def test_the_schema_is_itself_a_json_schema() -> None:
    Draft202012Validator.check_schema(module_schema(PK))


def test_the_example_passes() -> None:
    assert problems(MODEL) == []


@pytest.mark.parametrize("path", ["events", "services", "profile.version", "events[0]", "services[1]"])
def test_what_may_be_absent(path: str) -> None:
    assert problems(put(MODEL, path, ABSENT)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties", []),
        ("properties[0].identifier", "x" * 50),
        ("properties[0].identifier", "_0"),
        ("properties[0].name", "客厅-温度_1/a.b"),
        ("properties[0].name", "リビング"),
        ("properties[0].name", "佐々木コーヒー"),
        ("properties[0].name", "\u4e00\u9fa5"),
        ("properties[0].name", "9 x"),
        ("properties[0].name", "x" * 30),
        ("properties[0].desc", "Any text: °!"),
        ("properties[0].accessMode", "w"),
        (f"{INT}.specs", number("-2147483648", "2147483647")),
        (f"{INT}.specs", number("0", "1", "1")),
        (f"{FLOAT}.specs", number("-3.4028235E38", "3.4028235e+38", "0.00001")),
        (f"{FLOAT}.specs.unit", "x" * 60),
        (f"{FLOAT}.specs", number()),
        (f"{STRUCT}.specs[0].dataType.specs", number("-1.7E308", "1.7e308", "0.5")),
        (f"{ENUM}.specs", {"-2147483648": "x" * 20, "2147483647": "客厅"}),
        (f"{ENUM}.specs", {str(key): f"item {key}" for key in range(100)}),
        (f"{BOOL}.specs", {"0": "same", "1": "same"}),
        (f"{TEXT}.specs.length", "10240"),
        (f"{STRUCT}.specs", parameters(50)),
        (f"{ARRAY}.specs.size", "512"),
        (f"{ARRAY}.specs.item", {"type": "text", "specs": {"length": "1"}}),
        (f"{ARRAY}.specs.item", {"type": "struct", "specs": parameters(2)}),
        (f"{EVENT}.desc", "Too hot"),
        (f"{SERVICE}.callType", "sync"),
        ("properties", properties(298)),
    ],
)
def test_what_is_just_allowed(path: str, value: Any) -> None:
    assert problems(put(MODEL, path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        # The document
        ("schema", ABSENT, "is missing"),
        ("schema", "https://example.com/schema.json", "must be https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/"),
        ("profile", ABSENT, "is missing"),
        ("profile", PK, "must be an object"),
        ("profile.productKey", ABSENT, "is missing"),
        ("profile.productKey", "a1Another00", f"must be the product's, {PK}, is 'a1Another00'"),
        ("profile.productKey", 1, "must be the product's"),
        ("profile.version", 1.0, "must be a text"),
        ("properties", ABSENT, "is missing"),
        ("properties", {}, "must be a list, is an object"),
        ("events", {}, "must be a list"),
        ("services", "", "must be a list"),
        # Identifiers, names and descriptions
        ("properties[0]", "relayOn", "must be an object"),
        ("properties[0].identifier", ABSENT, "is missing"),
        ("properties[0].identifier", None, "is null"),
        ("properties[0].identifier", "", "1 to 50 letters"),
        ("properties[0].identifier", "x" * 51, "1 to 50 letters"),
        ("properties[0].identifier", "relay-on", "1 to 50 letters"),
        ("properties[0].identifier", "relayOn\n", "1 to 50 letters"),
        ("properties[0].identifier", "rélayOn", "1 to 50 letters"),
        ("properties[0].identifier", "٣", "1 to 50 letters"),
        *(("properties[0].identifier", word, "reserved") for word in ("set", "get", "post", "time", "value")),
        ("properties[1].identifier", "relayOn", "must be unique, 'relayOn' is also at properties[0].identifier"),
        ("properties[0].name", ABSENT, "is missing"),
        ("properties[0].name", 1, "must be a text"),
        ("properties[0].name", "", "1 to 30 characters"),
        ("properties[0].name", "x" * 31, "1 to 30 characters"),
        ("properties[0].name", "_relay", "must start with"),
        ("properties[0].name", " relay", "must start with"),
        ("properties[0].name", "relay ", "spaces inside"),
        ("properties[0].name", "relay\n", "must be of letters"),
        ("properties[0].name", "relay (on)", "must be of letters"),
        ("properties[0].name", "Schütz", "must be of letters"),
        ("properties[0].name", "リビング・灯", "must be of letters"),
        ("properties[0].name", "x\u3400", "must be of letters"),
        ("properties[0].name", "x\u4dff", "must be of letters"),
        ("properties[0].name", "x\u9fa6", "must be of letters"),
        ("properties[0].name", "\u4dae家", "must start with"),
        ("properties[0].name", "ｶﾞﾚｰｼﾞ", "must start with"),
        ("properties[1].name", "Relay", "must be unique"),
        ("properties[0].desc", "", "1 to 100 characters"),
        ("properties[0].desc", "x" * 101, "1 to 100 characters"),
        ("properties[0].desc", None, "must be a text"),
        ("properties[0].accessMode", ABSENT, "is missing"),
        ("properties[0].accessMode", "wr", "must be r or rw or w"),
        ("properties[0].accessMode", ["r"], "must be r or rw or w, is a list"),
        ("properties[0].required", ABSENT, "is missing"),
        ("properties[0].required", "false", "must be true or false"),
        ("properties[0].required", 0, "must be true or false"),
        # Types
        (BOOL, ABSENT, "is missing"),
        (BOOL, "bool", "must be an object"),
        (f"{BOOL}.type", "boolean", "must be int or float or"),
        (f"{BOOL}.type", ["bool"], "must be int or float or"),
        (f"{BOOL}.type", {}, "must be int or float or"),
        (f"{BOOL}.type", ABSENT, "is missing"),
        (f"{BOOL}.specs", ABSENT, "is missing"),
        (f"{BOOL}.specs", None, "must be an object"),
        (f"{BOOL}.specs.0", ABSENT, "is missing"),
        (f"{BOOL}.specs.0", "", "1 to 20 characters"),
        (f"{BOOL}.specs.1", "x" * 21, "1 to 20 characters"),
        (f"{BOOL}.specs.1", 1, "must be a text"),
        (f"{ENUM}.specs", [], "must be an object"),
        (f"{ENUM}.specs", {}, "1 to 100 items, has 0"),
        (f"{ENUM}.specs", {str(key): f"item {key}" for key in range(101)}, "1 to 100 items, has 101"),
        (f"{ENUM}.specs.1", "auto", "must be unique"),
        (f"{ENUM}.specs.1", "", "1 to 20 characters"),
        (f"{ENUM}.specs.1", "x" * 21, "1 to 20 characters"),
        (f"{ENUM}.specs.1", None, "must be a text"),
        (f"{ENUM}.specs.one", "one", "must be a whole number"),
        (f"{ENUM}.specs.01", "one", "must be a whole number"),
        (f"{ENUM}.specs.2147483648", "huge", "within the range of int"),
        (f"{TEXT}.specs.length", ABSENT, "is missing"),
        (f"{TEXT}.specs.length", 255, "written as a text"),
        (f"{TEXT}.specs.length", "0", "must be 1 to 10240"),
        (f"{TEXT}.specs.length", "10241", "must be 1 to 10240"),
        (f"{TEXT}.specs.length", "many", "must be a whole number"),
        (f"{DATE}.specs", [], "must be an object"),
        (f"{DATE}.specs", ABSENT, "is missing"),
        # Numbers
        (f"{INT}.specs.min", ABSENT, "is missing"),
        (f"{INT}.specs.max", ABSENT, "is missing"),
        (f"{INT}.specs.step", ABSENT, "is missing"),
        (f"{INT}.specs.min", 0, "written as a text"),
        (f"{INT}.specs.min", True, "written as a text"),
        (f"{INT}.specs.max", "99.5", "must be a whole number"),
        (f"{INT}.specs.max", "99999 ", "must be a whole number"),
        (f"{INT}.specs.max", "1e3", "must be a whole number"),
        (f"{INT}.specs.max", "٣", "must be a whole number"),
        (f"{INT}.specs.max", "9" * 400, "within the range of int"),
        (f"{INT}.specs.max", "9" * 401, "must be a whole number"),
        (f"{INT}.specs.max", "2147483648", "within the range of int"),
        (f"{INT}.specs.min", "-2147483649", "within the range of int"),
        (f"{INT}.specs.max", "0", "greater than min"),
        (f"{INT}.specs.max", "-1", "greater than min"),
        (f"{INT}.specs.step", "0", "greater than 0"),
        (f"{INT}.specs.step", "-1", "greater than 0"),
        (f"{INT}.specs.step", "100000", "must not be greater than max - min"),
        (f"{FLOAT}.specs.max", "NaN", "must be a number"),
        (f"{FLOAT}.specs.max", "Infinity", "must be a number"),
        (f"{FLOAT}.specs.max", "1e9999999", "must be a number"),
        (f"{FLOAT}.specs.max", "3.5E38", "within the range of float"),
        (f"{FLOAT}.specs.max", "1e999", "within the range of float"),
        (f"{FLOAT}.specs.min", "-3.5E38", "within the range of float"),
        (f"{FLOAT}.specs.max", "-40.0", "greater than min"),
        (f"{FLOAT}.specs.step", "125.1", "must not be greater than max - min"),
        (f"{FLOAT}.specs.unit", 1, "must be a text"),
        (f"{FLOAT}.specs.unitName", "x" * 61, "0 to 60 characters"),
        # Structs and arrays
        (f"{STRUCT}.specs", {}, "must be a list"),
        (f"{STRUCT}.specs", [], "1 to 50 items, has 0"),
        (f"{STRUCT}.specs", parameters(51), "1 to 50 items, has 51"),
        (f"{STRUCT}.specs[0]", 1, "must be an object"),
        (f"{STRUCT}.specs[0].identifier", "time", "reserved"),
        (f"{STRUCT}.specs[1].identifier", "lat", "must be unique"),
        (f"{STRUCT}.specs[1].name", "Latitude", "must be unique"),
        (f"{STRUCT}.specs[0].dataType.specs.max", "1e309", "within the range of double"),
        (f"{STRUCT}.specs[0].dataType.type", "struct", "must be int or float or"),
        (f"{STRUCT}.specs[0].dataType.type", "array", "must be int or float or"),
        (f"{ARRAY}.specs.size", ABSENT, "is missing"),
        (f"{ARRAY}.specs.size", 10, "written as a text"),
        (f"{ARRAY}.specs.size", "0", "must be 1 to 512"),
        (f"{ARRAY}.specs.size", "513", "must be 1 to 512"),
        (f"{ARRAY}.specs.item", ABSENT, "is missing"),
        (f"{ARRAY}.specs.item", "int", "must be an object"),
        *((f"{ARRAY}.specs.item.type", kind, "must be int or") for kind in ("bool", "enum", "date", "array", None)),
        # Events and services
        (EVENT, [], "must be an object"),
        (f"{EVENT}.type", "warning", "must be info or alert or error"),
        (f"{EVENT}.required", None, "must be true or false"),
        (f"{EVENT}.desc", "", "1 to 100 characters"),
        (f"{EVENT}.method", "thing.event.other.post", "must be thing.event.overheat.post"),
        (f"{EVENT}.method", ABSENT, "is missing"),
        (f"{EVENT}.name", "Relay", "must be unique"),
        (f"{EVENT}.outputData", ABSENT, "is missing"),
        (f"{EVENT}.outputData", parameters(101), "at most 100 items, has 101"),
        (f"{EVENT}.outputData[0]", "peak", "must be an object"),
        (f"{EVENT}.outputData[0].identifier", "value", "reserved"),
        (f"{EVENT}.outputData[0].dataType.specs.min", -40, "written as a text"),
        (f"{SERVICE}.callType", "later", "must be async or sync"),
        (f"{SERVICE}.method", "thing.service.other", "must be thing.service.reboot"),
        (f"{SERVICE}.inputData", parameters(101), "at most 100 items, has 101"),
        (f"{SERVICE}.outputData", {}, "must be a list"),
        (f"{SERVICE}.inputData[0].dataType", ABSENT, "is missing"),
        ("services[1].inputData[0]", 1, "1 to 50 letters"),
        ("services[1].inputData[0]", {}, "1 to 50 letters"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(path: str, value: Any, problem: str) -> None:
    # Any further problem would be a false one.
    (found,) = problems(put(MODEL, path, value))
    assert found.path == path
    assert problem in found.problem


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("link", ""),
        ("profile.link", "profile"),
        ("properties[0].unit", "properties[0]"),
        (f"{BOOL}.unit", BOOL),
        (f"{BOOL}.specs.2", f"{BOOL}.specs"),
        (f"{TEXT}.specs.unit", f"{TEXT}.specs"),
        (f"{DATE}.specs.unit", f"{DATE}.specs"),
        (f"{INT}.specs.precision", f"{INT}.specs"),
        (f"{STRUCT}.specs[0].accessMode", f"{STRUCT}.specs[0]"),
        (f"{ARRAY}.specs.unit", f"{ARRAY}.specs"),
        (f"{ARRAY}.specs.item.size", f"{ARRAY}.specs.item"),
        (f"{EVENT}.callType", EVENT),
        (f"{SERVICE}.type", SERVICE),
    ],
)
def test_unknown_keys_are_refused(path: str, place: str) -> None:
    (found,) = problems(put(MODEL, path, "x"))
    assert found.path == place
    assert "unknown key" in found.problem


@pytest.mark.parametrize("document", [None, 1, "x", [], [MODEL], True])
def test_a_document_is_an_object(document: Any) -> None:
    (found,) = problems(document)
    assert (found.path, "must be an object" in found.problem) == ("", True)


def test_an_array_of_structs_names_their_fields() -> None:
    (found,) = problems(put(MODEL, f"{ARRAY}.specs.item", {"type": "struct"}))
    assert found == Problem(path=f"{ARRAY}.specs.item.specs", problem="is missing")


def test_what_the_platform_adds_by_itself_is_there_once_and_does_not_count() -> None:
    full = MODEL | {"properties": properties(300), "events": MODEL["events"][:1], "services": MODEL["services"][:2]}
    assert problems(full) == []
    (one_more,) = problems(full | {"events": MODEL["events"]})
    assert one_more.problem == "must have at most 300 features, has 301"
    (twice,) = problems(MODEL | {"services": [*MODEL["services"], MODEL["services"][0]]})
    assert (twice.path, "must be unique" in twice.problem) == ("services[3].identifier", True)
    (pretending,) = problems(MODEL | {"events": [event("post")]})
    assert (pretending.path, "reserved" in pretending.problem) == ("events[0].identifier", True)


def test_identifiers_are_unique_over_all_kinds_of_features() -> None:
    (found,) = problems(MODEL | {"events": [event("relayOn")]})
    assert found.path == "events[0].identifier"


def test_the_parameters_of_a_module_are_limited() -> None:
    assert problems(MODEL | {"services": [], "events": [event(f"e{each}", 100) for each in range(3)]}) == []
    (found,) = problems(MODEL | {"services": [], "events": [event(f"e{each}", 76) for each in range(4)]})
    assert found.problem == "must have at most 300 input and output parameters, has 304"


def test_all_broken_rules_are_counted_and_the_first_are_listed() -> None:
    several = put(put(MODEL, "properties[3].identifier", "a b"), f"{INT}.specs", {"min": "2", "max": "1", "step": "0"})
    assert [found.path for found in problems(several)] == [
        "properties[3].identifier",
        f"{INT}.specs.max",
        f"{INT}.specs.step",
    ]
    with pytest.raises(ImportRefusedError, match="and 149 more") as refused:
        tsl_file.read(json.dumps(MODEL | {"properties": [1] * 150}).encode(), PK, {})
    assert (refused.value.count, len(refused.value.problems)) == (150, 100)


# Modules

KITCHEN = MODEL | {"functionBlockId": "kitchen", "functionBlockName": "Kitchen", "properties": properties(1, "k")}
KITCHEN |= {"events": [], "services": []}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("functionBlockId", ABSENT, "is missing"),
        ("functionBlockId", "", "1 to 30 letters"),
        ("functionBlockId", "x" * 31, "1 to 30 letters"),
        ("functionBlockId", "the kitchen", "1 to 30 letters"),
        ("functionBlockId", None, "1 to 30 letters"),
        ("functionBlockId", {}, "1 to 30 letters"),
        ("functionBlockName", ABSENT, "is missing"),
        ("functionBlockName", "abc", "4 to 30 characters"),
        ("functionBlockName", "x" * 31, "4 to 30 characters"),
        ("functionBlockName", 1234, "must be a text"),
    ],
)
def test_a_module_has_an_id_and_a_name(path: str, value: Any, problem: str) -> None:
    assert problems(KITCHEN) == []
    (found,) = problems(put(KITCHEN, path, value))
    assert (found.path, problem in found.problem) == (path, True)


@pytest.mark.parametrize("method", ["thing.event.burnt.post", "thing.event.kitchen:burnt.post"])
def test_a_modules_methods_come_in_two_spellings(method: str) -> None:
    assert problems(KITCHEN | {"events": [event("burnt") | {"method": method}]}) == []


def test_names_are_unique_in_the_product_and_identifiers_in_the_module() -> None:
    same = put(MODEL, "properties[0].identifier", "k0")
    assert problems(same, {"kitchen": KITCHEN}) == []
    (found,) = problems(put(same, "properties[0].name", "k0"), {"kitchen": KITCHEN})
    assert (found.path, found.problem) == ("properties[0].name", "must be unique, 'k0' is also at module kitchen")
    # A replaced module has no say.
    assert problems(KITCHEN, {"kitchen": KITCHEN}) == []


def test_a_product_has_only_so_many_modules() -> None:
    kept: dict[str, Any] = {f"m{number}": {"properties": []} for number in range(200)}
    assert problems(KITCHEN | {"functionBlockId": "m7"}, kept) == []
    (found,) = problems(KITCHEN, kept)
    assert (found.path, found.problem) == ("", "a product must have at most 200 modules, would have 201")
