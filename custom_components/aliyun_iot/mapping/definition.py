"""Definitions: how a property was fixed when it was first chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import math
import re
from typing import Any, Final, Self

from ..alink import (
    IDENTIFIER_LENGTH_MAX,
    INT32_MAX,
    Array,
    DataType,
    Enum,
    Number,
    Struct,
    Text,
    data_type_json,
    parse_data_type,
    wire_identifier,
)

_IDENTIFIER: Final = re.compile(rf"\w{{1,{IDENTIFIER_LENGTH_MAX}}}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One property of one entity; it stays as it is when the entity changes."""

    identifier: str
    name: str
    data_type: DataType
    module: str | None = None  # of the thing model; None for the default one
    options: Mapping[str, int] = field(default_factory=dict)  # of an enum: Home Assistant's states, and the key of each
    unit: str | None = None  # of the values that are sent, as Home Assistant writes it
    device_class: str | None = None  # tells how a number is converted; None also in a model that was written without
    is_left_out: bool = False
    same_units: Mapping[str, str] = field(default_factory=dict)  # loose spellings that a person has confirmed

    @property
    def wire(self) -> str:
        """The name of the property in messages."""
        return wire_identifier(self.identifier, self.module)

    def to_json(self) -> dict[str, Any]:
        """Write it for the disk."""
        return {
            "identifier": self.identifier,
            "name": self.name,
            "data_type": data_type_json(self.data_type),
            "module": self.module,
            "options": dict(self.options),
            "unit": self.unit,
            "device_class": self.device_class,
            "is_left_out": self.is_left_out,
            "same_units": dict(self.same_units),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; anything else raises whatever goes wrong with it."""
        data_type, module, unit = parse_data_type(kept["data_type"]), kept["module"], kept["unit"]
        device_class = kept.get("device_class")
        if data_type is None or not all(isinstance(word, str | None) for word in (module, unit, device_class)):
            raise ValueError("no definition")
        definition = cls(
            identifier=str(kept["identifier"]),
            name=str(kept["name"]),
            data_type=data_type,
            module=module,
            options={str(option): int(key) for option, key in kept["options"].items()},
            unit=unit,
            device_class=device_class,
            is_left_out=bool(kept["is_left_out"]),
            same_units={str(loose): str(exact) for loose, exact in kept.get("same_units", {}).items()},
        )
        if not (definition._has_identifier() and _is_ours(data_type) and definition._has_names()):
            raise ValueError("no definition of ours")
        return definition

    def _has_identifier(self) -> bool:
        """Tell whether the identifier, and the module, are names: the module is one of a file as well."""
        return all(_IDENTIFIER.fullmatch(name) for name in (self.identifier, self.module or self.identifier))

    def _has_names(self) -> bool:
        """Tell whether each option has a name in the enum."""
        return not isinstance(self.data_type, Enum) or self.data_type.names.keys() >= set(self.options.values())


def _is_ours(data_type: DataType) -> bool:
    """Tell whether a data type can be one of ours; a left-out property may break the console's rules, so no more."""
    match data_type:
        case Number(low=low, high=high, step=step):
            return all(map(math.isfinite, (low, high, step)))
        case Text(length=length):
            return 0 <= length <= INT32_MAX
        case Enum(names=names):
            return bool(names) and all(abs(key) <= INT32_MAX for key in names)
        case Struct(fields=fields):
            simple = (not isinstance(one.data_type, Struct) and _is_ours(one.data_type) for one in fields)
            return bool(fields) and all(simple)
        case Array():
            return False
    return True
