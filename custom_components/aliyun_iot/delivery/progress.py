"""The progress of the deliveries of one entry: the mark, kept on the disk, and the stretches that are owed.

The bridge asks for stretches, the spool covers them, the device confirms their values; here it is decided how much of
that is durable. See `bridge` for the invariants.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..alink import Device, Stretch, now_ms
from ..const import DOMAIN
from ..durable import KeptFile
from ..selection.criteria import is_alive
from ..selection.live import Selection
from .mark import DAY, Mark, MarkFile
from .missed import missed_of
from .spool import RecorderSpool
from .stretches import Stretches

# ms, for the owed stretches of an entity that does not come back. The recorder keeps states for ten days unless told
# otherwise, and an entity that is away for a month was removed.
_ABSENCE: Final = 31 * DAY


class Progress:
    """Keeps the mark of an entry."""

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
        on_disk: Callable[[KeptFile, OSError | None], None],
    ) -> None:
        """Go on from a mark; `on_disk` is called after each attempt to write it."""
        self._hass = hass
        self._entry = entry
        self._selection = selection
        self._spool = spool
        self._device = device
        self._file = file
        self._on_disk = on_disk
        self.mark = mark  # as it was written last
        self.absent = Stretches()  # owed by entities that have not come back yet
        self._asked = Stretches()  # asked for, and not on the disk yet
        self._writing = Stretches()  # asked for, and not in a gap yet
        self._beginning: asyncio.Task[None] | None = None
        self._heard_until: int | None = None  # ms UTC, the end of listening
        self._confirmed = -1  # values decided on when the mark was written

    @callback
    def async_cover_owed(self, now: int) -> None:
        """Cover the stretches that are owed, or keep them for entities that come later.

        Some entities, those of templates in YAML for instance, are known only when they have their first state.
        """
        mark, sources, model = self.mark, self._selection.sources, self._selection.model
        for identifier, (start, end) in Stretches(mark.owed):
            if identifier in sources:
                self._spool.cover(identifier, start, end)
            elif identifier in model.identifiers and end > now - _ABSENCE:
                self.absent.add(identifier, start, end)
        for entity in model.entities.values():
            if not is_alive(self._hass, entity.reference):
                for _, definition in entity.published(availability=True):
                    if definition.wire not in sources and mark.until < now:
                        self.absent.add(definition.wire, mark.until, now - 1)

    @callback
    def async_settle(self, identifiers: Iterable[str]) -> None:
        """Cover what entities owe that are gone, as if they had come back."""
        for identifier in identifiers:
            self._spool.cover_gone(identifier, self.absent.pop(identifier))

    def has_asked(self, identifier: str) -> bool:
        """Tell if values of a property were asked for and are not in a gap yet."""
        return identifier in self._asked or identifier in self._writing

    def end_listening(self, now: int) -> None:
        """Note that no state after `now` (ms UTC) is heard any more."""
        self._heard_until = now

    @callback
    def async_ask(self, asked: Iterable[tuple[str, Stretch]]) -> asyncio.Task[None]:
        """Have stretches of properties sent: the task writes them to the disk, and then covers them.

        All that is asked for in one turn of the event loop takes one write.
        """
        for identifier, (start, end) in asked:
            self._asked.add(identifier, start, end)
        if self._beginning is None or self._beginning.done():
            self._beginning = self._entry.async_create_background_task(
                self._hass, self._async_begin(), f"{DOMAIN} request", eager_start=False
            )
        return self._beginning

    async def _async_begin(self) -> None:
        while self._asked:
            asked, self._writing = self._asked, self._asked
            self._asked = Stretches()
            await self.async_save()
            for identifier, (start, end) in asked:
                self._spool.cover(identifier, start, end)
            self._writing = Stretches()
        self._device.report()

    async def async_save(self, _now: datetime | None = None) -> None:
        """Write the mark, unless only time has passed since it was written."""
        self._device.report()
        status = self._device.status
        until, owed = self._decided(now_ms())
        mark = Mark(
            until=until,
            lost=self._spool.losses,
            answers=status.answers,
            missed=missed_of(status.rejections),
            owed=owed.to_mapping(),
        )
        progress = status.confirmed + status.rejected
        try:
            if progress != self._confirmed or not self._says_nothing_new(mark):
                await self._file.async_save(mark)
                self.mark, self._confirmed = mark, progress
        except OSError as err:
            self._on_disk(KeptFile.PROGRESS, err)
        else:
            self._on_disk(KeptFile.PROGRESS, None)
        await self._selection.async_keep()

    def _decided(self, now: int) -> tuple[int, Stretches]:
        """Return the time of the mark, and the stretches that are owed of the time before it."""
        # After a step back of the clock nothing is known of the time since the mark, so everything counts as new.
        kept = self.mark.until if self.mark.until <= now else 0
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
        for stretches in (self._spool.before(kept), self._asked, self._writing, self.absent):
            for identifier, (start, end) in stretches:
                owed.add(identifier, start, end)
        return until, owed

    def _says_nothing_new(self, mark: Mark) -> bool:
        """Tell whether only time has passed since the mark was written, so that writing it would save nothing."""
        return mark.until >= self.mark.until and replace(mark, until=self.mark.until) == self.mark
