"""Reading rows of the recorder as samples; this blocks, so it runs in the recorder's own executor."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from homeassistant.components.recorder import history
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from ..alink import Sample, Thinning, Value
from ..mapping.property import Property
from ..mapping.values import NotFittingError
from .gaps import Gap

# ms; the recorder keeps fractions of a millisecond, so rows at the edges are read by both pages and counted by one.
_EDGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One property's part of a page: what to read of it, and how."""

    identifier: str
    entity_id: str
    gap: Gap
    property: Property  # made for this: rows are read in another thread
    needs_attributes: bool
    is_gone: bool  # whether there is no such entity any more


@dataclass(slots=True, kw_only=True)
class _Progress:
    """What is known of a gap after a page; kept only if nothing has changed it meanwhile."""

    gap: Gap
    last: Value | None
    held: Sample | None
    found: int = 0


@dataclass(slots=True, kw_only=True)
class Page:
    """What was read of one window of time."""

    rows: int = 0
    samples: list[Sample] = field(default_factory=list)
    progress: list[_Progress] = field(default_factory=list)

    def keep(self) -> None:
        """Note in each gap how far it was read."""
        for progress in self.progress:
            gap = progress.gap
            gap.last, gap.held, gap.is_begun = progress.last, progress.held, True
            gap.missing -= progress.found


def read_page(hass: HomeAssistant, wanted: Sequence[Series], start: int, end: int, interval: int) -> Page:
    """Read what the recorder has from `start` to `end` (ms UTC); raises SQLAlchemyError.

    A value counts when it differs from the one before it; with an `interval` (ms) only the last of each.
    """
    is_new = any(series.gap.is_new for series in wanted)
    rows = history.get_significant_states(
        hass,
        dt_util.utc_from_timestamp((start - _EDGE) / 1000),
        dt_util.utc_from_timestamp((end + _EDGE) / 1000),
        list({series.entity_id for series in wanted}),
        include_start_time_state=is_new,
        significant_changes_only=False,
        no_attributes=not any(series.needs_attributes for series in wanted),
    )
    page = Page(rows=sum(map(len, rows.values())))
    for series in wanted:
        states = (row for row in rows.get(series.entity_id, ()) if isinstance(row, State))
        _add(page, series, states, end, interval)
    return page


def _add(page: Page, series: Series, rows: Iterable[State], end: int, interval: int) -> None:
    gap = series.gap
    progress = _Progress(gap=gap, last=gap.last, held=None)
    page.progress.append(progress)
    samples: Iterable[Sample] = _within(series, _samples(series, rows), progress, end)
    if interval:
        samples = _thinned(samples, progress, interval, is_over=gap.end <= end)
    for sample in samples:
        if sample.value != progress.last:
            page.samples.append(sample)
            progress.last = sample.value
            progress.found += 1


def _within(series: Series, samples: Iterable[Sample], progress: _Progress, end: int) -> Iterator[Sample]:
    """Pass on what belongs to the gap; what lies before a gap that is new tells the value before."""
    gap = series.gap
    for sample in samples:
        if gap.start <= sample.time <= min(gap.end, end):
            yield sample
        elif sample.time < gap.start and gap.is_new:
            progress.last = sample.value


def _thinned(samples: Iterable[Sample], progress: _Progress, interval: int, *, is_over: bool) -> Iterator[Sample]:
    """Pass on the last of each interval; that of one which is not over waits for the next page."""
    thinning = Thinning(interval)
    for sample in chain((progress.gap.held,) if progress.gap.held else (), samples):
        if (thinned := thinning.put(sample)) is not None:
            yield thinned
    for sample in thinning.all():
        if is_over:
            yield sample
        else:
            progress.held = sample


def _samples(series: Series, rows: Iterable[State]) -> Iterator[Sample]:
    for row in rows:
        if series.is_gone and not row.state:
            continue  # that is when it was removed
        try:
            sample = series.property.sample(row)
        except NotFittingError:
            continue
        if sample is not None:
            yield sample
