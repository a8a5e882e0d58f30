"""One entry's wiring: chosen states become samples and go to the device, and a restart finds where they stand."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_time_interval

from .alink.device import Device
from .alink.protocol.messages import Repetition, Sample
from .alink.status import Connection
from .alink.transport.platform_clock import now_ms
from .backfill import RecorderSpool
from .const import DOMAIN
from .mapping.values import NotConvertibleError, property_type
from .mark import DAY, Mark, MarkFile
from .selection import Selection

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
        self._selection = selection
        self._spool = spool
        self._device = device
        self._file = file
        self._repeat = timedelta(minutes=repeat)
        self._on_disk = on_disk
        self._offer = device.offer
        self._kept: Mark | None = None
        self._heard_until: int | None = None  # ms UTC, when listening ended
        self._confirmed = -1  # values, when the mark was kept last
        self._ends: list[CALLBACK_TYPE] = []
        self._run: asyncio.Task[None] | None = None
        self._named: set[str] = set()  # entities that the log has named already

    # From start to stop

    @callback
    def async_start(self, mark: Mark) -> None:
        """Listen, send what everything is, remember what is missing since the mark, and connect."""
        self._kept = mark
        now = now_ms()
        samples = {sample.identifier: sample for sample in self._samples_of_now()}
        for identifier, entity_id in self._selection.entity_ids.items():
            sample = samples.get(identifier)
            if mark.until > now:
                # The clock was ahead: what came after the mark is there, and what came after the clock was set is here.
                self._spool.cover(identifier, entity_id, now - _UNSURE, now)
                self._spool.cover(identifier, entity_id, mark.until, mark.until + _UNSURE)
            elif sample is None:
                self._spool.cover(identifier, entity_id, mark.until, now - 1)
            else:
                self._spool.cover_up_to(sample, entity_id, mark.until)
        self._device.offer_now(samples.values())
        self._ends = [
            self._selection.async_follow(self._spool.async_look_again),
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

    # Values of now

    @callback
    def _is_chosen(self, data: EventStateChangedData) -> bool:
        return data["entity_id"] in self._selection.properties

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        # Every change in the house comes here: nothing is called that need not be.
        state = event.data["new_state"]
        if state is None:
            return
        try:
            sample = self._selection.properties[state.entity_id].sample(state)
        except NotConvertibleError:
            self._name_once(state)
            return
        if sample is not None:
            self._offer(sample)

    def _name_once(self, state: State) -> None:
        if state.entity_id not in self._named:
            self._named.add(state.entity_id)
            _LOGGER.warning(
                "A state of %s is not a value of type %s; such states are left out",
                state.entity_id,
                property_type(state.domain, state.attributes),
            )

    def _samples_of_now(self) -> Iterator[Sample]:
        for entity_id, known in self._selection.properties.items():
            if (state := self._hass.states.get(entity_id)) is None:
                continue
            try:
                sample = known.sample(state)
            except NotConvertibleError:
                self._name_once(state)
                continue
            if sample is not None:
                yield sample

    # What somebody asks for

    @callback
    def async_send_now(self) -> None:
        """Send every current value now, whether it has changed or not."""
        now = now_ms()
        self._device.offer_now(Repetition(name, value, now) for name, value, _ in self._samples_of_now())

    @callback
    def async_send_history(self, days: float) -> None:
        """Send what the recorder has of the last days, whether it was sent before or not."""
        now = now_ms()
        for identifier, entity_id in self._selection.entity_ids.items():
            self._spool.cover(identifier, entity_id, now - int(days * DAY), now)
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
        return kept is not None and mark.until >= kept.until and (mark.lost, mark.answers) == (kept.lost, kept.answers)
