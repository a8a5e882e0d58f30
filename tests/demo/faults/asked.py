"""Asked: Home Assistant ends while values are sent that were rejected before, or that somebody asked for.

Each time has a moment of its own: when the first message has come, in the middle, and before the last one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from ..polling import polled
from .house import reloaded
from .patient import Patient, now_ms
from .settling import GRACE

DAY = 24 * 3600 * 1000
# Ticks that make a dozen messages of history, and the days in which these lie on a busy machine, too.
TICKS = 60
DAYS = 0.0007
MESSAGE = 200
SECONDS = 120
# s; a message of history may come every fifth of a second
QUICK = 0.01
# s without history, after which all of it has come; the slowest pace is a message a second
QUIET = 3.0

# Returns the number of values in history before, and of those that come now.
type Ask = Callable[[Patient], Awaitable[tuple[int, int]]]
type End = Callable[[Patient, int], Awaitable[None]]


def ended(ask: Ask, end: End) -> Callable[[Patient, int], Awaitable[None]]:
    """Return the fault that asks for values and ends Home Assistant while they come."""

    async def do(patient: Patient, time: int) -> None:
        before, count = await ask(patient)
        wanted = {1: 1, 2: count // 2}.get(time, max(1, count - MESSAGE))
        await polled("history comes", partial(_has_come, patient, before + wanted), SECONDS, QUICK)
        await end(patient, time)

    return do


async def _has_come(patient: Patient, count: int) -> bool | None:
    return await patient.sent_history() >= count or None


async def imported(patient: Patient) -> tuple[int, int]:
    """Import properties after many of their values were rejected."""
    await patient.reject_some()
    await _settled(patient, 2 * TICKS)
    before, rejected = await patient.sent_history(), len(patient.ledger.missing(now_ms()))
    await patient.import_model()
    return before, rejected


async def requested(patient: Patient) -> tuple[int, int]:
    """Ask for the values of the last minute."""
    await _settled(patient, TICKS)
    before, asked = await patient.sent_history(), now_ms()
    await patient.send_history(DAYS)
    return before, patient.ledger.ask(now_ms() - DAYS * DAY, asked)


async def set_up(patient: Patient) -> tuple[int, int]:
    """Set the integration up once more, with a minute of history."""
    await _settled(patient, TICKS)
    await patient.remove_entry()
    before, began = await patient.sent_history(), now_ms()
    await patient.add_entry(DAYS)
    # No look since the entry was removed: what has come since then counts.
    return before, patient.ledger.ask(now_ms() - DAYS * DAY, began)


async def _settled(patient: Patient, ticks: int) -> None:
    """Live through many ticks, until the platform has decided on their values and the mark says so on the disk.

    The mark is written every minute, and when the entry is unloaded.
    """
    await patient.hurry_through(ticks)
    await polled("the values are decided on", partial(is_calm, patient), SECONDS)
    await reloaded(patient, 1)
    await polled("it is connected again", partial(is_calm, patient), SECONDS)
    # Values that are sent twice after a kill would come between those that are asked for, or be taken for them.
    await polled("no history comes", partial(_is_quiet, patient), SECONDS)
    patient.look()


async def _is_quiet(patient: Patient) -> bool | None:
    before = await patient.sent_history()
    await asyncio.sleep(QUIET)
    return await patient.sent_history() == before or None


async def is_calm(patient: Patient) -> bool | None:
    """Return whether the device is online, and all has arrived that the platform takes."""
    online = await patient.is_online()
    patient.look()
    missing = patient.ledger.missing(now_ms() - GRACE * 1000)
    return (online and all(row.identifier in patient.not_in_model for row in missing)) or None
