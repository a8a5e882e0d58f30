"""The thing model as JSON, the types in it, and the rules of the console's import."""

from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import (
    Array,
    Bool,
    DataType,
    Date,
    Enum,
    Field,
    Number,
    NumberType,
    Struct,
    Text,
    Unit,
    integer_type,
)
from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError
from custom_components.aliyun_iot.alink.protocol.identity import Identity
from custom_components.aliyun_iot.alink.protocol.messages import parse_thing_model_reply, thing_model_get
from custom_components.aliyun_iot.alink.protocol.rules import BrokenRuleError, Rule, check_property
from custom_components.aliyun_iot.alink.protocol.thing_model import (
    ModelProperty,
    Module,
    PlatformModel,
    Service,
    data_type_json,
    module_file,
    number_text,
    parse_data_type,
    parse_platform_model,
    parse_thing_model,
)
from custom_components.aliyun_iot.alink.protocol.topics import Topics

SWITCH = Bool(off="off", on="on")
MODE = Enum(names={0: "auto", 1: "low", 5: "high"})
DEGREES = Number(type=NumberType.DOUBLE, low=-40.0, high=85.0, step=0.1, unit=Unit(symbol="°C", name="摄氏度"))
PLACE = Struct(
    fields=(
        Field(identifier="lat", name="Latitude", data_type=replace(DEGREES, low=-90.0, high=90.0)),
        Field(identifier="lon", name="Longitude", data_type=replace(DEGREES, low=-180.0, high=180.0)),
    )
)
TYPES = (SWITCH, MODE, DEGREES, integer_type(0, 255), Text(length=255), Date(), PLACE)


def of(data_type: DataType, **changes: Any) -> ModelProperty:
    return replace(ModelProperty(identifier="t", name="T", data_type=data_type), **changes)


@pytest.mark.parametrize("data_type", TYPES)
def test_a_type_is_read_as_it_was_written(data_type: DataType) -> None:
    document = module_file("a1B2c3D4e5F", [of(data_type)])
    assert parse_thing_model(json.loads(json.dumps(document))) == {"t": data_type}


def test_a_module_names_itself_and_its_properties_have_its_name_in_messages() -> None:
    default = module_file("a1B2c3D4e5F", [of(SWITCH, description="light.t", access_mode="rw")])
    module = module_file("a1B2c3D4e5F", [of(DEGREES)], Module(identifier="home_2", name="home_2"))
    assert default["profile"] == {"version": "1.0", "productKey": "a1B2c3D4e5F"}
    assert default["properties"] == [
        {
            "identifier": "t",
            "name": "T",
            "accessMode": "rw",
            "required": False,
            "dataType": {"type": "bool", "specs": {"0": "off", "1": "on"}},
            "desc": "light.t",
        }
    ]
    assert (module["functionBlockId"], module["functionBlockName"]) == ("home_2", "home_2")
    assert parse_thing_model({**default, "functionBlocks": [module]}) == {"t": SWITCH, "home_2:t": DEGREES}


@pytest.mark.parametrize(
    ("number", "text"),
    [(1e15, "1000000000000000"), (0.1, "0.1"), (-273.15, "-273.15"), (10.0, "10"), (1e-9, "0.000000001"), (-0.0, "0")],
)
def test_numbers_are_written_as_a_person_writes_them(number: float, text: str) -> None:
    assert number_text(number) == text


def test_limits_that_are_not_there_are_none_and_what_nobody_knows_is_left_out() -> None:
    number = parse_data_type({"type": "double"})
    assert isinstance(number, Number)
    assert number.takes(1e300)
    assert parse_data_type({"type": "text", "specs": {}}) == Text(length=10240)
    assert parse_data_type({"type": "array", "specs": {"size": "10", "item": {"type": "int"}}}) == Array()
    assert parse_data_type({"type": "quaternion"}) is None
    of_unknown = {"type": "struct", "specs": [{"identifier": "q", "dataType": {"type": "quaternion"}}]}
    properties = [{"identifier": "a", "dataType": of_unknown}, {"identifier": "b", "dataType": {"type": "date"}}]
    assert parse_thing_model({"properties": properties}) == {"b": Date()}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"properties": None},
        {"properties": [1]},
        {"properties": [{"identifier": "t"}]},
        {"properties": [{"identifier": "t", "dataType": {"type": "enum", "specs": {"a": "b"}}}]},
        {"properties": [{"identifier": "t", "dataType": {"type": "int", "specs": {"min": "low"}}}]},
        {"properties": [{"identifier": "t", "dataType": {"type": "bool", "specs": {"0": "off"}}}]},
        {"properties": [], "functionBlocks": [{}]},
    ],
)
def test_what_is_no_thing_model_is_an_error_of_ours(broken: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswerError):
        parse_thing_model(broken)


def reply(data: Any, code: int = 200) -> bytes:
    return json.dumps({"id": "1", "code": code, "data": data}).encode()


def test_the_question_for_the_model_and_its_answers() -> None:
    message = thing_model_get(Topics(Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01")), "7")
    assert message.topic == "/sys/a1B2c3D4e5F/ha-gateway-01/thing/dsltemplate/get"
    assert json.loads(message.payload)["params"] == {}
    document = module_file("a1B2c3D4e5F", [of(SWITCH)])
    assert parse_thing_model_reply(reply(document)) == PlatformModel(types={"t": SWITCH}, access={"t": "r"})
    assert parse_thing_model_reply(reply(json.dumps(document))) == PlatformModel(types={"t": SWITCH}, access={"t": "r"})
    assert parse_thing_model_reply(reply({})) is None
    assert parse_thing_model_reply(reply({}, code=6313)) is None
    broken: Any
    for broken in ([], 1, "half \ud83d", "[]"):
        with pytest.raises(MalformedAnswerError):
            parse_thing_model_reply(reply(broken))


@pytest.mark.parametrize(
    ("data_type", "good", "bad"),
    [
        (SWITCH, [0, 1], [True, 2, 0.0, "1", None]),
        (MODE, [0, 5], [True, 2, 0.0, "auto"]),
        (DEGREES, [-40.0, 85.0], [20, 85.1, float("nan"), "20"]),
        (integer_type(0, 255), [0, 255], [256, 1.0, True, "1"]),
        (Text(length=4), ["", "é", "abcd"], ["abcde", "ééé", 1]),
        (Date(), ["0", "1700000000000"], ["", "-1", "1.5", "１", 1700000000000]),  # noqa: RUF001  # another alphabet's one
        (PLACE, [{"lat": 48.1, "lon": 11.5}], [{"lat": 48.1}, {"lat": 91.0, "lon": 0.0}, 1, {"lat": 1.0, "l": 1.0}]),
        (Array(), [[1]], [{}]),
    ],
)
def test_a_type_takes_its_values_and_no_others(data_type: DataType, good: list[Any], bad: list[Any]) -> None:
    assert all(data_type.takes(value) for value in good)
    assert not any(data_type.takes(value) for value in bad)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        *((data_type, data_type) for data_type in TYPES),
        (Array(), Array()),
        (Enum(names={**MODE.names, 9: "new"}), MODE),
        (replace(DEGREES, low=-100.0), DEGREES),
        (DEGREES, integer_type(0, 10)),
        (Text(length=2048), Text(length=255)),
    ],
)
def test_a_type_covers_what_is_narrower(theirs: DataType, ours: DataType) -> None:
    assert theirs.covers(ours)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        *((one, other) for one in TYPES for other in (Array(), *TYPES) if type(one) is not type(other)),
        (Array(), SWITCH),
        (MODE, Enum(names={**MODE.names, 9: "new"})),
        (replace(DEGREES, high=50.0), DEGREES),
        (integer_type(), DEGREES),
        (Text(length=255), Text(length=2048)),
        (Struct(fields=PLACE.fields[:1]), PLACE),
    ],
)
def test_a_type_does_not_cover_what_is_another_or_wider(theirs: DataType, ours: DataType) -> None:
    assert not theirs.covers(ours)


@pytest.mark.parametrize("data_type", TYPES)
def test_what_keeps_the_rules_is_taken(data_type: DataType) -> None:
    check_property(of(data_type, name="客厅_Temperature-1/2.0"))


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (of(SWITCH, identifier=""), Rule.IDENTIFIER_FORM),
        (of(SWITCH, identifier="a" * 51), Rule.IDENTIFIER_FORM),
        (of(SWITCH, identifier="a-b"), Rule.IDENTIFIER_FORM),
        (of(SWITCH, identifier="time"), Rule.IDENTIFIER_RESERVED),
        (of(SWITCH, name="_a"), Rule.NAME_FORM),
        (of(SWITCH, name="a b"), Rule.NAME_FORM),
        (of(SWITCH, name="a" * 31), Rule.NAME_FORM),
        (of(SWITCH, name="💡"), Rule.NAME_FORM),
        (of(Bool(off="same", on="same")), Rule.ITEM_NAME),
        (of(Enum(names={})), Rule.ENUM_ITEMS),
        (of(Enum(names={number: f"n{number}" for number in range(101)})), Rule.ENUM_ITEMS),
        (of(Enum(names={2**31: "a"})), Rule.ENUM_ITEMS),
        (of(Enum(names={0: "a" * 21})), Rule.ITEM_NAME),
        (of(Enum(names={0: "a", 1: "a"})), Rule.ITEM_NAME),
        (of(replace(DEGREES, low=85.0)), Rule.RANGE_EMPTY),
        (of(replace(DEGREES, step=0.0)), Rule.STEP),
        (of(replace(DEGREES, low=0.1, high=0.3, step=0.3)), Rule.STEP),
        (of(replace(DEGREES, type=NumberType.FLOAT, high=1e39)), Rule.RANGE_FLOAT),
        (of(replace(DEGREES, high=float("inf"))), Rule.RANGE_FLOAT),
        (of(integer_type(0, 2**31)), Rule.RANGE_INT),
        (of(integer_type(0.5, 2)), Rule.RANGE_INT),
        (of(Text(length=0)), Rule.TEXT_LENGTH),
        (of(Text(length=10241)), Rule.TEXT_LENGTH),
        (of(Struct(fields=())), Rule.STRUCT_FIELDS),
        (of(Struct(fields=(Field(identifier="a b", name="a", data_type=SWITCH),))), Rule.IDENTIFIER_FORM),
    ],
)
def test_what_breaks_a_rule_is_refused_by_it(broken: ModelProperty, rule: Rule) -> None:
    with pytest.raises(BrokenRuleError) as refused:
        check_property(broken)
    assert refused.value.rule is rule


def test_a_step_may_be_the_whole_range_as_it_is_written() -> None:
    check_property(of(replace(DEGREES, low=0.1, high=0.3, step=0.2)))


def test_a_file_has_all_parts_that_the_console_asks_for() -> None:
    assert module_file("a1B2c3D4e5F", []) == {
        "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
        "profile": {"version": "1.0", "productKey": "a1B2c3D4e5F"},
        "properties": [],
        "events": [],
        "services": [],
    }


def test_a_date_is_written_with_nothing_to_specify_and_an_array_never() -> None:
    assert data_type_json(Date()) == {"type": "date", "specs": {}}
    with pytest.raises(TypeError, match=r"^nothing here has arrays$"):
        data_type_json(Array())


@pytest.mark.parametrize("name", ["int", "float", "double"])
def test_a_number_without_specs_has_no_limits_no_step_and_no_unit(name: str) -> None:
    assert parse_data_type({"type": name}) == Number(
        type=NumberType(name), low=float("-inf"), high=float("inf"), step=0.0, unit=None
    )


def test_a_unit_without_a_name_is_named_by_its_symbol() -> None:
    number = parse_data_type({"type": "double", "specs": {"unit": "°C"}})
    assert isinstance(number, Number)
    assert number.unit == Unit(symbol="°C", name="°C")


def test_a_field_without_a_name_has_an_empty_one() -> None:
    specs = [{"identifier": "lat", "dataType": {"type": "date"}}]
    assert parse_data_type({"type": "struct", "specs": specs}) == Struct(
        fields=(Field(identifier="lat", name="", data_type=Date()),)
    )


def test_a_whole_number_has_all_of_int32_and_steps_of_one_unless_it_is_narrowed() -> None:
    assert integer_type() == Number(type=NumberType.INT, low=-2147483648, high=2147483647, step=1, unit=None)
    lux = Unit(symbol="lux", name="照度")
    assert integer_type(0, 255, lux) == Number(type=NumberType.INT, low=0, high=255, step=1, unit=lux)


def test_the_set_service_names_what_the_cloud_may_set_and_is_there_only_with_such_a_property() -> None:
    properties = [of(SWITCH, identifier="lamp", name="Lamp", access_mode="rw"), of(DEGREES)]
    assert module_file("a1B2c3D4e5F", properties)["services"] == [
        {
            "identifier": "set",
            "name": "set",
            "required": True,
            "callType": "async",
            "desc": "property set",
            "method": "thing.service.property.set",
            "inputData": [
                {"identifier": "lamp", "name": "Lamp", "dataType": {"type": "bool", "specs": {"0": "off", "1": "on"}}}
            ],
            "outputData": [],
        }
    ]
    assert module_file("a1B2c3D4e5F", [of(DEGREES)])["services"] == []


def test_access_modes_and_services_are_read_with_those_of_modules() -> None:
    reboot = {
        "identifier": "reboot",
        "callType": "sync",
        "inputData": [{"identifier": "delay", "dataType": {"type": "bool", "specs": {"0": "off", "1": "on"}}}],
        "outputData": [{"identifier": "left", "dataType": {"type": "unheard of"}}],
    }
    get = {"identifier": "get", "callType": "async", "inputData": ["t"], "outputData": []}
    default = module_file("a1B2c3D4e5F", [of(SWITCH, access_mode="rw"), of(SWITCH, identifier="u")])
    module = module_file("a1B2c3D4e5F", [of(SWITCH, access_mode="w")], Module(identifier="more", name="more"))
    default["services"] += [reboot, get, {"identifier": "broken", "inputData": [1]}, 5]
    assert parse_platform_model({**default, "functionBlocks": [module]}) == PlatformModel(
        types={"t": SWITCH, "u": SWITCH, "more:t": SWITCH},
        access={"t": "rw", "u": "r", "more:t": "w"},
        services={
            "set": Service(is_sync=False, inputs={"t": SWITCH}, outputs={}),
            "reboot": Service(is_sync=True, inputs={"delay": SWITCH}, outputs={"left": None}),
            "get": Service(is_sync=False, inputs={"t": None}, outputs={}),
            "more:set": Service(is_sync=False, inputs={"t": SWITCH}, outputs={}),
        },
    )


@pytest.mark.parametrize("mode", ["x", None, 1, ["rw"]])
def test_an_access_mode_that_is_none_is_left_out(mode: object) -> None:
    document = module_file("a1B2c3D4e5F", [of(SWITCH)])
    document["properties"][0]["accessMode"] = mode
    assert parse_platform_model(document) == PlatformModel(types={"t": SWITCH})
