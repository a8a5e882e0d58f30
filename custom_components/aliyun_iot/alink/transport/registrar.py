"""The registrar: dynamic registration, with blocking calls for an executor."""

from contextlib import closing
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
from ..protocol.identity import Credentials, ProductCredentials
from ..protocol.limits import REGISTRATION_WINDOW
from ..protocol.registration import (
    HTTPS_PATH,
    AuthType,
    parse_answer,
    parse_push,
    registration_connect,
    registration_form,
)
from ..protocol.signing import SignMethod
from .failures import unreachable
from .guard import Guard
from .https import post_form
from .mqtt import MALFORMED, mqtt_client, refusal
from .trust import Trust

# Messages that are read, and acknowledged, while one waits for the push. A registration gets no other, so that a
# hundred leave room for anything that is not documented, and a flood cannot fill the memory.
_MESSAGES_MAX: Final = 100


def register_over_mqtt(
    credentials: ProductCredentials,
    endpoint: Endpoint,
    trust: Trust,
    *,
    auth_type: AuthType = AuthType.REGISTER,
    instance_id: str | None = None,
    method: SignMethod = SignMethod.HMACSHA256,
    patience: float = REGISTRATION_WINDOW + 5,
) -> Credentials:
    """Connect once with the ProductSecret and wait for the secret that the platform pushes.

    It waits at most `patience` seconds after TLS is set up ("MQTT-based dynamic registration"). Raises
    UnreachableError, ConnectRefusedError, NoSecretError or MalformedAnswerError.
    """
    connect = registration_connect(
        credentials, random=secrets.token_hex(8), auth_type=auth_type, instance_id=instance_id, method=method
    )
    attempt = _Attempt(connect, endpoint, trust.mqtt, auth_type.push_topic)
    return parse_push(attempt.pushed(patience), credentials.identity, auth_type)


class _Attempt:
    """One CONNECT and its outcome."""

    def __init__(self, connect: Connect, endpoint: Endpoint, context: ssl.SSLContext, push_topic: str) -> None:
        self._keep_alive = connect.keep_alive
        self._endpoint = endpoint
        self._push_topic = push_topic
        self._accepted = False
        self._messages = 0
        self._outcome: RemoteError | bytes | None = None
        self._guard = Guard(endpoint.transport, context)
        self._client = client = mqtt_client(connect, endpoint.transport, self._guard)
        client.on_connect = self._connack
        client.on_message = self._message

    def pushed(self, patience: float) -> bytes:
        """Return the payload that the platform pushed."""
        with closing(self._guard):
            self._set_up()
            deadline = time.monotonic() + patience
            self._talk(deadline)
        match self._outcome:
            case bytes() as payload:
                return payload
            case RemoteError() as error:
                raise error
        if self._accepted:
            raise NoSecretError
        reason = Unreachable.CLOSED if time.monotonic() < deadline else Unreachable.TIMEOUT
        raise UnreachableError(reason, self._endpoint.host, self._endpoint.port)

    def _set_up(self) -> None:
        try:
            self._client.connect(self._endpoint.host, self._endpoint.port, keepalive=self._keep_alive)
        except (OSError, UnicodeEncodeError) as err:
            raise unreachable(err, self._endpoint) from None
        except MALFORMED:  # a server that answers an upgrade to WebSocket with nonsense
            raise MalformedAnswerError("not MQTT") from None

    def _talk(self, deadline: float) -> None:
        """Talk MQTT until there is an outcome, the link ends or the time is up."""
        try:
            while self._outcome is None and (left := deadline - time.monotonic()) > 0:
                if self._client.loop(timeout=min(left, 1.0)) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    return
        except MalformedAnswerError as err:
            self._outcome = err
        except MALFORMED:
            self._outcome = MalformedAnswerError("not MQTT")
        finally:
            self._client.disconnect()

    def _connack(self, _client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self._outcome = refusal(reason)
        self._accepted = self._outcome is None

    def _message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        self._messages += 1
        if self._outcome is not None:
            return
        if message.topic == self._push_topic:
            self._outcome = message.payload
        elif self._messages > _MESSAGES_MAX:
            self._outcome = MalformedAnswerError("a flood of messages")


def register_over_https(
    credentials: ProductCredentials,
    endpoint: Endpoint,
    trust: Trust,
    *,
    method: SignMethod = SignMethod.HMACSHA256,
) -> Credentials:
    """Post the registration form and read the DeviceSecret from the answer ("HTTPS-based dynamic registration").

    Raises UnreachableError, RegistrationRefusedError or MalformedAnswerError.
    """
    form = registration_form(credentials, random=secrets.token_hex(8), method=method)
    return parse_answer(post_form(endpoint, trust.https, HTTPS_PATH, form), credentials.identity)
