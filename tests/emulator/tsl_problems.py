"""Thing model problems: the broken rules of a file, with their places."""

from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
import re
from typing import Any

type Path = tuple[str | int, ...]

MOST_LISTED = 100
LONGEST_QUOTE = 60

_PLAIN_KEY = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_QUOTE}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A broken rule; the path is empty for a rule about the file as a whole."""

    path: str
    problem: str


@dataclass(slots=True)
class Problems:
    """The first broken rules of a file, and the number of all."""

    listed: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, path: str, problem: str) -> None:
        self.count += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(Problem(path=path, problem=problem))


class ImportRefusedError(Exception):
    """A file of thing models breaks rules; the import changed nothing."""

    def __init__(self, problems: Problems) -> None:
        first = problems.listed[0]
        also = f", and {problems.count - 1} more" if problems.count > 1 else ""
        super().__init__(f"refused: {first.path or 'the file'} {first.problem}{also}")
        self.problems = problems.listed
        self.count = problems.count

    def as_json(self) -> dict[str, Any]:
        return {"error": str(self), "problems": [asdict(problem) for problem in self.problems]}


def refused(problem: str) -> ImportRefusedError:
    """Make the refusal of a file as a whole."""
    problems = Problems()
    problems.add("", problem)
    return ImportRefusedError(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file, to note problems at."""

    problems: Problems
    # The name of one file of a ZIP.
    file: str = ""
    within: str = ""

    @property
    def path(self) -> str:
        return ": ".join(part for part in (self.file, self.within) if part)

    def at(self, *path: str | int) -> Place:
        within = self.within
        for part in path:
            if isinstance(part, str) and _PLAIN_KEY.fullmatch(part):
                within = f"{within}.{part}" if within else part
            else:
                within = f"{within}[{quote(part)}]"
        return replace(self, within=within)

    def note(self, problem: str) -> None:
        self.problems.add(self.path, problem)


def quote(value: Any) -> str:
    """Return a short text for any value, to show in a problem."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case Decimal():
            return quote(str(value))
        case None | bool():
            return {None: "null", False: "false", True: "true"}[value]
        case str() if len(value) > LONGEST_QUOTE:
            return f"{value[:LONGEST_QUOTE]!r}..."
        case _:
            return repr(value)[: 2 * LONGEST_QUOTE]
