"""The watch, on a machine that sleeps and a process that stands still."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from custom_components.aliyun_iot.alink.transport import watch as watch_module
from custom_components.aliyun_iot.alink.transport.watch import Watch


@dataclass
class Machine:
    """Stands in for the module `time`, of Linux."""

    awake: float = 1000.0  # s
    asleep: float = 0.0  # s
    set_by: float = 0.0  # s
    CLOCK_BOOTTIME: ClassVar[int | None] = 7

    def monotonic(self) -> float:
        return self.awake

    def clock_gettime(self, clock: int) -> float:
        assert clock == 7
        return self.awake + self.asleep

    def time(self) -> float:
        return 1_700_000_000.0 + self.awake + self.asleep + self.set_by


class OtherMachine(Machine):
    """Stands in for the same where only the wall clock goes on in sleep."""

    CLOCK_BOOTTIME = None


@pytest.fixture(params=[Machine, OtherMachine])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine: Machine = request.param()
    monkeypatch.setattr(watch_module, "time", machine)
    return machine


def test_a_machine_that_is_awake_has_not_slept(machine: Machine) -> None:
    watch = Watch()
    for _ in range(100):
        machine.awake += 10.0
        machine.asleep += 0.01
        assert not watch.has_slept()


def test_a_sleep_is_told_once(machine: Machine) -> None:
    watch = Watch()
    machine.asleep = 2.1
    assert watch.has_slept()
    assert not watch.has_slept()


def test_a_process_that_stood_still_is_told_once(machine: Machine) -> None:
    watch = Watch()
    machine.awake += 10.1
    assert watch.has_slept()
    assert not watch.has_slept()


def test_a_clock_that_is_set_is_no_sleep_where_another_one_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(watch_module, "time", machine)
    watch = Watch()
    machine.set_by = 3600.0
    assert not watch.has_slept()


def test_a_clock_that_is_set_forward_counts_as_a_sleep_where_no_other_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = OtherMachine()
    monkeypatch.setattr(watch_module, "time", machine)
    watch = Watch()
    machine.set_by = -3600.0
    assert not watch.has_slept()
    machine.set_by = 0.0
    assert watch.has_slept()
