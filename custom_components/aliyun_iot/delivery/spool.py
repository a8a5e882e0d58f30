"""The recorder as the spool: what has no room in memory, or came while we were not there, is read back from it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
import logging
from typing import Final

from homeassistant.components.recorder import Recorder
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from sqlalchemy.exc import SQLAlchemyError

from ..alink import Sample, now_ms
from ..const import DOMAIN
from ..selection.live import Selection
from .gaps import Gap, Gaps
from .rows import Page, Series, read_page

_LOGGER = logging.getLogger(__name__)

_FIRST: Final = 5_000  # ms
_SHORTEST: Final = 1_000  # ms
_LONGEST: Final = 2 * 60_000  # ms; what follows a quiet time may be a busy one
_LONGEST_EMPTY: Final = 15 * 60_000  # ms, where nothing happened at all
_FEW: Final = 200  # rows in a page; while they are fetched, nothing else of Python runs
_MANY: Final = 800
_MOST: Final = 4_000
_ENTITIES: Final = 200  # in one query
_PATIENCE: Final = 60.0  # s, for the recorder to write
_PAUSE: Final = 15.0  # s, for it to mend itself
_MARGIN: Final = 2 * 3600 * 1000  # ms, before the recorder's first row; its clock may have been set back


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What was read up to `end` (ms UTC)."""

    end: int
    pages: Sequence[Page]


class RecorderSpool:
    """Remembers which values left memory unconfirmed, and reads them back page by page."""

    def __init__(self, hass: HomeAssistant, selection: Selection, *, interval: float, lost: int) -> None:
        """Start without a gap; `interval` is that of the pace, in seconds, and `lost` what was lost up to now."""
        self._hass = hass
        self._selection = selection
        self._interval = int(interval * 1000)
        self._gaps = Gaps()
        self._length = _FIRST  # ms, of the next window
        self._written_until = 0  # ms UTC; everything before has gone through the recorder's queue. 0: ask again
        self._generation = 0  # of entity ids
        self._more = asyncio.Event()
        self._window: asyncio.Future[_Window | None] | None = None
        self._is_failing = False
        self._has_complained = False
        self.lost = lost

    # What goes in

    @callback
    def cover(self, identifier: str, start: int, end: int) -> None:
        """Read a stretch of time (ms UTC, both ends) of one property, if its entity is recorded at all."""
        if self._is_recorded(self._entity_id(identifier)):
            self._gaps.cover(identifier, start, end)
            self._more.set()

    @callback
    def cover_up_to(self, sample: Sample, start: int) -> None:
        """Read what lies before a value that is sent already; in its interval it is the one that counts."""
        begun = sample.time - sample.time % self._interval if self._interval else sample.time
        self.cover(sample.identifier, start, begun - 1)

    @callback
    def async_look_again(self) -> None:
        """Read anew what is being read: the recorder has the entities under other ids by and by."""
        self._written_until = 0
        self._generation += 1

    def keep(self, samples: Sequence[Sample]) -> None:
        """Remember what left memory; what the recorder does not have is lost."""
        names = {sample.identifier for sample in samples}
        recorded = {name: self._is_recorded(self._entity_id(name)) for name in names}
        for sample in samples:
            if recorded[sample.identifier]:
                self._gaps.drop(sample)
            else:
                self.lost += 1
        self._more.set()

    def confirmed(self) -> None:
        """Note that values of now were confirmed: no gap goes on beyond them."""
        self._gaps.seal()

    @property
    def _recorder(self) -> Recorder | None:
        return self._hass.data.get(DATA_INSTANCE)

    def _is_recorded(self, entity_id: str | None) -> bool:
        if entity_id is None or "." not in entity_id:  # the registry's id of an entity that is gone
            return False
        if (recorder := self._recorder) is None:
            return False
        return recorder.entity_filter is None or recorder.entity_filter(entity_id)

    # What comes out

    @property
    def oldest(self) -> int | None:
        """From when on there are values to read back, in ms UTC."""
        return self._gaps.oldest

    @property
    def is_pending(self) -> bool:
        """Whether there are values to read back, and a recorder that can be asked."""
        recorder = self._recorder
        return (
            bool(self._gaps)
            and not self._is_failing
            and recorder is not None
            and recorder.async_recorder_ready.is_set()
            and not recorder.migration_in_progress
        )

    async def read(self) -> Sequence[Sample]:
        """Wait until there is something, and return the oldest of it."""
        # A query cannot be cancelled: who comes next gets what it brought. Only then it is no longer kept here.
        if self._window is None:
            self._window = self._hass.async_create_background_task(self._next_window(), f"{DOMAIN} window")
        window = self._window
        try:
            read = await asyncio.shield(window)
        finally:
            if window.done():
                self._window = None
        return () if read is None else self._handed_over(read)

    async def async_stop(self) -> None:
        """End what still reads."""
        if self._window is not None:
            self._window.cancel()
            await asyncio.gather(self._window, return_exceptions=True)

    async def _next_window(self) -> _Window | None:
        """Read the next window; None when that cannot be done now."""
        if self._is_failing:
            await asyncio.sleep(_PAUSE)
        while self._gaps.first is None:
            self._more.clear()
            await self._more.wait()
        try:
            async with asyncio.timeout(_PATIENCE):
                recorder = await self._written(self._gaps.first)
            window = await self._load(recorder, self._gaps.first)
        except TimeoutError:  # the recorder starts, migrates or is behind
            self._is_failing = True
            return None
        except (RuntimeError, SQLAlchemyError) as err:  # the former from a recorder that has ended
            if not self._has_complained:
                _LOGGER.warning("The recorder's database cannot be read (%s); trying again", type(err).__name__)
            self._is_failing = self._has_complained = True
            return None
        self._is_failing = self._has_complained = False
        return window

    async def _written(self, start: int) -> Recorder:
        """Wait until the recorder can be asked about the window that begins at `start`; raises TimeoutError."""
        recorder = self._recorder
        if recorder is None or recorder.migration_in_progress:
            raise TimeoutError
        await recorder.async_recorder_ready.wait()
        now = now_ms()
        # The latter after a clock set back
        while start + self._length > self._written_until or self._written_until > now:
            now, generation = now_ms(), self._generation
            await recorder.async_block_till_done()
            if generation == self._generation:
                self._written_until = now
                break
        return recorder

    async def _load(self, recorder: Recorder, start: int) -> _Window:
        end = start + self._length - 1
        begin = recorder.states_manager.oldest_ts
        if begin is not None and (before := int(begin * 1000) - _MARGIN) > end:
            self._gaps.begin(before)
            return _Window(end=before, pages=())  # there is nothing that old
        while True:
            wanted = [self._series(identifier, gap) for identifier, gap in self._gaps.begin(end)]
            pages: list[Page] = []
            for with_attributes in (False, True):
                group = [series for series in wanted if series.needs_attributes is with_attributes]
                for part in batched(group, _ENTITIES, strict=False):
                    page = await recorder.async_add_executor_job(
                        read_page, self._hass, part, start, end, self._interval
                    )
                    pages.append(page)
            rows = sum(page.rows for page in pages)
            if rows <= _MOST or end == start:
                return _Window(end=end, pages=pages)
            # A quiet time has ended: this is more than memory is to hold at once.
            self._length = max(1, (end - start + 1) // 2)
            end = start + self._length - 1

    def _handed_over(self, window: _Window) -> Sequence[Sample]:
        """Take the window out of the gaps, unless something has changed under it; then it is read again."""
        if self._written_until == 0 or self._gaps.is_touched(window.end):
            return ()
        for page in window.pages:
            page.keep()
        self.lost += self._gaps.close(window.end)
        self._adapt(sum(page.rows for page in window.pages))
        return sorted((sample for page in window.pages for sample in page.samples), key=lambda sample: sample.time)

    def _entity_id(self, identifier: str) -> str | None:
        source = self._selection.sources.get(identifier)
        return None if source is None else source[0]

    def _series(self, identifier: str, gap: Gap) -> Series:
        entity_id, property_ = self._selection.sources[identifier]
        state = self._hass.states.get(entity_id)
        # Rows come without attributes where the unit of now is known, and has always been that.
        unit = None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        is_mixed = property_.is_mixed or identifier in self._selection.mixed
        is_plain = not property_.needs_attributes and not is_mixed
        return Series(
            identifier=identifier,
            entity_id=entity_id,
            gap=gap,
            property=property_.for_rows(unit if is_plain else None),
            needs_attributes=not is_plain or (state is None and property_.has_unit),
            is_gone=state is None,
        )

    def _adapt(self, rows: int) -> None:
        """Take more time at once where little happened, and less where much did."""
        if rows == 0:
            self._length = min(_LONGEST_EMPTY, self._length * 2)
        elif rows < _FEW:
            self._length = min(_LONGEST, self._length * 2)
        elif rows > _MANY:
            self._length = max(_SHORTEST, self._length // 2)
