"""The deadline: an end to blocking calls on a TLS socket, however slowly the other side feeds them."""

from collections.abc import Buffer
import math
import ssl
import time
from typing import Final

# s from the beginning of TLS to the last byte of an answer. A socket's own timeout begins anew with every byte, so that
# a server that sends one a second would keep a thread of the executor for ever. A handshake, an upgrade to WebSocket or
# a form and its answer take five round trips: even with lost packets on a line to the other side of the world that is a
# few seconds. With the ten for TCP before it this makes the half minute that a link waits to be accepted.
_ALL_TOGETHER: Final = 20.0


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket whose blocking handshake and reads all end within one time; non-blocking ones are left alone.

    Each call gets what is left of that time as its timeout, which holds for the whole call. Raises TimeoutError.
    """

    _until = math.inf  # until the handshake begins

    def do_handshake(self, block: bool = False) -> None:
        """Begin: the time counts from here."""
        self._until = time.monotonic() + _ALL_TOGETHER
        self._shorten()
        super().do_handshake(block)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Read for paho, which reads the answer to an upgrade byte by byte."""
        self._shorten()
        return super().recv(buflen, flags)

    def recv_into(self, buffer: Buffer, nbytes: int | None = None, flags: int = 0) -> int:
        """Read for http.client."""
        self._shorten()
        return super().recv_into(buffer, nbytes, flags)

    def _shorten(self) -> None:
        timeout = self.gettimeout()
        if timeout == 0.0:
            return
        left = self._until - time.monotonic()
        if left <= 0.0:
            raise TimeoutError
        self.settimeout(min(left, timeout or _ALL_TOGETHER))
