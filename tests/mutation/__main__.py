"""The report of a mutation run: how many mutants live, and which. Run by `scripts/mutate` in its copy."""

from collections import Counter
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Final

from mutmut.mutation.diff_apply import get_diff_for_mutant

from .equivalent import Change, read_equivalent

SOURCE: Final = Path("custom_components/aliyun_iot")
MUTANTS: Final = Path("mutants") / SOURCE
ALIVE: Final = (0, 5, 33, 34, None)  # passed, or nothing ran: of pytest, of mutmut for a function without a test
MOST_ALIVE: Final = 1 / 20  # of the mutants that are not equivalent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change, and whether the tests passed with it."""

    name: str
    is_alive: bool
    change: Change


def change_of(module: str, name: str) -> Change:
    """Return what a mutant changes."""
    *_, mangled = name.split(".")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    lines = get_diff_for_mutant(name, path=SOURCE / module).splitlines()[2:]
    return Change(
        place=f"{module} {function}",
        before=tuple(line[1:].strip() for line in lines if line.startswith("-")),
        after=tuple(line[1:].strip() for line in lines if line.startswith("+")),
    )


def main() -> int:
    """Print a line per module and the mutants that live; returns 1 where too many do."""
    equivalent = read_equivalent()
    mutants: dict[str, list[Mutant]] = {}
    for meta in sorted(MUTANTS.rglob("*.meta")):
        module = str(meta.relative_to(MUTANTS)).removesuffix(".meta")
        codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
        mutants[module] = [
            Mutant(name=name, is_alive=code in ALIVE, change=change_of(module, name)) for name, code in codes.items()
        ]
    total = Counter[str]()
    for module, found in mutants.items():
        if found:
            alive = [mutant for mutant in found if mutant.is_alive]
            known = sum(mutant.change in equivalent for mutant in alive)
            counts = Counter(tried=len(found), killed=len(found) - len(alive), alive=len(alive), equivalent=known)
            total += counts
            print(f"{module}: {_told(counts)}")
    print(f"all: {_told(total)}")
    everything = [mutant for found in mutants.values() for mutant in found]
    for mutant in everything:
        if mutant.is_alive and mutant.change not in equivalent:
            print(f"\n{mutant.name}\n{mutant.change}")
    alive_changes = {mutant.change for mutant in everything if mutant.is_alive}
    stale = [change for change in equivalent if change.module in mutants and change not in alive_changes]
    for change in stale:
        print(f"\nListed as equivalent, and killed or no mutant at all:\n{change}")
    lives = total["alive"] - total["equivalent"]
    share = lives / max(1, total["tried"] - total["equivalent"])
    print(f"\n{lives} of {total['tried'] - total['equivalent']} that are not equivalent live: {share:.1%}")
    return int(share > MOST_ALIVE or bool(stale))


def _told(counts: Counter[str]) -> str:
    return (
        f"{counts['tried']} tried, {counts['killed']} killed, {counts['alive']} alive, "
        f"{counts['equivalent']} of these equivalent"
    )


if __name__ == "__main__":
    sys.exit(main())
