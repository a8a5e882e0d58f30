"""One entry's wiring: chosen states become samples and go to the device, and a restart finds where they stand."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_time_interval

from ..alink import Connection, Device, Repetition, Sample, now_ms
from ..const import DOMAIN
from ..mapping.property import Property
from ..mapping.values import Misfit, NotFittingError
from ..selection.live import Selection
from .mark import DAY, Mark, MarkFile
from .misfits import Misfits
from .missed import missed_of
from .spool import RecorderSpool

_LOGGER = logging.getLogger(__name__)

_SAVE: Final = timedelta(minutes=1)
_FLUSH: Final = 5.0  # s, for what still waits when the entry is unloaded or Home Assistant stops
_UNSURE: Final = 2 * 3600 * 1000  # ms, on both sides of a clock that was set back


class Bridge:
    """Listens to the chosen entities, offers their values to the device, and keeps the mark."""

    def __init__(
        self,
        hass: HomeAssistant,
        selection: Selection,
        spool: RecorderSpool,
        device: Device,
        file: MarkFile,
        *,
        repeat: float,
        on_disk: Callable[[OSError | None], None],
    ) -> None:
        """Wire up; nothing is heard before `async_start`.

        Every `repeat` minutes, if that is not 0, values are sent again that have not changed. `on_disk` hears whether
        the mark could be written.
        """
        self._hass = hass
        self.selection = selection
        self.misfits = Misfits()
        self._misfitting = self.misfits.open
        self._spool = spool
        self._device = device
        self._file = file
        self._repeat = timedelta(minutes=repeat)
        self._on_disk = on_disk
        self._offer = device.offer
        self._kept: Mark | None = None
        self._heard_until: int | None = None  # ms UTC, when listening ended
        self._confirmed = -1  # values, when the mark was kept last
        self._begun = 0  # ms UTC; up to then everything was confirmed when this began
        self._is_known: set[str] = set()  # identifiers that were published before
        self._covered: set[str] = set()  # identifiers of which all since then will be sent
        self._ends: list[CALLBACK_TYPE] = []
        self._run: asyncio.Task[None] | None = None

    # From start to stop

    @callback
    def async_start(self, mark: Mark) -> None:
        """Listen, send what everything is, remember what is missing since the mark, and connect."""
        self._kept = mark
        self._begun = mark.until
        self._is_known = set(self.selection.model.identifiers)
        self._covered = set(self.selection.sources)
        now = now_ms()
        samples = {sample.identifier: sample for sample in self._samples_of_now()}
        for identifier in self.selection.sources:
            sample = samples.get(identifier)
            if mark.until > now:
                # The clock was ahead: what came after the mark is there, and what came after the clock was set is here.
                self._spool.cover(identifier, now - _UNSURE, now)
                self._spool.cover(identifier, mark.until, mark.until + _UNSURE)
            elif sample is None:
                self._spool.cover(identifier, mark.until, now - 1)
            else:
                self._spool.cover_up_to(sample, mark.until)
        self._device.offer_now(samples.values())
        self._ends = [
            self.selection.async_follow(self._selection_changed),
            self._hass.bus.async_listen(EVENT_STATE_CHANGED, self._state_changed, event_filter=self._is_chosen),
            async_track_time_interval(self._hass, self._async_save, _SAVE, cancel_on_shutdown=True),
        ]
        if self._repeat:
            self._ends.append(
                async_track_time_interval(self._hass, self._say_again, self._repeat, cancel_on_shutdown=True)
            )
        self._run = self._hass.async_create_background_task(self._device.run(), f"{DOMAIN} device")

    async def async_stop(self) -> None:
        """Stop listening, send what waits for a few seconds, disconnect and keep the mark."""
        if self._run is None:
            return
        run, self._run = self._run, None
        for end in self._ends:
            end()
        self._heard_until = now_ms()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH):
                await self._device.flush()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await self._spool.async_stop()
        await self._async_save()
        await self.selection.model.async_save()

    # Values of now

    @callback
    def _is_chosen(self, data: EventStateChangedData) -> bool:
        # What appears for the first time may be chosen without anybody knowing of it yet.
        return data["entity_id"] in self.selection.properties or data["old_state"] is None

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        # Every change in the house comes here: nothing is called that need not be.
        state = event.data["new_state"]
        if state is None:
            return
        properties = self.selection.properties.get(state.entity_id)
        if properties is None:
            self.selection.async_look_soon()
            return
        for property_ in properties:
            try:
                sample = property_.sample(state)
            except NotFittingError as err:
                self._misfit(property_, state, err)
                continue
            if sample is not None:
                self._offer(sample)
                if self._misfitting and property_.identifier in self._misfitting:
                    self.misfits.fits(property_.identifier)
        growing = self.selection.growing
        if growing and state.entity_id in growing:
            before = event.data["old_state"]
            if before is None or before.attributes.keys() != state.attributes.keys():
                self.selection.async_adopt(state)
        incomplete = self.selection.incomplete
        if incomplete and state.entity_id in incomplete and state.state != STATE_UNAVAILABLE:
            self.selection.async_adopt(state)

    def _misfit(self, property_: Property, state: State, error: NotFittingError) -> None:
        if error.misfit is Misfit.OPTION and self.selection.async_adopt(state):
            return  # an option that is new, and has a key now
        self.misfits.note(property_, state, error)

    @callback
    def _selection_changed(self, new: Sequence[Property]) -> None:
        """Send what is published from now on."""
        self._spool.async_look_again()
        if not new:
            return
        samples = {sample.identifier: sample for sample in self._samples_of(new)}
        for property_ in new:
            identifier = property_.identifier
            if identifier in self._is_known and identifier not in self._covered:
                # Its entity came only after us; what was recorded of it before that is still to be sent.
                if (sample := samples.get(identifier)) is None:
                    self._spool.cover(identifier, self._begun, now_ms())
                else:
                    self._spool.cover_up_to(sample, self._begun)
            self._covered.add(identifier)
        self._device.offer_now(samples.values())

    def _samples_of_now(self) -> Iterator[Sample]:
        return self._samples_of(one for several in list(self.selection.properties.values()) for one in several)

    def _samples_of(self, properties: Iterable[Property]) -> Iterator[Sample]:
        for property_ in properties:
            entity_id, _ = self.selection.sources[property_.identifier]
            if (state := self._hass.states.get(entity_id)) is None:
                continue
            try:
                sample = property_.sample(state)
            except NotFittingError as err:
                self._misfit(property_, state, err)
                continue
            if sample is not None:
                if property_.identifier in self.misfits.open:
                    self.misfits.fits(property_.identifier)
                yield sample

    # What somebody asks for

    @callback
    def async_send_now(self) -> int:
        """Send every current value now, whether it has changed or not; returns how many these are."""
        return self._repeat_now(self._samples_of_now())

    @callback
    def async_send_again(self, identifiers: Iterable[str]) -> None:
        """Send the current values of some properties now."""
        sources = self.selection.sources
        self._repeat_now(self._samples_of(sources[identifier][1] for identifier in identifiers))

    def _repeat_now(self, samples: Iterable[Sample]) -> int:
        now = now_ms()
        repetitions = [Repetition(name, value, now) for name, value, _ in samples]
        self._device.offer_now(repetitions)
        return len(repetitions)

    @callback
    def async_send_stretch(self, identifier: str, first: int, last: int) -> None:
        """Send what the recorder has of one property from `first` to `last` (ms UTC)."""
        self._spool.cover(identifier, first, last)

    @callback
    def ask_model(self) -> bool:
        """Ask the platform which properties the product has now; returns whether the question was sent."""
        return self._device.ask_model()

    @callback
    def async_send_history(self, days: float) -> None:
        """Send what the recorder has of the last days, whether it was sent before or not."""
        now = now_ms()
        for several in self.selection.properties.values():
            for property_ in several:
                self._spool.cover(property_.identifier, now - int(days * DAY), now)
        self._device.report()

    @callback
    def _say_again(self, _now: datetime) -> None:
        # While the cloud is away there is nothing that repeating could keep alive.
        if self._device.status.connection is Connection.CONNECTED:
            self.async_send_now()

    # The mark

    async def _async_save(self, _now: datetime | None = None) -> None:
        self._device.report()
        now = now_ms()
        status = self._device.status
        mark = Mark(
            until=self._confirmed_until(now),
            lost=self._spool.lost,
            answers=status.answers,
            missed=missed_of(status.rejections),
        )
        progress = status.confirmed + status.rejected
        if progress == self._confirmed and self._says_nothing_new(mark):
            return
        try:
            await self._file.async_save(mark)
        except OSError as err:
            self._on_disk(err)
            return
        self._kept, self._confirmed = mark, progress
        self._on_disk(None)
        await self.selection.model.async_save()

    def _confirmed_until(self, now: int) -> int:
        waiting = self._device.unconfirmed_since()
        if waiting is not None and self._kept is not None and self._kept.until <= now:
            # What is older was confirmed before; it waits only because everything is said again at a start.
            waiting = max(waiting, self._kept.until)
        times = (now, self._heard_until, self._spool.oldest, waiting)
        return min(time for time in times if time is not None)

    def _says_nothing_new(self, mark: Mark) -> bool:
        """Whether writing the mark would save nothing: time alone went on."""
        kept = self._kept
        return kept is not None and mark.until >= kept.until and replace(mark, until=kept.until) == kept
