"""Action rows: the ways in which a value becomes an action, each for one kind of control that entities have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
import re
from typing import Any, Final, NamedTuple, Protocol

from homeassistant.const import MAX_LENGTH_STATE_STATE

from .commanded import Commanded, Span, features, options
from .kinds import ABSENT, STATE
from .ranges import finite
from .refusals import NotCommandableError, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One of Home Assistant's actions, for an entity that is not in it."""

    domain: str
    service: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Way(NamedTuple):
    """An action without data, and the features of which an entity has to support one; 0 for any entity."""

    service: str
    feature: int = 0

    def is_open(self, attributes: Mapping[str, Any]) -> bool:
        """Tell whether an entity supports it now."""
        return supports(attributes, self.feature)


class Row(Protocol):
    """One kind of control."""

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the keys of the facets that an entity can be set by now."""

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the actions for a command that has some of these keys; raises NotCommandableError."""


_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A state that is reached by an action of its own, such as on, closed or docked."""

    ways: Mapping[str, Way]  # by the state; any other one has no action
    unless: str = ""  # the key of a facet that says the same with more detail
    is_closed_by: Callable[[Mapping[str, Any]], bool] = lambda _: False

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the state, if any way is open."""
        return frozenset({STATE}) if self._open(attributes) else _NONE

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action that leads to the state."""
        if self.unless and command.has(self.unless):
            return
        allowed = self._open(command.attributes)
        if (mode := command.mode()) not in allowed:
            raise command.no_option(STATE, allowed)
        yield Action(domain=command.state.domain, service=self.ways[mode].service)

    def _open(self, attributes: Mapping[str, Any]) -> tuple[str, ...]:
        if self.is_closed_by(attributes):
            return ()
        return tuple(mode for mode, way in self.ways.items() if way.is_open(attributes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """One of the options that an attribute lists."""

    key: str
    listed: str  # the attribute
    service: str
    name: str  # of the option in the action
    feature: int = 0
    ways: Mapping[str, Way] = field(default_factory=dict)  # for states that are not listed

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the key, if there is an option or a way."""
        return frozenset({self.key}) if self._listed(attributes) or self._open(attributes) else _NONE

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action that takes the option."""
        domain, listed, ways = command.state.domain, self._listed(command.attributes), self._open(command.attributes)
        option = command.text(self.key)
        if option in listed:
            yield Action(domain=domain, service=self.service, data={self.name: option})
        elif option in ways:
            yield Action(domain=domain, service=self.ways[option].service)
        else:
            raise command.no_option(self.key, (*listed, *ways))

    def _listed(self, attributes: Mapping[str, Any]) -> tuple[str, ...]:
        return options(attributes, self.listed) if supports(attributes, self.feature) else ()

    def _open(self, attributes: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(mode for mode, way in self.ways.items() if way.is_open(attributes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number within limits."""

    key: str
    service: str
    name: str  # of the number in the action
    span: Callable[[Commanded], Span]
    unit: Callable[[Commanded], str | None] = lambda _: None
    feature: int = 0
    is_whole: bool = False

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the key, if the entity supports it."""
        return frozenset({self.key}) if supports(attributes, self.feature) else _NONE

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action that takes the number."""
        read = command.whole if self.is_whole else command.number
        number = read(self.key, self.unit(command), self.span(command))
        yield Action(domain=command.state.domain, service=self.service, data={self.name: number})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something that is or is not so."""

    key: str
    service: str
    name: str  # of the flag in the action
    feature: int

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the key, if the entity supports it."""
        return frozenset({self.key}) if supports(attributes, self.feature) else _NONE

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action that takes the flag."""
        flag = command.flag(self.key)
        yield Action(domain=command.state.domain, service=self.service, data={self.name: flag})


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A text."""

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG002 - the rows share this signature
        """Return the state."""
        return frozenset({STATE})

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action that writes the text, checked here because a helper drops a wrong one in silence."""
        text, attributes = command.text(STATE), command.attributes
        if text in ABSENT and text:  # it would look like an entity that is away
            raise NotCommandableError(Refusal.OPTION, STATE)
        least, most = (finite(attributes.get(name)) for name in ("min", "max"))
        least, most = (
            int(least or 0),
            MAX_LENGTH_STATE_STATE if most is None else min(int(most), MAX_LENGTH_STATE_STATE),
        )
        if not least <= len(text) <= most:
            raise NotCommandableError(Refusal.LENGTH, STATE, f"{least}..{most}")
        if not _matches(attributes.get("pattern"), text):
            raise NotCommandableError(Refusal.PATTERN, STATE)
        yield Action(domain=command.state.domain, service="set_value", data={"value": text})


def supports(attributes: Mapping[str, Any], feature: int) -> bool:
    """Tell whether an entity supports one of these features; 0 is no condition."""
    return not feature or bool(features(attributes) & feature)


def _matches(pattern: Any, text: str) -> bool:
    """Match as Home Assistant does: from the start of the text, not to its end."""
    if not isinstance(pattern, str):
        return True
    try:
        return re.match(pattern, text) is not None
    except re.error, OverflowError, RecursionError:
        return False
