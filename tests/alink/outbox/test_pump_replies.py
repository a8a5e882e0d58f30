"""The pump: the fate of a message by its reply."""

import asyncio
from collections.abc import Sequence

import pytest

from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket
from custom_components.aliyun_iot.alink.outbox.pump import Pace, Pump
from custom_components.aliyun_iot.alink.outbox.queue import Lane
from custom_components.aliyun_iot.alink.protocol.messages import Reply, Sample

from .instant import SILENCE, Clock, Kept, Platform, Posted, instantly

type Settled = tuple[Lane, list[object], int]


class Home:
    """A pump that sends one message a second, and the batches that it has settled."""

    def __init__(self) -> None:
        self.spool = Kept()
        self.settled: list[Settled] = []
        self.pump = Pump(self._settled, self.spool, Pace(rate=1.0), TokenBucket(1.0), pause=7.0, on_put_off=int)

    def _settled(self, lane: Lane, samples: Sequence[Sample], reply: Reply) -> None:
        self.settled.append((lane, [sample.value for sample in samples], reply.code))

    def offer(self, *values: int) -> None:
        """Offer values of one property each, so that all of them are of the present."""
        for value in values:
            self.pump.offer(Sample(f"t{value}", value, value))

    async def run(self, platform: Platform, seconds: float) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.pump.run(platform.post)


@instantly
async def test_a_message_that_was_taken_is_settled_with_its_lane_and_its_reply(clock: Clock) -> None:
    home, platform = Home(), Platform(clock)
    home.offer(1, 2)
    await home.run(platform, 1.0)
    assert platform.posted == [Posted(0.0, Lane.LIVE, [1, 2])]
    assert home.settled == [(Lane.LIVE, [1, 2], 200)]
    assert len(home.pump.outbox) == 0


@instantly
async def test_the_spool_hears_of_confirmed_values_of_the_present_only(clock: Clock) -> None:
    home, platform = Home(), Platform(clock)
    home.pump.recall([Sample("t", 1, 1)])
    await home.run(platform, 1.0)
    assert (home.settled, home.spool.confirmations) == ([(Lane.PAST, [1], 200)], 0)
    home.offer(2)
    await home.run(platform, 1.0)
    assert (home.settled[1:], home.spool.confirmations) == ([(Lane.LIVE, [2], 200)], 1)


@pytest.mark.parametrize("code", [429, 500])
@instantly
async def test_a_platform_that_asks_for_time_gets_it_and_the_same_values_again(clock: Clock, code: int) -> None:
    home, platform = Home(), Platform(clock, code)
    home.offer(1, 2)
    await home.run(platform, 20.0)
    assert platform.posted == [Posted(0.0, Lane.LIVE, [1, 2]), Posted(7.0, Lane.LIVE, [1, 2])]
    assert home.settled == [(Lane.LIVE, [1, 2], 200)]


class Spoiled(Platform):
    """Puts off each message that has one of some values."""

    def __init__(self, clock: Clock, *spoils: int, code: int = 500) -> None:
        super().__init__(clock)
        self._spoils, self._code = set(spoils), code

    async def post(self, lane: Lane, samples: Sequence[Sample]) -> Reply:
        reply = await super().post(lane, samples)
        if self._spoils & {sample.value for sample in samples}:
            return Reply(id="1", code=self._code, text="system error")
        return reply


@pytest.mark.parametrize(
    ("seconds", "settled"),
    [
        (899.0, []),
        (1099.0, [([0, 1], 200), ([2], 200)]),
        (4499.0, [([0, 1], 200), ([2], 200)]),
        (4799.0, [([0, 1], 200), ([2], 200), ([3], 500), ([4, 5], 200), ([6, 7], 200)]),
    ],
)
@instantly
async def test_one_value_that_is_put_off_for_ever_is_found_and_counts_as_rejected(
    clock: Clock, seconds: float, settled: list[tuple[list[object], int]]
) -> None:
    home, platform = Home(), Spoiled(clock, 3)
    home.offer(*range(8))
    await home.run(platform, seconds)
    assert home.settled == [(Lane.LIVE, values, code) for values, code in settled]
    assert {len(posted.values) for posted in platform.posted if posted.at < 900.0} == {8}
    assert (home.pump.put_off is None) is (len(settled) == 5)


@instantly
async def test_a_value_of_the_past_is_found_while_those_of_now_are_taken(clock: Clock) -> None:
    home, platform = Home(), Spoiled(clock, 3)
    home.pump.recall([Sample(f"t{value}", value, value) for value in range(1, 6)])

    async def change() -> None:
        for value in range(100, 1000):
            home.pump.offer(Sample("live", value, value))
            await asyncio.sleep(60.0)

    changing = asyncio.ensure_future(change())
    await home.run(platform, 800.0)
    assert home.pump.put_off is not None
    assert home.pump.put_off.since < 10.0
    await home.run(platform, 9000.0)
    changing.cancel()
    past = [(values, code) for lane, values, code in home.settled if lane is Lane.PAST]
    assert past == [([1, 2], 200), ([3], 500), ([4, 5], 200)]


@instantly
async def test_the_time_without_a_link_suspects_nobody(clock: Clock) -> None:
    home, platform = Home(), Spoiled(clock, 1)
    home.offer(1, 2)
    for _ in range(20):
        await home.run(platform, 600.0)  # a link that ends before a quarter of an hour is over
        await asyncio.sleep(3600.0)
    assert (home.settled, set(platform.sizes)) == ([], {2})


@instantly
async def test_the_next_value_of_a_property_that_was_put_off_holds_nobody_up(clock: Clock) -> None:
    home, platform = Home(), Spoiled(clock, 3, 33)
    home.offer(1, 3)
    await home.run(platform, 5000.0)
    assert home.settled == [(Lane.LIVE, [1], 200), (Lane.LIVE, [3], 500)]
    for value in (4, 33, 5):
        home.pump.offer(Sample("t3" if value == 33 else f"t{value}", value, value))
    await home.run(platform, 60.0)
    assert home.settled[2:] == [(Lane.LIVE, [4], 200), (Lane.LIVE, [33], 500), (Lane.LIVE, [5], 200)]


@instantly
async def test_a_platform_that_has_too_many_messages_blames_no_value(clock: Clock) -> None:
    home, platform = Home(), Spoiled(clock, 1, code=429)
    home.offer(1, 2)
    await home.run(platform, 20_000.0)
    assert (home.settled, set(platform.sizes)) == ([], {2})


@instantly
async def test_a_message_without_a_reply_is_sent_again_and_the_third_in_a_row_ends_the_link(clock: Clock) -> None:
    home, platform = Home(), Platform(clock, SILENCE, SILENCE, SILENCE)
    home.offer(1)
    await home.pump.run(platform.post)
    assert platform.posted == [Posted(at, Lane.LIVE, [1]) for at in (0.0, 1.0, 2.0)]
    assert (home.settled, len(home.pump.outbox)) == ([], 1)


@instantly
async def test_a_reply_starts_the_count_of_missed_ones_anew(clock: Clock) -> None:
    home, platform = Home(), Platform(clock, SILENCE, SILENCE, 429, SILENCE, SILENCE)
    home.offer(1)
    await home.run(platform, 30.0)
    assert platform.sizes == [1] * 6
    assert home.settled == [(Lane.LIVE, [1], 200)]


@instantly
async def test_a_fault_while_posting_gives_the_values_back_and_is_raised(clock: Clock) -> None:
    home = Home()
    home.offer(1)

    async def post(_lane: Lane, _samples: Sequence[Sample]) -> Reply:
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        await home.pump.run(post)
    assert [sample.value for sample in home.pump.outbox] == [1]
    assert home.pump.outbox.live == 1


@instantly
async def test_a_refused_message_is_halved_until_the_culprit_is_alone_and_then_grows_again(clock: Clock) -> None:
    home, platform = Home(), Platform(clock, 6106, 6106, 6106, 6106)
    home.offer(*range(8))
    await home.run(platform, 20.0)
    assert platform.sizes == [8, 4, 2, 1, 2, 4, 1]
    assert home.settled == [
        (Lane.LIVE, [0], 6106),
        (Lane.LIVE, [1, 2], 200),
        (Lane.LIVE, [3, 4, 5, 6], 200),
        (Lane.LIVE, [7], 200),
    ]


@instantly
async def test_of_two_that_are_refused_each_goes_alone(clock: Clock) -> None:
    home, platform = Home(), Platform(clock, 6106, 6106)
    home.offer(1, 2)
    await home.run(platform, 20.0)
    assert home.settled == [(Lane.LIVE, [1], 6106), (Lane.LIVE, [2], 200)]


@instantly
async def test_each_lane_has_a_size_of_its_own(clock: Clock) -> None:
    home, platform = Home(), Platform(clock, 6106)
    home.pump.recall([Sample("t", value, value) for value in range(4)])
    await home.run(platform, 1.0)
    home.offer(10, 11, 12, 13)
    await home.run(platform, 10.0)
    assert [(posted.lane, len(posted.values)) for posted in platform.posted] == [
        (Lane.PAST, 4),
        (Lane.LIVE, 4),
        (Lane.PAST, 2),
        (Lane.PAST, 2),
    ]


@instantly
async def test_a_message_never_has_more_values_than_the_platform_takes(clock: Clock) -> None:
    home, platform = Home(), Platform(clock)
    home.offer(*range(450))
    await home.run(platform, 10.0)
    assert platform.sizes == [200, 200, 50]
