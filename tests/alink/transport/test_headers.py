"""Headers: read from whatever pieces of the stream arrive together."""

from itertools import batched

import pytest

from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError
from custom_components.aliyun_iot.alink.transport.bounds import Bounds, Frames, Packets
from tests.alink.servers import ACCEPTED, frame, packet, publish

TALK = [
    ACCEPTED,
    packet(0x90, b"\x00\x01" + 8 * b"\x01"),
    publish("t", b""),
    publish("t", bytes(130), number=1),
    packet(0xD0, b""),
    publish("t" * 128, bytes(20_000), number=65_535),
    packet(0x40, b"\x00\x01"),
]
RELEASE = packet(0x62, b"\x00\x01")
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n"
PLAIN = b"".join(TALK)
FRAMED = UPGRADE + frame(b"pong", opcode=10) + b"".join(frame(said) for said in TALK)
CUT = UPGRADE + b"".join(frame(bytes(part)) + frame(b"", opcode=0) for part in batched(PLAIN, 7, strict=False))


def fed(bounds: Bounds, stream: bytes, pieces: int) -> None:
    for piece in batched(stream, pieces, strict=False):
        bounds.feed(bytes(piece))


@pytest.mark.parametrize("pieces", [1, 2, 3, 5, 100, 1_000_000])
@pytest.mark.parametrize(("kind", "stream"), [(Packets, PLAIN), (Frames, FRAMED), (Frames, CUT)])
def test_a_talk_within_bounds_passes_and_what_follows_is_still_checked(
    kind: type[Packets | Frames], stream: bytes, pieces: int
) -> None:
    bounds = kind()
    fed(bounds, stream, pieces)
    with pytest.raises(MalformedAnswerError):
        fed(bounds, frame(RELEASE) if kind is Frames else RELEASE, pieces)


@pytest.mark.parametrize("first", [publish("t", b""), packet(0xD0, b""), packet(0x90, b"\x00\x01\x01")])
def test_nothing_comes_before_the_answer_to_connect(first: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        Packets().feed(first + ACCEPTED)


def test_the_answer_to_an_upgrade_may_have_eight_kilobytes() -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nX-Filler: "
    Frames().feed(answer + (8192 - len(answer) - 4) * b"x" + b"\r\n\r\n")
    with pytest.raises(MalformedAnswerError):
        Frames().feed(answer + (8193 - len(answer) - 4) * b"x" + b"\r\n\r\n")


def test_a_frame_may_have_the_largest_packet_and_no_more() -> None:
    Frames().feed(UPGRADE + b"\x82\x7f" + (256 * 1024 + 4096 + 5).to_bytes(8))
    with pytest.raises(MalformedAnswerError):
        Frames().feed(UPGRADE + b"\x82\x7f" + (256 * 1024 + 4096 + 6).to_bytes(8))


def test_a_message_may_have_the_largest_payload_and_a_topic_and_no_more() -> None:
    Packets().feed(ACCEPTED + b"\x30\x80\xa0\x10")
    with pytest.raises(MalformedAnswerError):
        Packets().feed(ACCEPTED + b"\x30\x81\xa0\x10")
