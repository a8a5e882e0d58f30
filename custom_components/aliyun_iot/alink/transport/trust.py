"""Whom we believe to be the platform."""

import os
from pathlib import Path
import ssl
from typing import Final

import certifi

from ..protocol.endpoints import Endpoint, Transport

# By when the root that a port's chain leads to ends ("Establish MQTT connections over TLS").
_ROOT_ENDS: Final = {443: "2028-01-28", 1883: "2028-01-28", 8883: "2053-07-04"}

_PLATFORM_ROOTS: Final = Path(__file__).with_name("roots.pem")


def client_context() -> ssl.SSLContext:
    """Make a TLS context that verifies certificate and host name; reads files, so never on an event loop.

    The public roots are certifi's, or those in the file that REQUESTS_CA_BUNDLE names. The platform's own roots come on
    top: certifi lacks two that its ports need ("Establish MQTT connections over TLS").
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The platform ends a connection by closing TCP alone; that is an end, not an error of its own kind.
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
    context.load_verify_locations(cafile=os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where())
    context.load_verify_locations(cafile=_PLATFORM_ROOTS)
    return context


def root_ends(endpoint: Endpoint) -> str | None:
    """Return the date (UTC) from which the platform's certificate at a port cannot be verified any more, if known."""
    if endpoint.transport is Transport.TCP or not endpoint.host.endswith(".aliyuncs.com"):
        return None
    return _ROOT_ENDS.get(endpoint.port)
