"""Trust: the roots by which a server proves to be the platform."""

from dataclasses import dataclass
import os
from pathlib import Path
import ssl
from typing import Final

import certifi

from ..protocol.endpoints import Endpoint, Transport
from .deadline import DeadlineSocket

# The end of the root that a port's chain leads to ("Establish MQTT connections over TLS").
_ROOT_ENDS: Final = {443: "2028-01-28", 1883: "2028-01-28", 8883: "2053-07-04"}

_PLATFORM_ROOTS: Final = Path(__file__).with_name("roots.pem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """TLS contexts that verify certificate and host name, and whose blocking calls end.

    HTTPS shows a chain of a public authority, which keeps to the strict profile of X.509. MQTT may show the platform's
    private chain, which is not documented to keep to it.
    """

    mqtt: ssl.SSLContext
    https: ssl.SSLContext


def make_trust() -> Trust:
    """Make the contexts; it reads files, so never call it on an event loop."""
    https = _context()
    https.verify_flags |= ssl.VERIFY_X509_STRICT
    return Trust(mqtt=_context(), https=https)


def _context() -> ssl.SSLContext:
    """Trust certifi's roots, or those in the file that REQUESTS_CA_BUNDLE names, and the platform's own.

    certifi lacks two roots that the platform's ports need ("Establish MQTT connections over TLS").
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = DeadlineSocket
    # The platform ends a connection by closing TCP alone; that is an end, not an error of its own kind.
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
    context.load_verify_locations(cafile=os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where())
    context.load_verify_locations(cafile=_PLATFORM_ROOTS)
    return context


def root_ends(endpoint: Endpoint) -> str | None:
    """Return the date (UTC) from which the certificate at the platform's endpoint cannot be verified any more.

    None where that is not known: with an endpoint that is not the platform's own, or without TLS.
    """
    if endpoint.transport is Transport.TCP or not endpoint.host.endswith(".aliyuncs.com"):
        return None
    return _ROOT_ENDS.get(endpoint.port)
