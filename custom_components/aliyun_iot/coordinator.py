"""The coordinator of one entry: pushes the device's status to the entities, the log and the issues."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
import logging
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .access.settings import Settings
from .alink import AlinkError, Connection, Status, UnreachableError
from .const import DOMAIN
from .control.journal import Journal
from .delivery.bridge import Bridge
from .durable import KeptFile, reason
from .errors import error_key
from .gathered_log import GatheredLog
from .issues import (
    async_forget_issues,
    async_update_connection_issue,
    async_update_database_issue,
    async_update_disk_issue,
    async_update_issues,
    async_update_put_off_issue,
    async_update_room_issue,
)
from .verdict.problem_texts import error_line
from .verdict.proof import Proof

# s. Counters change with every message, once a second at the usual pace, and the recorder writes each state of an
# entity to the disk. A chart of a day needs no finer steps than a minute, and an SD card wears out by them.
QUIET: Final = 60.0

# s without a connection, until that has a name among the repairs. A refusal seldom ends by itself. An internet line is
# away for minutes at a time, which the entities show, and nobody has to mend it.
_REFUSED_FOR: Final = 5 * 60.0
_AWAY_FOR: Final = 30 * 60.0

# s, for which the platform has put a message off, until that has a name: its services are back within minutes.
_PUT_OFF_FOR: Final = 15 * 60.0

# Properties for which the thing model has room left, below which that has a name: one of its twenty modules. A home
# seldom gets as many in a week, so its owner reads of it in time.
_LITTLE_ROOM: Final = 300

_DOWN: Final = (Connection.WAITING, Connection.REFUSED, Connection.TAKEN_OVER)
_LOGGER = logging.getLogger(__name__)

type AliyunIotConfigEntry = ConfigEntry[AliyunIotCoordinator]
type Wire = Callable[[AliyunIotCoordinator], Bridge]


class AliyunIotCoordinator(DataUpdateCoordinator[Status]):
    """Hands each status on, and logs one line when the link goes and one when it is back."""

    config_entry: AliyunIotConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, wire: Wire) -> None:
        """Start with a device that has not connected yet; `wire` makes the bridge that reports to this coordinator."""
        super().__init__(hass, _LOGGER, config_entry=entry, name=DOMAIN)
        self.data = Status()
        self.decided = asyncio.Event()  # set by the end of the first attempt to connect, whatever it was
        self._said_lost = False
        self._unwritten: dict[KeptFile, str] = {}  # files that could not be written last, with the reason
        self._is_over = False
        self._has_asked = False  # for other credentials, since the last connection
        self._down_since: float | None = None  # s of the running time; None with a connection
        self._later: CALLBACK_TYPE | None = None
        self._rejections = GatheredLog(hass, _log_rejections)
        self._faulty: set[str] = set()  # parts whose first unexpected error is in the log
        self.journal = Journal(hass, entry)
        self.bridge = wire(self)
        self.proof = Proof(hass, entry, self.bridge, self.data, changed=self._async_tell_later)
        entry.async_on_unload(self._async_end)

    @callback
    def async_set_status(self, status: Status) -> None:
        """Take a new status from the device."""
        before, self.data = self.data, status
        if status.connection is not Connection.CONNECTING:
            self.decided.set()
        self._guarded("the issues", lambda: self._update_issues(before, status))
        self._guarded("the log", lambda: self._log(before, status))
        self._guarded("the journal", lambda: self.journal.async_note(before, status))
        self._guarded("the proof", lambda: self.proof.async_set_status(status))
        self._guarded("the dialog for new credentials", lambda: self._update_reauth(before, status))
        if self._is_over:
            return
        if _news(status) != _news(before):
            self._guarded("the entities", self._async_tell)
        else:
            self._async_tell_later()

    @callback
    def async_note_taken(self, taken: Mapping[str, int]) -> None:
        """Note that the platform has taken values of properties: the newest time (ms UTC) by identifier."""
        self._guarded("the thing model", lambda: self.bridge.note_taken(taken.keys()))
        self._guarded("the proof", lambda: self.proof.async_note_taken(taken))

    @callback
    def async_set_misfits(self) -> None:
        """Note that a state fits its property no more, or fits again."""
        self._guarded("the proof", self.proof.async_look_at_misfits)

    @override
    @callback
    def async_add_listener(self, update_callback: CALLBACK_TYPE, context: Any = None) -> Callable[[], None]:
        # An entity that fails must not keep the news from the others.
        name = f"entity {context or update_callback}"
        return super().async_add_listener(lambda: self._guarded(name, update_callback), context)

    def _guarded(self, part: str, act: Callable[[], None]) -> None:
        """Let one part take the news; its first error is logged, and none reaches the others or the deliveries."""
        try:
            act()
        except Exception:
            if part not in self._faulty:
                self._faulty.add(part)
                _LOGGER.exception("Unexpected error while telling %s", part)

    @callback
    def async_note_disk(self, file: KeptFile, error: OSError | None) -> None:
        """Note whether a file of the entry could be written."""
        if error is None:
            self._unwritten.pop(file, None)
        else:
            if not self._unwritten:
                _LOGGER.warning("Cannot write the %s: %s", file, reason(error))
            self._unwritten[file] = reason(error)
        said = next(iter(self._unwritten.values()), None)
        async_update_disk_issue(self.hass, self.config_entry, said)

    @property
    def is_kept(self) -> bool:
        """True if the disk took the progress of the deliveries at the last attempt."""
        return KeptFile.PROGRESS not in self._unwritten

    @callback
    def _async_tell_later(self) -> None:
        if self._later is None and not self._is_over:
            self._later = async_call_later(self.hass, QUIET, self._async_tell)

    @callback
    def _async_tell(self, _now: datetime | None = None) -> None:
        self._async_stop()
        self.proof.async_update()
        async_update_database_issue(self.hass, self.config_entry, is_there=self.bridge.is_history_stuck)
        left = self.bridge.selection.places_left
        async_update_room_issue(self.hass, self.config_entry, left, least=_LITTLE_ROOM)
        self.async_update_listeners()

    @callback
    def _async_stop(self) -> None:
        if self._later is not None:
            self._later()
            self._later = None

    @callback
    def _async_end(self) -> None:
        self._is_over = True
        self._async_stop()
        self.journal.async_end()
        self._rejections.flush()
        async_forget_issues(self.hass, self.config_entry)

    def _update_issues(self, before: Status, status: Status) -> None:
        if _asks_for_help(status) != _asks_for_help(before):
            endpoint = Settings.read(self.config_entry.data).endpoint
            async_update_issues(self.hass, self.config_entry, status, endpoint)
        if status.connection is Connection.CONNECTED:
            self._down_since = None
        elif self._down_since is None and status.problem is not None:
            self._down_since = self.hass.loop.time()
        problem = status.problem
        if _is_up_or_named(status):
            if not _is_up_or_named(before):
                async_update_connection_issue(self.hass, self.config_entry, problem=None)
        elif status.connection is Connection.WAITING and problem is not None and self._is_down_for(_limit(problem)):
            text = error_line(self.hass, problem)
            async_update_connection_issue(self.hass, self.config_entry, problem=text)
        put_off = status.put_off
        is_long = put_off is not None and self.hass.loop.time() - put_off.since >= _PUT_OFF_FOR
        if is_long or before.put_off is not None:
            async_update_put_off_issue(self.hass, self.config_entry, put_off if is_long else None)

    def _is_down_for(self, seconds: float) -> bool:
        return self._down_since is not None and self.hass.loop.time() - self._down_since >= seconds

    def _update_reauth(self, before: Status, status: Status) -> None:
        """Ask for other credentials when these count as refused, until the platform takes them after all."""
        if status.connection is Connection.REFUSED and not self._has_asked:
            self._has_asked = True
            self.config_entry.async_start_reauth(self.hass)
        elif status.connection is Connection.CONNECTED and before.connection is not Connection.CONNECTED:
            self._has_asked = False
            for flow in self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
                self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _log(self, before: Status, status: Status) -> None:
        if status.rejections is not before.rejections:
            for identifier, rejection in status.rejections.items():
                if not rejection.is_over and before.rejections.get(identifier) is not rejection:
                    # The text may differ with each value.
                    self._rejections.note(identifier, rejection.latest.code, str(rejection.latest))
        if status.is_subscribe_dropped and not before.is_subscribe_dropped:
            _LOGGER.warning("The platform closes links that subscribe to commands; they go on without the SUBSCRIBE")
        if status.connection is Connection.CONNECTED and self._said_lost:
            _LOGGER.info("Connected to the platform again")
            self._said_lost = False
        elif status.connection in _DOWN and not self._said_lost:
            _LOGGER.info("No connection to the platform: %s", status.problem)
            self._said_lost = True

    @override
    async def _async_update_data(self) -> Status:
        return self.data


@callback
def find_proof(entry: AliyunIotConfigEntry | None) -> Proof | None:
    """Return the proof of an entry; None while that is not loaded."""
    return entry.runtime_data.proof if entry is not None and entry.state is ConfigEntryState.LOADED else None


def _log_rejections(count: int, named: str) -> None:
    _LOGGER.warning("The platform does not take %s%s", "property " if count == 1 else f"{count} properties: ", named)


def _is_up_or_named(status: Status) -> bool:
    """Tell if there is a connection, or a name for its problem: a refused secret has its dialog, a rival its issue."""
    return status.connection in (Connection.CONNECTED, Connection.REFUSED) or status.is_contested


def _limit(problem: AlinkError) -> float:
    return _AWAY_FOR if isinstance(problem, UnreachableError) else _REFUSED_FOR


def _asks_for_help(status: Status) -> tuple[object, ...]:
    # Each answer about the time is some milliseconds off.
    minutes = None if status.clock_error is None else round(status.clock_error / 60_000)
    known = status.has_lasted, status.is_clock_known
    return status.connection, status.is_contested, minutes, status.answers, status.is_unencrypted_command, known


def _news(status: Status) -> tuple[object, ...]:
    """Return all but the heights of the counters, which change all the time."""
    begun = (bool(status.confirmed), bool(status.rejected), bool(status.lost), bool(status.unreadable))
    return (*_asks_for_help(status), error_key(status.problem), *begun)
