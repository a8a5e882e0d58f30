"""The pump: which message goes when, and what each reply does to it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket
from custom_components.aliyun_iot.alink.outbox.pump import Pace, Pump
from custom_components.aliyun_iot.alink.outbox.queue import Lane
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.messages import Repetition, Reply, Sample

from .instant import Clock, Platform, Posted, instantly, posting, pump_of, sample


class Pending(NoSpool):
    """A spool that has something to read back."""

    is_pending = True


class Sent:
    """The samples that the pump has delivered."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._changed = asyncio.Event()

    def settled(self, _lane: Lane, samples: Sequence[Sample], _reply: Reply) -> None:
        self.samples += samples
        self._changed.set()

    async def until(self, predicate: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not predicate():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def running(pump: Pump) -> AsyncGenerator[None]:
    async def post(_lane: Lane, _samples: Sequence[Sample]) -> Reply:
        return Reply(id="1", code=200)

    task = asyncio.ensure_future(pump.run(post))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@instantly
async def test_the_past_in_memory_goes_when_nothing_was_found_to_read_back(clock: Clock) -> None:
    spool, sent = Pending(), Sent()
    pump = Pump(sent.settled, spool, Pace(rate=10.0), TokenBucket(10.0), pause=1.0, on_put_off=int)
    for number in range(5):
        pump.offer(Sample("t", float(number), number))
    async with running(pump):
        await sent.until(lambda: len(sent.samples) == 1)
        spool.is_pending = False
        pump.recall(())
        await sent.until(lambda: len(sent.samples) == 5)


@instantly
async def test_a_value_that_an_interval_holds_back_goes_before_it_is_said_again(clock: Clock) -> None:
    sent = Sent()
    pump = Pump(sent.settled, NoSpool(), Pace(rate=10.0, interval=3600.0), TokenBucket(10.0), pause=1.0, on_put_off=int)
    async with running(pump):
        pump.offer(Sample("t", 1.0, 10))
        pump.offer_now([Repetition("t", 1.0, 20)])
        await sent.until(lambda: sorted(sample.time for sample in sent.samples) == [10, 20])


@instantly
async def test_what_an_interval_holds_back_counts_as_unconfirmed_from_its_beginning(clock: Clock) -> None:
    pump = Pump(Sent().settled, NoSpool(), Pace(interval=10.0), TokenBucket(1.0), pause=1.0, on_put_off=int)
    pump.offer(Sample("t", 1.0, 123_456))
    assert list(pump.unconfirmed()) == [("t", 120_000)]
    assert pump.oldest == 120_000


def recalled(count: int) -> list[Sample]:
    return [sample(-number, "past", number) for number in range(1, count + 1)]


def lanes(platform: Platform) -> list[tuple[float, Lane]]:
    return [(posted.at, posted.lane) for posted in platform.posted]


@instantly
async def test_the_first_change_after_silence_goes_at_once_and_the_next_when_the_budget_has_it(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=0.5)), Platform(clock)
    async with posting(pump, platform):
        await asyncio.sleep(5.0)
        pump.offer(sample(1.0))
        await asyncio.sleep(0.25)
        pump.offer(sample(2.0))
        await asyncio.sleep(5.0)
    assert platform.posted == [Posted(5.0, Lane.LIVE, [1.0]), Posted(7.0, Lane.LIVE, [2.0])]


@instantly
async def test_beside_the_past_the_present_goes_first_and_then_gathers_for_five_messages(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=2.0)), Platform(clock)
    pump.recall(recalled(2000))
    pump.offer(sample(0.0))
    async with posting(pump, platform):
        for number in range(1, 13):
            await asyncio.sleep(0.25)
            pump.offer(sample(float(number)))
    past = [(at, Lane.PAST) for at in (0.5, 1.0, 1.5, 2.0)]
    assert lanes(platform) == [(0.0, Lane.LIVE), *past, (2.5, Lane.LIVE), (3.0, Lane.PAST)]
    assert platform.posted[5].values == [float(number) for number in range(1, 10)]


@instantly
async def test_as_many_changes_as_fill_a_message_need_not_gather_any_longer(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0)), Platform(clock)
    pump.recall(recalled(2000))
    pump.offer(sample(0.0))
    async with posting(pump, platform):
        await asyncio.sleep(0.5)
        for number in range(1, 200):
            pump.offer(sample(float(number)))
        await asyncio.sleep(1.0)
        pump.offer(sample(200.0))
        await asyncio.sleep(1.0)
    assert lanes(platform) == [(0.0, Lane.LIVE), (1.0, Lane.PAST), (2.0, Lane.LIVE)]
    assert platform.sizes == [1, 200, 200]


@instantly
async def test_a_new_link_begins_with_the_present(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0)), Platform(clock)
    pump.recall(recalled(2000))
    pump.offer(sample(0.0))
    async with posting(pump, platform):
        await asyncio.sleep(1.5)
    pump.offer(sample(1.0))
    async with posting(pump, platform):
        await asyncio.sleep(1.0)
    assert lanes(platform) == [(0.0, Lane.LIVE), (1.0, Lane.PAST), (2.0, Lane.LIVE)]


@instantly
async def test_without_a_past_the_present_need_not_gather(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0)), Platform(clock)
    async with posting(pump, platform):
        for number in range(3):
            pump.offer(sample(float(number)))
            await asyncio.sleep(1.0)
    assert lanes(platform) == [(0.0, Lane.LIVE), (1.0, Lane.LIVE), (2.0, Lane.LIVE)]


@instantly
async def test_draining_sends_the_present_before_the_past_and_waits_for_the_last_of_it(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=10.0)), Platform(clock)
    pump.recall(recalled(2000))
    pump.offer(sample(0.0))
    async with posting(pump, platform):
        await asyncio.sleep(0.05)
        for number in range(1, 401):
            pump.offer(sample(float(number)))
        pump.offer(sample(1.0, identifier="u"))
        await pump.drain()
        assert pump.outbox.live == 0
    assert platform.sizes == [1, 200, 200, 1]
    assert {posted.lane for posted in platform.posted} == {Lane.LIVE}


@instantly
async def test_draining_with_nothing_of_the_present_is_over_at_once(clock: Clock) -> None:
    pump = pump_of(Pace())
    pump.recall(recalled(1))
    await pump.drain()
    assert clock.now == 0.0


@instantly
async def test_more_is_wanted_when_fewer_than_five_full_messages_are_left(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0)), Platform(clock)
    pump.recall(recalled(999))
    await pump.wants_more()
    assert clock.now == 0.0
    pump.recall(recalled(202))
    async with posting(pump, platform):
        await pump.wants_more()
    assert (clock.now, pump.outbox.recalled) == (1.0, 801)


@instantly
async def test_exactly_five_full_messages_are_enough(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0)), Platform(clock)
    pump.recall(recalled(1000))
    async with posting(pump, platform):
        await pump.wants_more()
    assert platform.sizes == [200]


@instantly
async def test_what_is_withdrawn_is_not_sent_and_nothing_empty_is(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0, interval=3600.0)), Platform(clock)
    async with posting(pump, platform):
        pump.offer_now([sample("old")])
        await asyncio.sleep(0.5)
        pump.offer(sample("held back"))
        pump.offer_now([sample("waits"), sample(1.0, "other")])
        pump.withdraw({"t", "other"})
        await asyncio.sleep(5.0)
        pump.offer_now([sample(2.0)])
        await asyncio.sleep(5.0)
    assert [posted.values for posted in platform.posted] == [["old"], [2.0]]


@instantly
async def test_draining_ends_when_the_rest_is_withdrawn(clock: Clock) -> None:
    pump = pump_of(Pace(rate=1.0))
    pump.offer(sample("old"))
    draining = asyncio.ensure_future(pump.drain())
    await asyncio.sleep(1.0)
    pump.withdraw({"t"})
    await draining
    assert clock.now == 1.0


@instantly
async def test_more_is_wanted_when_what_was_recalled_is_withdrawn(clock: Clock) -> None:
    pump = pump_of(Pace(rate=1.0))
    pump.recall(recalled(2000))
    waiting = asyncio.ensure_future(pump.wants_more())
    await asyncio.sleep(1.0)
    pump.withdraw({"past"})
    await waiting
    assert clock.now == 1.0
