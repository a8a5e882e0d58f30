"""The clock service: the platform's time, asked for over MQTT ("NTP service")."""

import json

from .document import integer, json_object
from .errors import MalformedAnswerError
from .identity import Identity


def clock_request(identity: Identity, *, sent: int) -> tuple[str, bytes]:
    """Return topic and payload of a question; `sent` is our clock in milliseconds UTC."""
    topic = f"/ext/ntp/{identity.product_key}/{identity.device_name}/request"
    return topic, json.dumps({"deviceSendTime": str(sent)}).encode()


def clock_response_topic(identity: Identity) -> str:
    """Return the topic of the answer."""
    return f"/ext/ntp/{identity.product_key}/{identity.device_name}/response"


def clock_offset(payload: bytes, *, received: int) -> int:
    """Return the milliseconds by which the platform's clock is ahead of ours.

    `received` is our clock in milliseconds UTC when the answer came. Half of the way there and back is taken off, as in
    NTP. Raises MalformedAnswerError.
    """
    document = json_object(payload)
    times = [integer(document.get(key)) for key in ("deviceSendTime", "serverRecvTime", "serverSendTime")]
    if None in times:
        raise MalformedAnswerError("no times")
    sent, server_received, server_sent = (time or 0 for time in times)
    return (server_received + server_sent - sent - received) // 2
