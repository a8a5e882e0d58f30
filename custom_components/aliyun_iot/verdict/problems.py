"""Problems: the reasons why values of properties are not stored, at most one for each property."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..alink import SEPARATOR, DataType, Enum, Number, NumberType, Status, Text, number_text
from ..control.controllable import Controllable, is_settable, means
from ..delivery.misfits import Case, Misfits
from ..mapping.definition import Definition
from ..mapping.values import Misfit
from ..selection.live import Selection

_KEYS_SHOWN: Final = 40  # characters of an enum's keys, which may be a hundred


class Reason(StrEnum):
    """The kinds of problems; each has a text."""

    MISSING = "missing"
    MISMATCH = "mismatch"
    REJECTED = "rejected"
    UNFIT_TYPE = "unfit_type"
    UNFIT_RANGE = "unfit_range"
    UNFIT_OPTION = "unfit_option"
    UNFIT_LENGTH = "unfit_length"
    UNFIT_UNIT = "unfit_unit"
    UNFIT_NO_UNIT = "unfit_no_unit"
    OUTGROWN = "outgrown"
    NO_ROOM = "no_room"
    READ_ONLY = "read_only"
    MEANS_OTHER = "means_other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The problem of one property, and the placeholders of its text."""

    entity_id: str
    reason: Reason
    is_unknown: bool = False  # whether the platform rejected it as not in the thing model
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> Reason:
        """The text to show. For an unknown property the platform reports only that it is unknown."""
        return Reason.MISSING if self.is_unknown else self.reason

    @property
    def shows_in_model(self) -> bool:
        """True if the problem shows in the platform's thing model."""
        return self.reason in (Reason.MISSING, Reason.MISMATCH)

    @property
    def is_up_to_platform(self) -> bool:
        """True if the platform may take the values after an import; other problems never reach it."""
        return self.shows_in_model or self.is_about_control or self.reason is Reason.REJECTED

    @property
    def is_about_control(self) -> bool:
        """True if the platform stores the values, and the cloud cannot set the property as the owner has allowed."""
        return self.reason in (Reason.READ_ONLY, Reason.MEANS_OTHER)


type Problems = Mapping[str, Problem]  # by identifier; by entity id if the model has no room for it


def parted(problems: Problems) -> tuple[Problems, Problems]:
    """Part the problems of values from those of control, whose values are stored."""
    of_values = {name: problem for name, problem in problems.items() if not problem.is_about_control}
    return of_values, {name: problem for name, problem in problems.items() if problem.is_about_control}


class ProblemFinder:
    """Finds the problems of one entry; compares the models only after the thing model or the selection has changed."""

    def __init__(
        self, selection: Selection, misfits: Misfits, controllable: Callable[[], Mapping[str, Controllable]]
    ) -> None:
        """Start without a comparison; `controllable` returns the properties that the cloud may set."""
        self._selection = selection
        self._controllable = controllable
        self._misfits = misfits
        self._changes: int | None = None  # of the selection
        self._model: object = None
        self._published: dict[str, tuple[str, Definition]] = {}  # by identifier
        self._in_model: dict[str, Problem] = {}

    def find(self, status: Status) -> Problems:
        """Return the problems of now."""
        if self._changes != self._selection.changes or self._model is not status.model:
            self._changes, self._model = self._selection.changes, status.model
            self._published = {
                property_.identifier: (entity_id, property_.definition)
                for entity_id, several in self._selection.properties.items()
                for property_ in several
            }
            self._in_model = {} if status.model is None else dict(self._compared(status.model))
        problems = dict(self._in_model)
        for identifier, rejection in status.rejections.items():
            if not rejection.is_over and identifier in self._published and identifier not in problems:
                problems[identifier] = Problem(
                    entity_id=self._published[identifier][0],
                    reason=Reason.REJECTED,
                    is_unknown=rejection.latest.is_not_in_model,
                    words={"text": str(rejection.latest)},
                )
        outgrown = self._selection.model.outgrown
        problems |= {
            identifier: _outgrown(*self._published[identifier], outgrown[identifier])
            for identifier in sorted(outgrown.keys() & self._published.keys() - problems.keys())
        }
        # A property that is no longer published gets no state that could end its misfit.
        self._misfits.open.difference_update(self._misfits.open - self._published.keys())
        for identifier in sorted(self._misfits.open - problems.keys()):
            entity_id, definition = self._published[identifier]
            problems[identifier] = _unfit(entity_id, definition, self._misfits.cases[identifier])
        problems |= {
            entity_id: Problem(entity_id=entity_id, reason=Reason.NO_ROOM)
            for entity_id in sorted(self._selection.without_room)
        }
        return problems | {
            identifier: problem
            for identifier, problem in self._not_settable(status)
            if identifier in self._published and identifier not in problems
        }

    def _not_settable(self, status: Status) -> Iterator[tuple[str, Problem]]:
        """Yield a problem for each property that the cloud may set and that the platform's model has otherwise."""
        model = status.model or {}
        for identifier, (entity_id, _, definition) in self._controllable().items():
            if identifier not in model:
                continue
            if not is_settable(definition, status):
                yield identifier, Problem(entity_id=entity_id, reason=Reason.READ_ONLY)
            elif not means(model[identifier], definition.data_type):
                yield identifier, Problem(entity_id=entity_id, reason=Reason.MEANS_OTHER)

    def _compared(self, model: Mapping[str, DataType]) -> Iterator[tuple[str, Problem]]:
        # The documentation does not tell if the answer covers modules. An answer that has no property of a module is
        # taken as one that does not cover it.
        told = {None, *(identifier.partition(SEPARATOR)[0] for identifier in model if SEPARATOR in identifier)}
        for identifier, (entity_id, definition) in self._published.items():
            theirs, ours = model.get(identifier), definition.data_type
            if theirs is None:
                if definition.module in told:
                    yield identifier, Problem(entity_id=entity_id, reason=Reason.MISSING)
            elif not theirs.covers(ours):
                words = {"theirs": type_words(theirs), "ours": type_words(ours)}
                yield identifier, Problem(entity_id=entity_id, reason=Reason.MISMATCH, words=words)


def _unfit(entity_id: str, definition: Definition, case: Case) -> Problem:
    has_none = case.misfit is Misfit.UNIT and definition.unit is None
    reason = Reason.UNFIT_NO_UNIT if has_none else _UNFIT_REASONS[case.misfit]
    words = {"state": case.shown, "type": type_words(definition.data_type), "unit": str(definition.unit)}
    return Problem(entity_id=entity_id, reason=reason, words=words)


def _outgrown(entity_id: str, before: Definition, now: Definition) -> Problem:
    words = {key: _kind_words(definition) for key, definition in (("before", before), ("now", now))}
    return Problem(entity_id=entity_id, reason=Reason.OUTGROWN, words=words)


def _kind_words(definition: Definition) -> str:
    """Write a type without its range, and the unit."""
    return " ".join(filter(None, (type_words(definition.data_type).partition(" ")[0], definition.unit)))


def type_words(data_type: DataType) -> str:
    """Write a type with the console's name and its range; these are the same in all languages."""
    match data_type:
        case Number(type=name, low=low, high=high):
            return f"{_TYPE_NAMES.get(name, name.value)} {number_text(low)} ~ {number_text(high)}"
        case Enum(names=names):
            keys = ", ".join(str(key) for key in names)
            return f"enum ({keys if len(keys) <= _KEYS_SHOWN else f'{keys[:_KEYS_SHOWN]}…'})"
        case Text(length=length):
            return f"text ({length})"
        case _:
            return type(data_type).__name__.lower()


_TYPE_NAMES: Final = {NumberType.INT: "int32"}
_UNFIT_REASONS: Final = {
    Misfit.TYPE: Reason.UNFIT_TYPE,
    Misfit.RANGE: Reason.UNFIT_RANGE,
    Misfit.OPTION: Reason.UNFIT_OPTION,
    Misfit.LENGTH: Reason.UNFIT_LENGTH,
    Misfit.UNIT: Reason.UNFIT_UNIT,
}
