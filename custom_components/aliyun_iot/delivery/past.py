"""The past of the published entities: where the recorder has the rows of each, and the unit of those that name none."""

from collections.abc import Callable, Sequence
import math

from homeassistant.components.recorder import Recorder
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..recorder.renames import read_changes
from ..recorder.unit_systems import read_temperature_units
from ..selection.live import Selection
from .identity import Identities, Part


class Past:
    """Reads the recorder's events once, and again after another change of an entity id."""

    def __init__(self, hass: HomeAssistant, selection: Selection, on_change: Callable[[], None]) -> None:
        """Know nothing yet; `on_change` is called at each change of an entity id."""
        self._hass = hass
        self._selection = selection
        self._on_change = on_change
        self._identities: Identities | None = None  # None before they are read, and after a change
        self._generation = 0  # grows with every change
        self.temperature_units: Sequence[tuple[int, str]] = ()  # settings of the house (ms UTC), as far as read

    @callback
    def async_follow(self) -> CALLBACK_TYPE:
        """Follow the changes until the returned function is called."""
        return self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._changed, event_filter=_is_telling)

    async def async_identities(self, recorder: Recorder) -> Identities:
        """Return what the recorder knows; raises RuntimeError and SQLAlchemyError."""
        if self._identities is not None:
            return self._identities
        generation = self._generation
        identities, self.temperature_units = await recorder.async_add_executor_job(_read, recorder)
        if generation == self._generation:
            self._identities = identities
        return identities

    @callback
    def parts(self, identifier: str, identities: Identities) -> Sequence[Part]:
        """Return where the rows of the entity are that a property was fixed for."""
        entity_id, _ = self._selection.sources[identifier]
        entry = er.async_get(self._hass).async_get(entity_id)
        found = self._selection.model.find(identifier)
        return identities.parts(
            entity_id,
            is_displaced=entry is not None and found is not None and found[0].reference != entry.id,
            unchanged_since=-math.inf if entry is None else entry.modified_at.timestamp(),
        )

    @callback
    def _changed(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self._identities = None
        self._generation += 1
        self._on_change()


def _read(recorder: Recorder) -> tuple[Identities, Sequence[tuple[int, str]]]:
    return Identities(read_changes(recorder)), read_temperature_units(recorder)


@callback
def _is_telling(data: er.EventEntityRegistryUpdatedData) -> bool:
    return data["action"] == "remove" or "old_entity_id" in data
