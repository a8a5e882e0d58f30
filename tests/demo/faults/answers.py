"""`python -m tests.demo.faults.answers`: ask about the past from the same rows, in SQLite and in a database server.

The answers are the ranges of the entities' numbers, for the thing model, and the traffic of a day, for the preview.
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
import logging
from pathlib import Path
import random
import sys
import tempfile
import time
from typing import Any

from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.aliyun_iot.alink import Pace
from custom_components.aliyun_iot.recorder.seen import Seen, async_seen
from custom_components.aliyun_iot.recorder.traffic import Traffic, async_traffic
from tests.benchmark.home import home
from tests.benchmark.recorded import settled

from ..databases import SERVERS, Server
from .patient import recorder

HOUR = 3600.0
# One more than the integration looks at, for the values from before.
HOURS = 26
DAYS = 40
CHANGES = 10
PACES = (Pace(), Pace(interval=60.0), Pace(rate=0.1, burst=3.0, interval=300.0), Pace(interval=7200.0))
WATT = {"unit_of_measurement": "W", "device_class": "power"}
# The forms in which numbers and other things are written as states.
FORMS = ("{:.0f}", "{:.1f}", "{:.3f}", "{:.5e}", "{!r}", " {:.2f} ", "-{:.2f}", "{:.9f}")
ODD = ("unavailable", "unknown", "", "nan", "-inf", "1e400", "0.30000000000000004", "月亮", "🌞 12", "x" * 255)
NUMBERS = [f"sensor.number_{index}" for index, _ in enumerate(FORMS)]
MIXED = "sensor.mixed"
# The statistics of these, beside a few states: extremes, extremes in another unit, and a total.
EXTREMES, OTHER_UNIT, TOTAL = "sensor.extremes", "sensor.other_unit", "sensor.total"
ENTITIES = [*NUMBERS, MIXED, EXTREMES, OTHER_UNIT, TOTAL]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The ranges of the entities' numbers, and the traffic at each pace."""

    seen: Mapping[str, Seen]
    traffic: list[Traffic | None]

    @property
    def are_complete(self) -> bool:
        return self.seen.keys() == set(ENTITIES) and None not in self.traffic


async def differences(folder: Path, server: Server) -> list[str]:
    """Ask both databases, print the answers of SQLite, and return what is wrong."""
    # Both homes are asked about the same hours: the changes keep away from the edges of what is looked at.
    now = time.time()
    (folder / "sqlite").mkdir()
    (folder / "server").mkdir()
    file = {"db_url": f"sqlite:///{folder / 'sqlite' / 'recorder.db'}"}
    await server.start()
    try:
        right = await _answers(folder / "sqlite", file, now)
        other = await _answers(folder / "server", recorder(server), now)
    finally:
        await server.stop()
    for entity_id, seen in right.seen.items():
        print(f"{entity_id}: {seen.low!r} to {seen.high!r}, {seen.decimals} decimals")
    for pace, traffic in zip(PACES, right.traffic, strict=True):
        print(f"{pace}: {traffic}")
    found = [] if right.are_complete else ["SQLite: there are not all answers"]
    found += [
        f"{entity_id}: {right.seen.get(entity_id)} in SQLite, {other.seen.get(entity_id)} in {server.name}"
        for entity_id in ENTITIES
        if right.seen.get(entity_id) != other.seen.get(entity_id)
    ]
    found += [
        f"{pace}: {one} in SQLite, {another} in {server.name}"
        for pace, one, another in zip(PACES, right.traffic, other.traffic, strict=True)
        if one != another
    ]
    return found


async def _answers(folder: Path, settings: Mapping[str, Any], now: float) -> Answers:
    async with home(folder, recorder={**settings, "auto_purge": False, "commit_interval": 1}) as hass:
        await settled(hass)
        for at, entity_id, text in sorted(_changes(now)):
            hass.states.async_set(entity_id, text, WATT, timestamp=at)
        _keep_statistics(hass)
        await settled(hass)
        return Answers(
            seen=await async_seen(hass, ENTITIES), traffic=[await async_traffic(hass, ENTITIES, pace) for pace in PACES]
        )


def _changes(now: float) -> Iterator[tuple[float, str, str]]:
    """Yield the changes of more than a day, the same ones each time."""
    dice = random.Random(14)
    for hour in range(1, HOURS + 1):
        for entity_id, form in zip(NUMBERS, FORMS, strict=True):
            for _ in range(CHANGES):
                yield _moment(dice, now, hour), entity_id, form.format(dice.uniform(0.0, 10_000.0))
        for text in (*ODD, "7.25"):
            yield _moment(dice, now, hour), MIXED, text
    for entity_id in (EXTREMES, OTHER_UNIT, TOTAL):
        yield _moment(dice, now, 2), entity_id, f"{dice.uniform(0.0, 100.0):.2f}"


def _moment(dice: random.Random, now: float, hour: int) -> float:
    """Return a time so many hours ago, at least five minutes from the edges of that hour."""
    return now - hour * HOUR + dice.uniform(300.0, HOUR - 300.0)


def _keep_statistics(hass: HomeAssistant) -> None:
    dice = random.Random(15)
    began = dt_util.utcnow().replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    hours = [began + timedelta(hours=hour) for hour in range(24 * DAYS)]
    for entity_id, unit in ((EXTREMES, "W"), (OTHER_UNIT, "kW")):
        lows = [dice.uniform(-500.0, 500.0) for _ in hours]
        rows = [
            StatisticData(start=start, mean=low + 1 / 3, min=low, max=low + dice.random())
            for start, low in zip(hours, lows, strict=True)
        ]
        async_import_statistics(hass, _described(entity_id, unit, has_sum=False), rows)
    totals = [dice.uniform(0.0, 1e7) for _ in hours]
    rows = [StatisticData(start=start, state=total, sum=total) for start, total in zip(hours, totals, strict=True)]
    async_import_statistics(hass, _described(TOTAL, "W", has_sum=True), rows)


def _described(entity_id: str, unit: str, *, has_sum: bool) -> StatisticMetaData:
    return StatisticMetaData(
        has_sum=has_sum,
        mean_type=StatisticMeanType.NONE if has_sum else StatisticMeanType.ARITHMETIC,
        name=None,
        source="recorder",
        statistic_id=entity_id,
        unit_class="power",
        unit_of_measurement=unit,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.demo.faults.answers", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("server", choices=SERVERS)
    kind = SERVERS[parser.parse_args().server]
    kind.install()
    # Home Assistant warns of every custom integration.
    logging.getLogger("homeassistant.loader").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="aliyun-iot-answers-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o711)  # the server's user has its files below
        found = asyncio.run(differences(folder, kind(folder)))
    print(*found, f"{len(found)} answers of {kind.name} differ from those of SQLite", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
