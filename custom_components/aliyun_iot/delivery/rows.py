"""Pages: rows of the recorder, read as samples. Reading blocks, so it runs in the recorder's own executor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from homeassistant.components.recorder import history
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from ..alink import Sample, Thinning
from ..mapping.kinds import AVAILABLE, STATE
from ..mapping.property import Property
from ..mapping.values import NotFittingError
from .gaps import Gap, Progress
from .identity import Part

# ms. The recorder keeps fractions of a millisecond, so both pages read the rows at their common edge; each row belongs
# to the page that its time in whole milliseconds falls into.
_EDGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One property's part of a page, and the way to read it."""

    identifier: str
    parts: Sequence[Part]
    gap: Gap
    is_ordered: bool  # whether the row before each is also the one that came before it
    property: Property  # a copy of its own, since rows are read in another thread
    needs_attributes: bool


@dataclass(slots=True, kw_only=True)
class Page:
    """The samples of one window of time, and the gaps after it."""

    rows: int = 0
    unfit: int = 0  # rows in a gap that are no value of their property
    unsure: int = 0  # values in a gap that may be those of another entity
    samples: list[Sample] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)


def read_page(hass: HomeAssistant, wanted: Sequence[Series], start: int, end: int, interval: int) -> Page:
    """Read the rows from `start` to `end` (ms UTC); raises SQLAlchemyError.

    A value counts when it differs from the one before it; with an `interval` (ms) only the last of each. Where the
    clock was set, the row before may have come an hour earlier or later, and every change of a state counts.
    """
    is_new = any(series.gap.is_new for series in wanted)
    rows = history.get_significant_states(
        hass,
        dt_util.utc_from_timestamp((start - _EDGE) / 1000),
        dt_util.utc_from_timestamp((end + _EDGE) / 1000),
        list({part.entity_id for series in wanted for part in series.parts}),
        include_start_time_state=is_new,
        significant_changes_only=False,
        no_attributes=not any(series.needs_attributes for series in wanted),
    )
    page = Page(rows=sum(map(len, rows.values())))
    for series in wanted:
        doubtful = _rows(series, rows, is_sure=False)
        found = _add_doubtful(page, series, doubtful, end) if doubtful else 0
        _add(page, series, _rows(series, rows, is_sure=True), end, interval, doubtful=found)
    return page


def _rows(series: Series, rows: Mapping[str, Sequence[State | dict[str, Any]]], *, is_sure: bool) -> list[State]:
    """Return the rows of an entity, in the order of time."""
    found: list[State] = []
    for part in series.parts:
        if part.is_sure is is_sure:
            several = [row for row in rows.get(part.entity_id, ()) if isinstance(row, State)]
            # Nearly all entities have one part, which takes all rows.
            found += several if part.is_whole else filter(part.has, several)
    return found


def _add_doubtful(page: Page, series: Series, rows: Sequence[State], end: int) -> int:
    """Count the values of rows that may be those of another entity; returns their number."""
    start, end = series.gap.start, min(series.gap.end, end)
    values = [sample.value for sample in _samples(series, rows, start, end)[0] if start <= sample.time <= end]
    found = sum(value != before for before, value in zip([None, *values], values, strict=False))
    page.unsure += found
    return found


def _changes(series: Series, rows: Iterable[State]) -> frozenset[int]:
    """Return the times (ms UTC) of rows that count although they repeat the value of the one before."""
    if series.is_ordered:
        return frozenset()
    # The row of an attribute does not tell whether that has changed.
    is_attribute = series.property.key not in (STATE, AVAILABLE)
    return frozenset(
        int(row.last_updated_timestamp * 1000) for row in rows if is_attribute or row.last_changed == row.last_updated
    )


def _add(page: Page, series: Series, rows: Sequence[State], end: int, interval: int, *, doubtful: int) -> None:
    gap = series.gap
    changes = _changes(series, rows)
    samples, unfit = _samples(series, rows, gap.start, min(gap.end, end))
    last, held = gap.last, None
    page.unfit += unfit
    if gap.is_new:
        before = [sample for sample in samples if sample.time < gap.start]
        last = before[-1].value if before else last
    samples = [sample for sample in samples if gap.start <= sample.time <= min(gap.end, end)]
    if interval:
        samples, held = _thinned(samples, gap.held, interval, is_over=gap.end <= end)
    found = doubtful + unfit
    for sample in samples:
        if sample.value != last or sample.time in changes:
            page.samples.append(sample)
            last = sample.value
            found += 1
    if not series.is_ordered:
        last = None
    page.progress.append(Progress(gap=gap, last=last, held=held, found=found))


def _thinned(
    samples: Iterable[Sample], held: Sample | None, interval: int, *, is_over: bool
) -> tuple[list[Sample], Sample | None]:
    """Return the last sample of each interval, and apart that of an interval which goes on in the next page."""
    thinning = Thinning(interval)
    before = () if held is None else (held,)
    last = [one for sample in chain(before, samples) if (one := thinning.put(sample)) is not None]
    rest = list(thinning.all())
    return ([*last, *rest], None) if is_over or not rest else (last, rest[0])


def _samples(series: Series, rows: Iterable[State], start: int, end: int) -> tuple[list[Sample], int]:
    """Return the samples of rows, and how many of the rows from `start` to `end` (ms UTC) fit no value."""
    samples: list[Sample] = []
    unfit = 0
    for row in rows:
        if not row.state and not row.attributes and series.property.key != AVAILABLE:
            continue  # the recorder writes such a row when an entity is removed
        try:
            sample = series.property.sample(row)
        except NotFittingError:
            unfit += start <= int(row.last_updated_timestamp * 1000) <= end
            continue
        if sample is not None:
            samples.append(sample)
    return samples, unfit
