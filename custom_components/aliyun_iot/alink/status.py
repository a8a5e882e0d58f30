"""The status of a device: everything that can be told about it at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .outbox.putting_off import PutOff
from .protocol.data_types import DataType
from .protocol.errors import AlinkError
from .protocol.thing_model import Service
from .rejections import Rejection


class Connection(StrEnum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"  # for the next attempt
    REFUSED = "refused"  # the credentials, by more than one answer; tried once an hour
    TAKEN_OVER = "taken_over"  # most likely by another client of the same name; waits for an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything about a device at one moment; counts are values since `Device` was made."""

    connection: Connection = Connection.CONNECTING
    problem: AlinkError | None = None  # why there is no connection; None while there is one
    has_lasted: bool = False  # whether a link has lasted for a minute
    is_contested: bool = False  # whether another client of the same name keeps taking the connection over
    waiting: int = 0  # values in memory that are not confirmed
    oldest_waiting: int | None = None  # ms UTC, when about the oldest of them was sampled, in memory or in the spool
    confirmed: int = 0  # values that the platform has taken
    last_confirmed: int | None = None  # ms UTC, when the newest reply came that took a value
    put_off: PutOff | None = None  # the message that the platform puts off now
    rejected: int = 0  # values that the platform has refused, and that are not sent again
    rejections: Mapping[str, Rejection] = field(default_factory=dict)  # by identifier
    losses: Mapping[str, int] = field(default_factory=dict)  # values gone for good, by cause
    messages: int = 0  # that were sent, questions included
    unreadable: int = 0  # messages from the platform that are in no documented form
    clock_error: int | None = None  # ms by which the platform's clock is ahead of ours, if that is too much
    is_clock_known: bool = False  # whether the platform has told the time
    model: Mapping[str, DataType] | None = None  # the properties that the product has, where the platform tells
    access: Mapping[str, str] = field(default_factory=dict)  # the access modes in it: "r", "rw" or "w" by wire name
    services: Mapping[str, Service] = field(default_factory=dict)  # and the services, by wire name
    is_model_current: bool = False  # whether the platform has told it over the link that is up
    commands_executed: int = 0  # that were carried out, in part at least
    commands_refused: Mapping[str, int] = field(default_factory=dict)  # that were not, by reason: see `Refused`
    is_unencrypted_command: bool = False  # whether a command was refused only because it came over plain TCP
    is_subscribe_dropped: bool = False  # whether the links go on without a SUBSCRIBE to commands
    answers: bool | None = None  # whether the platform replies to posts; None until that is known

    @property
    def lost(self) -> int:
        """The number of values that are gone for good."""
        return sum(self.losses.values())
