"""Results: the printed table, and the verdict on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..table import aligned
from .ledger import Counts

HEADS = (
    "fault",
    "times",
    "expected",
    "lost",
    "stray",
    "out of order",
    "repeats",
    "duplicates",
    "by history",
    "seconds",
    "caught up after",
)


@dataclass(slots=True, kw_only=True)
class Result:
    """One fault, once: the seconds until it was over and until all had arrived, and the complaints of the log."""

    fault: str
    course: str
    time: int = 1
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    healed: float = 0.0
    # Counts the writes that failed because the disk was full.
    refusals: int = 0
    complaints: list[str] = field(default_factory=list)
    broken: str = ""

    @property
    def is_bad(self) -> bool:
        counts = self.counts
        return bool(counts.lost or counts.stray or counts.disordered or self.complaints or self.broken)


def table(results: Sequence[Result]) -> str:
    """Sum up by fault."""
    names = sorted({result.fault for result in results})
    rows = [_row(name, [result for result in results if result.fault == name]) for name in names]
    return aligned([HEADS, *rows, _row("all", results)])


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    counts = [result.counts for result in results]
    sums = (
        sum(one.expected for one in counts),
        sum(one.lost for one in counts),
        sum(one.stray for one in counts),
        sum(one.disordered for one in counts),
        sum(one.repeats for one in counts),
        sum(one.duplicates for one in counts),
        sum(one.history for one in counts),
    )
    total, longest = sum(one.seconds for one in results), max(one.healed for one in results)
    return name, str(len(results)), *map(str, sums), f"{total:.0f}", f"{longest:.0f}"


def remarks(results: Sequence[Result]) -> list[str]:
    """Return the remarks that the table has no column for."""
    purged = sum(result.counts.purged for result in results)
    unrecorded = sum(result.counts.unrecorded for result in results)
    lines = [
        f"{purged} values were purged from the database before they could arrive, and are not expected",
        f"{unrecorded} values arrived that Home Assistant never recorded: it was killed, or its database was away",
        f"{sum(result.refusals for result in results)} times the disk was full",
    ]
    for result in results:
        if result.is_bad:
            said = [result.broken] if result.broken else []
            said += [*result.counts.examples, *(f"in the log: {record}" for record in result.complaints)]
            lines.append(f"{result.course}: {result.fault} ({result.time}): " + "\n    ".join(said))
    return lines
