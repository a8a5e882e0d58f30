"""The store: keeps the thing model of each entry in a file, and in memory once for all."""

import asyncio
from collections.abc import Iterable, Mapping
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..durable import async_alone, read_object, remove, set_aside, write_json
from ..mapping.house_units import HouseUnits
from .entity import Entity, Reference
from .model import ThingModel

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_HOUSE: Final = "temperature_units"


class ModelFile:
    """A JSON file that outlives a power cut."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Take the entry that the file belongs to; the disk is not touched yet."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.thing_model_{entry_id}"))

    async def async_load(self) -> tuple[list[Entity], HouseUnits]:
        """Read the entities, and the units of the house; none where there is no file. Raises OSError."""
        return await async_alone(self._hass, self._path, self._load)

    async def async_save(self, entities: Iterable[Entity], house: HouseUnits) -> None:
        """Write the entities, which must not change meanwhile. Raises OSError."""
        await async_alone(self._hass, self._path, lambda: write_json(self._path, _document(entities, house)))

    async def async_remove(self) -> None:
        """Remove the file. Raises OSError."""
        await async_alone(self._hass, self._path, lambda: remove(self._path))

    def _load(self) -> tuple[list[Entity], HouseUnits]:
        try:
            document = read_object(self._path)
        except ValueError:
            aside = set_aside(self._path)
            _LOGGER.warning("The thing model on the disk cannot be read; it is kept as %s and made anew", aside.name)
            document = None
        if document is None:
            return [], HouseUnits()
        return _entities(document), HouseUnits.from_json(document.get(_HOUSE, ()))


class StoredModel(ThingModel):
    """A thing model that is kept in a file."""

    def __init__(
        self, hass: HomeAssistant, file: ModelFile, entities: Iterable[Entity] = (), house: HouseUnits | None = None
    ) -> None:
        """Take the file, and what was read from it."""
        super().__init__(hass, entities, house)
        self._file = file
        self._lock = asyncio.Lock()
        self._kept = self.changes

    async def async_save(self) -> None:
        """Write the model if it has changed. Raises OSError; the next call tries again."""
        async with self._lock:
            if (changes := self.changes) == self._kept:
                return
            # Copies, so that the executor can write them while the event loop goes on.
            await self._file.async_save([entity.copy() for entity in self.entities.values()], self.house)
            self._kept = changes


def _document(entities: Iterable[Entity], house: HouseUnits) -> dict[str, Any]:
    return {
        "version": _VERSION,
        _HOUSE: house.to_json(),
        "entities": {entity.reference: entity.to_json() for entity in entities},
    }


def _entities(document: Mapping[str, Any]) -> list[Entity]:
    """Read the entities of a document; those that somebody has broken by hand are left out."""
    listed = document.get("entities")
    found, taken, broken = [], set[str](), 0
    for reference, kept in listed.items() if isinstance(listed, Mapping) else ():
        try:
            found.append(_entity(reference, kept, taken))
        except ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError:
            broken += 1
    if broken or not isinstance(listed, Mapping):
        _LOGGER.warning("What the disk has of %s entities cannot be read; it is made anew", broken or "all")
    return found


def _entity(reference: Reference, kept: Mapping[str, Any], taken: set[str]) -> Entity:
    """Read one entity, and note the names in messages of its properties; a name that is taken raises ValueError."""
    entity = Entity.from_json(reference, kept)
    wires = [definition.wire for definition in entity.definitions.values()]
    if len(set(wires)) < len(wires) or not taken.isdisjoint(wires):
        raise ValueError("two properties of one name")
    taken.update(wires)
    return entity


_MODELS: Final[HassKey[dict[str, StoredModel]]] = HassKey(f"{DOMAIN}_models")


async def async_model(hass: HomeAssistant, entry_id: str) -> StoredModel:
    """Return the model of an entry: one object for all callers. Raises OSError."""
    models = hass.data.setdefault(_MODELS, {})
    if entry_id not in models:
        file = ModelFile(hass, entry_id)
        loaded = StoredModel(hass, file, *await file.async_load())
        loaded.heal_names()
        models.setdefault(entry_id, loaded)  # another caller may have been quicker
    return models[entry_id]


async def async_forget_model(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the model of an entry that was removed. Raises OSError."""
    hass.data.get(_MODELS, {}).pop(entry_id, None)
    await ModelFile(hass, entry_id).async_remove()
