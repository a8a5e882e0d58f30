"""Confirmation: tells the cloud what has become of the entities that it has set.

The value that is posted is never the wanted one, only the one that the entity has: at its first change, or a second
after the action if nothing has changed by then. Slow things go on for a while (a cover runs for half a minute, a light
fades), so the changes of an entity keep their priority for a minute.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_call_later, async_track_state_change_event

from ..alink import Repetition, Sample, now_ms
from ..mapping.property import Property
from ..mapping.values import NotFittingError

# s after the action. Most devices tell their new state within a few tenths of a second, and whoever looks at a screen
# takes a second without news for a failure.
_UNCHANGED: Final = 1.0

# s from the latest command, for which an entity's changes go first: most covers and fades are at their end by then.
_HURRIED: Final = 60.0


@dataclass(slots=True)
class _Watch:
    end: CALLBACK_TYPE  # stops listening
    later: CALLBACK_TYPE  # cancels the end of the watch
    unseen: set[str]  # identifiers that were set, and have not changed since
    look: CALLBACK_TYPE | None = None  # cancels the look at what has not changed


class Confirmation:
    """Watches the entities of one entry that the cloud has set."""

    def __init__(
        self,
        hass: HomeAssistant,
        published: Mapping[str, Sequence[Property]],
        is_own: Callable[[str, Property], bool],
        offer_first: Callable[[Iterable[Sample]], None],
    ) -> None:
        """Take the published properties by entity id, and the way in which values are posted at once.

        `is_own` tells whether a property was fixed for the entity that has an entity id now.
        """
        self._hass = hass
        self._published = published
        self._is_own = is_own
        self._offer_first = offer_first
        self._watches: dict[str, _Watch] = {}

    @callback
    def async_begin(self, entity_id: str, identifiers: Iterable[str]) -> None:
        """Watch an entity whose properties are about to be set."""
        if (before := self._watches.get(entity_id)) is not None:
            before.later()
            before.later = self._end_later(entity_id)
            before.unseen.update(identifiers)
            return
        end = async_track_state_change_event(self._hass, entity_id, self._changed)
        self._watches[entity_id] = _Watch(end, self._end_later(entity_id), set(identifiers))

    @callback
    def async_acted(self, entity_id: str) -> None:
        """Look soon, after an action, for properties that have not changed."""
        if (watch := self._watches.get(entity_id)) is not None:
            if watch.look is not None:
                watch.look()
            watch.look = async_call_later(self._hass, _UNCHANGED, partial(self._look, entity_id))

    @callback
    def async_end(self) -> None:
        """Watch nothing any more."""
        for entity_id in list(self._watches):
            self._end(entity_id)

    def _end_later(self, entity_id: str) -> CALLBACK_TYPE:
        return async_call_later(self._hass, _HURRIED, partial(self._end, entity_id))

    @callback
    def _end(self, entity_id: str, _now: datetime | None = None) -> None:
        watch = self._watches.pop(entity_id)
        for cancel in (watch.end, watch.later, watch.look):
            if cancel is not None:
                cancel()

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        before, state = event.data["old_state"], event.data["new_state"]
        watch = self._watches.get(event.data["entity_id"])
        if state is None or watch is None:
            return
        samples = dict(self._samples(state))
        former = {} if before is None else dict(self._samples(before))
        changed = [sample for name, sample in samples.items() if name not in former or former[name][1] != sample[1]]
        watch.unseen.difference_update(sample.identifier for sample in changed)
        if changed:
            self._offer_first(changed)

    @callback
    def _look(self, entity_id: str, _now: datetime) -> None:
        watch, state = self._watches[entity_id], self._hass.states.get(entity_id)
        watch.look = None
        unseen, watch.unseen = watch.unseen, set()
        if state is not None and unseen:
            now = now_ms()
            same = [Repetition(name, sample.value, now) for name, sample in self._samples(state) if name in unseen]
            self._offer_first(same)

    def _samples(self, state: State) -> Iterator[tuple[str, Sample]]:
        for property_ in self._published.get(state.entity_id, ()):
            if not self._is_own(state.entity_id, property_):
                continue
            try:
                sample = property_.sample(state)
            except NotFittingError:
                continue  # the bridge counts it
            if sample is not None:
                yield property_.identifier, sample
