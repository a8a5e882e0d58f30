"""The spool: reads values back from the recorder that left memory unconfirmed or were recorded while nobody listened.

How it works. Nothing is stored here. `Gaps` holds, per property, the stretches of time whose values are still to be
sent. A stretch comes from the queue when it drops samples (`keep`), or from the bridge: for the time between the mark
and now, after a rejection, and on request (`cover`). `read` hands the oldest of all gaps over, one window at a time:

1. wait until the recorder has written every row that the window may hold;
2. query the rows of all gaps that begin in the window, on the recorder's own executor;
3. take the window out of the gaps, and return its samples in the order of time.

Invariants:
- A value is in a gap, or was handed over, or is in the queue's memory; no gap holds a value from before
  `oldest`.
- Between steps 1 and 3 anything may change. A gap that was touched before the window's end, or an entity that was
  renamed, voids the window: `read` returns nothing, and the next call reads it again. So no value is handed over under
  an old name, and none is skipped. Rows from before a rename are looked for where the recorder has them (`identity`).
- A query cannot be cancelled. It runs as a task of the entry, and its result is kept for the next reader.
- The window's length follows the traffic, so that a page holds some hundred rows: memory stays flat through an outage
  of any length, and the event loop is never busy with rows for long.
- A database that fails, migrates or starts pauses the reading; it never ends it.

Everything here runs on the event loop, but for the query. A crash leaves nothing to repair: the mark on the disk is
never later than `oldest`, and the gaps follow from the mark.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
import logging
import time
from typing import Final

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from sqlalchemy.exc import SQLAlchemyError

from ..alink import Sample, Stretch, now_ms
from ..const import DOMAIN
from ..mapping.kinds import attributes_of
from ..recorder.unrecorded import is_recorded
from ..selection.live import Selection
from .gaps import Gap, Gaps
from .identity import Identities
from .losses import Cause, Losses
from .mark import DAY
from .past import Past
from .rows import Page, Series, read_page

_LOGGER = logging.getLogger(__name__)

# ms, of windows. The first is short, since nothing is known of the traffic yet. A quiet time may be followed by a busy
# one, so a window doubles up to two minutes only; without a single row up to 15, which crosses a week in 672 queries.
_FIRST: Final = 5_000
_SHORTEST: Final = 1_000
_LONGEST: Final = 2 * 60_000
_LONGEST_EMPTY: Final = 15 * 60_000

# Rows in a page. While rows of the database become Python objects, the interpreter runs nothing else, so pages stay
# small; below 200 rows the cost of a query outweighs theirs. A window of more than 4,000 is read again in halves.
_FEW: Final = 200
_MANY: Final = 800
_MOST: Final = 4_000

_ENTITIES: Final = 200  # in one query
_PATIENCE: Final = 60.0  # s, for the recorder to write its queue; it commits every 5 s, and a purge holds it up longer
_PAUSE: Final = 15.0  # s, after a failed query; a server that restarts is back within that

# s, for which younger values of the past wait in memory for a database that fails. A server's restart or repair takes
# minutes; for longer than that, an order by time is worth less than the values.
_HOLD: Final = 600.0
_MARGIN: Final = 2 * 3600 * 1000  # ms, before the recorder's first row; the clock may have been set back since then


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The pages that were read up to `end` (ms UTC)."""

    end: int
    pages: Sequence[Page]
    is_purged: bool = False  # whether all of it lies before the recorder's first row


class RecorderSpool:
    """Remembers which values left memory unconfirmed, and reads them back page by page."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        selection: Selection,
        *,
        interval: float,
        since: int,
        losses: Mapping[str, int],
        is_ordered: Callable[[int, int], bool],
    ) -> None:
        """Start without a gap.

        `interval` is that of the pace, in seconds; `since` (ms UTC) the time from which on no value may be missing; and
        `losses` those of before. `is_ordered` tells whether rows of a stretch are in the order in which they came.
        """
        self._hass = hass
        self._entry = entry
        self._selection = selection
        self._interval = int(interval * 1000)
        self.past = Past(hass, selection, self.async_look_again)
        self._gaps = Gaps()
        self._length = _FIRST  # ms, of the next window
        self._written_until = 0  # ms UTC; all rows before are in the database. 0: not known
        self._generation = 0  # grows with every change of entity ids
        self._more = asyncio.Event()
        self._window: asyncio.Future[_Window | None] | None = None
        self._fails_since: float | None = None  # s of the running time; None while the recorder answers
        self._has_complained = False
        self._losses = Losses(losses)
        self._since = since
        self._is_ordered = is_ordered
        self.purged_until: int | None = None  # ms UTC; rows after `since` and before were purged unread

    # What goes in

    @callback
    def cover(self, identifier: str, start: int, end: int) -> None:
        """Read a stretch of time (ms UTC, both ends) of one property, if its entity is recorded at all."""
        if self._unreadable(self._entity_id(identifier)) is None:
            self._gaps.cover(identifier, start, end)
            self._more.set()

    @callback
    def cover_gone(self, identifier: str, stretches: Sequence[Stretch]) -> None:
        """Read stretches of an entity that is gone; where another has its id, each counts as one value lost, at least.

        Nothing tells how many values of each of the two the rows under that id are.
        """
        if self._unreadable(self._entity_id(identifier)) is Cause.GONE:
            self._losses.add(Cause.GONE, len(stretches))
        for start, end in stretches:
            self.cover(identifier, start, end)

    def has_gap(self, identifier: str) -> bool:
        """Tell if values of a property are to be read back."""
        return identifier in self._gaps

    @callback
    def cover_up_to(self, sample: Sample, start: int) -> None:
        """Read the time before a value that is queued already; it counts for its whole interval."""
        begun = sample.time - sample.time % self._interval if self._interval else sample.time
        self.cover(sample.identifier, start, begun - 1)

    @callback
    def async_look_again(self) -> None:
        """Void the window that is being read: the recorder may have renamed an entity's rows under it."""
        self._written_until = 0
        self._generation += 1

    def keep(self, samples: Sequence[Sample]) -> None:
        """Remember samples that left memory unconfirmed; those of entities that are not recorded are lost."""
        names = {sample.identifier for sample in samples}
        causes = {name: self._unreachable(name) for name in names}
        for sample in samples:
            if (cause := causes[sample.identifier]) is None:
                self._gaps.drop(sample)
            else:
                self._losses.add(cause, 1)
        self._more.set()

    def end(self, unconfirmed: Iterable[tuple[str, int]], *, is_for_good: bool) -> None:
        """Count the values (identifier, ms UTC) that end with this process's memory: the recorder does not have them.

        The last one of each property is also its present state, which is sent when the entry is loaded again, unless
        Home Assistant ends `is_for_good`.
        """
        for identifier, count in Counter(identifier for identifier, _ in unconfirmed).items():
            comes_again = not is_for_good and self._state(identifier) is not None
            if (cause := self._unreachable(identifier)) is not None:
                self._losses.add(cause, count - comes_again)

    @property
    def losses(self) -> Mapping[str, int]:
        """The values that are lost, by cause."""
        return self._losses.to_mapping()

    def confirmed(self) -> None:
        """Note that values of now were confirmed: no gap goes on beyond them."""
        self._gaps.seal()

    @property
    def _recorder(self) -> Recorder | None:
        return self._hass.data.get(DATA_INSTANCE)

    def _unreadable(self, entity_id: str | None) -> Cause | None:
        """Return why an entity's values cannot be read back, or None if they can."""
        if entity_id is None or "." not in entity_id:  # the registry's id of an entity that is gone
            return Cause.GONE
        recorder = self._recorder
        if recorder is None or not (recorder.entity_filter is None or recorder.entity_filter(entity_id)):
            return Cause.NOT_RECORDED
        return None

    def _unreachable(self, identifier: str) -> Cause | None:
        """Return why a property's values cannot be read back, or None if they can."""
        cause, state = self._unreadable(self._entity_id(identifier)), self._state(identifier)
        if cause is not None or state is None:
            return cause
        _, property_ = self._selection.sources[identifier]
        return None if is_recorded(state, attributes_of(property_.key)) else Cause.NOT_RECORDED

    def _state(self, identifier: str) -> State | None:
        entity_id = self._entity_id(identifier)
        return None if entity_id is None else self._hass.states.get(entity_id)

    # What comes out

    @property
    def oldest(self) -> int | None:
        """The time from which on values are to be read back, in ms UTC."""
        return self._gaps.oldest

    def oldest_from(self, moment: int) -> int | None:
        """Return the start of the oldest gap that begins at `moment` or later (ms UTC)."""
        return self._gaps.oldest_from(moment)

    def before(self, moment: int) -> Iterator[tuple[str, Stretch]]:
        """Yield the stretches of gaps that begin before `moment` (ms UTC)."""
        return self._gaps.before(moment)

    @property
    def is_pending(self) -> bool:
        """True if there are values to read back, and a recorder that can be asked, or soon.

        Values that wait in memory are younger, so they wait also for a recorder that starts or fails, for a while.
        """
        recorder = self._recorder
        if not self._gaps or recorder is None or recorder.migration_in_progress:
            return False
        return not self.is_stuck

    @property
    def is_stuck(self) -> bool:
        """True if the database has failed for so long that younger values need not wait for it any more."""
        return self._fails_since is not None and time.monotonic() - self._fails_since >= _HOLD

    async def read(self) -> Sequence[Sample]:
        """Wait until there is a gap, and return the oldest window of it."""
        # A query cannot be cancelled, so its result is kept for the next reader.
        if self._window is None:
            self._window = self._entry.async_create_background_task(self._hass, self._next_window(), f"{DOMAIN} window")
        window = self._window
        try:
            read = await asyncio.shield(window)
        finally:
            if window.done():
                self._window = None
        return () if read is None else self._handed_over(read)

    async def async_stop(self) -> None:
        """Stop reading; a query that has begun ends by itself, and its rows are not handed over."""
        if self._window is not None:
            self._window.cancel()
            await asyncio.gather(self._window, return_exceptions=True)

    async def _next_window(self) -> _Window | None:
        """Read the next window; None when the recorder cannot be asked now."""
        if self._fails_since is not None:
            await asyncio.sleep(_PAUSE)
        while self._gaps.first is None:
            self._more.clear()
            await self._more.wait()
        try:
            async with asyncio.timeout(_PATIENCE):
                recorder = await self._written(self._gaps.first)
            window = await self._load(recorder, self._gaps.first)
        except TimeoutError:  # the recorder starts, migrates or is behind
            self._note_failure()
            return None
        except (RuntimeError, SQLAlchemyError) as err:  # RuntimeError comes from the executor of a recorder that ended
            if not self._has_complained:
                _LOGGER.warning("The recorder's database cannot be read (%s); trying again", type(err).__name__)
            self._has_complained = True
            self._note_failure()
            return None
        self._fails_since, self._has_complained = None, False
        return window

    def _note_failure(self) -> None:
        if self._fails_since is None:
            self._fails_since = time.monotonic()

    async def _written(self, start: int) -> Recorder:
        """Wait until the recorder can be asked about the window that begins at `start`; raises TimeoutError."""
        recorder = self._recorder
        if recorder is None or recorder.migration_in_progress:
            raise TimeoutError
        await recorder.async_recorder_ready.wait()
        now = now_ms()
        # A clock that was set back makes the known time one of the future.
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
            return _Window(end=before, pages=(), is_purged=True)  # no row is that old
        identities = await self.past.async_identities(recorder)
        while True:
            # The value before a new gap is looked up in all of the past.
            is_ordered = {is_new: self._is_ordered(0 if is_new else start, end) for is_new in (True, False)}
            wanted = [
                self._series(identifier, gap, identities, is_ordered=is_ordered[gap.is_new])
                for identifier, gap in self._gaps.begin(end)
            ]
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
            # A quiet time has ended: these are more rows than memory should hold at once.
            self._length = max(1, (end - start + 1) // 2)
            end = start + self._length - 1

    def _handed_over(self, window: _Window) -> Sequence[Sample]:
        """Take the window out of the gaps, or nothing if it was voided while it was read."""
        if self._written_until == 0 or self._gaps.is_touched(window.end):
            return ()
        for page in window.pages:
            self._gaps.note(page.progress)
        if window.is_purged:
            self._note_purged(window.end)
        self._losses.add(Cause.PURGED if window.is_purged else Cause.NOT_FOUND, self._gaps.close(window.end))
        self._losses.add(Cause.UNFIT, sum(page.unfit for page in window.pages))
        self._losses.add(Cause.RENAMED, sum(page.unsure for page in window.pages))
        self._adapt(sum(page.rows for page in window.pages))
        return sorted((sample for page in window.pages for sample in page.samples), key=lambda sample: sample.time)

    def _note_purged(self, end: int) -> None:
        """Note that rows were purged before they could be read, unless the database is younger than its rows may be."""
        recorder = self._recorder
        if self._since < end and recorder is not None and end < now_ms() - recorder.keep_days * DAY:
            self.purged_until = end

    def _entity_id(self, identifier: str) -> str | None:
        source = self._selection.sources.get(identifier)
        return None if source is None else source[0]

    def _series(self, identifier: str, gap: Gap, identities: Identities, *, is_ordered: bool) -> Series:
        _, property_ = self._selection.sources[identifier]
        return Series(
            identifier=identifier,
            parts=self.past.parts(identifier, identities),
            gap=gap,
            is_ordered=is_ordered,
            property=property_.for_rows(self.past.temperature_units),
            needs_attributes=property_.needs_attributes,
        )

    def _adapt(self, rows: int) -> None:
        """Make the next window longer after a page with few rows, and shorter after one with many."""
        if rows == 0:
            self._length = min(_LONGEST_EMPTY, self._length * 2)
        elif rows < _FEW:
            self._length = min(_LONGEST, self._length * 2)
        elif rows > _MANY:
            self._length = max(_SHORTEST, self._length // 2)
