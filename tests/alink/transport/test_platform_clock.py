"""The platform's clock: times by a wrong clock of ours, corrected."""

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
    assert clock.is_unsure
    clock.offset = 0
    before = clocks.now - HOUR
    assert clock.corrected(wrong) == wrong + DAY
    assert clock.corrected(clocks.now) == clocks.now
    assert clock.corrected(before) == before
