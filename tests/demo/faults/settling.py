"""Settling: waits until everything has arrived, or until missing values can no longer be expected."""

import asyncio
import time

from .ledger import Counts
from .patient import Patient, now_ms

# s; a younger value is not missed yet: a message a second, the recorder's own second, two busy processors
GRACE = 3.0
PAUSE = 0.25
LONGEST = 240.0


async def settled(patient: Patient, patience: float) -> Counts:
    """Wait until nothing is missing, and close the window; give up after `patience` seconds without an arrival.

    The seconds count only while the device is online: before that nothing can arrive.
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
