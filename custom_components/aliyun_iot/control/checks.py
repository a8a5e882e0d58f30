"""Checks: the conditions on which a command may run, looked at as a whole first and again before each action."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from ..mapping.commands import Action, NotCommandableError, plan
from ..mapping.definition import Definition
from ..mapping.property import Property
from ..selection.live import Selection
from ..selection.turns import in_turns
from ..thing_model.entity import Reference
from .readiness import is_ready
from .refusing import Cause, RefusedError, cause_of
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Errand:
    """The part of one command that concerns one entity."""

    reference: Reference
    entity_id: str
    names: dict[str, str] = field(default_factory=dict)  # of properties in messages, by the facet's key
    values: dict[str, tuple[Definition, Any]] = field(default_factory=dict, repr=False)  # by the facet's key

    @property
    def name(self) -> str:
        """One of its properties, for an answer that concerns the entity."""
        return next(iter(self.names.values()))


def names_of(errands: Iterable[Errand]) -> list[str]:
    """Return the names of all their properties."""
    return [name for errand in errands for name in errand.names.values()]


class Checks:
    """Checks the commands of one entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        selection: Selection,
        is_switched_on: Callable[[], bool],
        terms: Callable[[], Terms],
        on_doubt: Callable[[], None],
    ) -> None:
        """Ask for the switch and the terms each time.

        `on_doubt` is called where the product's thing model does not mean the same by a property as ours.
        """
        self._hass = hass
        self._entry = entry
        self._selection = selection
        self._is_switched_on = is_switched_on
        self._terms = terms
        self._on_doubt = on_doubt

    async def async_checked(self, values: Mapping[str, Any]) -> list[Errand]:
        """Return the errands of a command that can be carried out as a whole; raises RefusedError.

        Two hundred values take some turns of the event loop, so what is true here is looked at again before an action.
        """
        self._check_home()
        errands: dict[Reference, Errand] = {}
        async for some in in_turns(values.items()):
            terms = self._terms()
            for name, raw in some:
                entity_id, property_ = self.published(name)
                reference = self._owner(entity_id, property_)
                if reference is None or not terms.is_granted(reference):
                    raise RefusedError(Cause.NOT_GRANTED, name)
                if not terms.is_agreed(property_.definition):
                    self._on_doubt()
                    raise RefusedError(Cause.MODEL_DIFFERS, name)
                errand = errands.setdefault(reference, Errand(reference, entity_id))
                errand.names[property_.key] = name
                errand.values[property_.key] = (property_.definition, raw)
        async for several in in_turns(errands.values()):
            for errand in several:
                self.planned(errand)
        return list(errands.values())

    def _check_home(self) -> None:
        if not is_ready(self._hass, self._entry):
            raise RefusedError(Cause.NOT_READY)
        if not self._is_switched_on():
            raise RefusedError(Cause.SWITCHED_OFF)

    def published(self, name: str) -> tuple[str, Property]:
        """Return the entity and the property of a name; raises RefusedError."""
        entity_id, property_ = self._selection.sources.get(name, ("", None))
        # The sources also have those of entities that are chosen no more.
        if property_ is None or property_ not in self._selection.properties.get(entity_id, ()):
            raise RefusedError(Cause.UNKNOWN, name)
        return entity_id, property_

    def is_published(self, name: str) -> bool:
        """Tell whether a published property has this name."""
        try:
            self.published(name)
        except RefusedError:
            return False
        return True

    def is_own(self, entity_id: str, property_: Property) -> bool:
        """Tell whether a property was fixed for the entity that has this entity id now."""
        return self._owner(entity_id, property_) is not None

    def _owner(self, entity_id: str, property_: Property) -> Reference | None:
        """Return the reference of the entity that a property was fixed for; None if another one has its entity id."""
        entry = er.async_get(self._hass).async_get(entity_id)
        reference = entity_id if entry is None else entry.id
        entity = self._selection.model.entities.get(reference)
        fixed = None if entity is None else entity.definitions.get(property_.key)
        return reference if fixed is not None and fixed.wire == property_.identifier else None

    def state(self, errand: Errand) -> State:
        """Return the state of an entity that is there; raises RefusedError."""
        state = self._hass.states.get(errand.entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise RefusedError(Cause.UNAVAILABLE, errand.name)
        return state

    def planned(self, errand: Errand) -> tuple[Action, ...]:
        """Return the actions that the values make by the limits and options of now; raises RefusedError."""
        try:
            return plan(self.state(errand), errand.values, self._hass.config.units)
        except NotCommandableError as error:
            name = errand.names.get(error.key, errand.name)
            raise RefusedError(cause_of(error.reason), name, error.limits) from None

    def check_again(self, errand: Errand) -> None:
        """Look again at what may have changed since all was checked; raises RefusedError."""
        self._check_home()
        entry = er.async_get(self._hass).async_get(errand.entity_id)
        if entry is None or entry.id != errand.reference or not self._terms().is_granted(errand.reference):
            raise RefusedError(Cause.NOT_GRANTED, errand.name)
        self.state(errand)
