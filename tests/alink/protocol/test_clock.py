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


@pytest.mark.parametrize(
    ("sent", "server_received", "server_sent", "received", "offset"),
    [
        (1000, 1000, 1000, 1000, 0),
        (1000, 1050, 1050, 1100, 0),
        (0, 3_600_050, 3_600_060, 110, 3_600_000),
        (5000, 40, 60, 5100, -5000),
        (0, 1, 1, 1, 0),
        (1, 0, 0, 0, -1),
    ],
)
def test_half_of_the_way_there_and_back_is_taken_off(
    sent: int, server_received: int, server_sent: int, received: int, offset: int
) -> None:
    answer = {
        "deviceSendTime": str(sent),
        "serverRecvTime": str(server_received),
        "serverSendTime": str(server_sent),
    }
    assert clock_offset(json.dumps(answer).encode(), received=received) == offset


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{}", b'{"deviceSendTime":"1","serverRecvTime":"x","serverSendTime":"1"}']
)
def test_what_is_no_time_is_an_error_of_ours(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        clock_offset(payload, received=0)
