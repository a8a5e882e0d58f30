"""Overtaking: what goes ahead of all that waits, and what becomes of it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket
from custom_components.aliyun_iot.alink.outbox.pump import Pace, Pump
from custom_components.aliyun_iot.alink.outbox.queue import Lane, Outbox
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.messages import Repetition, Reply, Sample, Value

from .instant import BEGIN, Clock, Kept, instantly, sample, taken

SLOW = 5.0  # s until each reply comes


class House:
    """A pump, and every message that it has posted, at a platform that takes its time."""

    def __init__(
        self, clock: Clock, pace: Pace | None = None, *, codes: Sequence[int] = (), wait: float = SLOW
    ) -> None:
        pace = pace or Pace()
        self.posted: list[tuple[float, list[Value]]] = []
        self.settled: list[Value] = []
        self.bucket = TokenBucket(pace.rate, pace.burst)
        self.pump = Pump(
            lambda _lane, samples, _reply: self.settled.extend(one.value for one in samples),
            NoSpool(), pace, self.bucket, pause=10.0, on_put_off=int,
        )  # fmt: skip
        self._clock, self._codes, self._wait = clock, list(codes), wait

    async def _post(self, _lane: Lane, samples: Sequence[Sample]) -> Reply:
        self.posted.append((self._clock.now, [one.value for one in samples]))
        code = self._codes.pop(0) if self._codes else 200
        await asyncio.sleep(self._wait)
        if code == 0:
            raise TimeoutError
        return Reply(id="1", code=code)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        tasks = [asyncio.ensure_future(run(self._post)) for run in (self.pump.run, self.pump.run_ahead)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@instantly
async def test_it_goes_at_once_beside_a_message_that_waits_for_its_reply_and_what_follows_waits(clock: Clock) -> None:
    house = House(clock)
    house.pump.offer(sample(1.0))
    async with house.running():
        await asyncio.sleep(0.5)
        house.pump.offer(sample(2.0))
        house.pump.offer_first([sample(3.0, "lamp")])
        await asyncio.sleep(0.1)
        house.pump.offer(sample(4.0))
        await asyncio.sleep(20.0)
    assert house.posted == [(0.0, [1.0]), (0.5, [3.0, 2.0]), (5.0, [4.0])]
    assert house.settled == [1.0, 3.0, 2.0, 4.0]


@instantly
async def test_what_it_borrows_is_paid_by_what_waits(clock: Clock) -> None:
    house = House(clock, wait=0.0)
    async with house.running():
        house.pump.offer(sample(1.0))
        await asyncio.sleep(0.0)
        for number in range(2, 5):
            await asyncio.sleep(0.25)
            house.pump.offer_first([sample(float(number), "lamp")])
        await asyncio.sleep(0.0)
        house.pump.offer(sample(5.0))
        await asyncio.sleep(20.0)
    # At 0.75 the second is full: two posts at 0 and 0.25 and their replies are four of the five that are allowed.
    assert house.posted == [(0.0, [1.0]), (0.25, [2.0]), (1.3, [3.0, 4.0, 5.0])]


@instantly
async def test_without_a_pause_it_goes_as_often_as_the_rate_allows(clock: Clock) -> None:
    house = House(clock, wait=0.0)
    async with house.running():
        for number in range(600):
            house.pump.offer_first([sample(float(number), "lamp")])
            await asyncio.sleep(0.1)
    assert 60 <= len(house.posted) <= 60 + 6  # it may borrow five
    assert [value for _, values in house.posted for value in values] == [float(number) for number in range(600)][
        : len(house.settled)
    ]


@instantly
async def test_a_value_that_has_not_changed_goes_where_it_is_said_on_purpose(clock: Clock) -> None:
    house = House(clock, wait=0.0)
    async with house.running():
        house.pump.offer(sample(1.0))
        await asyncio.sleep(2.0)
        house.pump.offer_first([sample(1.0)])
        await asyncio.sleep(2.0)
        house.pump.offer_first([Repetition("t", 1.0, 5)])
        await asyncio.sleep(2.0)
    assert house.posted == [(0.0, [1.0]), (4.0, [1.0])]


@instantly
async def test_values_of_its_property_that_wait_go_with_it_in_their_order(clock: Clock) -> None:
    house = House(clock)
    house.pump.offer(sample(0.0))
    async with house.running():
        await asyncio.sleep(0.5)
        for value in (1.0, 2.0):
            house.pump.offer(sample(value, "lamp"))
        house.pump.offer_first([sample(3.0, "lamp")])
        await asyncio.sleep(0.1)
    assert house.posted[1] == (0.5, [1.0, 2.0, 3.0])


@instantly
async def test_an_interval_does_not_hold_it_back_nor_a_value_before_it(clock: Clock) -> None:
    house = House(clock, Pace(interval=3600.0), wait=0.0)
    async with house.running():
        await asyncio.sleep(0.0)
        house.pump.offer(sample(1.0, "lamp", BEGIN))
        house.pump.offer(sample(2.0, "t", BEGIN))
        house.pump.offer_first([sample(3.0, "lamp", BEGIN)])
        await asyncio.sleep(0.1)
    assert house.posted == [(0.0, [1.0, 3.0])]


@instantly
@pytest.mark.parametrize("code", [0, 429, 6106])
async def test_what_the_platform_does_not_take_goes_again_in_its_turn(clock: Clock, code: int) -> None:
    house = House(clock, codes=[200, code], wait=0.1)
    house.pump.offer(sample(1.0))
    async with house.running():
        await asyncio.sleep(0.05)
        house.pump.offer_first([sample(2.0, "lamp")])
        await asyncio.sleep(20.0)
    assert [values for _, values in house.posted] == [[1.0], [2.0], [2.0]]
    assert house.settled == [1.0, 2.0]


@instantly
async def test_the_end_of_a_link_gives_it_back(clock: Clock) -> None:
    house = House(clock)
    house.pump.offer(sample(1.0))
    async with house.running():
        await asyncio.sleep(0.1)
        house.pump.offer_first([sample(2.0, "lamp")])
        await asyncio.sleep(0.1)
    async with house.running():
        await asyncio.sleep(20.0)
    assert [values for _, values in house.posted] == [[1.0], [2.0], [2.0, 1.0]]
    assert (house.settled, len(house.pump.outbox)) == ([2.0, 1.0], 0)


@instantly
async def test_nothing_goes_along_while_one_value_is_suspected_of_spoiling_its_message(clock: Clock) -> None:
    house = House(clock, codes=[6106], wait=0.1)
    for value in (1.0, 2.0, 3.0):
        house.pump.offer(sample(value, f"t{value}"))
    async with house.running():
        await asyncio.sleep(0.5)
        house.pump.offer_first([sample(4.0, "lamp")])
        await asyncio.sleep(20.0)
    assert house.posted[:2] == [(0.0, [1.0, 2.0, 3.0]), (0.5, [4.0])]
    assert sorted(house.settled, key=str) == [1.0, 2.0, 3.0, 4.0]


@instantly
async def test_draining_waits_for_it(clock: Clock) -> None:
    house = House(clock)
    house.pump.offer(sample(1.0))
    async with house.running():
        await asyncio.sleep(1.0)
        house.pump.offer_first([sample(2.0, "lamp")])
        await asyncio.sleep(0.1)
        await house.pump.drain()
        assert clock.now == 1.0 + SLOW
    assert house.settled == [1.0, 2.0]


# The queue below it


def ahead_of(outbox: Outbox, *identifiers: str, limit: int = 200, filled: bool = True) -> list[Value]:
    batch = outbox.take_ahead(identifiers, limit, filled=filled)
    return [] if batch is None else [one.value for one in batch.samples]


def test_a_message_ahead_is_filled_with_the_oldest_of_the_others_as_far_as_it_may() -> None:
    outbox = Outbox(Kept())
    for number in range(4):
        outbox.offer(sample(float(number), f"t{number}"))
    assert ahead_of(outbox, "t3", limit=3) == [3.0, 0.0, 1.0]
    assert ahead_of(outbox, "t3") == []
    outbox.offer(sample(4.0, "t4"))
    assert ahead_of(outbox, "t4", filled=False) == [4.0]
    assert taken(outbox) == [2.0]


def test_of_more_than_a_message_holds_the_newest_go_and_the_others_are_the_past() -> None:
    outbox = Outbox(Kept())
    for number in range(5):
        outbox.offer(sample(float(number)))
    assert ahead_of(outbox, "t", limit=2) == [3.0, 4.0]
    assert (outbox.live, taken(outbox, Lane.PAST)) == (0, [0.0, 1.0, 2.0])


def test_texts_ahead_fill_no_more_than_a_message() -> None:
    outbox = Outbox(Kept())
    for number in range(40):
        outbox.offer(sample(f"{number:02}" + "x" * 10_000, f"t{number}"))
    first = ahead_of(outbox, "t39")
    assert [str(text)[:2] for text in first] == ["39", *(f"{number:02}" for number in range(24))]


def test_a_value_in_flight_that_was_overtaken_is_of_the_past_when_it_is_given_back() -> None:
    outbox = Outbox(Kept())
    outbox.offer(sample("off", "lamp"))
    outbox.offer(sample(1.0))
    assert taken(outbox) == ["off", 1.0]
    outbox.offer(sample("on", "lamp"))
    assert ahead_of(outbox, "lamp") == ["on"]
    outbox.give_back()
    assert taken(outbox) == [1.0]
    outbox.settle()
    assert taken(outbox, Lane.PAST) == ["off"]


def test_a_value_ahead_that_was_overtaken_is_of_the_past_when_it_is_given_back() -> None:
    outbox = Outbox(Kept())
    outbox.offer(sample("on", "lamp"))
    batch = outbox.take_ahead({"lamp"}, 200, filled=True)
    assert batch is not None
    outbox.offer(sample("off", "lamp"))
    assert taken(outbox) == ["off"]
    outbox.settle()
    outbox.give_back_ahead(batch)
    assert (outbox.live, taken(outbox, Lane.PAST)) == (0, ["on"])


def test_a_last_word_ahead_comes_first_again_and_wakes_the_pump() -> None:
    woken: list[None] = []
    outbox = Outbox(Kept(), lambda: woken.append(None))
    outbox.offer(sample("on", "lamp"))
    batch = outbox.take_ahead({"lamp"}, 200, filled=True)
    assert batch is not None
    outbox.offer(sample(1.0))
    woken.clear()
    outbox.give_back_ahead(batch)
    assert (taken(outbox), woken) == (["on", 1.0], [None])


def test_what_is_ahead_counts_and_shows_until_it_is_settled() -> None:
    outbox = Outbox(Kept(), most_text=100)
    outbox.offer(sample("x" * 60, "lamp", 5))
    outbox.offer(sample(1.0, "t", 9))
    batch = outbox.take_ahead({"lamp"}, 1, filled=False)
    assert batch is not None
    assert (len(outbox), [one.identifier for one in outbox], outbox.oldest) == (2, ["lamp", "t"], 5)
    assert (outbox.is_sending({"lamp"}), outbox.is_on_its_way, outbox.has_live) == (True, True, True)
    outbox.settle_ahead(batch)
    assert (len(outbox), outbox.oldest, outbox.is_on_its_way) == (1, 9, False)
    outbox.offer(sample("y" * 60, "lamp", 10))  # there is room again
    assert len(outbox) == 2


def test_what_is_withdrawn_while_it_is_ahead_goes_to_the_spool_if_it_is_given_back() -> None:
    spool = Kept()
    outbox = Outbox(spool, most_text=100)
    outbox.offer(sample("x" * 60, "lamp"))
    outbox.offer(sample(1.0))
    batch = outbox.take_ahead({"lamp"}, 200, filled=True)
    assert batch is not None
    outbox.withdraw({"lamp"})
    assert spool.samples == []
    outbox.give_back_ahead(batch)
    assert spool.samples == [sample("x" * 60, "lamp")]
    outbox.offer(sample("y" * 60, "lamp"))
    assert taken(outbox) == [1.0, "y" * 60]
