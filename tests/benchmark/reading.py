"""Reading: the rows of the past with the attributes that tell their unit, beside the same rows without."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import tempfile
import time
from typing import Any, Final

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant

from custom_components.aliyun_iot.alink import Number, NumberType
from custom_components.aliyun_iot.delivery.gaps import Gap
from custom_components.aliyun_iot.delivery.identity import Part
from custom_components.aliyun_iot.delivery.rows import Series, read_page
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.kinds import STATE
from custom_components.aliyun_iot.mapping.property import Property

from .broker import Platform
from .home import home
from .load import ATTRIBUTES, Load
from .recorded import record, recorder, settled

_SENSORS: Final = 100
_EVERY: Final = 30.0  # s
_WINDOW: Final = 120_000  # ms; the longest that the spool reads at once, here 400 rows
_TURNS: Final = 3
_OTHER: Final = {**ATTRIBUTES, "unit_of_measurement": "kW"}


def _series(entity_ids: Sequence[str]) -> list[Series]:
    return [
        Series(
            identifier=f"t{number}",
            parts=(Part(entity_id=entity_id),),
            gap=Gap(start=0, end=0),
            is_ordered=True,
            property=Property(
                Definition(
                    identifier=f"t{number}",
                    name="t",
                    data_type=Number(type=NumberType.DOUBLE, low=-1e15, high=1e15, step=0.01),
                    unit="W",
                    device_class="power",
                ),
                STATE,
            ),
            needs_attributes=True,
        )
        for number, entity_id in enumerate(entity_ids)
    ]


def _read(hass: HomeAssistant, entity_ids: Sequence[str], start: int, end: int, *, with_attributes: bool) -> float:
    """Read a stretch of time (ms UTC) in windows; returns the microseconds of a row."""
    rows, began = 0, time.thread_time()
    for begin in range(start, end, _WINDOW):
        wanted = [
            replace(series, gap=Gap(start=begin, end=begin + _WINDOW - 1), needs_attributes=with_attributes)
            for series in _series(entity_ids)
        ]
        rows += read_page(hass, wanted, begin, begin + _WINDOW - 1, 0).rows
    return 1e6 * (time.thread_time() - began) / rows


async def reading(platform: Platform) -> dict[str, Any]:
    """Read six hours of 100 sensors that changed every 30 seconds, half of them in another unit than now."""
    entity_ids = Load.ids(_SENSORS)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        await record(folder, entity_ids, dict(ATTRIBUTES), dict(_OTHER), every=_EVERY)
        async with home(folder, recorder=recorder(folder)) as hass:
            await settled(hass)
            now = int(time.time() * 1000)
            seen: dict[bool, list[float]] = {True: [], False: []}
            for _ in range(_TURNS):
                for with_attributes, found in seen.items():
                    found.append(
                        await get_instance(hass).async_add_executor_job(
                            lambda asked: _read(hass, entity_ids, now - 6 * 3_600_000, now, with_attributes=asked),
                            with_attributes,
                        )
                    )
    return {"with_us": seen[True], "without_us": seen[False]}
