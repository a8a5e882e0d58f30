"""The list of equivalent mutants: changes that no test can tell from the original."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).with_name("equivalent.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A mutant by its content. Its number is left out: it is another after every change of the function."""

    place: str  # module and function
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.place, *(f"- {line}" for line in self.before), *(f"+ {line}" for line in self.after)])

    @property
    def module(self) -> str:
        """Return the path of the module, from the integration's folder."""
        return self.place.partition(" ")[0]


def read_equivalent(text: str | None = None) -> Mapping[Change, str]:
    """Read the list: blocks of place, lines before, lines after and reason, divided by empty lines."""
    found = {}
    for block in (LIST.read_text() if text is None else text).split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        place, *rest = lines
        change = Change(
            place=place,
            before=tuple(line[1:].strip() for line in rest if line.startswith("-")),
            after=tuple(line[1:].strip() for line in rest if line.startswith("+")),
        )
        found[change] = " ".join(line for line in rest if not line.startswith(("-", "+")))
    return found
