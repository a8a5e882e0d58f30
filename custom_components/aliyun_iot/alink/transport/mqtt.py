"""MQTT: paho's client, set up the way the platform wants it."""

import ssl
import struct
from typing import Final, cast

from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from ..protocol.connection import Connect
from ..protocol.endpoints import Transport
from ..protocol.errors import Connack, ConnectRefusedError, MalformedAnswerError, RemoteError
from .guard import Guard

# s, for connecting and for each answer over HTTPS. A line to the other side of the world answers within one; a home's
# router that drops packets never does, and ten seconds of a thread are a fair price for finding out.
TCP_TIMEOUT: Final = 10.0

# The exceptions with which paho breaks off in the middle of a packet that is no MQTT. It raises nothing of its own.
MALFORMED: Final = (ValueError, IndexError, KeyError, struct.error)

# paho turns the return codes of MQTT 3.1.1 into reason codes of MQTT 5, which have other numbers: the names lead back.
_CONNACK: Final = {
    "Success": Connack.ACCEPTED,
    "Unsupported protocol version": Connack.PROTOCOL_VERSION,
    "Client identifier not valid": Connack.IDENTIFIER_REJECTED,
    "Server unavailable": Connack.SERVER_UNAVAILABLE,
    "Bad user name or password": Connack.BAD_CREDENTIALS,
    "Not authorized": Connack.NOT_AUTHORIZED,
}


def mqtt_client(connect: Connect, transport: Transport, guard: Guard) -> Client:
    """Make a client for one connection, behind a guard; it never connects again by itself and logs nothing."""
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=connect.client_id,
        clean_session=connect.clean_session,
        protocol=MQTTv311,
        transport="websockets" if transport is Transport.WSS else "tcp",
        reconnect_on_failure=False,
    )
    client.username_pw_set(connect.username, connect.password)
    client.ws_set_options(path="/")
    client.tls_set_context(cast(ssl.SSLContext, guard))
    client.connect_timeout = TCP_TIMEOUT
    return client


def refusal(reason: ReasonCode) -> RemoteError | None:
    """Read a CONNACK: None when the platform accepted, else the error to raise."""
    code = _CONNACK.get(str(reason))
    if code is None:
        return MalformedAnswerError("unknown CONNACK")
    return ConnectRefusedError(code) if code else None
