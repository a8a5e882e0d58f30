"""Faults of the recorder's database server; each is over when its function returns."""

import asyncio
from functools import partial

from ..databases import Server
from ..polling import polled
from .house import TICKS
from .patient import Patient, now_ms

# s; the recorder retries, and the integration asks again a minute and a half after its last try
SECONDS = 150
# s; a server is away for one of these, by the time. Most that are updated or moved are back within a minute.
AWAY = {1: 12.0, 2: 60.0}
LONG = 25.0
# Values that have come back from the recorder before its server goes away in the middle of them.
SOME = 500


def _server(patient: Patient) -> Server:
    assert patient.server is not None
    return patient.server


def _written(patient: Patient) -> float:
    """Return the time of the newest row that a server keeps when it goes away now, in ms."""
    patient.look()
    return patient.ledger.newest


async def _written_again(patient: Patient, written: float) -> None:
    """Wait until the recorder writes, and note that it may have lost states from `written` (ms) until now."""
    back = now_ms()
    await polled("the recorder writes again", partial(_writes, patient, back), SECONDS, pause=0.25)
    patient.ledger.unwritten(written, now_ms())


async def _writes(patient: Patient, since: float) -> bool | None:
    patient.look()
    return patient.ledger.lives(since, now_ms()) or None


async def stopped(patient: Patient, time: int) -> None:
    """Stop the server while it records."""
    written = _written(patient)
    await _server(patient).stop()
    await asyncio.sleep(AWAY.get(time, LONG))
    await _server(patient).start()
    await _written_again(patient, written)


async def stopped_while_read(patient: Patient, time: int) -> None:
    """Stop the server in the middle of reading an outage back, all of which is in the database only."""
    await patient.platform.kill()
    await patient.hurry_through(TICKS)
    await patient.home.stop()
    await patient.home_up()
    await patient.platform_up()
    await polled("values are read back", partial(_has_come_back, patient, SOME * time), SECONDS)
    await stopped(patient, time)


async def _has_come_back(patient: Patient, wanted: int) -> bool | None:
    return await patient.sent_history() >= wanted or None


async def killed(patient: Patient, time: int) -> None:
    """Kill the server while it records; it repairs its files at its start."""
    written = _written(patient)
    await _server(patient).kill()
    await asyncio.sleep(time)
    await _server(patient).start()
    await _written_again(patient, written)


async def frozen(patient: Patient, time: int) -> None:
    """Let the server answer nothing for a while, on connections that stay."""
    written = _written(patient)
    _server(patient).freeze()
    await asyncio.sleep(8 * time)
    _server(patient).thaw()
    await _written_again(patient, written)


async def killed_without(patient: Patient, time: int) -> None:
    """Kill Home Assistant while the server is away: it has not written what happened since."""
    patient.look()
    await _server(patient).stop()
    await asyncio.sleep(4 * time)
    await patient.kill_home()
    await _server(patient).start()
    await patient.home_up()


async def away_at_start(patient: Patient, time: int) -> None:
    """Start Home Assistant without the server, which comes while the recorder still waits for it."""
    await _leave_some(patient)
    async with asyncio.TaskGroup() as both:
        both.create_task(patient.home_up())
        await asyncio.sleep(4 * time)
        await _server(patient).start()


async def away_for_a_life(patient: Patient, time: int) -> None:
    """Let the recorder give up: Home Assistant runs without one, and is restarted with the server."""
    await _leave_some(patient)
    begun = now_ms()
    await patient.home_up()
    await asyncio.sleep(8)
    if time == 2:
        await patient.kill_home()
    else:
        await patient.home.stop()
    patient.ledger.unwritten(begun, now_ms())
    await _server(patient).start()
    await patient.home_up()


async def _leave_some(patient: Patient) -> None:
    """Stop Home Assistant with values that only the database has, then the server; the platform is back."""
    await patient.platform.kill()
    await patient.hurry_through(TICKS // 7)
    await patient.home.stop()
    await _server(patient).stop()
    await patient.platform_up()
