"""Lanes: one for each entity, in which commands run one after the other, whichever entry they came by.

A command takes the lanes of all its entities at once or waits for them, so that two commands never wait for each other.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..thing_model.entity import Reference
from .refusing import Cause, RefusedError

# Commands for one entity, and the s in which they count. A person who tries a slider out comes to five or six. A rule
# of the cloud that answers each new value with another one comes to dozens, and to days if nobody ends it.
_MOST: Final = 10
_WITHIN: Final = 60.0

# s, for which the entity takes none then. The loop runs dry: nothing new is posted that the rule could answer.
_CLOSED: Final = 60.0


@dataclass(slots=True)
class _Lane:
    running: asyncio.Future[None] | None = None  # done when the command leaves the lane
    is_awaited: bool = False  # by one command; there is no room for more
    stuck: asyncio.Future[Any] | None = None  # an action that has not come to its end
    begun: deque[float] = field(default_factory=deque)  # s of the running time
    closed_until: float = 0.0

    def cause(self, now: float) -> Cause | None:
        """Return the reason for which the lane takes no command now."""
        if self.stuck is not None and not self.stuck.done():
            return Cause.STUCK
        return Cause.TOO_MANY if self.is_awaited or now < self.closed_until else None

    def is_looping(self, now: float) -> bool:
        """Tell whether one more command is too many, and close the lane then."""
        while self.begun and now - self.begun[0] > _WITHIN:
            self.begun.popleft()
        if len(self.begun) < _MOST:
            return False
        self.begun.clear()
        self.closed_until = now + _CLOSED
        return True


class Lanes:
    """Keeps the commands of each entity in their order, and within their limits."""

    def __init__(self) -> None:
        """Begin without a command."""
        self._lanes: dict[Reference, _Lane] = {}

    async def async_enter(self, wanted: Mapping[Reference, str], until: float) -> bool:
        """Take the lanes of some entities, whose properties' names are for the refusal; wait to a running time in s.

        Raises RefusedError. Returns whether it had to wait.
        """
        self._check(wanted)
        lanes = [self._lanes[reference] for reference in wanted]
        has_waited = any(lane.running is not None for lane in lanes)
        if has_waited:
            await self._async_wait(lanes, until)
            self._check(wanted)
        if (now := time.monotonic()) > until:
            raise RefusedError(Cause.LATE)
        for lane in lanes:
            lane.running = asyncio.get_running_loop().create_future()
            lane.begun.append(now)
        return has_waited

    def find_loop(self, wanted: Mapping[Reference, str]) -> Reference | None:
        """Return an entity that has had too many commands by now, and that takes none for a while."""
        now = time.monotonic()
        loops = (one for one in wanted if (lane := self._lanes.get(one)) is not None and lane.is_looping(now))
        return next(loops, None)

    def leave(self, reference: Reference) -> None:
        """Free a lane."""
        lane = self._lanes[reference]
        running, lane.running = lane.running, None
        if running is not None:
            running.set_result(None)

    def block(self, reference: Reference, action: asyncio.Future[Any]) -> None:
        """Take no command for an entity until an action has come to its end."""
        self._lanes[reference].stuck = action

    def _check(self, wanted: Mapping[Reference, str]) -> None:
        now = time.monotonic()
        for reference, name in wanted.items():
            if (cause := self._lanes.setdefault(reference, _Lane()).cause(now)) is not None:
                raise RefusedError(cause, name)

    async def _async_wait(self, lanes: Collection[_Lane], until: float) -> None:
        for lane in lanes:
            lane.is_awaited = True
        try:
            while busy := {lane.running for lane in lanes if lane.running is not None}:
                if (left := until - time.monotonic()) <= 0.0:
                    raise RefusedError(Cause.LATE)
                await asyncio.wait(busy, timeout=left)
        finally:
            for lane in lanes:
                lane.is_awaited = False


_LANES: Final[HassKey[Lanes]] = HassKey(f"{DOMAIN}_lanes")


def lanes_of(hass: HomeAssistant) -> Lanes:
    """Return the lanes of this home."""
    return hass.data.setdefault(_LANES, Lanes())
