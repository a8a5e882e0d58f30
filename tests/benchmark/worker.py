"""One measurement in a process of its own: `python -m tests.benchmark.worker NAME BROKER_PORT CONTROL_PORT`."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
import json
import sys
from typing import Any, Final

from homeassistant.runner import configure_event_loop

from .broker import Platform
from .commands import commands
from .crowds import appearing, lamps, renamed
from .deliver import EXPORTERS, deliver, unselected
from .history import catching_up
from .latency import latency
from .profiled import profiled
from .reading import reading
from .volume import many, offline, sustained

MEASUREMENTS: Final[dict[str, Callable[[Platform], Awaitable[dict[str, Any]]]]] = {
    **{name: partial(deliver, name) for name in EXPORTERS},
    "unselected": unselected,
    "latency": latency,
    "many": many,
    "appearing": appearing,
    "renamed": renamed,
    "lamps": lamps,
    "offline": offline,
    "sustained": sustained,
    "catching_up": catching_up,
    "reading": reading,
    "commands": commands,
    "profile": profiled,
}


async def main(name: str, platform: Platform) -> None:
    configure_event_loop(asyncio.get_running_loop())
    print(json.dumps(await MEASUREMENTS[name](platform)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Platform(broker_port=int(sys.argv[2]), control_port=int(sys.argv[3]))))
