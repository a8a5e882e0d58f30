"""The clock service: the question, and the offset in the answer."""

import json

import pytest

from custom_components.aliyun_iot.alink.protocol.clock import clock_offset, clock_request, clock_response_topic
from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError

from . import IDENTITY


def test_the_question_and_the_topic_of_the_answer_are_the_documents() -> None:
    assert clock_request(IDENTITY, sent=1571724098000) == (
        "/ext/ntp/a1B2c3D4e5F/ha-gateway-01/request",
        b'{"deviceSendTime": "1571724098000"}',
    )
    assert clock_response_topic(IDENTITY) == "/ext/ntp/a1B2c3D4e5F/ha-gateway-01/response"


NOON = 1_700_000_000_000


def answer(sent: int | str, server_received: int, server_sent: int) -> bytes:
    return json.dumps(
        {"deviceSendTime": str(sent), "serverRecvTime": str(server_received), "serverSendTime": str(server_sent)}
    ).encode()


@pytest.mark.parametrize(
    ("sent", "server_received", "server_sent", "received", "offset"),
    [
        (NOON, NOON, NOON, NOON, 0),
        (NOON, NOON + 50, NOON + 50, NOON + 100, 0),
        (0, NOON + 50, NOON + 60, 110, NOON),
        (NOON + 5000, NOON + 40, NOON + 60, NOON + 5100, -5000),
        (1, NOON, NOON, 2, NOON - 2),
    ],
)
def test_half_of_the_way_there_and_back_is_taken_off(
    sent: int, server_received: int, server_sent: int, received: int, offset: int
) -> None:
    payload = answer(sent, server_received, server_sent)
    assert clock_offset(payload, received=received) == (sent, offset)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{}",
        b'{"deviceSendTime":"1","serverRecvTime":"x","serverSendTime":"1"}',
        answer(1, 0, 0),
        answer(1, NOON, 10**17),
        answer(1, 1_420_000_000_000, NOON),
        answer(1, NOON, 4_102_444_800_001),
    ],
)
def test_what_is_no_time_is_an_error_of_ours(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        clock_offset(payload, received=0)
