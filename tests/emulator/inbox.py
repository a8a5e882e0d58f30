"""Inbox: a device's subscriptions, and the QoS 1 messages that it has not acknowledged.

Both belong to the device and outlive its links. Subscriptions end with an UNSUBSCRIBE or a clean CONNECT; messages wait
for a device whose session is not clean, for a week at most. No source tells whether the platform sets the "session
present" flag of a CONNACK; here it stays 0. A restart of the emulator forgets both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
import itertools
from typing import TYPE_CHECKING

from .topics import is_implied, matches

if TYPE_CHECKING:
    from .device import DeviceKey

# The platform keeps a message of QoS 1 for no longer than seven days.
LONGEST_WAIT_MS = 7 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledged:
    """A message of QoS 1; its time is by this machine's clock, in milliseconds."""

    topic: str
    payload: bytes
    since: int
    sent: bool


class Inbox:
    def __init__(self) -> None:
        self.filters: set[str] = set()
        # True while the last CONNECT had `_ss=1`.
        self.system_subscribe = False
        self._clean = True
        self._unacknowledged: dict[int, Unacknowledged] = {}
        self._packet_ids = itertools.cycle(range(1, 0x10000))

    def open(self, *, clean: bool, system_subscribe: bool, is_kept: bool = False) -> None:
        """Go on with what an accepted CONNECT asked for; `is_kept` keeps the session before in spite of that."""
        if clean and not is_kept:
            self.filters.clear()
        if (clean or self._clean) and not is_kept:
            self._unacknowledged.clear()
        self._clean = clean
        self.system_subscribe = system_subscribe

    @property
    def outlives_links(self) -> bool:
        return not self._clean

    @property
    def unacknowledged(self) -> int:
        return len(self._unacknowledged)

    def subscribe(self, topic_filter: str, most: int) -> bool:
        """Add a filter, unless there are as many as allowed."""
        if topic_filter not in self.filters and len(self.filters) >= most:
            return False
        self.filters.add(topic_filter)
        return True

    def unsubscribe(self, filters: Iterable[str]) -> None:
        self.filters.difference_update(filters)

    def reaches(self, topic: str, key: DeviceKey, *, history: bool) -> bool:
        """Tell whether a message goes to the device; `history` is False where `_ss=1` leaves its replies out."""
        implied = self.system_subscribe and is_implied(topic, key, history=history)
        return implied or any(matches(topic_filter, topic) for topic_filter in self.filters)

    def keep(self, message: Unacknowledged) -> int:
        """Keep a message until it is acknowledged, and return its packet ID."""
        packet_id = next(self._packet_ids)
        # Of more messages than there are packet IDs the oldest goes.
        self._unacknowledged.pop(packet_id, None)
        self._unacknowledged[packet_id] = message
        return packet_id

    def acknowledge(self, packet_id: int) -> None:
        self._unacknowledged.pop(packet_id, None)

    def take_waiting(self, now: int) -> Mapping[int, Unacknowledged]:
        """Return by packet ID the messages to send over a new link, each as it was before, and forget the old ones."""
        waiting = {
            packet_id: message
            for packet_id, message in self._unacknowledged.items()
            if now - message.since <= LONGEST_WAIT_MS
        }
        self._unacknowledged = {packet_id: replace(message, sent=True) for packet_id, message in waiting.items()}
        return waiting
