"""Time that passes at once, and the other sides of the outbox: a platform and a spool.

The event loop jumps to the next timer instead of waiting for it, so that a test knows each moment exactly.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import functools
import inspect
import selectors
from typing import Any

import pytest

from custom_components.aliyun_iot.alink.outbox import overtaking as overtaking_module, pump as pump_module
from custom_components.aliyun_iot.alink.outbox.bucket import TokenBucket
from custom_components.aliyun_iot.alink.outbox.pump import Pace, Pump
from custom_components.aliyun_iot.alink.outbox.queue import Lane, Outbox
from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.messages import Reply, Sample, Value

BEGIN = 1_700_000_000_000  # ms UTC by the wall clock when a test begins


class Clock:
    """Stands in for the module `time`; starts at zero."""

    def __init__(self) -> None:
        self.now = 0.0  # s

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return BEGIN / 1000 + self.now


class _Selector(selectors.DefaultSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing is going to happen any more"
        self._clock.now += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        super().__init__(_Selector(clock))
        self._clock = clock

    def time(self) -> float:
        return self._clock.now


def instantly(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test where time passes at once; its first argument is the clock, the others are pytest's."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        clock = Clock()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pump_module, "time", clock)
            patch.setattr(overtaking_module, "time", clock)
            with asyncio.Runner(loop_factory=lambda: _Loop(clock)) as runner:
                runner.run(_awaited(test(clock, *args, **kwargs)))

    signature = inspect.signature(test)
    others = list(signature.parameters.values())[1:]
    run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # pytest looks for it
    return run


async def _awaited(test: Awaitable[None]) -> None:
    await test


@dataclass(frozen=True, slots=True)
class Posted:
    """One message as the platform saw it."""

    at: float  # s
    lane: Lane
    values: list[object]


SILENCE = 0  # stands for a code


class Platform:
    """Answers one message after the other with the codes that it was given, and all later ones with 200."""

    def __init__(self, clock: Clock, *codes: int) -> None:
        self.posted: list[Posted] = []
        self._clock = clock
        self._codes = list(codes)

    async def post(self, lane: Lane, samples: Sequence[Sample]) -> Reply:
        self.posted.append(Posted(self._clock.now, lane, [sample.value for sample in samples]))
        code = self._codes.pop(0) if self._codes else 200
        if code == SILENCE:
            raise TimeoutError
        return Reply(id="1", code=code)

    @property
    def sizes(self) -> list[int]:
        """How many samples each message had."""
        return [len(posted.values) for posted in self.posted]


class Kept(NoSpool):
    """A spool that shows what it was given, and that a test may let be pending."""

    def __init__(self) -> None:
        super().__init__()
        self.is_pending = False
        self.samples: list[Sample] = []
        self.confirmations = 0

    def keep(self, samples: Sequence[Sample]) -> None:
        self.samples += samples

    def confirmed(self) -> None:
        self.confirmations += 1


def sample(value: Value, identifier: str = "t", time: int = 0) -> Sample:
    return Sample(identifier=identifier, value=value, time=time)


def taken(outbox: Outbox, lane: Lane = Lane.LIVE, limit: int = 200) -> list[Value]:
    return [sample.value for sample in outbox.take(lane, limit)]


def pump_of(pace: Pace) -> Pump:
    """Return a pump that tells nobody what it settles."""
    return Pump(lambda *_: None, NoSpool(), pace, TokenBucket(pace.rate, pace.burst), pause=1.0, on_put_off=int)


@asynccontextmanager
async def posting(pump: Pump, platform: Platform) -> AsyncGenerator[None]:
    """Run a pump over a link."""
    task = asyncio.ensure_future(pump.run(platform.post))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
