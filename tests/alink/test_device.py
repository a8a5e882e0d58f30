"""One device against the platform: what is confirmed, what is given back, and what a dead link costs."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import time

import pytest
import trustme

from custom_components.aliyun_iot.alink.device import Device
from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool, Spool
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint
from custom_components.aliyun_iot.alink.protocol.errors import (
    AuthenticationRefusedError,
    MalformedAnswerError,
    UnreachableError,
)
from custom_components.aliyun_iot.alink.protocol.identity import Identity, SecretCredentials
from custom_components.aliyun_iot.alink.protocol.messages import Sample, Value
from custom_components.aliyun_iot.alink.status import Connection, Status
from custom_components.aliyun_iot.alink.transport.access import Access
from custom_components.aliyun_iot.alink.transport.trust import make_trust
from tests.alink.servers import ACCEPTED, publish, server, until_gone
from tests.emulator import ConnackFault, Device as PlatformDevice, Emulator, ReplyFault
from tests.emulator.device import Kind

IDENTITY = Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01")
HISTORY_POST = "thing/event/property/history/post"


@pytest.fixture
async def emulator(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Emulator]:
    async with Emulator(devices=[(IDENTITY.product_key, IDENTITY.device_name)]) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
        yield running


@dataclass(kw_only=True)
class Client:
    """A device under test, and the statuses it told."""

    emulator: Emulator
    reply_timeout: float = 10.0
    pace: Pace = field(default_factory=lambda: Pace(rate=10.0))
    spool: Spool | None = None
    endpoint: Endpoint | None = None
    statuses: list[Status] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        secret = self.emulator.device(IDENTITY.product_key, IDENTITY.device_name).secret
        self.device = Device(
            Access(
                credentials=SecretCredentials(identity=IDENTITY, device_secret=secret),
                endpoint=self.endpoint or Endpoint(host="127.0.0.1", port=self.emulator.mqtts_port),
            ),
            make_trust(),
            on_status=self._told,
            pace=self.pace,
            spool=self.spool,
            reply_timeout=self.reply_timeout,
        )

    def _told(self, status: Status) -> None:
        self.statuses.append(status)
        self.changed.set()

    def offer(self, *values: Value, identifier: str = "t", start: int = 0) -> None:
        for number, value in enumerate(values):
            self.device.offer(Sample(identifier=identifier, value=value, time=1_700_000_000_000 + start + number))

    async def until(self, predicate: Callable[[Status], bool]) -> None:
        async with asyncio.timeout(20):
            while not predicate(self.device.status):
                self.changed.clear()
                await self.changed.wait()

    async def until_posted(self, topic: str, times: int) -> None:
        await self.emulator.wait_for(lambda: self.platform.messages[topic] >= times)

    @property
    def platform(self) -> PlatformDevice:
        return self.emulator.device(IDENTITY.product_key, IDENTITY.device_name)

    @property
    def stored(self) -> list[Value]:
        device = self.emulator.device(IDENTITY.product_key, IDENTITY.device_name)
        return [sample.value for sample in device.history_of("t")]


@asynccontextmanager
async def running(client: Client) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.ensure_future(client.device.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_values_are_confirmed_and_counted(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    client.offer(1.0, 2.0, 2.0, 3.0)
    assert client.device.status.connection is Connection.CONNECTING
    async with running(client):
        await client.until(lambda status: status.confirmed == 3)
    assert client.stored == [3.0, 1.0, 2.0]  # what is the case now comes before what was
    assert client.device.status.waiting == 0
    assert client.device.status.last_confirmed is not None


@pytest.mark.parametrize("code", [429, 500, 6313])
async def test_a_platform_that_cannot_take_values_now_gets_them_later(emulator: Emulator, code: int) -> None:
    emulator.faults.set(reply=ReplyFault(code=code, times=2))
    client = Client(emulator=emulator, reply_timeout=0.2)
    client.offer(1.0, 2.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 2)
    assert sorted(client.stored, key=str) == [1.0, 2.0]  # which one first depends on the time between two tries


async def test_a_message_without_a_reply_is_sent_again(emulator: Emulator) -> None:
    emulator.faults.set(reply=ReplyFault(lost=True, times=1))
    client = Client(emulator=emulator, reply_timeout=0.2)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 1)
    assert client.stored == [1.0, 1.0]


async def test_three_replies_missed_in_a_row_end_the_link_and_lose_nothing(emulator: Emulator) -> None:
    emulator.faults.set(reply=ReplyFault(lost=True, times=3))
    client = Client(emulator=emulator, reply_timeout=0.2)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
        assert isinstance(client.device.status.problem, UnreachableError)
        assert (client.device.status.problem.reason, client.device.status.waiting) == ("timeout", 1)
        await client.until(lambda status: status.confirmed == 1)
    assert emulator.device(IDENTITY.product_key, IDENTITY.device_name).connects == 2


async def test_a_reply_that_comes_twice_counts_once(emulator: Emulator) -> None:
    emulator.faults.set(reply=ReplyFault(copies=2))
    client = Client(emulator=emulator)
    client.offer(1.0, 2.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 2)
        client.offer(3.0, start=10)
        await client.until(lambda status: status.confirmed == 3)
    assert client.stored == [2.0, 1.0, 3.0]


async def test_a_value_that_spoils_its_message_is_found_and_the_others_arrive(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    client.offer(0.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 1)
        emulator.faults.set(reply=ReplyFault(code=6106, times=4))  # 8, 4, 2 and then the first alone
        client.offer(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, start=10)
        await client.until(lambda status: status.confirmed == 8)
    assert client.stored == [0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


async def test_a_fault_of_ours_is_logged_and_does_not_end_the_deliveries(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.device._AFTER_FAULT", 0.01)
    client = Client(emulator=emulator)
    client.offer(float("nan"))
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
    assert "Unexpected error" in caplog.text


async def test_a_message_that_is_refused_as_a_whole_is_not_sent_again(emulator: Emulator) -> None:
    emulator.faults.set(reply=ReplyFault(code=6106, times=1))
    client = Client(emulator=emulator)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.rejected == 1)
        assert client.device.status.rejections["t"].latest.code == 6106
        client.offer(2.0, start=10)
        await client.until(lambda status: status.confirmed == 1)
    assert client.stored == [2.0]
    assert client.device.status.rejections["t"].is_over


async def test_a_cut_between_post_and_reply_loses_nothing(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 1)
        emulator.faults.set(cut_after_publish=1)
        client.offer(2.0, start=10)
        await client.until(lambda status: status.confirmed == 2)
    assert client.stored == [1.0, 2.0, 2.0]


async def test_refused_credentials_end_the_attempts(emulator: Emulator) -> None:
    emulator.faults.set(connack=ConnackFault(code=4))
    client = Client(emulator=emulator)
    async with running(client) as task:
        await task
    assert client.device.status.connection is Connection.REFUSED
    assert isinstance(client.device.status.problem, AuthenticationRefusedError)
    assert emulator.device(IDENTITY.product_key, IDENTITY.device_name).connects == 1


async def test_a_platform_that_cannot_be_reached_is_tried_again(emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    client = Client(emulator=emulator)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
        assert isinstance(client.device.status.problem, UnreachableError)
        emulator.faults.set(refuse_tcp=False)
        await client.until(lambda status: status.confirmed == 1)
        assert client.device.status.problem is None


async def test_being_stopped_while_connecting_leaves_no_connection_behind(emulator: Emulator) -> None:
    emulator.faults.set(half_open=True)
    client = Client(emulator=emulator)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.CONNECTING)
    emulator.faults.clear()
    assert not emulator.device(IDENTITY.product_key, IDENTITY.device_name).online


async def test_a_stop_says_goodbye(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    device = emulator.device(IDENTITY.product_key, IDENTITY.device_name)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.CONNECTED)
    await emulator.wait_for(lambda: not device.online)


async def test_what_nobody_can_read_is_counted_and_harms_nothing(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = "/sys/a1B2c3D4e5F/ha-gateway-01/thing/event/property/post_reply"
    said = [
        publish(topic, b"garbage"),
        publish(topic, b'{"id":"1"}'),
        publish(topic, b'{"id":"no such message","code":200,"data":{}}'),
        publish("/sys/somebody/else", b"garbage"),
    ]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED + b"".join(said))
        await until_gone(reader)

    authority = trustme.CA()
    with authority.cert_pem.tempfile() as ca_file:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        async with server(authority, talk) as endpoint:
            client = Client(emulator=emulator, endpoint=endpoint)
            async with running(client):
                await client.until(lambda status: status.unreadable == 2)
    assert client.device.status.connection is Connection.CONNECTED


async def test_an_answer_in_no_known_form_is_tried_again(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x20\x02\x00\x63")
        await until_gone(reader)

    authority = trustme.CA()
    with authority.cert_pem.tempfile() as ca_file:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        async with server(authority, talk) as endpoint:
            client = Client(emulator=emulator, endpoint=endpoint)
            async with running(client):
                await client.until(lambda status: status.connection is Connection.WAITING)
    assert isinstance(client.device.status.problem, MalformedAnswerError)


async def test_a_product_that_never_replies_makes_do_with_acknowledgements(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.faults.set(reply=ReplyFault(lost=True))
    client = Client(emulator=emulator, reply_timeout=0.1)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.answers is False)
        await client.until(lambda status: status.confirmed == 1)
        client.offer(2.0, start=10)
        await client.until(lambda status: status.confirmed == 2)
        emulator.faults.set(reply=None)
        client.offer(3.0, start=20)
        await client.until(lambda status: status.answers is True)


async def test_a_platform_that_throttles_from_the_start_is_not_taken_for_one_that_never_replies(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.device._NEVER", 1)
    monkeypatch.setattr("custom_components.aliyun_iot.alink.transport.platform_clock._PATIENCE", 0.1)
    emulator.faults.set(throttle=True)
    client = Client(emulator=emulator, reply_timeout=0.1)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
        assert client.device.status.answers is None
        emulator.faults.set(throttle=False)
        await client.until(lambda status: status.confirmed == 1)
    assert client.stored == [1.0]


async def test_a_flush_ends_when_everything_of_the_present_is_confirmed(emulator: Emulator) -> None:
    client = Client(emulator=emulator, pace=Pace(rate=10.0, interval=3600.0))
    async with running(client):
        await client.device.flush()  # nobody is there yet
        await client.until(lambda status: status.connection is Connection.CONNECTED)
        client.offer(1.0, 2.0)
        assert client.device.status.waiting == 0
        await client.device.flush()
        assert client.stored == [2.0]


async def test_within_an_interval_only_the_last_value_counts(emulator: Emulator) -> None:
    client = Client(emulator=emulator, pace=Pace(rate=10.0, interval=0.5))
    async with running(client):
        client.offer(1.0, 2.0, 3.0)
        client.offer(4.0, start=60_000)
        await client.until(lambda status: status.confirmed == 2)
    assert set(client.stored) == {3.0, 4.0}


class Endless(NoSpool):
    """Has more of the past than can be sent."""

    is_pending = True

    async def read(self) -> list[Sample]:
        return [Sample(identifier="past", value=float(number), time=number) for number in range(1000)]


async def test_while_the_past_is_sent_the_present_takes_one_message_in_five_and_comes_first(emulator: Emulator) -> None:
    client = Client(emulator=emulator, pace=Pace(rate=20.0), spool=Endless())
    client.offer(0.0)
    messages = client.platform.messages
    begun = time.monotonic()
    async with running(client):
        await emulator.wait_for(lambda: messages["thing/event/property/post"] == 1)
        assert messages[HISTORY_POST] == 0
        for number in range(1, 21):
            client.offer(float(number), start=number)
            await client.until_posted(HISTORY_POST, number)
    live = sum(count for topic, count in messages.items() if "property" in topic and "history" not in topic)
    assert 2 <= live <= 2 + (time.monotonic() - begun) * 20 / 5
    assert client.platform.history[0].kind is Kind.PROPERTY


async def test_values_of_before_a_step_of_the_clock_keep_their_times(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(emulator=emulator)
    wall = time.time
    async with running(client):
        await client.until(lambda status: status.connection is Connection.CONNECTED)
        client.device.offer(Sample("warm", 1.0, int(wall() * 1000)))
        await client.until(lambda status: status.confirmed == 1)
        before = int(wall() * 1000)
        client.device.offer(Sample("t", 1.0, before))
        monkeypatch.setattr(time, "time", lambda: wall() + 3600.0)
        after = int(wall() * 1000)
        client.device.offer(Sample("t", 2.0, after + 3_600_000))
        await client.until(lambda status: status.confirmed == 3)
    times = [sample.time for sample in client.platform.history_of("t")]
    assert times[0] == before
    assert abs(times[1] - after) < 1000
