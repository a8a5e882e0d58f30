"""One entry's thing model: every property as it was fixed when it was first chosen, on disk."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
import logging
from typing import Any, Final, Self

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.util.hass_dict import HassKey

from ..alink import (
    ENUM_ITEMS_MAX,
    FEATURES_PER_MODULE,
    MODEL_SIZE_MAX,
    MODULES_PER_IMPORT,
    Bool,
    BrokenRuleError,
    DataType,
    Enum,
    ModelProperty,
    Module,
    Number,
    Rule,
    Struct,
    check_property,
)
from ..const import DOMAIN
from ..mapping.definition import Definition
from ..mapping.facets import facets
from ..mapping.identifiers import facet_identifier, unique_identifier
from ..mapping.kinds import ATTRIBUTE, AVAILABLE, STATE, Facet
from ..mapping.names import item_names, readable_name, unique_name
from ..mapping.ranges import finite, widened
from ..mapping.words import facet_name, with_names
from .store import ModelFile

_LOGGER = logging.getLogger(__name__)

_ROOM: Final = MODEL_SIZE_MAX * 15 // 16  # bytes; names and options of what is in a module may grow
_MODULE: Final = "home"
_PROPERTY: Final = 500  # bytes of one in a file, at most, with names in Chinese and a description
_ITEM: Final = 75  # bytes of one key and its name

type Wire = str
type Reference = str  # an entity's registry id if it has one, otherwise its entity id


@dataclass(slots=True, kw_only=True)
class Entity:
    """What is known of one entity that is, or was, published."""

    reference: Reference
    entity_id: str
    definitions: dict[str, Definition] = field(default_factory=dict)  # by the facet's key
    unit: str | None = None  # of its state, when it was last seen
    is_mixed: bool = False  # whether that was another one before
    is_complete: bool = False  # whether it was seen with all that there is to it
    is_fitted: bool = False  # whether what the recorder has of it was looked at

    def published(self, *, availability: bool) -> Iterator[tuple[str, Definition]]:
        """Return its properties that are sent."""
        for key, definition in self.definitions.items():
            if not definition.is_left_out and (availability or key != AVAILABLE):
                yield key, definition


class ThingModel:
    """Fixes properties, keeps them, and says where each of them is."""

    def __init__(self, hass: HomeAssistant, file: ModelFile) -> None:
        """Start empty; who wants to know whether it could be written sets `on_disk`."""
        self._hass = hass
        self._file = file
        self._lock = asyncio.Lock()
        self.on_disk: Callable[[OSError | None], None] = _nobody
        self.entities: dict[Reference, Entity] = {}
        self._by_wire: dict[Wire, tuple[Entity, str]] = {}
        self._identifiers: dict[str | None, set[str]] = {}  # by module
        self._names: set[str] = set()  # of all modules together
        self._sizes: dict[str | None, int] = {}
        self._is_changed = False  # since it was written
        self.without_room: set[Reference] = set()  # of which not everything has found room in a module

    # On disk

    @classmethod
    async def async_load(cls, hass: HomeAssistant, entry_id: str) -> Self:
        """Read the model of an entry; an entry without one has an empty model. Raises OSError."""
        model = cls(hass, ModelFile(hass, entry_id))
        model._read(await model._file.async_load())
        model._is_changed = False
        return model

    async def async_save(self) -> None:
        """Write it, if anything has changed; what could not be written is tried again the next time."""
        async with self._lock:
            if not self._is_changed:
                return
            self._is_changed = False
            # Definitions do not change, so that a copy of the lists is enough to write them elsewhere.
            entities = [replace(entity, definitions=dict(entity.definitions)) for entity in self.entities.values()]
            try:
                await self._file.async_save(partial(_written, entities))
            except OSError as err:
                self._is_changed = True
                self.on_disk(err)
            except BaseException:
                self._is_changed = True
                raise

    def copy(self) -> ThingModel:
        """Return a copy to try something with."""
        copy = ThingModel(self._hass, self._file)
        # Not one by one, as on the way from the disk: of a large house that takes a while.
        copy.entities = {
            reference: replace(entity, definitions=dict(entity.definitions))
            for reference, entity in self.entities.items()
        }
        copy._by_wire = {wire: (copy.entities[entity.reference], key) for wire, (entity, key) in self._by_wire.items()}
        copy._identifiers = {module: set(taken) for module, taken in self._identifiers.items()}
        copy._names = set(self._names)
        copy._sizes = dict(self._sizes)
        return copy

    def _read(self, kept: Mapping[str, Any] | None) -> None:
        """Read what was written; of what somebody has broken by hand the rest is read."""
        entities = {} if kept is None else kept.get("entities")
        broken = 0
        for reference, entity in entities.items() if isinstance(entities, Mapping) else ():
            try:
                read = _read_entity(reference, entity)
                self._take([read])
            except ArithmeticError, AttributeError, KeyError, TypeError, ValueError:
                self.entities.pop(reference, None)
                broken += 1
        if broken or not isinstance(entities, Mapping):
            _LOGGER.warning("What the disk has of %s entities cannot be read; it is made anew", broken or "all")

    def _take(self, entities: Iterable[Entity]) -> None:
        for entity in entities:
            taken = self.entities[entity.reference] = replace(entity, definitions={})
            for key, definition in entity.definitions.items():
                self._put(taken, key, definition)

    # What is there

    @property
    def identifiers(self) -> Collection[Wire]:
        """Return what there is, by its name in messages."""
        return self._by_wire.keys()

    @property
    def is_full(self) -> bool:
        """Whether no module has room any more."""
        return self._module_for(_PROPERTY) == ""

    def find(self, wire: Wire) -> tuple[Entity, str, Definition] | None:
        """Return the property that has a name in messages."""
        if (found := self._by_wire.get(wire)) is None:
            return None
        entity, key = found
        return entity, key, entity.definitions[key]

    # What is chosen

    @callback
    def rebind(self, chosen: Mapping[Reference, str], is_alive: Callable[[Reference], bool]) -> None:
        """Note what entities are called now; one that came back as another goes on."""
        for reference, entity_id in chosen.items():
            known = self.entities.get(reference)
            if known is not None and known.entity_id != entity_id:
                known.entity_id, self._is_changed = entity_id, True
        if all(reference in self.entities for reference in chosen):
            return
        former = {entity.entity_id: name for name, entity in self.entities.items() if not is_alive(name)}
        for reference, entity_id in chosen.items():
            if reference not in self.entities and (name := former.pop(entity_id, None)) is not None:
                entity = self.entities[reference] = self.entities.pop(name)
                entity.reference, self._is_changed = reference, True

    @callback
    def note_unit(self, reference: Reference, unit: str) -> str | None:
        """Note the unit of an entity's state; returns the identifier if it ever had another, also before a restart."""
        entity = self.entities.get(reference)
        if entity is None:
            return None
        if entity.unit != unit:
            entity.is_mixed |= entity.unit is not None
            entity.unit, self._is_changed = unit, True
        state = entity.definitions.get(STATE)
        return state.wire if entity.is_mixed and state is not None else None

    @callback
    def adopt(self, reference: Reference, state: State, *more: Facet) -> bool:
        """Fix what is not fixed yet of an entity: what is sent unless the user says otherwise, and `more`.

        Options that are new get keys of their own. Returns whether anything has changed.
        """
        entity = self.entities.get(reference) or Entity(reference=reference, entity_id=state.entity_id)
        has_changed = False
        for facet in (*facets(state, self._hass.config.units), *more):
            known = entity.definitions.get(facet.key)
            if known is None and (facet.is_default or facet in more):
                has_changed |= self._define(entity, state, facet)
            elif known is not None and (extended := self._extended(known, state, facet)) is not None:
                self._put(entity, facet.key, extended)
                has_changed = True
        if not entity.definitions:
            return False
        self.entities[reference] = entity
        if not entity.is_complete and state.state != STATE_UNAVAILABLE:
            entity.is_complete = self._is_changed = True
        return has_changed

    @callback
    def adopt_state(self, reference: Reference, state: State) -> None:
        """Fix the state of an entity that is new, and nothing else of it yet."""
        for facet in facets(state, self._hass.config.units)[:1]:
            if facet.is_default:
                entity = Entity(reference=reference, entity_id=state.entity_id)
                if self._define(entity, state, facet):
                    self.entities[reference] = entity

    @callback
    def note_fitted(self, entity: Entity) -> None:
        """Note that what the recorder has of an entity was looked at."""
        entity.is_fitted = self._is_changed = True

    def published(self, chosen: Iterable[Reference], *, availability: bool) -> Iterator[tuple[Entity, str, Definition]]:
        """Return the properties of chosen entities that are sent."""
        for reference in chosen:
            if (entity := self.entities.get(reference)) is not None:
                for key, definition in entity.published(availability=availability):
                    yield entity, key, definition

    def _define(self, entity: Entity, state: State, facet: Facet) -> bool:
        data_type = _holding(with_names(self._hass, state, facet), facet.key, state)
        identifier = facet_identifier(_stem(entity, state), facet.key)
        name = str(state.name)  # an attribute, and as such whatever somebody has put there
        if facet.key != STATE:
            name = f"{name} {facet_name(self._hass, state.domain, facet.key)}"
        name = readable_name(name, identifier)
        needed = _size(data_type)
        module = self._module_for(needed)
        if module == "":
            self.without_room.add(entity.reference)
            return False
        definition = Definition(
            identifier=unique_identifier(identifier, state.entity_id, self._identifiers.get(module, set())),
            name=unique_name(name, self._names),
            data_type=data_type,
            module=module,
            options={option: key for key, option in enumerate(facet.options)},
            unit=facet.unit,
        )
        self._put(entity, facet.key, definition)
        return True

    def _extended(self, known: Definition, state: State, facet: Facet) -> Definition | None:
        """Return the definition with keys for options that are new; the keys that are there stay."""
        if not isinstance(known.data_type, Enum) or not isinstance(facet.data_type, Enum):
            return None
        new = [option for option in facet.options if option not in known.options]
        first = max(known.data_type.names, default=-1) + 1
        if not new or len(known.data_type.names) + len(new) > ENUM_ITEMS_MAX:
            return None
        if self._sizes[known.module] + len(new) * _ITEM > MODEL_SIZE_MAX:
            return None  # a file that is too large would not be imported at all
        words = with_names(self._hass, state, facet)
        assert isinstance(words, Enum)
        said = [words.names[facet.options.index(option)] for option in new]
        there = [known.data_type.names[key] for key in known.data_type.names]
        names = dict(known.data_type.names)
        names |= {first + number: name for number, name in enumerate(item_names([*there, *said])[len(there) :])}
        options = {option: first + number for number, option in enumerate(new)}
        return replace(known, data_type=Enum(names=names), options={**known.options, **options})

    # What a person changes

    @callback
    def revise(self, wire: Wire, **changes: Any) -> Definition:
        """Change a definition; raises BrokenRuleError for what the console would not take."""
        found = self.find(wire)
        if found is None:
            raise KeyError(wire)
        entity, key, known = found
        revised = replace(known, **changes)
        if not revised.is_left_out or revised.identifier != known.identifier:
            check_property(ModelProperty(identifier=revised.identifier, name=revised.name, data_type=revised.data_type))
        if revised.wire != wire and revised.wire in self._by_wire:
            raise BrokenRuleError(Rule.IDENTIFIER_TAKEN)
        if revised.name != known.name and revised.name in self._names:
            raise BrokenRuleError(Rule.NAME_TAKEN)
        self._put(entity, key, revised)
        return revised

    @callback
    def refit(self, wire: Wire, change: Callable[[Number], Number]) -> bool:
        """Change the range of a number; returns whether it is another now."""
        if (found := self.find(wire)) is None or not isinstance(found[2].data_type, Number):
            return False
        number = found[2].data_type
        if (fitted := change(number)) == number:
            return False
        self._put(found[0], found[1], replace(found[2], data_type=fitted))
        return True

    @callback
    def forget(self, references: Iterable[Reference]) -> None:
        """Forget entities, when room is needed."""
        gone = set(references)
        left = [entity for entity in self.entities.values() if entity.reference not in gone]
        for table in (self.entities, self._by_wire, self._identifiers, self._names, self._sizes):
            table.clear()
        self._take(left)
        self._is_changed = True

    # Modules

    def _put(self, entity: Entity, key: str, definition: Definition) -> None:
        module = definition.module
        identifiers = self._identifiers.setdefault(module, set())
        if (before := entity.definitions.get(key)) is not None:
            identifiers.discard(before.identifier)
            self._names.discard(before.name)
            self._sizes[module] -= _size(before.data_type)
            self._by_wire.pop(before.wire, None)
        self._is_changed = True
        entity.definitions[key] = definition
        self._by_wire[definition.wire] = (entity, key)
        identifiers.add(definition.identifier)
        self._names.add(definition.name)
        self._sizes[module] = self._sizes.get(module, 0) + _size(definition.data_type)

    def _module_for(self, needed: int) -> str | None:
        """Return the first module with room: None for the default one, and an empty text where all are full."""
        for number in range(1, MODULES_PER_IMPORT + 1):
            module = None if number == 1 else f"{_MODULE}_{number}"
            features = len(self._identifiers.get(module, ()))
            if features < FEATURES_PER_MODULE and self._sizes.get(module, 0) + needed < _ROOM:
                return module
        return ""


def _read_entity(reference: Reference, kept: Mapping[str, Any]) -> Entity:
    return Entity(
        reference=reference,
        entity_id=str(kept["entity_id"]),
        unit=kept.get("unit"),
        is_complete=bool(kept.get("is_complete")),
        is_mixed=bool(kept.get("is_mixed")),
        is_fitted=bool(kept.get("is_fitted")),
        definitions={key: Definition.from_json(read) for key, read in kept["properties"].items()},
    )


def _written(entities: Iterable[Entity]) -> dict[str, Any]:
    return {
        "version": 1,
        "entities": {
            entity.reference: {
                "entity_id": entity.entity_id,
                "unit": entity.unit,
                "is_mixed": entity.is_mixed,
                "is_complete": entity.is_complete,
                "is_fitted": entity.is_fitted,
                "properties": {key: definition.to_json() for key, definition in entity.definitions.items()},
            }
            for entity in entities
        },
    }


def module_of(identifier: str) -> Module:
    """Return a module beside the default one."""
    return Module(identifier=identifier, name=identifier)


def _holding(data_type: DataType, key: str, state: State) -> DataType:
    """Return a number's type with a range that the value of now is in; what is there is no mistake of a sensor yet."""
    if not isinstance(data_type, Number):
        return data_type
    if key == STATE:
        try:
            now = finite(float(state.state))
        except ValueError:
            return data_type
    else:
        now = finite(state.attributes.get(key.removeprefix(ATTRIBUTE)))
    return data_type if now is None else widened(data_type, now, now)


def _stem(entity: Entity, state: State) -> str:
    known = entity.definitions.get(STATE)
    return state.entity_id if known is None else known.identifier


def _size(data_type: DataType) -> int:
    """Return how many bytes a property takes in a file at most."""
    match data_type:
        case Enum(names=names):
            return _PROPERTY + len(names) * _ITEM
        case Bool():
            return _PROPERTY + 2 * _ITEM
        case Struct(fields=fields):
            return _PROPERTY + len(fields) * _PROPERTY
        case _:
            return _PROPERTY


def _nobody(_error: OSError | None) -> None:
    pass


_MODELS: Final[HassKey[dict[str, ThingModel]]] = HassKey(f"{DOMAIN}_models")


async def async_model(hass: HomeAssistant, entry_id: str) -> ThingModel:
    """Return the model of an entry, the same one for all who ask. Raises OSError."""
    models = hass.data.setdefault(_MODELS, {})
    if entry_id not in models:
        loaded = await ThingModel.async_load(hass, entry_id)
        models.setdefault(entry_id, loaded)
    return models[entry_id]


async def async_forget_model(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the model of an entry that was removed. Raises OSError."""
    hass.data.get(_MODELS, {}).pop(entry_id, None)
    await ModelFile(hass, entry_id).async_remove()
