"""Asking the replier, from the process that is measured."""

import asyncio
from dataclasses import dataclass
import json
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the replier counted."""

    messages: int
    values: int
    bytes: int
    history: int
    late: int
    last: float
    arrivals: list[float]
    distinct: int


class Observer:
    """A connection to the replier; while it waits it costs the event loop nothing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Ask from now on: what others have left is not ours."""
        observer = cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))
        await observer.take()
        return observer

    def close(self) -> None:
        self._writer.close()

    async def take(self) -> Seen:
        """Return what was counted since the last time, and have it start over."""
        return await self._ask({"do": "take"})

    async def wait(self, values: int, *, seconds: float) -> Seen:
        """Return what was counted as soon as there are so many values, or when the time is over."""
        return await self._ask({"do": "wait", "values": values, "timeout": seconds})

    async def _ask(self, question: dict[str, Any]) -> Seen:
        self._writer.write(json.dumps(question).encode() + b"\n")
        return Seen(**json.loads(await self._reader.readline()))
