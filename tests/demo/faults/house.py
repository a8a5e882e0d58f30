"""Faults of Home Assistant, its database, its disk and its clock; each is over when its function returns."""

import asyncio
from functools import partial

from ..polling import polled
from .patient import Patient

# This many ticks overflow the queue in memory: nearly every entity changes twice a second.
TICKS = 700
SECONDS = 60
HOUR = 3600
ENTRY = "/api/config/config_entries/entry"
MARK = "aliyun_iot.delivery"


async def reloaded(patient: Patient, time: int) -> None:
    await patient.client.post(f"{ENTRY}/{patient.entry_id}/reload")


async def restarted(patient: Patient, time: int) -> None:
    await patient.home.stop()
    await patient.home_up()


async def restarted_alone(patient: Patient, time: int) -> None:
    """Restart during an outage of the platform, some time before its end."""
    await patient.platform.kill()
    await asyncio.sleep(4)
    await restarted(patient, time)
    await asyncio.sleep(time)
    await patient.platform_up()


async def killed(patient: Patient, time: int) -> None:
    await patient.kill_home()
    await patient.home_up()


async def killed_alone(patient: Patient, time: int) -> None:
    """Kill Home Assistant after it has waited for the platform for some seconds."""
    await patient.platform.kill()
    await asyncio.sleep(4)
    await patient.kill_home()
    await patient.platform_up()
    await patient.home_up()


async def flooded(patient: Patient, time: int) -> None:
    """Change more than fits into memory during an outage; then stay, restart, or be killed."""
    await patient.platform.kill()
    await patient.hurry_through(TICKS)
    if time == 2:
        await restarted(patient, time)
    elif time == 3:
        await patient.kill_home()
        await patient.home_up()
    await patient.platform_up()


async def purged(patient: Patient, time: int) -> None:
    """Empty the database during an outage: all of it, all of it after a restart, half of the entities."""
    await patient.platform.kill()
    await asyncio.sleep(3)
    if time == 2:
        await restarted(patient, time)
    # A row must be seen before it is purged, and written before the purge begins, or it would be missing on both sides.
    await patient.live(alive=False)
    await asyncio.sleep(2.5)
    patient.look()
    if time == 3:
        half = {"domains": ["binary_sensor"], "entity_globs": ["sensor.number_*"]}
        await patient.act("recorder", "purge_entities", keep_days=0, **half)
    else:
        await patient.act("recorder", "purge", keep_days=0)
    await polled("the purge is done", partial(_is_purged, patient, [patient.recorded.count]), SECONDS, pause=0.5)
    await patient.live(alive=True)
    await asyncio.sleep(3)
    await patient.platform_up()


async def _is_purged(patient: Patient, counts: list[int]) -> bool | None:
    """Return whether rows have gone and their number no longer falls."""
    patient.ledger.take(patient.recorded.read_again(), patient.stored.read())
    counts.append(patient.recorded.count)
    return counts[0] > counts[-2] == counts[-1] or None


async def restarted_on_a_full_disk(patient: Patient, time: int) -> None:
    """Let no mark be written, not even at the end."""
    patient.fill_disk(MARK)
    await asyncio.sleep(2)
    await restarted(patient, time)
    patient.empty_disk()


async def killed_on_a_full_disk(patient: Patient, time: int) -> None:
    """Let no mark be written, not even at the end of an entry, and kill Home Assistant then."""
    patient.fill_disk(MARK)
    await reloaded(patient, time)
    await asyncio.sleep(2)
    await patient.kill_home()
    await patient.home_up()
    patient.empty_disk()


async def clock_forward(patient: Patient, time: int) -> None:
    """Step from right to an hour ahead, from an hour behind to right, and from right to ahead again."""
    await _step(patient, 0 if time == 2 else HOUR)


async def clock_back(patient: Patient, time: int) -> None:
    """Step from an hour ahead to right, or from right to an hour behind."""
    await _step(patient, -HOUR if time == 2 else 0)


async def _step(patient: Patient, seconds: int) -> None:
    assert patient.clock is not None
    patient.clock.step(seconds)
    await asyncio.sleep(2)
    # The access token expires after half an hour, so a step of the clock ends it.
    patient.client = await patient.home.ready(patient.http)
