"""What hostile servers cost: `python -m tests.alink.transport.hostile` prints memory, stalls and threads held.

Each input meets a client in a process of its own, over the loopback interface, for three quarters of a minute at most.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
import json
import os
import sys
import time
from typing import Any, Final

import trustme

from custom_components.aliyun_iot.alink.protocol.connection import Connect
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint, Transport
from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError, RemoteError
from custom_components.aliyun_iot.alink.protocol.messages import parse_thing_model_reply
from custom_components.aliyun_iot.alink.transport.https import post_form
from custom_components.aliyun_iot.alink.transport.link import Link
from custom_components.aliyun_iot.alink.transport.trust import Trust, make_trust
from tests.alink.servers import ACCEPTED, frame, packet, publish, server
from tests.benchmark import meters

CONNECT: Final = Connect(client_id="x|securemode=2|", username="x&y", password="secret")
LASTS: Final = 45.0  # s for each input
MODEL: Final = "/sys/a1B2c3D4e5F/ha-gateway-01/thing/dsltemplate/get_reply"

type Bytes = AsyncIterator[bytes]


async def one_large_message() -> Bytes:
    yield ACCEPTED + b"\x30\xff\xff\xff\x7f\x00\x01t"
    for _ in range(256):
        yield bytes(1 << 20)


async def qos_2_never_released() -> Bytes:
    yield ACCEPTED
    for number in range(1, 65_536):
        yield packet(0x34, b"\x00\x01t" + number.to_bytes(2) + bytes(4096))


async def qos_1_without_reading() -> Bytes:
    yield ACCEPTED
    many = b"".join(publish("t", b"", number=number) for number in range(1, 10_001))
    for _ in range(400):
        yield many


async def one_large_frame() -> Bytes:
    yield frame(ACCEPTED)
    yield frame(packet(0xD0, b"") * (2 << 20))


async def frames_of_tiny_packets() -> Bytes:
    yield frame(ACCEPTED)
    for _ in range(16):
        yield frame(packet(0xD0, b"") * (128 << 10))


async def large_model() -> Bytes:
    properties = [{"identifier": f"p{number}", "dataType": {"type": "date"}} for number in range(200_000)]
    document = json.dumps({"code": 200, "data": {"properties": properties}}).encode()
    yield ACCEPTED + packet(0x30, len(MODEL).to_bytes(2) + MODEL.encode() + document)


async def largest_model_of_brackets() -> Bytes:
    nested = b"[" * 900 + b"]" * 900
    document = b'{"code":200,"data":[' + b",".join([nested] * 145) + b"]}"
    yield ACCEPTED + packet(0x30, len(MODEL).to_bytes(2) + MODEL.encode() + document)


async def dripped(beginning: bytes) -> Bytes:
    yield beginning
    while True:
        await asyncio.sleep(1)
        yield b"x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What a server says, and over what."""

    says: Callable[[], Bytes]
    transport: Transport = Transport.TLS
    has_tls: bool = True
    upgrades: bool = True
    reads: bool = True
    is_https: bool = False


UPGRADE: Final = b"HTTP/1.1 101 Switching Protocols\r\n"
INPUTS: Final = {
    "one PUBLISH of 256 MB": Input(says=one_large_message),
    "QoS 2, never released, 256 MB": Input(says=qos_2_never_released),
    "QoS 1, server reads nothing": Input(says=qos_1_without_reading, reads=False),
    "WebSocket frame of 4 MB, tiny packets": Input(says=one_large_frame, transport=Transport.WSS),
    "WebSocket frames of 256 kB, tiny packets": Input(says=frames_of_tiny_packets, transport=Transport.WSS),
    "model of 10 MB": Input(says=large_model),
    "model of 256 kB of brackets": Input(says=largest_model_of_brackets),
    "TLS dripped": Input(says=lambda: dripped(b"\x16\x03\x03\x40\x00"), has_tls=False),
    "upgrade dripped": Input(says=lambda: dripped(UPGRADE), transport=Transport.WSS, upgrades=False),
    "HTTPS answer dripped": Input(says=lambda: dripped(b"HTTP/1.1 200 OK\r\n\r\n"), is_https=True),
}


async def meet(name: str, authority: trustme.CA) -> str:
    """Let a client meet an input, and return the row about it."""
    given = INPUTS[name]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not given.reads:
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # typed as one that only writes
        with suppress(ConnectionError):
            async for said in given.says():
                writer.write(said)
                await writer.drain()
            while await reader.read(4096):
                pass

    transport = given.transport if given.has_tls else Transport.TCP
    with authority.cert_pem.tempfile() as ca_file:
        async with server(authority, talk, transport, upgrades=given.upgrades) as endpoint:
            arguments = ("--client", name, "--port", str(endpoint.port))
            environment = os.environ | {"REQUESTS_CA_BUNDLE": ca_file}
            client = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __spec__.name, *arguments, env=environment, stdout=asyncio.subprocess.PIPE
            )
            try:
                async with asyncio.timeout(3 * LASTS):
                    answer, _ = await client.communicate()
            finally:
                with suppress(ProcessLookupError):
                    client.kill()
    found = json.loads(answer)
    return "| {} | {outcome} | {memory:.0f} MB | {stall:.0f} ms | {held} |".format(name, **found)


def parse(_topic: str, payload: bytes) -> None:
    with suppress(MalformedAnswerError):
        parse_thing_model_reply(payload)


async def outcome_of(given: Input, endpoint: Endpoint, trust: Trust) -> str:
    try:
        if given.is_https:
            await asyncio.to_thread(post_form, endpoint, trust.https, "/auth/devicename", b"")
            return "answered"
        link = await Link.open(CONNECT, endpoint, trust.mqtt, parse)
        await link.closed.wait()
    except RemoteError as error:
        return str(error).replace(f"{endpoint.host}:{endpoint.port} ", "")
    return str(link.lost)


class Executor(ThreadPoolExecutor):
    """An executor that knows how long its calls have taken."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._busy: set[Future[Any]] = set()
        self._ended = self._began

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        call = super().submit(fn, *args, **kwargs)
        self._busy.add(call)
        call.add_done_callback(self._done)
        return call

    def _done(self, call: Future[Any]) -> None:
        self._busy.discard(call)
        self._ended = time.monotonic()

    def held(self) -> str:
        return f"> {LASTS:.0f} s" if self._busy else f"{self._ended - self._began:.0f} s"


async def client(name: str, port: int) -> None:
    """Meet the server at a port, print what it cost, and leave at once: a thread may still be held."""
    given, trust = INPUTS[name], make_trust()
    endpoint = Endpoint(host="127.0.0.1", port=port, transport=given.transport)
    executor = Executor()
    asyncio.get_running_loop().set_default_executor(executor)
    outcome, memory = "stays open", meters.memory()
    async with meters.stall() as stall:
        talking = asyncio.ensure_future(outcome_of(given, endpoint, trust))
        await asyncio.wait((talking,), timeout=LASTS)
        if talking.done():
            outcome = talking.result()
    cost = {"memory": meters.peak_memory() - memory, "stall": stall.longest}
    print(json.dumps({"outcome": outcome, "held": executor.held(), **cost}), flush=True)
    os._exit(0)


async def everything(names: list[str]) -> None:
    authority = trustme.CA()
    print("| Input | Outcome | Memory | Longest stall | Thread free after |\n|---|---|---|---|---|")
    for name in names:
        print(await meet(name, authority), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="the beginning of the names of inputs")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        asyncio.run(client(given.client, given.port))
    else:
        asyncio.run(everything([name for name in INPUTS if name.startswith(given.only)]))
