"""The platform's clock: times by a wrong clock of ours, corrected."""

import json

import pytest

from custom_components.aliyun_iot.alink.protocol.identity import Identity
from custom_components.aliyun_iot.alink.transport import platform_clock
from custom_components.aliyun_iot.alink.transport.platform_clock import PlatformClock

DAY = 86_400_000
HOUR = 3_600_000


class Clocks:
    """The two clocks of a machine that was started a minute ago."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000.0
        self.running = 60.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.running

    def go_on(self, seconds: float, *, step: float = 0.0) -> None:
        self.running += seconds
        self.wall += seconds + step

    @property
    def now(self) -> int:
        return int(self.wall * 1000)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(platform_clock, "time", clocks)
    return clocks


def known(clocks: Clocks, offset: int) -> PlatformClock:
    """Return a platform clock that knows by how much ours is behind."""
    clock = PlatformClock(Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01"))
    clocks.go_on(10)
    clock.look()
    clock.offset = offset
    return clock


def answer(asked: int, time: int) -> bytes:
    return json.dumps({"deviceSendTime": str(asked), "serverRecvTime": time, "serverSendTime": time}).encode()


async def asked(clock: PlatformClock) -> int:
    """Ask without waiting for the answer; returns the time in the question."""
    questions: list[bytes] = []
    await clock.ask(lambda _topic, payload: questions.append(payload))
    return int(json.loads(questions[0])["deviceSendTime"])


def test_what_was_sampled_by_a_wrong_clock_is_corrected(clocks: Clocks) -> None:
    clock = known(clocks, DAY)
    assert clock.corrected(clocks.now - 5_000) == clocks.now - 5_000 + DAY


def test_what_was_recorded_before_the_machine_was_started_is_left_alone(clocks: Clocks) -> None:
    clock = known(clocks, DAY)
    before = clocks.now + DAY - HOUR  # by the right clock, before the power cut
    long_before = clocks.now - DAY
    assert (clock.corrected(before), clock.corrected(long_before)) == (before, long_before)


def test_after_a_step_each_time_is_corrected_by_what_was_known_at_its_time(clocks: Clocks) -> None:
    clock = known(clocks, DAY)
    wrong = clocks.now
    clocks.go_on(5, step=86_400.0)
    clock.look()
    assert clock.is_to_ask
    clock.offset = 0
    before = clocks.now - HOUR
    assert clock.corrected(wrong) == wrong + DAY
    assert clock.corrected(clocks.now) == clocks.now
    assert clock.corrected(before) == before


def test_times_from_before_several_steps_are_each_corrected_by_what_was_known_then(clocks: Clocks) -> None:
    clock = known(clocks, 0)
    right = clocks.now
    clocks.go_on(8, step=3600.0)
    clock.look()
    clock.offset = -HOUR
    ahead = clocks.now
    clocks.go_on(8, step=-7200.0)
    clock.look()
    clock.offset = HOUR
    behind = clocks.now
    clocks.go_on(8, step=3600.0)
    clock.look()
    clock.offset = 0
    corrected = [clock.corrected(moment) for moment in (right, ahead, behind, clocks.now)]
    assert corrected == [right, ahead - HOUR, behind + HOUR, clocks.now]


async def test_only_the_answer_to_the_open_question_is_taken(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_clock, "_PATIENCE", 0.0)
    clock = known(clocks, 0)
    first = await asked(clock)
    clocks.go_on(20)
    second = await asked(clock)
    clock.answered(answer(first, clocks.now + 139 * DAY))
    assert clock.offset == 0
    clock.answered(answer(second, clocks.now + HOUR))
    assert clock.offset == HOUR
    clock.answered(answer(second, clocks.now + 139 * DAY))
    assert clock.offset == HOUR


async def test_an_answer_that_comes_long_after_its_question_is_not_taken(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_clock, "_PATIENCE", 0.0)
    clock = known(clocks, 0)
    question = await asked(clock)
    clocks.go_on(130)
    clock.answered(answer(question, clocks.now))
    assert clock.offset == 0


async def test_a_question_is_asked_until_it_is_answered_and_more_and_more_seldom(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_clock, "_PATIENCE", 0.0)
    clock = known(clocks, 0)
    begun = clocks.running
    times: list[float] = []
    for _ in range(4 * 3600):
        if clock.is_to_ask or not times:
            question = await asked(clock)
            times.append(clocks.running - begun)
        clocks.go_on(1)
    assert times == [0, 15, 45, 105, 225, 465, 945, 1905, 3825, 7425, 11025]
    clock = known(clocks, 0)
    question = await asked(clock)
    clock.answered(answer(question, clocks.now))
    clocks.go_on(100_000)
    assert not clock.is_to_ask


async def test_after_a_jump_nothing_is_sent_until_the_platform_has_told_the_time_or_for_five_minutes(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_clock, "_PATIENCE", 0.0)
    clock = known(clocks, 0)
    clocks.go_on(5, step=3600.0)
    clock.look()
    for _ in range(2):
        assert (clock.is_adrift, clock.is_to_ask) == (True, True)
        question = await asked(clock)
    clock.answered(answer(question, clocks.now - HOUR))
    assert (clock.is_adrift, clock.is_to_ask, clock.offset) == (False, False, -HOUR)
    clocks.go_on(5, step=3600.0)
    clock.look()
    clocks.go_on(299)
    assert clock.is_adrift
    clocks.go_on(1)
    assert not clock.is_adrift


def test_a_jump_before_the_platform_has_ever_told_the_time_holds_nothing_up(clocks: Clocks) -> None:
    clock = PlatformClock(Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01"))
    clocks.go_on(5, step=3600.0)
    clock.look()
    assert not clock.is_adrift


async def test_a_doubt_has_the_question_asked_again(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_clock, "_PATIENCE", 0.0)
    clock = known(clocks, 0)
    clock.answered(answer(await asked(clock), clocks.now))
    clocks.go_on(60)
    assert not clock.is_to_ask
    clock.doubt()
    assert clock.is_to_ask


def test_times_are_in_order_except_where_the_clock_was_set_or_went_through_them_twice(clocks: Clocks) -> None:
    clock = known(clocks, 0)
    begun = clocks.now
    clocks.go_on(10 * 3600)
    ahead = clocks.now
    assert clock.is_ordered(0, ahead)
    clocks.go_on(1, step=-3600.0)  # 10:00 becomes 9:00
    clock.look()
    clocks.go_on(600)
    assert not clock.is_ordered(ahead - HOUR, ahead - HOUR)
    assert not clock.is_ordered(begun, clocks.now)
    assert clock.is_ordered(begun, ahead - HOUR - 1)
    assert clock.is_ordered(clocks.now + 10_000, ahead - HOUR + 3_590_000)
    clock.look()
    since = clocks.now + 2 * HOUR
    clocks.go_on(20, step=7200.0)  # 9:10 becomes 11:10
    assert clock.is_ordered(since + 1, clocks.now)
    assert not clock.is_ordered(since - 10_000, clocks.now)  # the row before 11:10 is of 10:00, and came before 9:00
    assert not clock.is_ordered(ahead - 10_000, ahead + 10_000)
    assert not clock.is_ordered(0, clocks.now)


def test_two_former_times_of_the_clock_may_cover_the_same_stretch(clocks: Clocks) -> None:
    clock = known(clocks, 0)
    clocks.go_on(600)
    clock.look()
    clocks.go_on(600, step=7200.0)
    clock.look()
    twice = clocks.now - 60_000
    clocks.go_on(900, step=-900.0)
    clock.look()
    clocks.go_on(1, step=-6000.0)
    assert not clock.is_ordered(twice, twice)
    assert clock.is_ordered(twice + HOUR, twice + 2 * HOUR)
