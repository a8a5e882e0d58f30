"""Where samples go that the queue has no room for."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from ..protocol.messages import Sample


class Spool(Protocol):
    """Something that keeps values and can be read back, a page at a time, in the order of time."""

    @property
    def is_pending(self) -> bool:
        """Whether there are values to read back, and a way to do it now."""

    @property
    def oldest(self) -> int | None:
        """From when on there are values to read back, in ms UTC."""

    @property
    def losses(self) -> Mapping[str, int]:
        """How many samples are gone for good, by cause, as far as is known."""

    def keep(self, samples: Sequence[Sample]) -> None:
        """Remember that these left the queue unconfirmed."""

    def confirmed(self) -> None:
        """Note that values of now were confirmed: what is kept from now on does not join what was before."""

    async def read(self) -> Sequence[Sample]:
        """Wait until something is pending and return the oldest of it; the caller has it from now on.

        Nothing is an answer, too: then there is nothing where something was thought to be, or it cannot be read now.
        """


class NoSpool:
    """Keeps nothing: what leaves the queue is lost, and counted."""

    is_pending = False
    oldest = None

    def __init__(self) -> None:
        """Start without a loss."""
        self._lost = 0

    @property
    def losses(self) -> Mapping[str, int]:
        """The losses so far, all for want of room in memory."""
        return {"no_room": self._lost} if self._lost else {}

    def keep(self, samples: Sequence[Sample]) -> None:
        """Count the loss."""
        self._lost += len(samples)

    def confirmed(self) -> None:
        """Need not know."""

    async def read(self) -> Sequence[Sample]:
        """Wait for ever."""
        never: asyncio.Future[Sequence[Sample]] = asyncio.get_running_loop().create_future()
        return await never
