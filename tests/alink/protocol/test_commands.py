"""Commands: what is one, and the replies to them."""

import json
from typing import Any, Final

import pytest

from custom_components.aliyun_iot.alink.protocol.commands import (
    Answer,
    BadCommandError,
    Command,
    CommandKind,
    parse_command,
    reply_message,
)
from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError
from custom_components.aliyun_iot.alink.protocol.topics import Topics

from . import IDENTITY

THING: Final = "/sys/a1B2c3D4e5F/ha-gateway-01/thing/service/property"


def read(params: Any, *, kind: CommandKind = CommandKind.SET, id_: Any = "105917531") -> Command:
    document = {"method": "thing.service.property.set", "id": id_, "params": params, "version": "1.0"}
    return parse_command(kind, json.dumps(document).encode(), read_at=7.5)


def test_a_set_has_raw_values_by_name() -> None:
    values = {"relayOn": 1, "home_2:t": "30.5", "color": {"hue": 1}, "list": [{"a": 1}], "nothing": None}
    assert read(values) == Command(id="105917531", kind=CommandKind.SET, values=values, read_at=7.5)


def test_a_get_has_names() -> None:
    command = read(["relayOn", "home_2:t"], kind=CommandKind.GET)
    assert command == Command(
        id="105917531", kind=CommandKind.GET, values={}, names=("relayOn", "home_2:t"), read_at=7.5
    )


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        (CommandKind.SET, {}),
        (CommandKind.SET, {f"p{number}": 1 for number in range(201)}),
        (CommandKind.SET, ["t"]),
        (CommandKind.SET, None),
        (CommandKind.SET, "t"),
        (CommandKind.SET, {"t": {"a": {"b": [1]}}}),
        (CommandKind.SET, {"t": [[{"a": 1}]]}),
        (CommandKind.GET, []),
        (CommandKind.GET, ["t"] * 201),
        (CommandKind.GET, ["t", 1]),
        (CommandKind.GET, {"t": 1}),
        (CommandKind.GET, None),
    ],
)
def test_what_is_no_command_keeps_its_id(kind: CommandKind, params: Any) -> None:
    with pytest.raises(BadCommandError) as raised:
        read(params, kind=kind)
    assert raised.value.id == "105917531"


def test_a_command_names_200_properties_at_most() -> None:
    assert len(read({f"p{number}": 1 for number in range(200)}).values) == 200
    assert len(read(["t"] * 200, kind=CommandKind.GET).names) == 200


@pytest.mark.parametrize(
    "payload",
    [
        b'{"id":"7","params":{"t":1,"t":0}}',
        b'{"id":"7","params":{"t":{"a":1,"a":0}}}',
        b'{"id":"7","params":{"t":1},"params":{"t":0}}',
    ],
)
def test_a_name_that_is_there_twice_makes_no_command(payload: bytes) -> None:
    with pytest.raises(BadCommandError) as raised:
        parse_command(CommandKind.SET, payload, read_at=0.0)
    assert raised.value.id == "7"


@pytest.mark.parametrize("id_", [None, "", [], {}, True, 1.5, 10**18, "7" * 65])
def test_without_an_id_there_is_nobody_to_answer(id_: Any) -> None:
    with pytest.raises(MalformedAnswerError) as raised:
        read({"t": 1}, id_=id_)
    assert not isinstance(raised.value, BadCommandError)


@pytest.mark.parametrize(("id_", "text"), [(7, "7"), ("1|exp-topic|/sys", "1|exp-topic|/sys"), ("7" * 64, "7" * 64)])
def test_an_id_is_any_text_or_a_bare_number(id_: Any, text: str) -> None:
    assert read({"t": 1}, id_=id_).id == text


def test_what_is_too_large_is_not_parsed() -> None:
    payload = b'{"id":"7","params":{"t":"%s"}}'
    fits = payload % (b"x" * (32 * 1024 - len(payload) + 2))
    assert len(fits) == 32768
    assert parse_command(CommandKind.SET, fits, read_at=0.0).id == "7"
    with pytest.raises(BadCommandError) as raised:
        parse_command(CommandKind.SET, fits + b" ", read_at=0.0)
    assert raised.value.id == "7"


LARGE: Final = b'"params":{"t":"%s"}}' % (b"x" * 32768)
METHOD: Final = b'"method":"thing.service.property.set"'


@pytest.mark.parametrize(
    ("head", "id_"),
    [
        (b'{"id":"7",', "7"),
        (b'{"id":105917531,', "105917531"),
        (b'{%s,"id":"7",' % METHOD, "7"),
        (b'{ "version" : "1.0" , %s,\n "id" : "7" ,' % METHOD, "7"),
        (b'{"id":"1|exp-topic|/sys",', "1|exp-topic|/sys"),
        (b'{"id":"%s",' % (b"7" * 64), "7" * 64),
    ],
)
@pytest.mark.parametrize("rest", [LARGE, b'"params":{"t":%s}}' % (b"9" * 5000), b'"params":{"t":'])
def test_what_is_not_parsed_keeps_the_id_at_its_beginning(head: bytes, id_: str, rest: bytes) -> None:
    with pytest.raises(BadCommandError) as raised:
        parse_command(CommandKind.SET, head + rest, read_at=0.0)
    assert raised.value.id == id_


@pytest.mark.parametrize(
    "payload",
    [
        b'{"params":{"id":"7"},' + LARGE,
        b'{"id":"%s",' % (b"7" * 65) + LARGE,
        b'{"id":"\\ud800",' + LARGE,
        b'{"id":%s,' % (b"9" * 19) + LARGE,
        b'{"id":7.5,' + LARGE,
        b'{"id":"",' + LARGE,
        b" " * 40000,
        b"{" + b'"a":"",' * 40000,
    ],
)
def test_without_an_id_at_its_beginning_it_is_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError) as raised:
        parse_command(CommandKind.SET, payload, read_at=0.0)
    assert not isinstance(raised.value, BadCommandError)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"[" * 60000, b'{"id":"7","params":{"t":%s}}' % (b"9" * 5000)])
def test_what_is_no_json_is_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        parse_command(CommandKind.SET, payload, read_at=0.0)


def test_a_value_shows_in_no_text() -> None:
    assert "hush" not in repr(read({"t": "hush"}))
    assert "hush" not in repr(Answer(code=200, data={"t": "hush"}))


def test_a_reply_is_compact_and_has_the_id_the_code_and_data() -> None:
    message = reply_message(Topics(IDENTITY), CommandKind.SET, "7", Answer(code=200))
    assert (message.topic, message.payload) == (f"{THING}/set_reply", b'{"id":"7","code":200,"data":{}}')
    answer = Answer(code=460, message="t: 5 to 30", data={"t": 21.5})
    message = reply_message(Topics(IDENTITY), CommandKind.GET, "\ud800", answer)
    assert message.topic == f"{THING}/get_reply"
    assert message.payload == b'{"id":"\\ud800","code":460,"data":{"t":21.5},"message":"t: 5 to 30"}'


def test_a_reply_that_one_message_does_not_hold_is_refused() -> None:
    data = {f"p{number}": "x" * 10240 for number in range(26)}
    message = reply_message(Topics(IDENTITY), CommandKind.GET, "7", Answer(code=200, data=data))
    assert json.loads(message.payload) == {
        "id": "7", "code": 460, "data": {}, "message": "more values than one message holds",
    }  # fmt: skip


def test_a_number_that_json_has_no_form_for_is_an_error() -> None:
    with pytest.raises(ValueError, match="JSON"):
        reply_message(Topics(IDENTITY), CommandKind.GET, "7", Answer(code=200, data={"t": float("nan")}))
