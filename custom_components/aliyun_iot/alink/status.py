"""What there is to know about a device at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .outbox.queue import Lane
from .protocol.data_types import DataType
from .protocol.errors import RemoteError
from .protocol.messages import Refusal


class Connection(StrEnum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    REFUSED = "refused"
    TAKEN_OVER = "taken_over"


type Stretch = tuple[int, int]  # from when to when, in ms UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """What the platform has not taken of one property."""

    count: int  # values
    latest: Refusal
    is_over: bool = False  # whether it has taken a value since
    # The stretches with the rejected values, apart for values of now and of the past. They grow until somebody takes
    # them to be sent again.
    missed: Mapping[Lane, Stretch] = field(default_factory=dict)

    def again(self, refusal: Refusal, lane: Lane, time: int) -> Rejection:
        """Add one value."""
        first, last = self.missed.get(lane, (time, time))
        missed = {**self.missed, lane: (min(first, time), max(last, time))}
        return Rejection(count=self.count + 1, latest=refusal, missed=missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything about a device at one moment; counts are values since `Device` was made."""

    connection: Connection = Connection.CONNECTING
    problem: RemoteError | None = None
    waiting: int = 0
    oldest_waiting: int | None = None  # ms UTC, when it was sampled
    confirmed: int = 0
    last_confirmed: int | None = None  # ms UTC, when the newest reply came
    rejected: int = 0
    rejections: Mapping[str, Rejection] = field(default_factory=dict)  # by identifier
    losses: Mapping[str, int] = field(default_factory=dict)  # values gone for good, by cause
    messages: int = 0  # that were sent
    unreadable: int = 0  # messages from the platform that nobody could make sense of
    clock_error: int | None = None  # ms by which the platform's clock is ahead of ours, if that is too much
    model: Mapping[str, DataType] | None = None  # the properties that the product has, where the platform tells
    answers: bool | None = None  # whether the platform replies to posts; None until that is known

    @property
    def lost(self) -> int:
        """The number of values that are gone for good."""
        return sum(self.losses.values())
