"""The clock service: the platform's time, asked for over MQTT ("NTP service")."""

import json
from typing import Final

from .document import integer, json_object
from .errors import MalformedAnswerError
from .identity import Identity

# ms UTC, 2015 and 2100. The platform is younger than the one, and this program will not see the other.
_EARLIEST: Final = 1_420_070_400_000
_LATEST: Final = 4_102_444_800_000


def clock_request(identity: Identity, *, sent: int) -> tuple[str, bytes]:
    """Return topic and payload of a question; `sent` is our clock in milliseconds UTC."""
    topic = f"/ext/ntp/{identity.product_key}/{identity.device_name}/request"
    return topic, json.dumps({"deviceSendTime": str(sent)}).encode()


def clock_response_topic(identity: Identity) -> str:
    """Return the topic of the answer."""
    return f"/ext/ntp/{identity.product_key}/{identity.device_name}/response"


def clock_offset(payload: bytes, *, received: int) -> tuple[int, int]:
    """Return the `sent` of the question, and the milliseconds by which the platform's clock is ahead of ours.

    `received` is our clock in milliseconds UTC when the answer came. Half of the way there and back is taken off, as in
    NTP. Raises MalformedAnswerError.
    """
    document = json_object(payload)
    times = [integer(document.get(key)) for key in ("deviceSendTime", "serverRecvTime", "serverSendTime")]
    if None in times:
        raise MalformedAnswerError("no times")
    sent, server_received, server_sent = (time or 0 for time in times)
    if not (_EARLIEST < server_received < _LATEST and _EARLIEST < server_sent < _LATEST):
        raise MalformedAnswerError("times out of range")
    return sent, (server_received + server_sent - sent - received) // 2
