"""The link: one MQTT connection on asyncio's event loop, from CONNECT to its end."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import batched
import ssl
from typing import Any, Final, Protocol, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from ..protocol.connection import Connect
from ..protocol.endpoints import Endpoint
from ..protocol.errors import MalformedAnswerError, RemoteError, Unreachable, UnreachableError
from ..protocol.limits import FILTERS_PER_SUBSCRIBE
from .failures import unreachable
from .guard import Guard
from .mqtt import MALFORMED, mqtt_client, refusal
from .watch import Watch

# s; how often paho looks at its keep-alive of 60 s. Its documentation asks for about once a second, and longer
# would delay the end of a dead link by as much.
_MISC_INTERVAL: Final = 1.0

# Acknowledgements that may wait to be written; then reading stops until they are, and where they never are the
# keep-alive ends the link. A thousand are half a megabyte, and more than arrive while a slow line is busy with one
# message of ours.
_UNWRITTEN_MAX: Final = 1000


class _Socket(Protocol):
    """The part of a socket that is needed: paho hands out a plain one, one in TLS, or a WebSocket around either."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class Link:
    """A connection that the platform has accepted; the event `closed` is set when it has ended.

    Only connecting blocks, so only that runs in an executor: paho's hooks do nothing before it is back, and from then
    on everything runs on the event loop. `on_message` is called there, too, and never from within paho.

    A link that takes commands is watched. When the machine was asleep, or the event loop stood still, the link is
    closed, and nothing is handled that may have come meanwhile. After such a pause the timer and the socket are due in
    the same turn, in any order. So there is a look at each place that matters: before the socket is read, before a
    message is handed over, and each second.
    """

    def __init__(
        self,
        connect: Connect,
        endpoint: Endpoint,
        context: ssl.SSLContext,
        on_message: Callable[[str, bytes], None],
        *,
        is_watched: bool = False,
    ) -> None:
        """Prepare; `open` does the work."""
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self.endpoint = endpoint
        self._on_message = on_message
        self._accepted = self._loop.create_future()
        self._attached: _Socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._acknowledged: dict[int, asyncio.Future[None]] = {}
        self._goes_on = False  # whether a turn of reading is due that no event announces
        self._unwritten = 0  # acknowledgements since nothing waited to be written
        self.closed = asyncio.Event()
        self.lost: RemoteError = UnreachableError(Unreachable.CLOSED, endpoint.host, endpoint.port)  # once it is closed
        self.is_stale = False  # whether it was closed because of a sleep
        self.read_at = 0.0  # s of the running time, when the message was read that is handed over now
        self._is_watched = is_watched
        self._watch = Watch()
        self._guard = Guard(endpoint.transport, context)
        self._client = client = mqtt_client(connect, endpoint.transport, self._guard)
        client.on_connect = self._connack
        client.on_message = self._message
        client.on_publish = self._puback
        client.on_socket_register_write = self._register_write
        client.on_socket_unregister_write = self._unregister_write
        client.on_socket_close = self._socket_close

    @classmethod
    async def open(
        cls,
        connect: Connect,
        endpoint: Endpoint,
        context: ssl.SSLContext,
        on_message: Callable[[str, bytes], None],
        *,
        patience: float = 30.0,
        is_watched: bool = False,
    ) -> Self:
        """Connect and wait until the platform accepts, at most `patience` seconds.

        Raises UnreachableError, ConnectRefusedError or MalformedAnswerError.
        """
        link = cls(connect, endpoint, context, on_message, is_watched=is_watched)
        call = link._loop.run_in_executor(None, link._client.connect, endpoint.host, endpoint.port, connect.keep_alive)
        try:
            async with asyncio.timeout(patience):
                while not call.done():
                    # Awaiting it would cancel it at the timeout, and a thread cannot be. The looks in between tell a
                    # slow network from a sleep: messages may come as soon as the thread has sent the CONNECT.
                    await asyncio.wait((call,), timeout=_MISC_INTERVAL)
                    link.is_awake()
                call.result()
                link._attach()
                await link._accepted
        except (OSError, UnicodeEncodeError) as err:
            link._abandon(call)
            raise unreachable(err, endpoint) from None
        except MALFORMED:  # a server that answers an upgrade to WebSocket with nonsense
            link._abandon(call)
            raise MalformedAnswerError("not MQTT") from None
        except BaseException:
            link._abandon(call)
            raise
        return link

    def _abandon(self, call: asyncio.Future[Any]) -> None:
        """Close the connection that there is, or that the thread may still make."""
        self._drop()
        call.add_done_callback(self._close_late)

    def _close_late(self, call: asyncio.Future[Any]) -> None:
        call.exception()  # asked for, though it does not matter, or the event loop complains that nobody has
        self._guard.close()

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[None]:
        """Send with QoS 1; the result comes when it was acknowledged, and never if the link ends before.

        An acknowledgement says that the message has arrived. It may be dropped all the same: only the platform's reply
        says that it was taken.
        """
        number = self._client.publish(topic, payload, qos=1).mid
        acknowledged = self._acknowledged[number] = self._loop.create_future()
        return acknowledged

    def subscribe(self, filters: Sequence[str]) -> None:
        """Ask for topics, in as many packets as the platform wants it to take."""
        for packet in batched(filters, FILTERS_PER_SUBSCRIBE, strict=False):
            self._client.subscribe([(topic, 1) for topic in packet])

    def is_awake(self) -> bool:
        """Look at the watch: False, and the link is closed, if what was read may have waited for long."""
        if self._is_watched and self._watch.has_slept():
            self.is_stale = True
            self._drop()
        return not self.is_stale

    def close(self) -> None:
        """Say DISCONNECT and end the connection; messages published before go out first."""
        if self._attached is not None:
            self._client.disconnect()
            self._client.loop_write()
        self._drop()

    def _attach(self) -> None:
        sock = self._client.socket()
        # Where there is none, paho closed it again: the connection did not outlive its set-up.
        if sock is None or self.is_stale:
            self._end()
            return
        self._attached = sock
        self._loop.add_reader(sock, self._readable)
        if self._client.want_write():
            self._loop.add_writer(sock, self._writable)
        self._misc()

    def _drop(self) -> None:
        # The socket is closed under paho, which would otherwise wait for a last write on a dead link.
        if (sock := self._attached) is not None:
            self._socket_close(self._client, None, sock)
            sock.close()

    def _end(self, reason: RemoteError | None = None) -> None:
        """Note the end of the connection, by the other side where there is no other reason; the first one counts."""
        if not self.closed.is_set():
            self.lost = reason or self.lost
            self.closed.set()
        if not self._accepted.done():
            self._accepted.set_exception(self.lost)

    # Called by the event loop, to tell paho

    def _readable(self) -> None:
        if not self._goes_on:
            self._turn()

    def _turn(self) -> None:
        if not self.is_awake():
            return
        self._guard.begin_turn()
        try:
            self._read()
        except (MalformedAnswerError, *MALFORMED) as err:
            self._end(MalformedAnswerError(str(err) if isinstance(err, MalformedAnswerError) else "not MQTT"))
            self._drop()
        if self._is_full and self._attached is not None:
            self._loop.remove_reader(self._attached)

    def _read(self) -> None:
        while self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS and self._attached is not None:
            if self._guard.is_spent:
                self._go_on()
                return
            if not self._guard.has_more:
                return

    def _go_on(self) -> None:
        # Once only, and the reader, which does not notice what TLS has decrypted, waits: or each turn would become two.
        if not self._goes_on:
            self._goes_on = True
            self._loop.call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._goes_on = False
        if self._attached is not None and not self._is_full:
            self._turn()

    @property
    def _is_full(self) -> bool:
        return self._unwritten >= _UNWRITTEN_MAX

    def _writable(self) -> None:
        self._client.loop_write()
        if self._client.want_write() or self._attached is None:
            return
        if self._is_full:
            self._loop.add_reader(self._attached, self._readable)
            self._go_on()
        self._unwritten = 0

    def _misc(self) -> None:
        if not self.is_awake():
            return
        self._client.loop_misc()
        if self._attached is not None:
            self._timer = self._loop.call_later(_MISC_INTERVAL, self._misc)

    # Called by paho, to tell the event loop

    def _register_write(self, _client: Client, _userdata: Any, _sock: Any) -> None:
        if self._attached is not None:
            self._loop.add_writer(self._attached, self._writable)

    def _unregister_write(self, _client: Client, _userdata: Any, _sock: Any) -> None:
        if self._attached is not None:
            self._loop.remove_writer(self._attached)

    def _socket_close(self, _client: Client, _userdata: Any, _sock: Any) -> None:
        if self._attached is None:
            return
        self._loop.remove_reader(self._attached)
        self._loop.remove_writer(self._attached)
        self._attached = None
        if self._timer is not None:
            self._timer.cancel()
        self._end()

    def _connack(self, _client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if (error := refusal(reason)) is not None:
            self._end(error)
        elif not self._accepted.done():
            self._accepted.set_result(None)

    def _puback(self, _client: Client, _userdata: Any, number: int, _reason: ReasonCode, _properties: Any) -> None:
        acknowledged = self._acknowledged.pop(number, None)
        if acknowledged is not None and not acknowledged.done():
            acknowledged.set_result(None)

    def _message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        self._unwritten += message.qos
        # Not from within paho's frame: an error of the listener's would pass for a packet that is no MQTT, and end the
        # link. `topic` decodes the name and belongs here: an error in that is the packet's.
        self._loop.call_soon(self._hand_over, message.topic, message.payload, message.timestamp)

    def _hand_over(self, topic: str, payload: bytes, read_at: float) -> None:
        if self.is_awake():
            self.read_at = read_at
            self._on_message(topic, payload)
