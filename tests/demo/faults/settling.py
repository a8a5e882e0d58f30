"""Waiting until everything has arrived, or until it is plain that something will not."""

import asyncio
import time

from .ledger import Counts
from .patient import Patient, now_ms

# A value may be so old before it is missed: a message a second, the recorder's own second, two busy processors.
GRACE = 3.0
PAUSE = 0.25
LONGEST = 240.0


async def settled(patient: Patient, patience: float) -> Counts:
    """Wait until nothing is missing, and close the window; give up when for so many seconds nothing has come.

    The seconds count while the device is online: before that it has had no chance.
    """
    began = changed = time.monotonic()
    healed = now_ms()
    least: int | None = None
    while time.monotonic() - began < LONGEST:
        await asyncio.sleep(PAUSE)
        online = await patient.is_online()
        patient.look()
        edge = now_ms() - GRACE * 1000
        missing = len(patient.ledger.missing(edge))
        if missing == 0 and online and patient.ledger.lives(healed, edge):
            break
        if least is None or missing < least or not online or edge <= healed:
            changed, least = time.monotonic(), missing
        if time.monotonic() - changed > patience:
            break
    return patient.ledger.close(now_ms() - GRACE * 1000)
