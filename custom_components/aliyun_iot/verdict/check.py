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

from ..alink import AlinkError, Connection, now_ms
from ..selection.turns import in_turns
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
    UNFIT = "unfit"  # every current value, but some states are not sent
    NOTHING = "nothing"  # no property has a value now
    NOT_CONNECTED = "not_connected"
    UNKNOWN = "unknown"  # the platform knows none of the properties, and no others either
    FOREIGN = "foreign"  # the platform knows none of the properties, but others
    PARTLY = "partly"  # the platform knows some of the properties
    DIFFERENT = "different"  # the platform knows all of them, some with other types
    NOT_SETTABLE = "not_settable"  # the platform knows all of them, some without what the owner allowed the cloud
    REFUSED = "refused"  # the platform knows all of them and refuses values
    UNDECIDED = "undecided"  # the platform has not decided on all values


# Another round would find the same.
_FINAL: Final = {Outcome.STORED, Outcome.UNFIT, Outcome.NOTHING, Outcome.NOT_CONNECTED, Outcome.REFUSED}
_BY_MODEL: Final = {Outcome.UNKNOWN, Outcome.FOREIGN, Outcome.PARTLY, Outcome.DIFFERENT}  # not by the values


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The findings of one round; all numbers are of published properties."""

    outcome: Outcome
    is_last: bool
    published: int
    known: int  # that the platform knows
    others: int  # properties of the platform's model that this home does not publish
    current: int  # that have a value now
    stored: int  # whose value of this check the platform has taken
    silent: int  # whose entities have no value now
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
        self._sent: dict[str, int] = {}  # ms UTC, when this check last sent a value, by identifier
        self._rounds = 0

    async def async_round(self) -> Seen:
        """Ask, send and wait for the decision."""
        shown = asyncio.ensure_future(asyncio.sleep(PAUSE if self._rounds else SHOWN_AT_LEAST))
        self._rounds += 1
        is_told = False
        try:
            with self.proof.checking():
                await self._until(lambda: self._is_connected, _PATIENCE)
                if self._is_connected:
                    is_told = await self.proof.async_ask()
                    await self._send()
        finally:
            await shown
        return self._seen(is_told=is_told)

    async def _send(self) -> None:
        self._refused_before = self._refusals()
        self._current = await self._with_value()
        absent = {name for name, problem in self.proof.problems.items() if problem.reason is Reason.MISSING}
        wanted = self._current - self._stored() - absent
        async for some in in_turns(sorted(wanted)):
            now, there = now_ms(), self._published().intersection(some)  # a dialog may have left some out meanwhile
            self.proof.bridge.async_send_again(there)
            self._sent |= dict.fromkeys(there, now)
        await self._until(
            lambda: wanted <= self._stored() | self._refused() or not self._is_connected,
            _PATIENCE + len(wanted) / _A_SECOND,
        )

    async def _with_value(self) -> set[str]:
        bridge = self.proof.bridge
        found: set[str] = set()
        async for some in in_turns([one for several in bridge.selection.properties.values() for one in several]):
            found.update(one.identifier for one in some if bridge.async_has_value(one))
        return found

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

    def _seen(self, *, is_told: bool) -> Seen:
        """Put the findings together; `is_told` is whether the platform has told its model in this round."""
        proof, model, published = self.proof, self.proof.status.model, self._published()
        current = self._current & published
        stored = self._stored() & current
        lacking = {name for name, problem in proof.problems.items() if problem.text is Reason.MISSING}
        # A platform that does not tell its model need not know all that it has not refused.
        known = stored if model is None else published - lacking
        others = 0 if model is None else len(model.keys() - published)
        # A platform that has told its model once and is silent now may have another one by now.
        is_certain = is_told or model is None
        outcome = self._outcome(current, stored, known, others=others, is_lacking=bool(lacking))
        if outcome in _BY_MODEL and not is_certain:
            outcome = Outcome.UNDECIDED
        allowed = _PATIENCE + len(current) / _A_SECOND
        return Seen(
            outcome=outcome,
            is_last=outcome in _FINAL or self._hass.loop.time() - self._began > allowed,
            published=len(published),
            known=len(known),
            others=others,
            current=len(current),
            stored=len(stored),
            silent=len(published - current - proof.bridge.misfits.open),
            problems=proof.problems,
            connection_problem=proof.status.problem,
        )

    def _outcome(
        self, current: set[str], stored: set[str], known: set[str], *, others: int, is_lacking: bool
    ) -> Outcome:
        if not self._is_connected:
            return Outcome.NOT_CONNECTED
        if is_lacking:
            if known:
                return Outcome.PARTLY
            return Outcome.FOREIGN if others else Outcome.UNKNOWN
        reasons = {problem.reason for problem in self.proof.problems.values()}
        if Reason.MISMATCH in reasons:
            return Outcome.DIFFERENT
        if any(problem.is_about_control for problem in self.proof.problems.values()):
            return Outcome.NOT_SETTABLE
        if current != stored:
            return Outcome.REFUSED if current <= stored | self._refused() else Outcome.UNDECIDED
        if reasons - {Reason.OUTGROWN}:
            return Outcome.UNFIT
        return Outcome.STORED if current else Outcome.NOTHING

    @property
    def _is_connected(self) -> bool:
        return self.proof.status.connection is Connection.CONNECTED

    def _published(self) -> set[str]:
        properties = self.proof.bridge.selection.properties
        return {one.identifier for several in properties.values() for one in several}

    def _stored(self) -> set[str]:
        """Return the properties whose values of this check the platform has taken, and refused none since."""
        taken = self.proof.taken
        return {name for name, at in self._sent.items() if taken.get(name, -1) >= at} - self._refused()

    def _refused(self) -> set[str]:
        """Return the properties of which the platform has refused a value in this round."""
        now = self._refusals()
        return {name for name, count in now.items() if count > self._refused_before.get(name, 0)}

    def _refusals(self) -> dict[str, int]:
        rejections = self.proof.status.rejections
        return {identifier: one.count for identifier, one in rejections.items() if not one.is_over}
