"""The session: a link that is kept up, and the messages over it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import logging
import time

import pytest
import trustme

from custom_components.aliyun_iot.alink import session
from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint
from custom_components.aliyun_iot.alink.protocol.errors import (
    AuthenticationRefusedError,
    MalformedAnswerError,
    MisdirectedError,
    UnreachableError,
)
from custom_components.aliyun_iot.alink.protocol.identity import SecretCredentials
from custom_components.aliyun_iot.alink.protocol.messages import parse_reply
from custom_components.aliyun_iot.alink.session import Session, Work
from custom_components.aliyun_iot.alink.status import Connection
from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.alink.transport.access import Access
from custom_components.aliyun_iot.alink.transport.trust import make_trust
from tests.emulator import ConnackFault, Emulator, HttpsFault, Only

from .client import IDENTITY, Client, running
from .servers import ACCEPTED, Talk, publish, server, until_gone


async def idle() -> None:
    await asyncio.Event().wait()


@pytest.fixture
def authority(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Generator[trustme.CA]:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.transport.platform_clock._PATIENCE", 0.01)
    authority = trustme.CA()
    with authority.cert_pem.tempfile() as ca_file:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        yield authority


@dataclass(kw_only=True)
class Conversation:
    """A session with a server of a test's own."""

    endpoint: Endpoint
    bucket: TokenBucket = field(default_factory=lambda: TokenBucket(10.0))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        credentials = SecretCredentials(identity=IDENTITY, device_secret="secret")
        access = Access(credentials=credentials, endpoint=self.endpoint)
        self.session = Session(access, make_trust(), self.bucket, on_change=self.changed.set)

    @asynccontextmanager
    async def running(self, work: Work = idle) -> AsyncGenerator[None]:
        task = asyncio.ensure_future(self.session.run(work))
        try:
            async with asyncio.timeout(20):
                yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, predicate: Callable[[], bool]) -> None:
        while not predicate():
            self.changed.clear()
            await self.changed.wait()


def says(*messages: bytes, after: bytes = b"") -> Talk:
    """Accept, wait until `after` was heard, and say `messages`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED)
        heard = b""
        while after not in heard:
            heard += await reader.read(4096)
        writer.write(b"".join(messages))
        await until_gone(reader)

    return talk


def answer(message: str, code: int = 200) -> bytes:
    return publish("answers", b'{"id":"%s","code":%d}' % (message.encode(), code))


@asynccontextmanager
async def talking(emulator: Emulator, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Client]:
    """Run a device at a server of a test's own, instead of at the emulator."""
    authority = trustme.CA()
    with authority.cert_pem.tempfile() as ca_file:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        async with server(authority, talk) as endpoint:
            client = Client(emulator=emulator, endpoint=endpoint)
            async with running(client):
                yield client


async def test_a_fault_of_ours_is_logged_and_does_not_end_the_deliveries(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.session._AFTER_FAULT", 0.01)
    client = Client(emulator=emulator)
    client.offer(float("nan"))
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
    assert "Unexpected error" in caplog.text


async def test_credentials_that_the_platform_names_as_wrong_are_refused_at_once_and_tried_seldom(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "_SELDOM", 0.2)
    emulator.faults.set(connack=ConnackFault(code=4), https=HttpsFault(code=6287, only=Only.AUTHENTICATION))
    client = Client(emulator=emulator, asks_over_https=True)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.REFUSED)
        assert isinstance(client.device.status.problem, AuthenticationRefusedError)
        assert client.platform.connects == 1
        emulator.faults.clear()
        await client.until(lambda status: status.connection is Connection.CONNECTED)


@pytest.mark.parametrize("code", [4, 5])
@pytest.mark.parametrize("asks_over_https", [True, False])
async def test_one_refusal_over_mqtt_is_no_end(emulator: Emulator, code: int, asks_over_https: bool) -> None:
    emulator.faults.set(connack=ConnackFault(code=code, times=1))
    client = Client(emulator=emulator, asks_over_https=asks_over_https)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
        problem = client.device.status.problem
        assert isinstance(problem, MisdirectedError if asks_over_https else AuthenticationRefusedError)
        await client.until(lambda status: status.confirmed == 1)
        assert client.device.status.problem is None


@pytest.mark.parametrize("code", [6204, 6250])
async def test_a_device_that_may_come_back_is_tried_again(emulator: Emulator, code: int) -> None:
    emulator.faults.set(connack=ConnackFault(code=4, times=1), https=HttpsFault(code=code, only=Only.AUTHENTICATION))
    client = Client(emulator=emulator, asks_over_https=True)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.WAITING)
        problem = client.device.status.problem
        assert isinstance(problem, AuthenticationRefusedError)
        assert problem.code == code
        await client.until(lambda status: status.connection is Connection.CONNECTED)


async def test_refusals_for_minutes_ask_for_help_and_heal_alone(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("_REFUSED_FOR", 0.05), ("_FIRST", 1.0), ("_SHORTEST_STEP", 0.01), ("_SELDOM", 0.1)):
        monkeypatch.setattr(supervision, name, seconds)
    monkeypatch.setattr(supervision, "_REFUSALS", 3)
    emulator.faults.set(connack=ConnackFault(code=4))
    client = Client(emulator=emulator)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.REFUSED)
        assert emulator.device(IDENTITY.product_key, IDENTITY.device_name).connects >= 3
        emulator.faults.clear()
        await client.until(lambda status: status.connection is Connection.CONNECTED)


async def test_a_device_that_is_taken_over_is_tried_again_and_heals_alone(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("_FIRST", 1.0), ("_SHORTEST_STEP", 0.01), ("_SELDOM", 0.2)):
        monkeypatch.setattr(supervision, name, seconds)
    client = Client(emulator=emulator)
    async with running(client):
        for _ in range(3):
            await client.until(lambda status: status.connection is Connection.CONNECTED)
            await emulator.cut()
            await client.until(lambda status: status.connection is not Connection.CONNECTED)
        assert (client.device.status.connection, client.device.status.is_contested) == (Connection.TAKEN_OVER, True)
        monkeypatch.setattr(session, "SETTLED", 0.1)
        await client.until(lambda status: status.connection is Connection.CONNECTED and not status.is_contested)


async def test_a_listener_that_fails_is_logged_once_and_touches_nothing(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(emulator=emulator, fails=True)
    client.offer(1.0, 2.0)
    async with running(client):
        await emulator.wait_for(lambda: sorted(map(str, client.stored)) == ["1.0", "2.0"])
        await client.until(lambda status: status.confirmed == 2)
        assert emulator.device(IDENTITY.product_key, IDENTITY.device_name).connects == 1
    assert caplog.text.count("Unexpected error") == 1


async def test_a_session_that_is_about_to_end_is_renewed_and_nothing_is_said(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_SESSION_LIFETIME", 0.2)
    client = Client(emulator=emulator, asks_over_https=True, logs_in_over_https=True)
    emulator.assign = ("127.0.0.1", emulator.mqtts_port)
    async with running(client):
        await emulator.wait_for(lambda: client.platform.connects == 2)
    assert {status.connection for status in client.statuses} == {Connection.CONNECTING, Connection.CONNECTED}
    assert {status.problem for status in client.statuses} == {None}


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

    async with talking(emulator, talk, monkeypatch) as client:
        await client.until(lambda status: status.unreadable == 2)
    assert client.device.status.connection is Connection.CONNECTED


async def test_an_answer_in_no_known_form_is_tried_again(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x20\x02\x00\x63")
        await until_gone(reader)

    async with talking(emulator, talk, monkeypatch) as client:
        await client.until(lambda status: status.connection is Connection.WAITING)
    assert isinstance(client.device.status.problem, MalformedAnswerError)


async def test_answers_that_are_awaited_at_the_same_time_each_find_their_own_and_an_unknown_id_finds_nobody(
    authority: trustme.CA,
) -> None:
    said = says(answer("7", code=500), answer("2", code=460), answer("2", code=500), answer("1"), after=b"asked both")
    codes = asyncio.get_running_loop().create_future()
    async with server(authority, said) as endpoint:
        conversation = Conversation(endpoint=endpoint)
        session = conversation.session
        session.on_topic("answers", lambda _topic, payload: session.answered(parse_reply(payload)))

        async def ask() -> None:
            with session.awaiting("1") as first, session.awaiting("2") as second:
                session.publish("questions", b"asked both")
                codes.set_result(((await first).code, (await second).code))
            await idle()

        async with conversation.running(ask):
            assert await codes == (200, 460)
            assert session.connection is Connection.CONNECTED


async def test_an_answer_that_comes_after_nobody_waits_for_it_any_more_is_dropped(authority: trustme.CA) -> None:
    heard = asyncio.Event()
    async with server(authority, says(answer("1"), after=b"asked")) as endpoint:
        conversation = Conversation(endpoint=endpoint)
        session = conversation.session

        def listen(_topic: str, payload: bytes) -> None:
            session.answered(parse_reply(payload))
            heard.set()

        async def ask() -> None:
            with session.awaiting("1"):
                pass
            session.publish("questions", b"asked")
            await idle()

        session.on_topic("answers", listen)
        async with conversation.running(ask):
            await heard.wait()
            assert session.connection is Connection.CONNECTED


async def test_a_handler_that_fails_is_logged_once_and_ends_neither_the_link_nor_the_others(
    authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[bytes] = []
    said = [publish("bad", b"1"), publish("good", b"2"), publish("bad", b"3"), publish("good", b"4")]
    everything = asyncio.Event()

    def fail(_topic: str, _payload: bytes) -> None:
        raise ValueError("of ours")  # paho's word for a packet that is no MQTT

    def listen(_topic: str, payload: bytes) -> None:
        heard.append(payload)
        if len(heard) == 2:
            everything.set()

    async with server(authority, says(*said)) as endpoint:
        conversation = Conversation(endpoint=endpoint)
        conversation.session.on_topic("bad", fail)
        conversation.session.on_topic("good", listen)
        async with conversation.running():
            await everything.wait()
            await conversation.until(lambda: conversation.session.connection is Connection.CONNECTED)
    assert heard == [b"2", b"4"]
    assert conversation.session.unreadable == 0
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "of ours" in str(errors[0].exc_info)
    assert "bad" in errors[0].getMessage()


async def test_a_filter_hands_over_every_topic_that_it_stands_for_and_a_whole_topic_goes_first(
    authority: trustme.CA,
) -> None:
    heard: list[tuple[str, str]] = []
    everything = asyncio.Event()
    said = [publish("call/1", b""), publish("call/2/3", b""), publish("call/set", b""), publish("call/4", b"")]

    def any_call(topic: str, _payload: bytes) -> None:
        heard.append(("any", topic))
        if topic == "call/4":
            everything.set()

    async with server(authority, says(*said)) as endpoint:
        conversation = Conversation(endpoint=endpoint)
        conversation.session.on_topic("call/+", any_call)
        conversation.session.on_topic("call/set", lambda topic, _payload: heard.append(("set", topic)))
        async with conversation.running():
            await everything.wait()
    assert heard == [("any", "call/1"), ("set", "call/set"), ("any", "call/4")]


async def test_without_a_link_nothing_is_sent_and_nothing_counted() -> None:
    session = Conversation(endpoint=Endpoint(host="127.0.0.1", port=1)).session
    acknowledged = session.publish_now("topic", b"")
    assert not session.is_up
    assert (session.messages, acknowledged.done()) == (0, False)


async def test_a_message_that_cannot_wait_counts_for_those_that_can(authority: trustme.CA) -> None:
    bucket = TokenBucket(10.0, 10.0)
    async with server(authority, says()) as endpoint:
        conversation = Conversation(endpoint=endpoint, bucket=bucket)

        async def work() -> None:
            for _ in range(10):
                conversation.session.publish_now("topic", b"")
            await idle()

        async with conversation.running(work):
            await conversation.until(lambda: conversation.session.messages == 11)  # and the question for the time
    assert bucket.delay(time.monotonic()) > 0.0


async def test_after_two_links_that_end_at_a_subscribe_to_commands_it_goes_on_without(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "_FIRST", 1.0)
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.01)
    links: list[bytes] = []
    is_complete = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ACCEPTED)
        heard = b""
        while b"a/command" not in heard and b"last" not in heard:
            heard += await reader.read(4096)
        links.append(heard)
        if b"a/command" not in heard:
            is_complete.set()
            await until_gone(reader)

    async with server(authority, talk) as endpoint:
        conversation = Conversation(endpoint=endpoint)
        session = conversation.session
        session.on_topic("an/answer", lambda _topic, _payload: None)
        session.on_command("a/command", lambda _topic, _payload: None, is_asked=True)

        async def work() -> None:
            session.publish_now("last", b"")
            await idle()

        async with conversation.running(work):
            await is_complete.wait()
            assert session.is_subscribe_dropped
    assert [(b"an/answer" in link, b"a/command" in link) for link in links] == [
        (True, True),
        (True, True),
        (True, False),
    ]
