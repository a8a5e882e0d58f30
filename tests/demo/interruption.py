"""Interruption: ends a program early without leaving anything behind."""

import asyncio
import signal
import sys

from .processes import StartError


async def until_signal(program: asyncio.Task[int], interrupted: int) -> int:
    """Return the program's exit code; after a signal it cleans up first, and the code is `interrupted`."""
    ended: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        # Only the first signal counts: a second one must not interrupt the cleaning up.
        if not ended:
            ended.append(number)
            program.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    try:
        return await program
    except asyncio.CancelledError:
        return interrupted
    except StartError as error:
        print(f"The demo ended: {error}", file=sys.stderr)
        return 1
