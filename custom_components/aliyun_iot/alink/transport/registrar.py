"""Dynamic registration: blocking calls, for an executor."""

from contextlib import closing
import http.client
import secrets
import ssl
import time
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from ..protocol.connection import Connect
from ..protocol.endpoints import Endpoint
from ..protocol.errors import MalformedAnswerError, NoSecretError, RemoteError, Unreachable, UnreachableError
from ..protocol.identity import DeviceCredentials, ProductCredentials
from ..protocol.limits import REGISTRATION_WINDOW
from ..protocol.registration import (
    HTTPS_PATH,
    PUSH_TOPIC,
    parse_answer,
    parse_push,
    registration_connect,
    registration_form,
)
from .failures import unreachable
from .mqtt import MALFORMED, TCP_TIMEOUT, mqtt_client, refusal

_ANSWER_MAX: Final = 64 * 1024  # bytes


def register_over_mqtt(
    credentials: ProductCredentials,
    endpoint: Endpoint,
    context: ssl.SSLContext,
    *,
    instance_id: str | None = None,
    patience: float = REGISTRATION_WINDOW + 5,
) -> DeviceCredentials:
    """Connect once with the ProductSecret and wait for the DeviceSecret, at most `patience` seconds after TLS.

    Raises UnreachableError, ConnectRefusedError, NoSecretError or MalformedAnswerError.
    """
    connect = registration_connect(credentials, random=secrets.token_hex(8), instance_id=instance_id)
    payload = _pushed(connect, endpoint, context, patience)
    return parse_push(payload, credentials.identity)


class _Attempt:
    """One CONNECT, and what came of it."""

    def __init__(self, connect: Connect, context: ssl.SSLContext) -> None:
        self.accepted = False
        self.outcome: RemoteError | bytes | None = None
        self.client = client = mqtt_client(connect, context)
        client.on_connect = self._connack
        client.on_message = self._message

    def _connack(self, _client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self.outcome = refusal(reason)
        self.accepted = self.outcome is None

    def _message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        if message.topic == PUSH_TOPIC and self.outcome is None:
            self.outcome = message.payload

    def wait(self, deadline: float) -> None:
        """Talk MQTT until there is an outcome, the link ends or the time is up."""
        try:
            while self.outcome is None and (left := deadline - time.monotonic()) > 0:
                if self.client.loop(timeout=min(left, 1.0)) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    return
        except MALFORMED:
            self.outcome = MalformedAnswerError("not MQTT")
        finally:
            self.client.disconnect()
            if (sock := self.client.socket()) is not None:
                sock.close()


def _pushed(connect: Connect, endpoint: Endpoint, context: ssl.SSLContext, patience: float) -> bytes:
    attempt = _Attempt(connect, context)
    try:
        attempt.client.connect(endpoint.host, endpoint.port, keepalive=connect.keep_alive)
    except (OSError, UnicodeError) as err:
        raise unreachable(err, endpoint) from None
    deadline = time.monotonic() + patience
    attempt.wait(deadline)
    match attempt.outcome:
        case bytes() as payload:
            return payload
        case RemoteError() as error:
            raise error
    if attempt.accepted:
        raise NoSecretError
    reason = Unreachable.CLOSED if time.monotonic() < deadline else Unreachable.TIMEOUT
    raise UnreachableError(reason, endpoint.host, endpoint.port)


def register_over_https(
    credentials: ProductCredentials, endpoint: Endpoint, context: ssl.SSLContext
) -> DeviceCredentials:
    """Post the registration form and read the DeviceSecret from the answer.

    Raises UnreachableError, RegistrationRefusedError or MalformedAnswerError.
    """
    form = registration_form(credentials, random=secrets.token_hex(8))
    connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, timeout=TCP_TIMEOUT, context=context)
    with closing(connection):
        try:
            connection.request(
                "POST", HTTPS_PATH, body=form, headers={"Content-Type": "application/x-www-form-urlencoded"}
            )
            answer = connection.getresponse().read(_ANSWER_MAX)
        except (OSError, UnicodeError) as err:
            raise unreachable(err, endpoint) from None
        except http.client.HTTPException:
            raise MalformedAnswerError("not HTTP") from None
    return parse_answer(answer, credentials.identity)
