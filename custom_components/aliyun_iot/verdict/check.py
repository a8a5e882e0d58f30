"""Check: asks for the platform's model and sends current values, until it can tell which values are stored.

A check runs in rounds. Each one asks for the model, sends the values that the platform may take and has not taken yet,
and tells what it has seen. The dialog shows that and begins the next round, until a round says that it is the last:
everything is stored, nothing more is to be expected, or the platform has had its time. The platform applies an import
within seconds, so a person who was quick is not told that something is missing.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeassistant.core import HomeAssistant

from ..alink import AlinkError, Connection
from .problems import Problems, Reason
from .proof import Proof

_PATIENCE: Final = 10.0  # s, for the platform to apply an import and to decide on values; it does both within seconds
_A_SECOND: Final = 100  # values; one message takes 200, and one message a second is the usual pace
PAUSE: Final = 2.0  # s between rounds: each asks for the model, and a question is a message of the budget
# s; the frontend draws a page of progress before it listens for the next one, which a quicker round would hide from it.
SHOWN_AT_LEAST: Final = 1.5


class Outcome(StrEnum):
    """The things that a round can find; each has a text."""

    STORED = "stored"  # every current value
    NOTHING = "nothing"  # no property has a value now
    NOT_CONNECTED = "not_connected"
    UNKNOWN = "unknown"  # the platform knows none of the properties, and no others either
    FOREIGN = "foreign"  # the platform knows none of the properties, but others
    PARTLY = "partly"  # the platform knows some of the properties
    DIFFERENT = "different"  # the platform knows all of them, some with other types
    REFUSED = "refused"  # the platform knows all of them and refuses values
    UNDECIDED = "undecided"  # the platform has not decided on all values


# Another round would find the same.
_FINAL: Final = {Outcome.STORED, Outcome.NOTHING, Outcome.NOT_CONNECTED, Outcome.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The findings of one round; all numbers are of published properties."""

    outcome: Outcome
    is_last: bool
    published: int
    known: int  # that the platform is not known to lack
    others: int  # properties of the platform's model that this home does not publish
    current: int  # that have a value now
    stored: int  # whose value the platform has taken since the check began
    problems: Problems
    connection_problem: AlinkError | None


class Check:
    """Checks the values of one entry, once."""

    def __init__(self, hass: HomeAssistant, proof: Proof, progress: Callable[[float], None]) -> None:
        """Begin; `progress` is told the share of the current values that are stored."""
        self.proof = proof
        self._hass = hass
        self._progress = progress
        self._told: float | None = None  # the share that `progress` was told last
        self._began = hass.loop.time()
        self._refused_before: dict[str, int] = {}  # at the begin of the round: refused values by identifier
        self._current: set[str] = set()  # identifiers of the properties with a value, at the begin of the round
        self._rounds = 0

    async def async_round(self) -> Seen:
        """Ask, send and wait for the decision."""
        shown = asyncio.ensure_future(asyncio.sleep(PAUSE if self._rounds else SHOWN_AT_LEAST))
        self._rounds += 1
        try:
            with self.proof.checking():
                await self._until(lambda: self._is_connected, _PATIENCE)
                self._current = self.proof.bridge.async_present()
                if self._is_connected:
                    await self.proof.async_ask()
                    await self._send()
        finally:
            await shown
        return self._seen()

    async def _send(self) -> None:
        bridge = self.proof.bridge
        self._refused_before = self._refusals()
        wanted = self._current - self._stored() - self._absent()
        bridge.async_send_again(wanted)
        await self._until(
            lambda: wanted <= self._stored() | self._refused() or not self._is_connected,
            _PATIENCE + len(wanted) / _A_SECOND,
        )

    async def _until(self, predicate: Callable[[], bool], seconds: float) -> None:
        def look() -> bool:
            share = len(self._stored() & self._current) / max(1, len(self._current))
            if share != self._told:
                self._told = share
                self._progress(share)
            return predicate()

        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.proof.async_until(look)

    def _seen(self) -> Seen:
        proof, model = self.proof, self.proof.status.model
        published = {one.identifier for several in proof.bridge.selection.properties.values() for one in several}
        lacking = {name for name, problem in proof.problems.items() if problem.text is Reason.MISSING}
        others = 0 if model is None else len(model.keys() - published)
        outcome = self._outcome(published, lacking, others)
        allowed = _PATIENCE + len(self._current) / _A_SECOND
        return Seen(
            outcome=outcome,
            is_last=outcome in _FINAL or self._hass.loop.time() - self._began > allowed,
            published=len(published),
            known=len(published - lacking),
            others=others,
            current=len(self._current),
            stored=len(self._stored() & self._current),
            problems=proof.problems,
            connection_problem=proof.status.problem,
        )

    def _outcome(self, published: set[str], lacking: set[str], others: int) -> Outcome:
        if not self._is_connected:
            return Outcome.NOT_CONNECTED
        if lacking:
            if published - lacking:
                return Outcome.PARTLY
            return Outcome.FOREIGN if others else Outcome.UNKNOWN
        if any(problem.reason is Reason.MISMATCH for problem in self.proof.problems.values()):
            return Outcome.DIFFERENT
        if not self._current:
            return Outcome.NOTHING
        if self._current <= self._stored():
            return Outcome.STORED
        return Outcome.REFUSED if self._current <= self._stored() | self._refused() else Outcome.UNDECIDED

    @property
    def _is_connected(self) -> bool:
        return self.proof.status.connection is Connection.CONNECTED

    def _absent(self) -> set[str]:
        """Return the properties that the platform's model lacks, where the platform tells its model."""
        return {name for name, problem in self.proof.problems.items() if problem.reason is Reason.MISSING}

    def _stored(self) -> set[str]:
        return {identifier for identifier, at in self.proof.taken.items() if at >= self._began}

    def _refused(self) -> set[str]:
        now = self._refusals()
        return {identifier for identifier, count in now.items() if count > self._refused_before.get(identifier, 0)}

    def _refusals(self) -> dict[str, int]:
        rejections = self.proof.status.rejections
        return {identifier: one.count for identifier, one in rejections.items() if not one.is_over}
