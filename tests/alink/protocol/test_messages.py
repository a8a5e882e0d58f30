"""The JSON of reports and their replies."""

import json

import pytest

from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError
from custom_components.aliyun_iot.alink.protocol.limits import PAYLOAD_MAX, PROPERTIES_PER_POST
from custom_components.aliyun_iot.alink.protocol.messages import (
    Refusal,
    Reply,
    Sample,
    Value,
    history_post,
    message_id,
    parse_reply,
    property_post,
    thing_model_get,
)
from custom_components.aliyun_iot.alink.protocol.topics import Topics

from . import IDENTITY, TIMESTAMP

TOPICS = Topics(IDENTITY)


def sample(identifier: str, value: Value, time: int = TIMESTAMP) -> Sample:
    return Sample(identifier=identifier, value=value, time=time)


def test_properties_that_are_there_once_go_into_one_post() -> None:
    message = property_post(
        TOPICS, "7", [sample("indoorTemperature", 10.0), sample("relayOn", 1), sample("text", "好")]
    )
    assert message.topic == "/sys/a1B2c3D4e5F/ha-gateway-01/thing/event/property/post"
    assert message.payload.decode() == (
        '{"id":"7","version":"1.0","sys":{"ack":1},"params":{'
        '"indoorTemperature":{"value":10.0,"time":1700000000000},'
        '"relayOn":{"value":1,"time":1700000000000},'
        '"text":{"value":"好","time":1700000000000}},'
        '"method":"thing.event.property.post"}'
    )


def test_a_property_that_is_there_twice_needs_a_batch() -> None:
    message = property_post(TOPICS, "8", [sample("t", 21.5), sample("on", 0), sample("t", 21.6, TIMESTAMP + 60_000)])
    assert message.topic == "/sys/a1B2c3D4e5F/ha-gateway-01/thing/event/property/batch/post"
    document = json.loads(message.payload)
    assert document["method"] == "thing.event.property.batch.post"
    assert document["params"] == {
        "properties": {
            "t": [{"value": 21.5, "time": TIMESTAMP}, {"value": 21.6, "time": TIMESTAMP + 60_000}],
            "on": [{"value": 0, "time": TIMESTAMP}],
        }
    }


def test_the_fullest_message_that_home_assistant_can_cause_stays_below_the_platforms_limit() -> None:
    samples = [sample(f"{number:050}", "\U0001f600" * 255) for number in range(PROPERTIES_PER_POST)]
    assert len(property_post(TOPICS, "1", samples).payload) < PAYLOAD_MAX


def test_the_past_has_a_form_of_its_own_in_which_every_value_stands_alone() -> None:
    message = history_post(TOPICS, "7", [sample("t", 1.0, 5), sample("u", 2.0, 6), sample("t", 3.0, 7)])
    assert message.topic == "/sys/a1B2c3D4e5F/ha-gateway-01/thing/event/property/history/post"
    assert json.loads(message.payload) == {
        "id": "7",
        "version": "1.0",
        "sys": {"ack": 1},
        "params": [
            {
                "identity": {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01"},
                "properties": [
                    {"t": {"value": 1.0, "time": 5}},
                    {"u": {"value": 2.0, "time": 6}},
                    {"t": {"value": 3.0, "time": 7}},
                ],
            }
        ],
        "method": "thing.event.property.history.post",
    }


@pytest.mark.parametrize("value", [1.7976931348623157e308, -5e-324, 0, 1, '"\\\x00😀', "x"])
def test_a_sample_takes_no_more_room_than_it_says(value: Value) -> None:
    one = sample("t" * 50, value, 1_700_000_000_000)
    for post in (property_post, history_post):
        per_sample = len(post(TOPICS, "1", [one, one]).payload) - len(post(TOPICS, "1", [one]).payload)
        assert per_sample <= one.size


def test_what_json_cannot_hold_is_never_sent() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        property_post(TOPICS, "1", [sample("t", float("nan"))])


@pytest.mark.parametrize(("number", "expected"), [(1, "1"), (2**32 - 1, "4294967295"), (2**32, "0")])
def test_a_message_id_stays_in_the_platforms_range(number: int, expected: str) -> None:
    assert message_id(number) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            b'{"code":200,"data":{},"id":"1","message":"success","method":"thing.event.property.post","version":"1.0"}',
            Reply(id="1", code=200, text="success"),
        ),
        (
            b'{"code":200,"data":{"RGBColor":"tsl parse: params not exist"},"id":"1"}',
            Reply(id="1", code=200, rejected={"RGBColor": Refusal(code=None, text="tsl parse: params not exist")}),
        ),
        (
            b'{"code":200,"data":{"red":{"code":6310,"message":"tsl parse: data type is not string -> red"}},"id":1}',
            Reply(
                id="1", code=200, rejected={"red": Refusal(code=6310, text="tsl parse: data type is not string -> red")}
            ),
        ),
        (
            b'{"code":200,"data":{"red":{"code":6310}},"id":"1"}',
            Reply(id="1", code=200, rejected={"red": Refusal(code=6310, text="")}),
        ),
        (b'{"code":"200","id":"1"}', Reply(id="1", code=200, rejected={})),
        (b'{"code":429,"id":"1","data":[]}', Reply(id="1", code=429, rejected={})),
    ],
)
def test_a_reply_says_what_was_not_taken(payload: bytes, expected: Reply) -> None:
    assert parse_reply(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00",
        b"7",
        b"{}",
        b'{"id":"1"}',
        b'{"code":200}',
        b'{"id":true,"code":200}',
        b'{"id":"1","code":false}',
        b'{"id":"1","code":"\xc2\xb2"}',
        b'{"a":' * 50_000,
    ],
)
def test_what_is_no_reply_is_an_error_of_ours(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        parse_reply(payload)


def test_every_message_carries_its_id_outside_and_inside() -> None:
    twice = [sample("t", 1.0), sample("t", 2.0)]
    for message in (
        property_post(TOPICS, "7", twice[:1]),
        property_post(TOPICS, "7", twice),
        history_post(TOPICS, "7", twice),
        thing_model_get(TOPICS, "7"),
    ):
        assert (message.id, json.loads(message.payload)["id"]) == ("7", "7")


def test_the_question_for_the_model_is_the_documents() -> None:
    assert thing_model_get(TOPICS, "7").payload == (
        b'{"id":"7","version":"1.0","sys":{"ack":1},"params":{},"method":"thing.dsltemplate.get"}'
    )


def test_a_refusal_is_told_with_its_code_if_it_has_one() -> None:
    assert str(Refusal(code=None, text="tsl parse: params not exist")) == "tsl parse: params not exist"
    assert str(Refusal(code=6310, text="data type is not string")) == "data type is not string (6310)"
