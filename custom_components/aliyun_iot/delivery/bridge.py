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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
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

from ..alink import Connection, DataType, Device, Repetition, Sample, now_ms
from ..const import DOMAIN
from ..mapping.kinds import AVAILABLE
from ..mapping.property import Property
from ..mapping.told import tells_otherwise
from ..mapping.values import Misfit, NotFittingError
from ..selection.live import Selection
from .mark import DAY
from .misfits import Misfits
from .progress import Progress
from .spool import RecorderSpool

_LOGGER = logging.getLogger(__name__)

# Between two writes of the mark. An SD card takes that for decades, and a crash repeats a minute of values at most.
_SAVE: Final = timedelta(minutes=1)

# s, for the values that wait at an unload or a stop: time for a message or two. Home Assistant gives all shutdown jobs
# together 10 s.
_FLUSH: Final = 5.0

# ms, to read around the mark and around now when the mark lies in the future: the clock was ahead when it was written.
# Two hours hold the largest step that a time zone mistake and daylight saving make together.
_UNSURE: Final = 2 * 3600 * 1000


type Kind = tuple[type[DataType], str | None]  # the type of a property, and its unit


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
        progress: Progress,
        repeat: float,
        on_misfits: Callable[[], None],
    ) -> None:
        """Go on from the mark of `progress`, once started.

        Every `repeat` minutes, if that is not 0, all current values are sent again. `on_misfits` is called when a
        property begins or ceases to fit.
        """
        self._hass = hass
        self._entry = entry
        self.selection = selection
        self.misfits = Misfits(hass, on_misfits)
        self._misfitting = self.misfits.open
        self._spool = spool
        self._device = device
        self.progress = progress
        self._repeat = timedelta(minutes=repeat)
        self._offer = device.offer
        self._begun = progress.mark.until
        self._is_known: set[str] = set()  # identifiers that were published before the start
        self._covered: set[str] = set()  # identifiers whose past since `_begun` is sent or in a gap
        self._kinds: dict[str, Kind] = {}  # by identifier, of the values that were offered
        self._ends: list[CALLBACK_TYPE] = []
        self._run: asyncio.Task[None] | None = None

    # From start to stop

    async def async_start(self) -> None:
        """Queue all current values, cover the time since the mark, listen, and connect."""
        await self.selection.async_look()
        mark = self.progress.mark
        self._is_known = set(self.selection.model.identifiers)
        self._covered = set(self.selection.sources)
        self._kinds = {name: _kind(property_) for name, (_, property_) in self.selection.sources.items()}
        now = now_ms()
        samples = {sample.identifier: sample for sample in self._samples_of_now()}
        self.progress.async_cover_owed(now)
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
        # A value from before the mark was decided on already, so it is a repetition, for which the mark need not wait.
        self._device.offer_now(
            Repetition(*sample) if sample.time < mark.until <= now else sample for sample in samples.values()
        )
        self._device.offer_now(Sample(identifier, 0, now) for identifier in self.selection.has_ended)
        self._ends = [
            self.selection.async_follow(),
            self._spool.past.async_follow(),
            self._hass.bus.async_listen(EVENT_STATE_CHANGED, self._state_changed, event_filter=self._is_chosen),
            async_track_time_interval(self._hass, self.progress.async_save, _SAVE, cancel_on_shutdown=True),
        ]
        if self._repeat:
            self._ends.append(
                async_track_time_interval(self._hass, self._say_again, self._repeat, cancel_on_shutdown=True)
            )
        self._run = self._entry.async_create_background_task(self._hass, self._device.run(), f"{DOMAIN} device")

    async def async_stop(self, *, is_for_good: bool = False) -> None:
        """Stop listening, send waiting values for a few seconds, disconnect and write the mark.

        `is_for_good` tells that Home Assistant ends, and with it all states.
        """
        if self._run is None:
            return
        run, self._run = self._run, None
        for end in self._ends:
            end()
        self.progress.end_listening(now_ms())
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH):
                await self._device.flush()
        self.misfits.log.flush()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await self._spool.async_stop()
        self._spool.end(self._device.unconfirmed(), is_for_good=is_for_good)
        await self.progress.async_save()
        await self.selection.async_keep()

    # Values of now

    @callback
    def _is_chosen(self, data: EventStateChangedData) -> bool:
        # An entity that appears for the first time may be one that the criteria reach.
        selection = self.selection
        if data["entity_id"] in selection.properties or data["old_state"] is None:
            return True
        return selection.by_class and selection.has_other_class(data)

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        # Every change of the house comes here, so each call is one too many unless it is needed.
        state = event.data["new_state"]
        if state is None:
            self._ended(event.data["entity_id"], int(event.time_fired_timestamp * 1000))
            return
        properties = self.selection.properties.get(state.entity_id)
        if properties is None:
            self.selection.async_look_soon()
            return
        selection = self.selection
        if selection.unsettled and state.entity_id in selection.unsettled:
            properties = self._fixed_anew(event.data["old_state"], state)
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
        if selection.growing or selection.incomplete or selection.by_class:
            self._look_at(event.data, state)

    def _look_at(self, data: EventStateChangedData, state: State) -> None:
        """Look at a chosen entity's state for more than its values."""
        selection = self.selection
        if selection.by_class and selection.has_other_class(data):
            selection.async_look_soon()
        if state.entity_id in selection.growing:
            before = data["old_state"]
            if before is None or before.attributes.keys() != state.attributes.keys():
                selection.async_adopt(state)
        if state.entity_id in selection.incomplete and state.state != STATE_UNAVAILABLE:
            selection.async_adopt(state)

    def _ended(self, entity_id: str, now: int) -> None:
        """Send that an entity was removed, unless it goes on under another id."""
        if self.selection.is_renamed(entity_id):
            return
        for property_ in self.selection.properties.get(entity_id, ()):
            if property_.key == AVAILABLE:
                self._offer(Sample(property_.identifier, 0, now))
        self.selection.async_look_soon()

    def _fixed_anew(self, before: State | None, state: State) -> tuple[Property, ...]:
        """Return the properties of an entity, fixed anew if it tells their kinds by now: before a state is sent."""
        if tells_otherwise(before, state):
            self.selection.async_adopt(state)
        return self.selection.properties[state.entity_id]

    def _misfit(self, property_: Property, state: State, error: NotFittingError) -> None:
        if error.misfit is Misfit.OPTION and self.selection.async_adopt(state):
            return  # a new option, which has got a key now
        self.misfits.note(property_, state, error)

    @callback
    def async_publish(self, new: Sequence[Property], ended: Sequence[str] = ()) -> None:
        """Send properties that are published from now on, and that entities have `ended`, by identifiers."""
        if self._run is None:
            return  # the start sends every current value, and after the stop nothing is sent
        self._device.offer_now(Sample(identifier, 0, now_ms()) for identifier in ended)
        if not new:
            return
        self._spool.async_look_again()
        self._withdraw(new)
        samples = {sample.identifier: sample for sample in self._samples_of(new)}
        for property_ in new:
            identifier = property_.identifier
            if identifier in self._is_known and identifier not in self._covered:
                # Its entity appeared after the start, so its rows since the mark are still to be sent.
                for start, end in self.progress.absent.pop(identifier):
                    self._spool.cover(identifier, start, end)
                if (sample := samples.get(identifier)) is None:
                    self._spool.cover(identifier, self._begun, now_ms())
                else:
                    self._spool.cover_up_to(sample, self._begun)
            self._covered.add(identifier)
        self._device.offer_now(samples.values())

    @callback
    def async_settle(self, identifiers: Collection[str]) -> set[str]:
        """Have what entities owe delivered that are gone; returns the identifiers with values that wait."""
        self.progress.async_settle(identifiers)
        self._covered.update(identifiers)
        waiting = self._device.waiting_of(set(identifiers))
        return waiting | {one for one in identifiers if self._spool.has_gap(one) or self.progress.has_asked(one)}

    @callback
    def async_forget(self, identifiers: Collection[str]) -> None:
        """Forget properties of which nothing waits: others may get their identifiers."""
        self._device.forget(identifiers)
        self.misfits.forget(identifiers)
        self._covered.difference_update(identifiers)
        self._is_known.difference_update(identifiers)
        self._device.report()

    @callback
    def is_sending(self, identifiers: Collection[str]) -> bool:
        """Tell if a value of any of these properties is on its way."""
        return self._device.is_sending(identifiers)

    def _withdraw(self, new: Iterable[Property]) -> None:
        """Take back what waits of properties that have another type or unit now: the recorder tells it anew."""
        kinds = {one.identifier: _kind(one) for one in new}
        if former := {name for name, kind in kinds.items() if self._kinds.get(name, kind) != kind}:
            self._device.withdraw(former)
        self._kinds |= kinds

    @callback
    def note_taken(self, identifiers: Collection[str]) -> None:
        """Note that the platform has taken values of properties."""
        if self.selection.model.note_confirmed(identifiers):
            self.selection.async_look_soon()  # which writes the model to the disk

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

    @property
    def is_history_stuck(self) -> bool:
        """True if values wait to be read back, and the recorder's database has failed for long."""
        return self._spool.is_stuck

    # On request

    @callback
    def async_has_value(self, property_: Property) -> bool:
        """Tell if a property has a value now; to look counts no state that does not fit."""
        entity_id, _ = self.selection.sources[property_.identifier]
        if (state := self._hass.states.get(entity_id)) is None:
            return False
        try:
            return property_.value(state) is not None
        except NotFittingError:
            return False

    @callback
    def async_send_now(self) -> None:
        """Send every current value now, changed or not."""
        self._repeat_now(self._samples_of_now())

    @callback
    def async_send_again(self, identifiers: Iterable[str]) -> None:
        """Send the current values of some properties now."""
        sources = self.selection.sources
        self._repeat_now(self._samples_of(sources[identifier][1] for identifier in identifiers))

    def _repeat_now(self, samples: Iterable[Sample]) -> None:
        now = now_ms()
        self._device.offer_now([Repetition(name, value, now) for name, value, _ in samples])

    @callback
    def async_send_rejected(self, identifier: str) -> None:
        """Send the recorded values of the stretches that the platform has rejected of one property."""
        missed = self._device.take_missed(identifier)
        self.progress.async_ask((identifier, stretch) for stretch in missed)

    @callback
    def ask_model(self) -> bool:
        """Ask the platform for the product's properties; returns whether the question was sent."""
        return self._device.ask_model()

    async def async_send_history(self, days: float) -> None:
        """Send the recorded values of the last days, also those that were sent before; returns once that is durable."""
        now = now_ms()
        stretch = (now - int(days * DAY), now)
        names = [one.identifier for several in self.selection.properties.values() for one in several]
        await asyncio.shield(self.progress.async_ask((name, stretch) for name in names))

    @callback
    def _say_again(self, _now: datetime) -> None:
        # A repeat keeps the console's view alive; while the cloud is away it would only fill the queue.
        if self._device.status.connection is Connection.CONNECTED:
            self.async_send_now()


def _kind(property_: Property) -> Kind:
    return type(property_.definition.data_type), property_.definition.unit
