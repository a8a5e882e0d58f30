"""WebSocket: asyncio streams that hide the WebSocket around MQTT.

The `websockets` library does the handshake and the frames; this module adapts it to asyncio's streams. No source names
a path, so every path is good. The client has to request the sub-protocol `mqtt`, as MQTT itself demands.
"""

import asyncio
from typing import TYPE_CHECKING

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from .packets import LARGEST_PACKET

if TYPE_CHECKING:
    from collections.abc import Buffer

SUBPROTOCOL = Subprotocol("mqtt")


class WebSocketProtocol(asyncio.StreamReaderProtocol):
    """Feed a StreamReader with the payload of frames, without their boundaries."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self._web_socket = ServerProtocol(subprotocols=[SUBPROTOCOL], max_size=LARGEST_PACKET)
        self._below: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._below = transport
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._web_socket.receive_data(data)
        for event in self._web_socket.events_received():
            match event:
                case Request():
                    self._web_socket.send_response(self._web_socket.accept(event))
                case Frame(opcode=Opcode.BINARY | Opcode.CONT):
                    super().data_received(bytes(event.data))
                case Frame(opcode=Opcode.TEXT):
                    self._web_socket.fail(CloseCode.UNSUPPORTED_DATA, "MQTT is binary")
                    break
                case _:
                    # The library answers pings, pongs and goodbyes.
                    pass
        self._flush()

    def send(self, data: bytes) -> None:
        """Send a frame, unless the goodbye has been said."""
        if self._web_socket.state is State.OPEN:
            self._web_socket.send_binary(data)
            self._flush()

    def say_goodbye(self) -> None:
        if self._web_socket.state is State.OPEN:
            self._web_socket.send_close(CloseCode.NORMAL_CLOSURE)
            self._flush()

    def _flush(self) -> None:
        assert self._below is not None
        for data in self._web_socket.data_to_send():
            if data:
                self._below.write(data)
            else:
                # The library's sign for the end of the stream: the server has to close first.
                self._below.close()


class WebSocketWriter(asyncio.StreamWriter):
    """Write each piece as a frame of its own."""

    def __init__(self, transport: asyncio.Transport, protocol: WebSocketProtocol, reader: asyncio.StreamReader) -> None:
        super().__init__(transport, protocol, reader, asyncio.get_running_loop())
        self._frames = protocol

    def write(self, data: Buffer) -> None:
        self._frames.send(bytes(data))

    def close(self) -> None:
        self._frames.say_goodbye()
        super().close()
