"""The guard: stands between paho and the network, and keeps what comes in within bounds."""

import math
import socket
import ssl
from typing import Any, Final

from ..protocol.endpoints import Transport
from .bounds import Bounds, Frames, Packets

# Bytes in one turn of the event loop, and the bytes that a read counts for beside those that it brings: a quarter of
# the largest message, or sixty reads of one byte, with which paho reads small packets. Either takes a few milliseconds,
# which nothing else in the house feels.
_TURN: Final = 64 * 1024
_READ: Final = 1024


class Guard:
    """Watches one connection.

    paho makes its sockets itself and has one public place to put something around them: the TLS context. So a guard is
    handed over as the context, without TLS, too.
    """

    check_hostname = True  # the real context does; a False would let paho try, with a function that Python dropped

    def __init__(self, transport: Transport, context: ssl.SSLContext) -> None:
        """Prepare for one connection."""
        self._context = None if transport is Transport.TCP else context
        self._bounds: Bounds = Frames() if transport is Transport.WSS else Packets()
        self._left: float = math.inf  # of the turn; the reads that block, while connecting, belong to none
        self._socket: _GuardedSocket | None = None

    def wrap_socket(self, sock: socket.socket, **options: Any) -> _GuardedSocket:
        """Take paho's new socket, as a context does."""
        # A command is answered with two small packets: its acknowledgement, and the reply. The second would wait until
        # the other side has acknowledged the first, which it puts off by 40 ms beside the way there and back.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inner = sock if self._context is None else self._context.wrap_socket(sock, **options)
        self._socket = _GuardedSocket(inner, self)
        return self._socket

    def begin_turn(self) -> None:
        """Allow as many reads as one turn of the event loop may have."""
        self._left = _TURN

    @property
    def is_spent(self) -> bool:
        """True if the turn has no reads left."""
        return self._left <= 0

    @property
    def has_more(self) -> bool:
        """True if bytes wait that wake nobody up: TLS has decrypted them, and they are in no socket any more."""
        return self._socket is not None and self._socket.pending() > 0

    def took(self, data: bytes) -> None:
        """Count what was read, and check it; raises MalformedAnswerError."""
        self._left -= len(data) + _READ
        self._bounds.feed(data)

    def close(self) -> None:
        """Close the socket, if there is one."""
        if self._socket is not None:
            self._socket.close()


class _GuardedSocket:
    """What paho uses of a socket."""

    def __init__(self, sock: socket.socket, guard: Guard) -> None:
        self._socket = sock
        self._guard = guard
        self.send = sock.send
        self.close = sock.close
        self.fileno = sock.fileno
        self.setblocking = sock.setblocking
        self.settimeout = sock.settimeout

    def do_handshake(self) -> None:
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.do_handshake()

    def recv(self, size: int) -> bytes:
        if self._guard.is_spent:
            raise BlockingIOError
        data = self._socket.recv(size)
        self._guard.took(data)
        return data

    def pending(self) -> int:
        return self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0
