"""Reporting: which values are confirmed, given back or rejected, and which message goes when."""

import time

import pytest

from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.errors import UnreachableError
from custom_components.aliyun_iot.alink.protocol.messages import Sample
from custom_components.aliyun_iot.alink.status import Connection
from tests.emulator import ClockFault, Emulator, ReplyFault
from tests.emulator.device import Kind

from .client import IDENTITY, Client, running

HISTORY_POST = "thing/event/property/history/post"


@pytest.mark.parametrize("code", [429, 500, 6313])
async def test_a_platform_that_cannot_take_values_now_gets_them_later(emulator: Emulator, code: int) -> None:
    emulator.faults.set(reply=ReplyFault(code=code, times=2))
    client = Client(emulator=emulator, reply_timeout=0.2)
    client.offer(1.0, 2.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 2)
    assert sorted(client.stored, key=str) == [1.0, 2.0]  # the order depends on the time between two tries


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


async def test_a_refusal_that_comes_while_the_time_is_asked_counts(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.reporting._NEVER", 1)
    client = Client(emulator=emulator, reply_timeout=0.1)
    client.offer(1.0)
    emulator.faults.set(reply=ReplyFault(delay=0.3, code=6207, text="data format error"), clock=ClockFault(delay=0.6))
    async with running(client):
        await client.until(lambda status: status.confirmed + status.rejected == 1)
        assert (client.device.status.confirmed, client.device.status.rejected) == (0, 1)
        assert client.device.status.answers is True


async def test_a_refusal_after_a_message_was_taken_for_granted_takes_that_back(emulator: Emulator) -> None:
    emulator.faults.set(reply=ReplyFault(lost=True))
    client = Client(emulator=emulator, reply_timeout=0.1)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 1)
        emulator.faults.set(reply=ReplyFault(delay=0.3, code=6207, text="data format error", times=1))
        client.offer(2.0, start=10)
        await client.until(lambda status: status.confirmed == 2)
        await client.until(lambda status: status.rejected == 1)
        assert client.device.status.confirmed == 1
        rejection = client.device.status.rejections["t"]
        assert (rejection.latest.code, list(rejection.missed.values())) == (6207, [(1_700_000_000_010,) * 2])


async def test_a_platform_that_throttles_from_the_start_is_not_taken_for_one_that_never_replies(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.reporting._NEVER", 1)
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


async def test_after_a_step_of_the_clock_no_value_goes_before_the_platform_has_told_the_time(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.alink.transport.platform_clock._PATIENCE", 0.2)
    client = Client(emulator=emulator)
    wall = time.time
    async with running(client):
        await client.until(lambda status: status.is_clock_known)
        emulator.faults.set(clock=ClockFault(delay=0.3))
        monkeypatch.setattr(time, "time", lambda: wall() + 3600.0)
        after = int(wall() * 1000)
        client.device.offer(Sample("t", 1.0, after + 3_600_000))
        await client.until(lambda status: status.confirmed == 1)
    (sample,) = client.platform.history_of("t")
    assert abs(sample.time - after) < 1000
