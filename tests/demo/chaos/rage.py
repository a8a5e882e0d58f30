"""Rage: a random fault every few seconds, of all kinds, until the time is over."""

import asyncio
from dataclasses import dataclass, field
import time

from .kinds import KINDS, RELOADED, Kind
from .mischief import Mischief

# The share of the faults that are too much now for which the entry is reloaded; the others come later. Each reload
# also ends the wait for the next attempt to connect, so many of them would hide how the integration heals by itself.
RELOADS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long, how often and for how long each, in seconds."""

    seconds: float
    pause: tuple[float, float] = (1.0, 4.0)
    length: tuple[float, float] = (1.0, 12.0)
    # s without an arrival until a missing value counts as lost. A message that was put off waits for ten, three that
    # stay without a reply take thirty, and others use the same processors.
    patience: float = 60.0
    # True if there is no time in the end for attempts to connect that come minutes later: then the entry is reloaded
    # half-way, and only faults that are over at once come after that.
    is_short: bool = False


@dataclass(slots=True, kw_only=True)
class Rage:
    """The faults that there were: when each began, in seconds, and how long it lasted at most."""

    plan: Plan
    mischief: Mischief
    begun: list[tuple[float, Kind, float]] = field(default_factory=list)
    _deck: list[Kind] = field(default_factory=list)
    _running: set[str] = field(default_factory=set)

    async def go(self) -> None:
        """Begin faults while there is time; returns when all are over."""
        began = time.monotonic()
        half, self.mischief.until = began + self.plan.seconds / 2, began + self.plan.seconds
        dice, is_calm = self.mischief.dice, False
        async with asyncio.TaskGroup() as group:
            while (now := time.monotonic()) < self.mischief.until:
                if self.plan.is_short and now > half and not is_calm:
                    is_calm, kind = True, RELOADED
                else:
                    kind = self._next(is_calm=is_calm)
                seconds = dice.uniform(*self.plan.length)
                group.create_task(self._once(kind, seconds, now - began))
                await asyncio.sleep(dice.uniform(*self.plan.pause))
                await self.mischief.look()
        await self.mischief.look()

    def _next(self, *, is_calm: bool) -> Kind:
        """Draw each kind once before any comes again; later, or after a reload, one that would be too much now."""
        dice = self.mischief.dice
        while True:
            if not self._deck:
                self._deck = dice.sample(KINDS, len(KINDS))
            kind = self._deck.pop()
            if kind.name in self._running or (is_calm and not kind.is_quick):
                continue
            if self.mischief.strain.allows(kind.weight):
                return kind
            if RELOADED.name in self._running:
                continue
            self._deck.insert(dice.randrange(len(self._deck) + 1), kind)
            if dice.random() < RELOADS:
                return RELOADED

    async def _once(self, kind: Kind, seconds: float, at: float) -> None:
        self._running.add(kind.name)
        self.begun.append((at, kind, seconds))
        try:
            with self.mischief.strain.under(kind.weight):
                await kind.begin(self.mischief, seconds)()
        finally:
            self._running.discard(kind.name)
