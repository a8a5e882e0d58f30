"""Bounds: the size and the kinds of what the platform may send, checked before paho keeps it.

paho reads whatever a header announces, up to 256 MB, and keeps messages of QoS 2 until they are released. These classes
read the headers only, from the same bytes as paho, in the order in which they arrive.
"""

from typing import Final, Protocol

from ..protocol.errors import MalformedAnswerError
from ..protocol.limits import FILTERS_PER_SUBSCRIBE, PAYLOAD_MAX

_CONNACK: Final = 2
_PUBLISH: Final = 3
_PUBACK: Final = 4
_SUBACK: Final = 9
_PINGRESP: Final = 13

# Bytes that may follow the fixed header, by the kind of packet: all kinds that a server sends to a client that uses
# QoS 0 and 1 and never takes a subscription back. A message has a topic of at most 128 bytes beside the largest
# payload; 4 kB are left for it, in case that the platform counts more generously than it documents.
_LENGTHS: Final = {
    _CONNACK: 2,
    _PUBLISH: PAYLOAD_MAX + 4096,
    _PUBACK: 2,
    _SUBACK: 2 + FILTERS_PER_SUBSCRIBE,
    _PINGRESP: 0,
}
_HEADER_MAX: Final = 5  # bytes: the kind, and a length of up to four
_MORE: Final = 0x80  # the bit that announces another byte of the length
_QOS_2: Final = 0x04  # the bit that QoS 2 has, and QoS 3, which does not exist

# Bytes of the HTTP answer to an upgrade. It has a few hundred; 8 kB is the limit that most web servers set themselves.
_UPGRADE_MAX: Final = 8 * 1024

# Bytes in one frame of WebSocket, by opcode: the platform sends a packet in a binary frame, or in several; close, ping
# and pong have the limit of RFC 6455, section 5.5. paho keeps a frame until it has read the last byte of it, and copies
# the beginning again for each read.
_PACKET_MAX: Final = _HEADER_MAX + _LENGTHS[_PUBLISH]
_FRAMES: Final = {0x0: _PACKET_MAX, 0x2: _PACKET_MAX, 0x8: 125, 0x9: 125, 0xA: 125}
_DATA: Final = (0x0, 0x2)
_FRAME_HEADER: Final = 2  # bytes: opcode and length
_LONGER: Final = {126: 2, 127: 8}  # bytes of a length that does not fit there, by what stands there instead
_MASKED: Final = 0x80  # a bit of the second byte; only a client's frames are masked


class Bounds(Protocol):
    """A reader of headers."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; raises MalformedAnswerError where they are out of bounds."""


class Packets:
    """Reads the headers of MQTT."""

    def __init__(self) -> None:
        """Begin before CONNACK."""
        self._header = bytearray()
        self._body = 0  # bytes of the packet that are still to come
        self._is_accepted = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; raises MalformedAnswerError."""
        at = 0
        while at < len(data):
            if self._body > 0:
                read = min(self._body, len(data) - at)
                self._body -= read
                at += read
                continue
            self._header.append(data[at])
            at += 1
            if len(self._header) > 1 and self._header[-1] < _MORE:
                self._begin()
            elif len(self._header) == _HEADER_MAX:
                raise MalformedAnswerError("not MQTT")

    def _begin(self) -> None:
        first, *digits = self._header
        self._header.clear()
        self._body = sum((digit % _MORE) << 7 * place for place, digit in enumerate(digits))
        kind = first >> 4
        # paho would send all that is not acknowledged again for each further CONNACK.
        if kind not in _LENGTHS or (kind == _CONNACK) is self._is_accepted:
            raise MalformedAnswerError("a packet that nothing asked for")
        if self._body > _LENGTHS[kind]:
            raise MalformedAnswerError("too large a packet")
        if kind == _PUBLISH and first & _QOS_2:
            raise MalformedAnswerError("a message of QoS 2")
        self._is_accepted = True


class Frames:
    """Reads the answer to an upgrade, then the headers of WebSocket's frames, and MQTT's within."""

    def __init__(self) -> None:
        """Begin before the answer."""
        self._packets = Packets()
        self._upgrade = 0  # bytes of the answer so far
        self._line = 0  # bytes of its last line so far
        self._is_upgraded = False
        self._header = bytearray()
        self._is_data = False
        self._body = 0  # bytes of the frame that are still to come

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; raises MalformedAnswerError."""
        at = 0
        while at < len(data):
            if self._body > 0:
                part = data[at : at + self._body]
                if self._is_data:
                    self._packets.feed(part)
                self._body -= len(part)
                at += len(part)
                continue
            if self._is_upgraded:
                self._frame(data[at])
            else:
                self._answer(data[at])
            at += 1

    def _answer(self, byte: int) -> None:
        self._upgrade += 1
        self._line += 1
        if self._upgrade > _UPGRADE_MAX:
            raise MalformedAnswerError("too large an answer to an upgrade")
        if byte == ord("\n"):
            self._is_upgraded = self._line <= len("\r\n")  # the empty line; paho takes any of two bytes for it
            self._line = 0

    def _frame(self, byte: int) -> None:
        header = self._header
        header.append(byte)
        size = _FRAME_HEADER + (_LONGER.get(header[1], 0) if len(header) > 1 else 0)
        if len(header) < size:
            return
        opcode = header[0] & 0x0F
        length = int.from_bytes(header[_FRAME_HEADER:]) if size > _FRAME_HEADER else header[1]
        if opcode not in _FRAMES or header[1] & _MASKED:
            raise MalformedAnswerError("not MQTT over WebSocket")
        if length > _FRAMES[opcode]:
            raise MalformedAnswerError("too large a frame")
        header.clear()
        self._is_data = opcode in _DATA
        self._body = length
