"""What can happen to Home Assistant, its database, its disk and its clock. At the end of a function it is over."""

import asyncio
from functools import partial

from ..polling import polled
from .patient import Patient

# More than the integration holds in memory, by two a second for every entity that changes most of the times.
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
    """Restart while the platform is away, and for a while after that."""
    await patient.platform.kill()
    await asyncio.sleep(4)
    await restarted(patient, time)
    await asyncio.sleep(time)
    await patient.platform_up()


async def killed(patient: Patient, time: int) -> None:
    await patient.kill_home()
    await patient.home_up()


async def killed_alone(patient: Patient, time: int) -> None:
    """Kill Home Assistant when it has waited for the platform for a while."""
    await patient.platform.kill()
    await asyncio.sleep(4)
    await patient.kill_home()
    await patient.platform_up()
    await patient.home_up()


async def flooded(patient: Patient, time: int) -> None:
    """Let more change than fits into memory while the platform is away; then stay, restart, or be killed."""
    await patient.platform.kill()
    await patient.hurry_through(TICKS)
    if time == 2:
        await restarted(patient, time)
    elif time == 3:
        await patient.kill_home()
        await patient.home_up()
    await patient.platform_up()


async def purged(patient: Patient, time: int) -> None:
    """Empty the database during an outage: of all, of all after a restart, of half of the entities."""
    await patient.platform.kill()
    await asyncio.sleep(3)
    if time == 2:
        await restarted(patient, time)
    # All that is purged has to be seen before, and nothing may be purged before it was written.
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
    """Say whether rows have gone and no more go."""
    patient.ledger.take(patient.recorded.read_again(), patient.stored.read())
    counts.append(patient.recorded.count)
    return counts[0] > counts[-2] == counts[-1] or None


async def restarted_on_a_full_disk(patient: Patient, time: int) -> None:
    """Let no mark be written, also not at the end."""
    patient.fill_disk(MARK)
    await asyncio.sleep(2)
    await restarted(patient, time)
    patient.empty_disk()


async def killed_on_a_full_disk(patient: Patient, time: int) -> None:
    """Let no mark be written, also not at the end of an entry, and kill Home Assistant then."""
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
    # A token is good for half an hour.
    patient.client = await patient.home.ready(patient.http)
