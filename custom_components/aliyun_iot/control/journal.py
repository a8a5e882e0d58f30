"""Journal: counts the commands of one entry and tells of each, without the values.

It names published properties only. Any other name is a text of somebody's in the cloud, which could bring a secret, or
half a surrogate that no state can be written with, into Home Assistant's states and its recorder.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..alink import Code, Status
from ..const import EVENT_COMMAND
from ..gathered_log import GatheredLog
from ..issues import async_update_loop_issue
from .refusing import BELOW, Cause, RefusedError

_LOGGER = logging.getLogger(__name__)

# s. A flood of refused commands is one event a minute for each reason: enough for an automation that reports it, and
# no burden for the recorder, which keeps every event.
_REFUSALS_TOGETHER: Final = 60.0

# s. Two sensors change with each command, and the recorder writes each change.
_COUNTS_TOGETHER: Final = 10.0

# s without another loop, after which the repair goes. The rule has had ten occasions by then to start anew.
_LOOP_OVER: Final = 10 * 60.0

# Names in one event. The recorder keeps attributes of up to 16 kB, and a command may name two hundred properties.
_NAMED: Final = 20


class Kind(StrEnum):
    """The things that can become of a command."""

    EXECUTED = "executed"
    REFUSED = "refused"
    FAILED = "failed"  # begun, and not carried out as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Commands since the start."""

    executed: int = 0  # carried out, in part at least
    refused: Mapping[Cause, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Refusals:
    """The refusals for one reason that are not told yet."""

    count: int = 0
    code: int = 0
    names: Collection[str] = ()
    unpublished: int = 0


type Told = Callable[[Kind, Mapping[str, Any]], None]


class Journal:
    """Tells the event entity, the sensors, the logbook and the log what has become of commands."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without a command."""
        self._hass = hass
        self._entry = entry
        self._executed = 0
        self._refused = Counter[Cause]()
        self.counts = Counts()  # as they were told last
        self._failures = GatheredLog(hass, _log_failures)
        self._waiting: dict[Cause, _Refusals] = {}
        self._timers: dict[object, CALLBACK_TYPE] = {}  # cancel what is to come, by what that is
        self._listeners: list[Told] = []
        self._count_listeners: list[CALLBACK_TYPE] = []
        self._is_over = False
        self._has_complained = False

    # From the carrier

    @callback
    def async_begin(self, entity_id: str, names: Collection[str], actions: Collection[str], context: Context) -> None:
        """Say, before the action, that the cloud is its source."""
        told = {"entity_id": entity_id, "device": self._entry.title, "properties": [*names], "actions": [*actions]}
        self._hass.bus.async_fire(EVENT_COMMAND, told, context=context)

    @callback
    def async_executed(self, names: Collection[str], entity_ids: Collection[str]) -> None:
        """Note a command that was carried out."""
        self._executed += 1
        self._tell(Kind.EXECUTED, {"entities": [*entity_ids][:_NAMED], **_what(Code.SUCCESS, names)})
        self._count()

    @callback
    def async_failed(self, code: int, names: Collection[str], entity_ids: Collection[str]) -> None:
        """Note a command that was begun, with the properties and the entities for which it failed."""
        self._executed += 1
        self._tell(Kind.FAILED, {"entities": [*entity_ids][:_NAMED], **_what(code, names)})
        self._count()

    @callback
    def async_refused(self, error: RefusedError, names: Collection[str], unpublished: int = 0) -> None:
        """Note a command that was not carried out, with the names of published properties and the number of others."""
        if error.cause is Cause.UNKNOWN:
            names = ()
        elif error.name:
            names = (error.name,)
        self._refuse(error.cause, _Refusals(1, error.code, names, unpublished))

    @callback
    def async_log_failure(self, entity_id: str, action: str, error: BaseException) -> None:
        """Have an error of an action logged, without its text: it may quote a value."""
        name = type(error).__name__
        self._failures.note(entity_id, (action, name), f"{action} ended with {name}")

    @callback
    def async_looped(self, entity_id: str) -> None:
        """Raise the repair that names a likely loop, for a while."""
        async_update_loop_issue(self._hass, self._entry, entity_id)
        self._after(_LOOP_OVER, "loop", lambda: async_update_loop_issue(self._hass, self._entry, None))

    # From the platform's side

    @callback
    def async_note(self, before: Status, status: Status) -> None:
        """Count the commands that were refused before they came to the carrier."""
        if status.commands_refused == before.commands_refused:
            return
        for reason, cause in BELOW.items():
            more = status.commands_refused.get(reason, 0) - before.commands_refused.get(reason, 0)
            if more > 0:
                self._refuse(cause, _Refusals(more))

    # To the entities

    @callback
    def async_listen(self, listener: Told) -> CALLBACK_TYPE:
        """Tell a listener of what becomes of commands, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def async_listen_to_counts(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Tell a listener of new counts, until the returned function is called."""
        self._count_listeners.append(listener)
        return lambda: self._count_listeners.remove(listener)

    @callback
    def async_end(self) -> None:
        """Tell nothing any more."""
        self._is_over = True
        for cancel in self._timers.values():
            cancel()
        self._timers.clear()
        self._failures.flush()

    # How

    def _refuse(self, cause: Cause, new: _Refusals) -> None:
        self._refused[cause] += new.count
        self._count()
        if cause in self._waiting:
            new.count += self._waiting[cause].count
            self._waiting[cause] = new
            return
        self._waiting[cause] = _Refusals()
        self._tell_refusals(cause, new)

    def _tell_refusals(self, cause: Cause, refusals: _Refusals) -> None:
        numbers = {"count": refusals.count, "unpublished": refusals.unpublished}
        what = _what(refusals.code or None, refusals.names)
        self._tell(Kind.REFUSED, {"reason": cause.value, **numbers, **what})
        self._after(_REFUSALS_TOGETHER, cause, partial(self._tell_later, cause))

    def _tell_later(self, cause: Cause) -> None:
        waiting = self._waiting.pop(cause)
        if waiting.count:
            self._waiting[cause] = _Refusals()
            self._tell_refusals(cause, waiting)

    def _tell(self, kind: Kind, what: Mapping[str, Any]) -> None:
        for listener in list(self._listeners):
            self._guard(partial(listener, kind, what))

    def _count(self) -> None:
        if "counts" not in self._timers:
            self._tell_counts()

    def _tell_counts(self) -> None:
        now = Counts(executed=self._executed, refused=dict(self._refused))
        if now != self.counts:
            self.counts = now
            self._after(_COUNTS_TOGETHER, "counts", self._tell_counts)
            for listener in list(self._count_listeners):
                self._guard(listener)

    def _guard(self, tell: Callable[[], None]) -> None:
        """Tell a listener; its first error is logged, and none reaches the command that it is told of."""
        try:
            tell()
        except Exception:
            if not self._has_complained:
                self._has_complained = True
                _LOGGER.exception("Unexpected error while telling of a command")

    def _after(self, seconds: float, what: object, act: Callable[[], None]) -> None:
        """Do something later, in place of the same that is to come already."""

        @callback
        def now(_now: datetime) -> None:
            del self._timers[what]
            act()

        if (former := self._timers.pop(what, None)) is not None:
            former()
        if not self._is_over:
            self._timers[what] = async_call_later(self._hass, seconds, now)


def _what(code: int | None, names: Collection[str]) -> dict[str, Any]:
    return {"code": None if code is None else int(code), "properties": [*names][:_NAMED]}


def _log_failures(count: int, named: str) -> None:
    _LOGGER.warning("Commands failed for %s%s", "" if count == 1 else f"{count} entities: ", named)
