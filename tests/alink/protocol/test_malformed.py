"""Answers in no documented form: the log says what each lacks, and never quotes it."""

from collections.abc import Callable
import json
from typing import Any

import pytest

from custom_components.aliyun_iot.alink.protocol.authentication import parse_session
from custom_components.aliyun_iot.alink.protocol.clock import clock_offset
from custom_components.aliyun_iot.alink.protocol.document import integer, json_object
from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError
from custom_components.aliyun_iot.alink.protocol.messages import parse_reply, parse_thing_model_reply
from custom_components.aliyun_iot.alink.protocol.registration import AuthType, parse_answer, parse_push

from . import IDENTITY

NAMES = {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01"}
SESSION = {"iotId": "id", "iotToken": "word"}

type Reader = Callable[[bytes], object]


def push(payload: bytes) -> object:
    return parse_push(payload, IDENTITY)


def push_token(payload: bytes) -> object:
    return parse_push(payload, IDENTITY, AuthType.REGNWL)


def over_https(payload: bytes) -> object:
    return parse_answer(payload, IDENTITY)


def offset(payload: bytes) -> object:
    return clock_offset(payload, received=0)


def session(**mqtt: Any) -> dict[str, Any]:
    return {"code": 200, "data": {**SESSION, "resources": {"mqtt": mqtt}}}


@pytest.mark.parametrize(
    ("read", "document", "text"),
    [
        (json_object, [], "not a JSON object"),
        (parse_session, {}, "no code"),
        (parse_session, {"code": 200}, "no data"),
        (parse_session, {"code": 200, "data": {}}, "no resources"),
        (parse_session, {"code": 200, "data": {"resources": {}}}, "no mqtt"),
        (parse_session, session(host="h"), "no session"),
        (
            parse_session,
            {"code": 200, "data": {"iotId": "", "iotToken": "w", "resources": {"mqtt": {"host": "h", "port": 1}}}},
            "an empty session",
        ),
        (parse_session, session(host="a host", port=1883), "no place to connect to"),
        (offset, {}, "no times"),
        (parse_reply, {"code": 200}, "no id"),
        (parse_reply, {"id": "1"}, "no code"),
        (parse_thing_model_reply, {"code": 200, "data": []}, "no thing model"),
        (parse_thing_model_reply, {"code": 200, "data": {"properties": 1}}, "no thing model"),
        (push, {**NAMES}, "no deviceSecret"),
        (push, {**NAMES, "deviceName": "other", "deviceSecret": "s"}, "a secret for another device"),
        (push, {**NAMES, "productKey": "other", "deviceSecret": "s"}, "a secret for another device"),
        (push, {**NAMES, "deviceSecret": ""}, "not a secret"),
        (push_token, {**NAMES, "deviceToken": "t"}, "no clientId"),
        (push_token, {**NAMES, "clientId": "c"}, "no deviceToken"),
        (over_https, {}, "no code"),
        (over_https, {"code": 200, "data": []}, "no data"),
    ],
)
def test_the_log_says_what_an_answer_lacks(read: Reader, document: Any, text: str) -> None:
    with pytest.raises(MalformedAnswerError) as caught:
        read(json.dumps(document).encode())
    assert str(caught.value) == text


def test_text_that_is_no_json_is_not_quoted() -> None:
    with pytest.raises(MalformedAnswerError) as caught:
        json_object(b"<secret>")
    assert str(caught.value) == "not JSON"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        (10**18 - 1, 10**18 - 1),
        (10**18, None),
        (-(10**18) + 1, -(10**18) + 1),
        (-(10**18), None),
        ("-1", None),
        (1.0, None),
        (True, None),
    ],
)
def test_a_whole_number_has_at_most_eighteen_digits(value: Any, expected: int | None) -> None:
    assert integer(value) == expected
