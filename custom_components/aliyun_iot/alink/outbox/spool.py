"""The spool: keeps the samples that the queue has no room for."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from ..protocol.messages import Sample


class Spool(Protocol):
    """A store of values that is read back a page at a time, in the order of time."""

    @property
    def is_pending(self) -> bool:
        """True if there are values to read back that can be read now."""

    @property
    def oldest(self) -> int | None:
        """When the oldest value was sampled that is to be read back, in ms UTC; None where there is none."""

    @property
    def losses(self) -> Mapping[str, int]:
        """How many samples are gone for good, by cause, as far as the spool knows."""

    def keep(self, samples: Sequence[Sample]) -> None:
        """Take samples that have left the queue unconfirmed; called from within the queue, which it must not call."""

    def confirmed(self) -> None:
        """Note that values of now were confirmed: samples kept from now on begin a new gap."""

    async def read(self) -> Sequence[Sample]:
        """Wait until something is pending and return the oldest page of it; from then on it is the caller's.

        The page is empty where nothing was found, or where the store cannot be read now.
        """


class NoSpool:
    """A spool that keeps nothing, and counts the losses."""

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
        """Do nothing: there is no gap to end."""

    async def read(self) -> Sequence[Sample]:
        """Wait for ever."""
        never: asyncio.Future[Sequence[Sample]] = asyncio.get_running_loop().create_future()
        return await never
