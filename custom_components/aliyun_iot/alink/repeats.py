"""Repeats: knows a command that was sent twice, so that it runs once.

MQTT may deliver a message of QoS 1 again, and a rule or a server may send it again. An id is unique within the day
only, so the content counts as well. The memory may outlive a `Device`, so that the next one knows what has run, and
joins what still runs.
"""

import asyncio
from collections import OrderedDict
from hashlib import sha256
import json
from typing import Final

from .protocol.commands import Answer, Command, CommandKind

# s, and commands, for which an answer is remembered. A message is delivered again within the link's keep-alive of a
# minute, and a quarter of an hour is also enough for a server that tries again. A thousand commands take about twice as
# long at the usual pace.
_REMEMBERED: Final = 15 * 60.0
_MOST: Final = 1000

type Key = tuple[CommandKind, str, bytes]


def key_of(command: Command) -> Key:
    """Return what two deliveries of one command have in common."""
    content = json.dumps([command.values, command.names], sort_keys=True).encode()
    return command.kind, command.id, sha256(content).digest()


class Repeats:
    """Remembers the commands that run, and those that were carried out with their answers; not those refused."""

    def __init__(self) -> None:
        """Begin without any."""
        self._running: dict[Key, asyncio.Task[Answer]] = {}
        self._executed: OrderedDict[Key, tuple[float, Answer]] = OrderedDict()  # with the running time in s

    @property
    def running(self) -> int:
        """How many commands run."""
        return len(self._running)

    def find(self, key: Key, now: float) -> asyncio.Task[Answer] | Answer | None:
        """Return the command that runs, or the answer of one that was carried out, at a running time in seconds."""
        while self._executed and now - next(iter(self._executed.values()))[0] > _REMEMBERED:
            self._executed.popitem(last=False)
        if (known := self._executed.get(key)) is not None:
            return known[1]
        return self._running.get(key)

    def began(self, key: Key, task: asyncio.Task[Answer]) -> None:
        """Note that a command runs."""
        self._running[key] = task

    def ended(self, key: Key, answer: Answer, now: float) -> None:
        """Note how a command ended; one that was refused may come again."""
        del self._running[key]
        if answer.is_executed:
            self._executed[key] = now, answer
            while len(self._executed) > _MOST:
                self._executed.popitem(last=False)
