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
    # When what it has not taken in a row was sampled, apart for values of now and of the past. It stays when that is
    # over, until the next time.
    missed: Mapping[Lane, Stretch] = field(default_factory=dict)

    def again(self, refusal: Refusal, lane: Lane, time: int) -> Rejection:
        """Add one value."""
        missed = {} if self.is_over else self.missed
        first, last = missed.get(lane, (time, time))
        missed = {**missed, lane: (min(first, time), max(last, time))}
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
    lost: int = 0  # had no room here, and nobody else has kept them
    messages: int = 0  # that were sent
    unreadable: int = 0  # messages from the platform that nobody could make sense of
    clock_error: int | None = None  # ms by which the platform's clock is ahead of ours, if that is too much
    model: Mapping[str, DataType] | None = None  # the properties that the product has, where the platform tells
    answers: bool | None = None  # whether the platform replies to posts; None until that is known
