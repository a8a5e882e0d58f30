"""Catching up: a recorded day, sent within the message budget."""

from dataclasses import asdict
from pathlib import Path
import tempfile
import time
from typing import Any, Final

from .broker import Platform
from .home import DOMAIN, FASTEST, add_ours, home
from .load import ATTRIBUTES, Load
from .meters import memory, stall
from .observer import Observer
from .recorded import record, recorder, settled

_SENSORS: Final = 100
_EVERY: Final = 30.0  # s
_PATIENCE: Final = 240.0  # s
_ACTION: Final = "send_history"


async def catching_up(platform: Platform) -> dict[str, Any]:
    """Send a day of 100 sensors that changed every 30 seconds, at ten messages a second."""
    observer = await Observer.open(platform.control_port)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        rows = await record(folder, Load.ids(_SENSORS), dict(ATTRIBUTES), every=_EVERY)
        async with home(folder, recorder=recorder(folder)) as hass:
            load = Load(hass, entities=_SENSORS)
            load.change(_SENSORS)
            await settled(hass)
            entry = await add_ours(hass, platform.broker_port, load.properties)
            if not hass.services.has_service(DOMAIN, _ACTION):
                return {"missing": f"there is no action {DOMAIN}.{_ACTION}"}
            await observer.wait(_SENSORS, seconds=10)
            await observer.take()
            async with stall() as stood:
                began, used = time.monotonic(), time.process_time()
                await hass.services.async_call(
                    DOMAIN, _ACTION, {"config_entry_id": entry.entry_id, "days": 2}, blocking=True
                )
                await observer.wait(rows // 4, seconds=_PATIENCE)
                quarter = memory()
                seen = await observer.wait(rows, seconds=_PATIENCE)
                cpu = time.process_time() - used
            seconds = seen.last - began
            result = {
                "rows": rows,
                "values": seen.history,
                "distinct": seen.distinct,
                "messages": seen.messages,
                "seconds": seconds,
                "budget_use": seen.messages / (FASTEST * seconds),
                "cpu_us": 1e6 * cpu / rows,
                "grown_mb": memory() - quarter,
                "stall": asdict(stood),
            }
    observer.close()
    return result
