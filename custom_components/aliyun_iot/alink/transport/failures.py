"""Failures: the socket layer's exceptions, translated into reasons why the platform is out of reach."""

import socket
import ssl
from typing import Final

from paho.mqtt.client import WebsocketConnectionError

from ..protocol.endpoints import Endpoint
from ..protocol.errors import Unreachable, UnreachableError

# X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH of OpenSSL
_VERIFY_CODES: Final = {
    9: Unreachable.EXPIRED,
    10: Unreachable.EXPIRED,
    62: Unreachable.WRONG_HOST,
    64: Unreachable.WRONG_HOST,
}
# The reasons that OpenSSL gives when the first answer is not TLS; which one depends on the first bytes of that answer
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE")


def unreachable(error: Exception, endpoint: Endpoint) -> UnreachableError:
    """Translate an exception that connecting to an endpoint raised; its text is foreign and is left out."""
    error.__traceback__ = None  # it holds paho's frames, which would keep the socket open
    return UnreachableError(_reason(error), endpoint.host, endpoint.port)


def _reason(error: Exception) -> Unreachable:
    match error:
        case ssl.SSLCertVerificationError():
            return _VERIFY_CODES.get(error.verify_code, Unreachable.UNTRUSTED)
        case ssl.SSLError() if error.reason in _NOT_TLS:
            return Unreachable.NOT_TLS
        case WebsocketConnectionError():
            return Unreachable.NO_WEBSOCKET
        case ssl.SSLError() | ConnectionResetError() | BrokenPipeError() | EOFError():
            return Unreachable.CLOSED
        case socket.gaierror() | UnicodeEncodeError():
            return Unreachable.NAME
        case TimeoutError():
            return Unreachable.TIMEOUT
        case ConnectionRefusedError():
            return Unreachable.REFUSED
        case _:
            return Unreachable.NETWORK
