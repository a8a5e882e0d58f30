"""The allocator: gives each new property a module, an identifier and a name."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ..alink import (
    FEATURES_PER_MODULE,
    MODEL_SIZE_MAX,
    MODULES_PER_IMPORT,
    Bool,
    DataType,
    Enum,
    Struct,
)
from ..mapping.definition import Definition
from ..mapping.identifiers import unique_identifier
from ..mapping.names import unique_name

# A module is closed at 15/16 of the largest file: the properties in it may still get longer names and more options,
# and a file that is too large is not imported at all.
_ROOM: Final = MODEL_SIZE_MAX * 15 // 16  # bytes
_MODULE: Final = "home"
# With the longest identifier, a Chinese name of 30 characters and a description of 100 letters, a number in the widest
# default range takes 464 bytes. Few are that long, so a wider range or a Chinese description fits in as well.
_PROPERTY: Final = 500  # bytes
_ITEM: Final = 75  # bytes; a key and a Chinese name of 20 characters take 68


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The module, the identifier and the name that a new property gets."""

    module: str | None  # None for the default one
    identifier: str
    name: str


@dataclass(slots=True, kw_only=True)
class _Contents:
    """What one module holds."""

    identifiers: set[str] = field(default_factory=set)
    size: int = 0  # bytes in a file, at most


class Allocator:
    """Remembers which identifiers and names are taken, and how full each module is."""

    def __init__(self) -> None:
        """Start with empty modules."""
        self._modules: dict[str | None, _Contents] = {}  # None is the default one
        self._names: set[str] = set()  # of all modules together

    def copy(self) -> Allocator:
        """Return a copy that changes on its own."""
        copy = Allocator()
        copy._names = set(self._names)
        copy._modules = {
            module: replace(contents, identifiers=set(contents.identifiers))
            for module, contents in self._modules.items()
        }
        return copy

    @property
    def is_full(self) -> bool:
        """True if no module has room for another property."""
        return self._with_room(_PROPERTY) is None

    @property
    def places_left(self) -> int:
        """Return how many properties of the usual size there is room for."""
        return sum(
            max(0, min(FEATURES_PER_MODULE - len(contents.identifiers), (_ROOM - 1 - contents.size) // _PROPERTY))
            for _, contents in self._all()
        )

    def place(self, identifier: str, name: str, data_type: DataType, entity_id: str) -> Place | None:
        """Find a place in the first module with room, under this identifier and name or similar ones; None if full."""
        if (found := self._with_room(_size(data_type))) is None:
            return None
        module, contents = found
        return Place(
            module=module,
            identifier=unique_identifier(identifier, entity_id, contents.identifiers),
            name=self.free_name(name),
        )

    def free_name(self, name: str) -> str:
        """Return a name that no property has: the same, or a similar one."""
        return unique_name(name, self._names)

    def has_name(self, name: str) -> bool:
        """Tell if a property of any module has this name."""
        return name in self._names

    def takes_items(self, module: str | None, items: int) -> bool:
        """Tell if the enums in a module may get so many more keys and its file still be imported."""
        return self._modules[module].size + items * _ITEM <= MODEL_SIZE_MAX

    def occupy(self, definition: Definition) -> None:
        """Note that a property is there."""
        contents = self._modules.setdefault(definition.module, _Contents())
        contents.identifiers.add(definition.identifier)
        contents.size += _size(definition.data_type)
        self._names.add(definition.name)

    def vacate(self, definition: Definition) -> None:
        """Note that a property that was there is gone."""
        contents = self._modules[definition.module]
        contents.identifiers.discard(definition.identifier)
        contents.size -= _size(definition.data_type)
        self._names.discard(definition.name)

    def _with_room(self, size: int) -> tuple[str | None, _Contents] | None:
        for module, contents in self._all():
            if len(contents.identifiers) < FEATURES_PER_MODULE and contents.size + size < _ROOM:
                return module, contents
        return None

    def _all(self) -> Iterator[tuple[str | None, _Contents]]:
        for number in range(1, MODULES_PER_IMPORT + 1):
            module = None if number == 1 else f"{_MODULE}_{number}"
            yield module, self._modules.get(module) or _Contents()


def _size(data_type: DataType) -> int:
    """Return how many bytes a property takes in a file, rounded up."""
    match data_type:
        case Enum(names=names):
            return _PROPERTY + len(names) * _ITEM
        case Bool():
            return _PROPERTY + 2 * _ITEM
        case Struct(fields=fields):
            return _PROPERTY + len(fields) * _PROPERTY
        case _:
            return _PROPERTY
