"""Definitions: how a property was fixed when it was first chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..alink import DataType, data_type_json, parse_data_type, wire_identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One property of one entity; it stays as it is when the entity changes."""

    identifier: str
    name: str
    data_type: DataType
    module: str | None = None  # of the thing model; None for the default one
    options: Mapping[str, int] = field(default_factory=dict)  # of an enum: Home Assistant's states, and the key of each
    unit: str | None = None  # of the values that are sent, as Home Assistant writes it
    is_left_out: bool = False

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
            "is_left_out": self.is_left_out,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; anything else raises whatever goes wrong with it."""
        data_type, module, unit = parse_data_type(kept["data_type"]), kept["module"], kept["unit"]
        if data_type is None or not isinstance(module, str | None) or not isinstance(unit, str | None):
            raise ValueError("no definition")
        return cls(
            identifier=str(kept["identifier"]),
            name=str(kept["name"]),
            data_type=data_type,
            module=module,
            options={str(option): int(key) for option, key in kept["options"].items()},
            unit=unit,
            is_left_out=bool(kept["is_left_out"]),
        )
