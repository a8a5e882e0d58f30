"""Which message goes when."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from custom_components.aliyun_iot.alink.outbox.pump import Pace, Pump
from custom_components.aliyun_iot.alink.outbox.queue import Lane
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.messages import Repetition, Reply, Sample


class Pending(NoSpool):
    """Thinks that it has something to read back."""

    is_pending = True


class Sent:
    """What the pump has delivered."""

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


async def test_the_past_in_memory_goes_when_nothing_was_found_to_read_back() -> None:
    spool, sent = Pending(), Sent()
    pump = Pump(sent.settled, spool, Pace(rate=10.0), pause=1.0)
    for number in range(5):
        pump.offer(Sample("t", float(number), number))
    async with running(pump):
        await sent.until(lambda: len(sent.samples) == 1)
        spool.is_pending = False
        pump.recall(())
        await sent.until(lambda: len(sent.samples) == 5)


async def test_a_value_that_an_interval_holds_back_goes_before_it_is_said_again() -> None:
    sent = Sent()
    pump = Pump(sent.settled, NoSpool(), Pace(rate=10.0, interval=3600.0), pause=1.0)
    async with running(pump):
        pump.offer(Sample("t", 1.0, 10))
        pump.offer_now([Repetition("t", 1.0, 20)])
        await sent.until(lambda: sorted(sample.time for sample in sent.samples) == [10, 20])


async def test_what_an_interval_holds_back_counts_as_unconfirmed_from_its_beginning() -> None:
    pump = Pump(Sent().settled, NoSpool(), Pace(interval=10.0), pause=1.0)
    pump.offer(Sample("t", 1.0, 123_456))
    assert list(pump.unconfirmed()) == [("t", 120_000)]
    assert pump.oldest == 120_000
