"""One entry's wiring: chosen states become samples and go to the device."""

from collections.abc import Iterable
import logging

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.start import async_at_started

from .alink.device import Device
from .alink.protocol.messages import Sample
from .mapping.values import NotConvertibleError, property_type, property_value
from .selection import Selection

_LOGGER = logging.getLogger(__name__)


class Bridge:
    """Listens to the chosen entities and offers their values to the device."""

    def __init__(self, hass: HomeAssistant, selection: Selection, device: Device) -> None:
        """Wire up; nothing is heard before `async_start`."""
        self._hass = hass
        self._selection = selection
        self._device = device
        self._named: set[str] = set()  # entities that the log has named already

    @callback
    def async_start(self) -> list[CALLBACK_TYPE]:
        """Listen, and send what everything is as soon as Home Assistant has started; returns what ends it."""
        return [
            self._selection.async_follow(),
            self._hass.bus.async_listen(EVENT_STATE_CHANGED, self._state_changed, event_filter=self._is_chosen),
            async_at_started(self._hass, self._started),
        ]

    @callback
    def _is_chosen(self, data: EventStateChangedData) -> bool:
        return data["entity_id"] in self._selection.identifiers

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            self._device.offer(self._samples([state]))

    @callback
    def _started(self, _hass: HomeAssistant) -> None:
        states = map(self._hass.states.get, self._selection.identifiers)
        self._device.offer(self._samples(state for state in states if state is not None))

    def _samples(self, states: Iterable[State]) -> Iterable[Sample]:
        for state in states:
            try:
                value = property_value(state)
            except NotConvertibleError:
                self._name_once(state)
                continue
            if value is not None:
                yield Sample(
                    identifier=self._selection.identifiers[state.entity_id],
                    value=value,
                    time=int(state.last_updated_timestamp * 1000),
                )

    def _name_once(self, state: State) -> None:
        if state.entity_id not in self._named:
            self._named.add(state.entity_id)
            _LOGGER.warning(
                "A state of %s is not a value of type %s; such states are left out",
                state.entity_id,
                property_type(state),
            )
