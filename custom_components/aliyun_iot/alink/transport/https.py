"""HTTPS: forms posted to the platform, with blocking calls for an executor."""

from contextlib import closing
import http.client
import ssl
from typing import Final

from ..protocol.endpoints import Endpoint
from ..protocol.errors import MalformedAnswerError
from .failures import unreachable
from .mqtt import TCP_TIMEOUT

# Bytes. The documented answers have less than 1 kB; no foreign answer may fill the memory.
_ANSWER_MAX: Final = 64 * 1024


def post_form(endpoint: Endpoint, context: ssl.SSLContext, path: str, form: bytes) -> bytes:
    """Post a form and return the body of the answer, at most 64 kB of it.

    The status is not looked at: the platform's own code is in the body. With a context of `Trust` all but TCP ends
    within one deadline. Raises UnreachableError, or MalformedAnswerError where the answer is not HTTP.
    """
    connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, timeout=TCP_TIMEOUT, context=context)
    with closing(connection):
        try:
            connection.request("POST", path, body=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
            return connection.getresponse().read(_ANSWER_MAX)
        except (OSError, UnicodeError) as err:
            raise unreachable(err, endpoint) from None
        except http.client.HTTPException:
            raise MalformedAnswerError("not HTTP") from None
