"""Packets: MQTT packets as values, read and written by amqtt's codecs.

amqtt has no types. Only this module imports it, and nothing untyped leaves this module.
"""

from asyncio import IncompleteReadError, StreamReader
from dataclasses import dataclass, field
from enum import IntEnum

from amqtt.adapters import BufferReader, StreamReaderAdapter  # type: ignore[import-untyped]  # amqtt has no types
from amqtt.errors import AMQTTError, CodecError, MQTTError, NoDataError  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.connack import ConnackPacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.connect import ConnectPacket, ConnectVariableHeader  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.packet import (  # type: ignore[import-untyped]  # as above
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PUBACK,
    PUBLISH,
    SUBSCRIBE,
    UNSUBSCRIBE,
    MQTTFixedHeader,
)
from amqtt.mqtt.pingresp import PingRespPacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.puback import PubackPacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.publish import PublishPacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.suback import SubackPacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.subscribe import SubscribePacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.unsuback import UnsubackPacket  # type: ignore[import-untyped]  # as above
from amqtt.mqtt.unsubscribe import UnsubscribePacket  # type: ignore[import-untyped]  # as above

# Far above the 256 KB of payload beyond which the platform drops a message: no device sends a packet this large.
LARGEST_PACKET = 4 * 1024 * 1024

# Protocol level 3 is MQTT 3.1, level 4 is MQTT 3.1.1.
SPOKEN_LEVELS = (3, 4)


class Connack(IntEnum):
    """The codes that answer a CONNECT."""

    ACCEPTED = 0
    UNACCEPTABLE_PROTOCOL = 1
    IDENTIFIER_REJECTED = 2
    SERVER_UNAVAILABLE = 3
    BAD_USERNAME_OR_PASSWORD = 4
    NOT_AUTHORIZED = 5


class MalformedPacketError(Exception):
    """The peer does not speak MQTT."""


class UnacceptableProtocolError(Exception):
    """The peer speaks a version of MQTT that the platform does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    client_id: str
    username: str
    password: str = field(repr=False)
    keep_alive: int
    clean_session: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    topic: str
    payload: bytes
    qos: int
    packet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    packet_id: int
    filters: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    packet_id: int
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    packet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    pass


type Packet = Connect | Publish | Subscribe | Unsubscribe | Ping | Acknowledgement | Disconnect


async def read_packet(reader: StreamReader) -> Packet | None:
    """Read the next packet; None from a peer that is gone."""
    try:
        header = await MQTTFixedHeader.from_stream(StreamReaderAdapter(reader))
        if header is None:
            return None
        if header.remaining_length > LARGEST_PACKET:
            raise MalformedPacketError
        # The whole body is read first, so a packet with false lengths cannot reach into the next one.
        body = await reader.readexactly(header.remaining_length)
        return await _decoded(header, body)
    except IncompleteReadError, OSError:
        return None
    except (AMQTTError, CodecError, MQTTError, NoDataError, ValueError, IndexError) as error:
        raise MalformedPacketError from error


async def _decoded(header: MQTTFixedHeader, body: bytes) -> Packet:
    reader = BufferReader(body)
    match header.packet_type:
        case kind if kind == CONNECT:
            return await _connect(header, body)
        case kind if kind == PUBLISH:
            packet = await PublishPacket.from_stream(reader, header)
            return Publish(
                topic=packet.topic_name, payload=packet.data, qos=packet.qos, packet_id=packet.packet_id or 0
            )
        case kind if kind == SUBSCRIBE:
            packet = await SubscribePacket.from_stream(reader, header)
            return Subscribe(packet_id=packet.variable_header.packet_id, filters=tuple(packet.payload.topics))
        case kind if kind == UNSUBSCRIBE:
            packet = await UnsubscribePacket.from_stream(reader, header)
            return Unsubscribe(packet_id=packet.variable_header.packet_id, filters=tuple(packet.payload.topics))
        case kind if kind == PINGREQ:
            return Ping()
        case kind if kind == PUBACK:
            acknowledgement = await PubackPacket.from_stream(reader, header)
            return Acknowledgement(packet_id=acknowledgement.packet_id)
        case kind if kind == DISCONNECT:
            return Disconnect()
    raise MalformedPacketError


async def _connect(header: MQTTFixedHeader, body: bytes) -> Connect:
    # The version decides the rest of the layout, which MQTT 5 changes.
    version = await ConnectVariableHeader.from_stream(BufferReader(body), header)
    if version.proto_level not in SPOKEN_LEVELS:
        raise UnacceptableProtocolError
    packet = await ConnectPacket.from_stream(BufferReader(body), header)
    return Connect(
        # amqtt invents a client ID for an empty one; the platform does not.
        client_id="" if packet.client_id_is_random else packet.client_id,
        username=packet.username or "",
        password=packet.password or "",
        keep_alive=packet.variable_header.keep_alive,
        clean_session=packet.variable_header.clean_session_flag,
    )


def connack(code: int) -> bytes:
    return bytes(ConnackPacket.build(0, code).to_bytes())


def publish(topic: str, payload: bytes, *, qos: int = 0, packet_id: int = 0, again: bool = False) -> bytes:
    packet = PublishPacket.build(topic, payload, packet_id if qos else None, dup_flag=again, qos=qos, retain=False)
    return bytes(packet.to_bytes())


def puback(packet_id: int) -> bytes:
    return bytes(PubackPacket.build(packet_id).to_bytes())


def suback(packet_id: int, codes: list[int]) -> bytes:
    return bytes(SubackPacket.build(packet_id, codes).to_bytes())


def unsuback(packet_id: int) -> bytes:
    return bytes(UnsubackPacket.build(packet_id).to_bytes())


def pingresp() -> bytes:
    return bytes(PingRespPacket().to_bytes())
