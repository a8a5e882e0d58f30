"""Observer: asks the replier for its counts, from the process that is measured."""

import asyncio
from dataclasses import dataclass
import json
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The replier's counts."""

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
        """Connect, and drop the counts that earlier measurements left."""
        observer = cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))
        await observer.take()
        return observer

    def close(self) -> None:
        self._writer.close()

    async def take(self) -> Seen:
        """Return the counts since the last call, and have the replier start over."""
        return await self._ask({"do": "take"})

    async def wait(self, values: int, *, seconds: float) -> Seen:
        """Return the counts as soon as there are that many values, or when the time is over."""
        return await self._ask({"do": "wait", "values": values, "timeout": seconds})

    async def _ask(self, question: dict[str, Any]) -> Seen:
        self._writer.write(json.dumps(question).encode() + b"\n")
        return Seen(**json.loads(await self._reader.readline()))
