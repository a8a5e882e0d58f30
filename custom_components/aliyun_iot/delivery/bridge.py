"""The bridge of one entry: states become samples, samples go to the device, and the mark keeps how far they came.

How it works. `async_start` takes a snapshot of all chosen entities, asks the spool for the time between the mark and
now, listens, and then lets the device connect: a cloud that is away delays nothing. From then on each `state_changed`
of a chosen entity becomes at most one sample per property, in the same turn of the event loop, and is offered to the
device's queue. Every minute, and at the stop, the mark is written if the deliveries have come on.

Invariants:
- Everything recorded before the mark's time is confirmed by the platform, was lost and counted, or lies in a stretch
  that is owed. That time is the earliest of now, the oldest unconfirmed sample in memory and the oldest gap; but those
  that begin before the time of the mark as it was written last are owed instead. So a request for one property's
  history holds nobody up, and an outage of the whole house writes nothing.
- A stretch that is asked for is on the disk before its first value is read back.
- A state is never offered twice for one change: the snapshot is taken before listening begins, in the same turn.
- The value of a property at the start of a gap is known or looked up, so a repeated value is not sent again.
- After `async_stop` nothing listens. The entry's unload, Home Assistant's stop and a set-up that failed all end there,
  and only the first call does anything.

Callers: everything runs on the event loop. The coordinator owns the bridge; pages, actions and the proof ask it to send
(`async_send_now`, `async_send_again`, `async_send_stretch`, `async_send_history`) and never touch the device.

A crash leaves the mark of at most a minute ago. The next start reads everything after it back from the recorder and
sends it again; the platform keeps values by their time, so a value that arrives twice is one point in the chart.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
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

from ..alink import Connection, Device, Repetition, Sample, Stretch, now_ms
from ..const import DOMAIN
from ..mapping.property import Property
from ..mapping.values import Misfit, NotFittingError
from ..selection.criteria import is_alive
from ..selection.live import Selection
from .mark import DAY, Mark, MarkFile
from .misfits import Misfits
from .missed import missed_of
from .spool import RecorderSpool
from .stretches import Stretches

_LOGGER = logging.getLogger(__name__)

# Between two writes of the mark. An SD card takes that for decades, and a crash repeats a minute of values at most.
_SAVE: Final = timedelta(minutes=1)

# s, for the values that wait at an unload or a stop: time for a message or two. Home Assistant gives all shutdown jobs
# together 10 s.
_FLUSH: Final = 5.0

# ms, for the owed stretches of an entity that does not come back. The recorder keeps states for ten days unless told
# otherwise, and an entity that is away for a month was removed.
_ABSENCE: Final = 31 * DAY

# ms, to read around the mark and around now when the mark lies in the future: the clock was ahead when it was written.
# Two hours hold the largest step that a time zone mistake and daylight saving make together.
_UNSURE: Final = 2 * 3600 * 1000


class Bridge:
    """Listens to the chosen entities, offers their values to the device, and keeps the mark."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        selection: Selection,
        spool: RecorderSpool,
        device: Device,
        file: MarkFile,
        mark: Mark,
        repeat: float,
        on_disk: Callable[[OSError | None], None],
        on_misfits: Callable[[], None],
    ) -> None:
        """Go on from a mark, once started.

        Every `repeat` minutes, if that is not 0, all current values are sent again. `on_disk` is called after each
        attempt to write the mark and the model, `on_misfits` when a property begins or ceases to fit.
        """
        self._hass = hass
        self._entry = entry
        self.selection = selection
        self.misfits = Misfits(on_misfits)
        self._misfitting = self.misfits.open
        self._spool = spool
        self._device = device
        self._file = file
        self._repeat = timedelta(minutes=repeat)
        self._on_disk = on_disk
        self._offer = device.offer
        self._kept = mark
        self._begun = mark.until
        self._heard_until: int | None = None  # ms UTC, the end of listening
        self._confirmed = -1  # values decided on when the mark was written
        self._is_known: set[str] = set()  # identifiers that were published before the start
        self._covered: set[str] = set()  # identifiers whose past since `_begun` is sent or in a gap
        self._asked = Stretches()  # asked for, and not on the disk yet
        self._writing = Stretches()  # asked for, and not in a gap yet
        self._absent = Stretches()  # owed by entities that have not come back yet
        self._beginning: asyncio.Task[None] | None = None
        self._ends: list[CALLBACK_TYPE] = []
        self._run: asyncio.Task[None] | None = None

    # From start to stop

    async def async_start(self) -> None:
        """Queue all current values, cover the time since the mark, listen, and connect."""
        await self.selection.async_look()
        mark = self._kept
        self._is_known = set(self.selection.model.identifiers)
        self._covered = set(self.selection.sources)
        now = now_ms()
        samples = {sample.identifier: sample for sample in self._samples_of_now()}
        self._cover_owed(mark, now)
        for identifier in self.selection.sources:
            sample = samples.get(identifier)
            if mark.until > now:
                # The clock was ahead: rows lie after the mark, and after the clock was set also around now.
                self._spool.cover(identifier, now - _UNSURE, now)
                self._spool.cover(identifier, mark.until, mark.until + _UNSURE)
            elif sample is None:
                self._spool.cover(identifier, mark.until, now - 1)
            else:
                self._spool.cover_up_to(sample, mark.until)
        self._device.offer_now(
            _as_repetition(sample) if sample.time < mark.until <= now else sample for sample in samples.values()
        )
        self._ends = [
            self.selection.async_follow(),
            self._hass.bus.async_listen(EVENT_STATE_CHANGED, self._state_changed, event_filter=self._is_chosen),
            async_track_time_interval(self._hass, self._async_save, _SAVE, cancel_on_shutdown=True),
        ]
        if self._repeat:
            self._ends.append(
                async_track_time_interval(self._hass, self._say_again, self._repeat, cancel_on_shutdown=True)
            )
        self._run = self._entry.async_create_background_task(self._hass, self._device.run(), f"{DOMAIN} device")

    def _cover_owed(self, mark: Mark, now: int) -> None:
        """Cover the stretches that are owed, or keep them for entities that come later.

        Some entities, those of templates in YAML for instance, are known only when they have their first state.
        """
        model = self.selection.model
        for identifier, (start, end) in Stretches(mark.owed):
            if identifier in self.selection.sources:
                self._spool.cover(identifier, start, end)
            elif identifier in self._is_known and end > now - _ABSENCE:
                self._absent.add(identifier, start, end)
        for entity in model.entities.values():
            if not is_alive(self._hass, entity.reference):
                for _, definition in entity.published(availability=True):
                    if definition.wire not in self.selection.sources and mark.until < now:
                        self._absent.add(definition.wire, mark.until, now - 1)

    async def async_stop(self) -> None:
        """Stop listening, send waiting values for a few seconds, disconnect and write the mark."""
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
        await self.selection.async_keep()

    # Values of now

    @callback
    def _is_chosen(self, data: EventStateChangedData) -> bool:
        # An entity that appears for the first time may be one that the criteria reach.
        return data["entity_id"] in self.selection.properties or data["old_state"] is None

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        # Every change of the house comes here, so each call is one too many unless it is needed.
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
            return  # a new option, which has got a key now
        self.misfits.note(property_, state, error)

    @callback
    def async_publish(self, new: Sequence[Property]) -> None:
        """Send properties that are published from now on."""
        if self._run is None:
            return  # the start sends every current value, and after the stop nothing is sent
        self._spool.async_look_again()
        if not new:
            return
        samples = {sample.identifier: sample for sample in self._samples_of(new)}
        for property_ in new:
            identifier = property_.identifier
            if identifier in self._is_known and identifier not in self._covered:
                # Its entity appeared after the start, so its rows since the mark are still to be sent.
                for start, end in self._absent.pop(identifier):
                    self._spool.cover(identifier, start, end)
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

    @property
    def purged_until(self) -> int | None:
        """The time (ms UTC) up to which the recorder purged rows that were still to be sent; None if it did not."""
        return self._spool.purged_until

    # On request

    @callback
    def async_send_now(self) -> int:
        """Send every current value now, changed or not; returns their number."""
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
    def async_send_rejected(self, identifier: str) -> None:
        """Send the recorded values of the stretches that the platform has rejected of one property."""
        for start, end in self._device.take_missed(identifier):
            self._asked.add(identifier, start, end)
        self._begin_soon()

    @callback
    def ask_model(self) -> bool:
        """Ask the platform for the product's properties; returns whether the question was sent."""
        return self._device.ask_model()

    async def async_send_history(self, days: float) -> None:
        """Send the recorded values of the last days, also those that were sent before; returns once that is durable."""
        now = now_ms()
        for several in self.selection.properties.values():
            for property_ in several:
                self._asked.add(property_.identifier, now - int(days * DAY), now)
        await asyncio.shield(self._begin_soon())

    @callback
    def _begin_soon(self) -> asyncio.Task[None]:
        """Write what was asked for in this turn of the event loop, and then begin to read it back."""
        if self._beginning is None or self._beginning.done():
            self._beginning = self._entry.async_create_background_task(
                self._hass, self._async_begin(), f"{DOMAIN} request", eager_start=False
            )
        return self._beginning

    async def _async_begin(self) -> None:
        while self._asked:
            asked, self._writing = self._asked, self._asked
            self._asked = Stretches()
            await self._async_save()
            for identifier, (start, end) in asked:
                self._spool.cover(identifier, start, end)
            self._writing = Stretches()
        self._device.report()

    @callback
    def _say_again(self, _now: datetime) -> None:
        # A repeat keeps the console's view alive; while the cloud is away it would only fill the queue.
        if self._device.status.connection is Connection.CONNECTED:
            self.async_send_now()

    # The mark

    async def _async_save(self, _now: datetime | None = None) -> None:
        self._device.report()
        status = self._device.status
        until, owed = self._progress(now_ms())
        mark = Mark(
            until=until,
            lost=self._spool.losses,
            answers=status.answers,
            missed=missed_of(status.rejections),
            owed=owed.to_mapping(),
        )
        progress = status.confirmed + status.rejected
        if progress == self._confirmed and self._says_nothing_new(mark):
            return
        try:
            await self._file.async_save(mark)
            self._kept, self._confirmed = mark, progress
            await self.selection.model.async_save()
        except OSError as err:
            self._on_disk(err)
        else:
            self._on_disk(None)

    def _progress(self, now: int) -> tuple[int, Stretches]:
        """Return the time of the mark, and the stretches that are owed of the time before it."""
        # After a step back of the clock nothing is known of the time since the mark, so everything counts as new.
        kept = self._kept.until if self._kept.until <= now else 0
        until = now if self._heard_until is None else self._heard_until
        in_memory: dict[str, Stretch] = {}
        for identifier, time in self._device.unconfirmed():
            if time >= kept:
                until = min(until, time)
            else:
                start, end = in_memory.get(identifier, (time, time))
                in_memory[identifier] = min(start, time), max(end, time)
        owed = Stretches({identifier: (stretch,) for identifier, stretch in in_memory.items()})
        if (oldest := self._spool.oldest_from(kept)) is not None:
            until = min(until, oldest)
        for stretches in (self._spool.before(kept), self._asked, self._writing, self._absent):
            for identifier, (start, end) in stretches:
                owed.add(identifier, start, end)
        return until, owed

    def _says_nothing_new(self, mark: Mark) -> bool:
        """Tell whether only time has passed since the mark was written, so that writing it would save nothing."""
        return mark.until >= self._kept.until and replace(mark, until=self._kept.until) == self._kept


def _as_repetition(sample: Sample) -> Repetition:
    """Return a value of the snapshot that the platform decided on before: the mark need not wait for it."""
    return Repetition(*sample)
