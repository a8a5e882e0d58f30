"""Mortal: a home that is killed at a moment around a request or an import, and lives on."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
import json
import os
from pathlib import Path
import shutil
import signal

import aiohttp

from ..client import AnswerError
from ..doomed import DEATH, SurvivedError
from ..polling import polled
from .asked import DAY, MESSAGE, QUICK, is_calm
from .home import LATE
from .ledger import Counts, Ledger
from .moments import Around, Moment, Outside
from .patient import Patient, now_ms
from .settling import GRACE, settled

SECONDS = 120
# s; the mark is written every minute
REACHED = 90
PATIENCE = 25.0
# ms; Home Assistant reads its clock later
MARGIN = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The home that all are copied from: its folder, its entry, and the time from which on its values count."""

    folder: Path
    entry_id: str
    began: float


@dataclass(slots=True, kw_only=True)
class Row:
    """The outcome of one moment."""

    number: int
    moment: Moment
    killed: bool = False
    answered: bool = False
    counts: Counts | None = None
    outcome: str = "ok"
    seconds: float = 0.0

    @property
    def is_bad(self) -> bool:
        return self.outcome != "ok" or self.counts is None or self.counts.lost > 0 or self.counts.stray > 0

    def as_cells(self) -> tuple[str, ...]:
        said = {True: "yes", False: "no"}
        counts = self.counts or Counts()
        numbers = (counts.expected, counts.lost, counts.stray, counts.disordered, counts.duplicates)
        return (
            str(self.number),
            self.moment.around,
            self.moment.text,
            said[self.killed],
            said[self.answered],
            *map(str, numbers),
            f"{self.seconds:.0f}",
            self.outcome,
        )


class Mortal:
    """One home that is killed at a moment, and lives on."""

    def __init__(self, row: Row, base: Base, folder: Path, http: aiohttp.ClientSession) -> None:
        self._row = row
        self._base = base
        self._folder = folder
        self._patient = Patient(folder, http, None, None)
        self._count = 0

    async def go(self) -> None:
        shutil.copytree(self._base.folder, self._folder, symlinks=True, dirs_exist_ok=True)
        one, row = self._patient, self._row
        one.entry_id, one.ledger = self._base.entry_id, Ledger(self._base.began)
        if row.moment.around is Around.IMPORT:
            one.not_in_model = LATE
        one.home.prepare()
        try:
            await one.platform_up()
            await one.home_up(self._death())
            await polled("it lives", partial(self._lives, now_ms()), SECONDS)
            await self._die()
            await one.home_up()
            if not row.answered:
                await self._begin()
            row.counts = await settled(one, PATIENCE)
        finally:
            await asyncio.gather(one.home.stop(), one.platform.stop())
        if found := one.new_complaints():
            row.outcome = f"in the log: {found[0]}"

    @property
    def _mark(self) -> Path:
        return self._folder / "death"

    @property
    def _armed(self) -> Path:
        return self._folder / "armed"

    def _death(self) -> Mapping[str, str]:
        at = self._row.moment.inside(f"aliyun_iot.delivery_{self._base.entry_id}")
        if at is None:
            return {}
        return {
            "PYTHONPATH": os.pathsep.join([str(DEATH), self._patient.platform.environment["PYTHONPATH"]]),
            "DEMO_DEATH": json.dumps(at.as_json()),
            "DEMO_DEATH_MARK": str(self._mark),
            "DEMO_DEATH_ARMED": str(self._armed),
        }

    async def _die(self) -> None:
        one, at = self._patient, self._row.moment.at
        before = await one.sent_history()
        self._armed.touch()
        beginning = asyncio.ensure_future(self._begin())
        try:
            if isinstance(at, Outside):
                await beginning
                if at is Outside.LAST:
                    wanted = before + max(1, self._count - MESSAGE)
                    await polled("most has come", partial(self._has_come, wanted), SECONDS, QUICK)
                await one.home.kill()
            else:
                async with asyncio.timeout(REACHED):
                    code = await one.home.program.wait()
                if code != -signal.SIGKILL or not self._mark.exists():
                    raise SurvivedError(f"ended with {code}, not by itself")
        except TimeoutError:
            raise SurvivedError("not reached") from None
        finally:
            one.ledger.killed(now_ms())
            beginning.cancel()
            await asyncio.gather(beginning, return_exceptions=True)
        self._row.killed = True

    async def _lives(self, since: float) -> bool | None:
        """Return whether the recorder has written values since the start, and all has arrived."""
        calm = await is_calm(self._patient)
        return (calm and self._patient.ledger.lives(since, now_ms() - GRACE * 1000)) or None

    async def _has_come(self, count: int) -> bool | None:
        return await self._patient.sent_history() >= count or None

    async def _begin(self) -> None:
        """Ask for the history, or import the thing model."""
        one = self._patient
        # Home Assistant may die at any moment, as this test intends.
        with suppress(aiohttp.ClientError, AnswerError):
            if self._row.moment.around is Around.IMPORT:
                self._count = len(one.ledger.missing(now_ms()))
                await one.import_model()
            else:
                asked = now_ms()
                self._count = self._count or one.ledger.ask(self._base.began, asked)
                await one.send_history((asked - self._base.began + MARGIN) / DAY)
            self._row.answered = True
