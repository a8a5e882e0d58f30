"""The proof that published values are stored: an issue names the properties whose values are not, until they are."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from ..alink import Status
from ..control.controllable import controllable
from ..delivery.bridge import Bridge
from ..issues import async_update_model_issue, async_update_not_settable_issue
from .problem_texts import problem_list
from .problems import ProblemFinder, Problems, parted

_ASK_AGAIN: Final = timedelta(minutes=5)
_TRIES: Final = 3  # to send a rejected stretch again; a property that is taken and rejected in turns would never end
_QUESTIONS: Final = (
    3  # to a platform that does not answer, while there is no problem; each costs a message of the budget
)
# s, until a value that the platform could not judge is tried again: its trouble may be over by then.
_A_DAY: Final = 24 * 3600.0
_ANSWER: Final = 3.0  # s, for the platform's model; its other replies come within one


class _Occasion(Enum):
    """The occasions for asking the platform for its model."""

    REJECTED = auto()
    TAKEN = auto()
    TIME = auto()


class Proof:
    """Follows rejections, the platform's model and misfits, and keeps the issue about them."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, bridge: Bridge, status: Status, *, changed: Callable[[], None]
    ) -> None:
        """Start without a problem; `changed` is called for news that may wait."""
        self._hass = hass
        self._entry = entry
        self.bridge = bridge
        self.status = status
        self._changed = changed
        model = bridge.selection.model
        self._finder = ProblemFinder(bridge.selection, bridge.misfits, lambda: controllable(hass, entry.options, model))
        self._told = asyncio.Event()
        self._is_said = False
        self._checks = 0  # that run now
        self.taken: dict[str, int] = {}  # ms UTC: the time of the value that the platform took last, by identifier
        self._asked: set[_Occasion] = set()  # since the last `_ask_again`
        self._questions = 0  # sent since the start
        self._missed: dict[str, tuple[int, int]] = {}  # by identifier: times read, and its end (ms UTC)
        self._unjudged: dict[str, float] = {}  # by identifier: s of the running time, when it was seen
        self.problems: Problems = {}
        entry.async_on_unload(async_track_time_interval(hass, self._ask_again, _ASK_AGAIN, cancel_on_shutdown=True))

    @callback
    def async_set_status(self, status: Status) -> None:
        """Take a new status from the device."""
        before, self.status = self.status, status
        self._told.set()
        if status.rejections is before.rejections and status.model is before.model:
            return
        # Rejections are forgotten with the properties that make room for others.
        was_open, is_open = _open(before) & status.rejections.keys(), _open(status)
        for identifier in was_open - is_open:
            # After an import the platform knows the property, and after our clock was corrected the time is right.
            refusal = status.rejections[identifier].latest
            if refusal.is_not_in_model or refusal.is_about_time:
                self._send_missed(identifier)
        in_model = self._in_model()
        if not is_open - was_open <= in_model:
            self._ask(_Occasion.REJECTED)
        if (was_open - is_open) & in_model:
            self._ask(_Occasion.TAKEN)
        self._look()
        if status.model != before.model:
            self._model_changed()
        if bool(self.problems) is not self._is_said:
            self._say()

    @callback
    def async_look(self) -> None:
        """Find the problems of now."""
        self._look()

    @callback
    def async_update(self) -> None:
        """Find the problems of now, and bring the issue up to date."""
        self._look()
        self._say()

    async def async_ask(self) -> bool:
        """Ask the platform for its model; returns whether it answers soon. Some products never do."""
        before = self.status.model
        if not self.bridge.ask_model():
            return False
        try:
            async with asyncio.timeout(_ANSWER):
                await self.async_until(lambda: self.status.model is not before)
        except TimeoutError:
            return False
        return True

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Leave it to a check to send current values again after the platform has told its model."""
        self._checks += 1
        try:
            yield
        finally:
            self._checks -= 1

    @callback
    def async_note_taken(self, taken: Mapping[str, int]) -> None:
        """Note that the platform has taken values of properties: the newest time (ms UTC) by identifier."""
        self.taken.update(taken)

    async def async_until(self, predicate: Callable[[], bool]) -> None:
        """Return as soon as something has been told of the device that makes the predicate true."""
        while not predicate():
            self._told.clear()
            await self._told.wait()

    @property
    def is_open(self) -> bool:
        """True if the platform may take values after an import that it does not take now."""
        return any(problem.is_up_to_platform for problem in self.problems.values())

    @callback
    def async_look_at_misfits(self) -> None:
        """Look again after a property's states have begun or ceased to fit."""
        # A sensor may go in and out of its range all the time, so only the first problem is told at once.
        self._look()
        if self.problems and not self._is_said:
            self._say()
        self._changed()

    @callback
    def _ask_again(self, _now: datetime) -> None:
        """Look for an import of the model in the console, of which nothing tells a device."""
        self._asked.clear()
        self._send_unjudged()
        # Without a problem one answer is enough, to find properties whose values are taken and not shown. Some products
        # never answer.
        if self.is_open or (self.status.model is None and self._questions < _QUESTIONS):
            self._ask(_Occasion.TIME)
            self._send_rejected()

    def _ask(self, occasion: _Occasion) -> None:
        # A property that is taken and rejected in turns must not cause a question each time.
        if occasion not in self._asked and self.bridge.ask_model():
            self._asked.add(occasion)
            self._questions += 1

    def _model_changed(self) -> None:
        in_model = self._in_model()
        for identifier, rejection in self.status.rejections.items():
            # A property that was too narrow took some values all along. One that was missing shows by its first value.
            # The model may also have been mended while this home was away, so every answer is looked at alike.
            is_missing = rejection.latest.is_not_in_model and not rejection.is_over
            if rejection.missed and identifier not in in_model and not is_missing:
                self._send_missed(identifier)
        if not self._checks:
            self._send_rejected()

    def _send_missed(self, identifier: str) -> None:
        """Send the recorded values of the stretch that the platform rejected; the same stretch only a few times."""
        stretches = self.status.rejections[identifier].missed.values()
        if not stretches:
            return
        end = max(last for _, last in stretches)
        tries, until = self._missed.get(identifier, (0, 0))
        tries, until = (1, end) if end > until else (tries + 1, until)
        self._missed[identifier] = tries, until
        if tries <= _TRIES:
            self.bridge.async_send_rejected(identifier)

    def _send_unjudged(self) -> None:
        """Send values again that the platform could not judge, once a day."""
        now = self._hass.loop.time()
        for identifier, rejection in self.status.rejections.items():
            if not (rejection.missed and rejection.latest.is_for_now):
                continue
            # What was set aside before the start has waited for long enough.
            first = now - _A_DAY if rejection.count == 0 else now
            if now - self._unjudged.setdefault(identifier, first) >= _A_DAY:
                del self._unjudged[identifier]
                self.bridge.async_send_rejected(identifier)

    def _send_rejected(self) -> None:
        """Send rejected values again whose properties are in the platform's model, as far as that is known."""
        self.bridge.async_send_again(
            identifier
            for identifier, rejection in self.status.rejections.items()
            if not rejection.is_over
            and not rejection.latest.is_for_now
            and identifier in self.problems
            and not self.problems[identifier].shows_in_model
        )

    def _in_model(self) -> set[str]:
        return {identifier for identifier, problem in self.problems.items() if problem.shows_in_model}

    def _look(self) -> None:
        self.problems = self._finder.find(self.status)
        self._told.set()

    def _say(self) -> None:
        self._is_said = bool(self.problems)
        is_known = self.status.model is not None
        of_values, of_control = parted(self.problems)
        for update, problems in (
            (async_update_model_issue, of_values),
            (async_update_not_settable_issue, of_control),
        ):
            update(self._hass, self._entry, problems=problem_list(self._hass, problems), is_known=is_known)


def _open(status: Status) -> set[str]:
    return {identifier for identifier, rejection in status.rejections.items() if not rejection.is_over}
