"""The pump: values that an interval holds back."""

import asyncio

from custom_components.aliyun_iot.alink.outbox.pump import Pace, Pump
from custom_components.aliyun_iot.alink.outbox.queue import Lane

from .instant import BEGIN, Clock, Platform, Posted, instantly, posting, pump_of, sample


def ages(pump: Pump) -> tuple[int | None, int | None]:
    return pump.oldest, min((time for _, time in pump.unconfirmed()), default=None)


@instantly
async def test_an_interval_lets_its_last_value_go_when_it_is_over(clock: Clock) -> None:
    pump, platform = pump_of(Pace(rate=1.0, interval=10.0)), Platform(clock)
    async with posting(pump, platform):
        pump.offer(sample(1.0, time=BEGIN))
        await asyncio.sleep(4.0)
        pump.offer(sample(2.0, time=BEGIN + 4000))
        await asyncio.sleep(4.0)
        pump.offer(sample(3.0, "u", BEGIN + 8000))
        await asyncio.sleep(20.0)
    assert platform.posted == [Posted(10.0, Lane.LIVE, [2.0, 3.0])]


@instantly
async def test_a_value_of_the_next_interval_lets_the_one_before_go(clock: Clock) -> None:
    pump = pump_of(Pace(interval=10.0))
    pump.offer(sample(1.0, time=12_000))
    pump.offer(sample(2.0, time=21_000))
    assert list(pump.outbox) == [sample(1.0, time=12_000)]


@instantly
async def test_without_an_interval_the_oldest_in_the_queue_is_the_oldest_of_all(clock: Clock) -> None:
    pump = pump_of(Pace())
    assert ages(pump) == (None, None)
    pump.offer(sample(1.0, time=70))
    pump.offer(sample(2.0, "u", 50))
    assert ages(pump) == (70, 50)


@instantly
async def test_with_an_interval_the_oldest_is_in_the_queue_or_held_back(clock: Clock) -> None:
    pump = pump_of(Pace(interval=10.0))
    assert ages(pump) == (None, None)
    pump.offer(sample(1.0, time=12_000))
    pump.offer(sample(2.0, time=21_000))
    assert ages(pump) == (12_000, 12_000)
    pump.offer(sample(1.0, "u", 5_000))
    assert ages(pump) == (0, 0)
