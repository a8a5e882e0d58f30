"""Issues: raises and withdraws the issues that a person has to decide or mend."""

from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .alink import Endpoint, PutOff, Status, Transport, root_ends
from .const import DOMAIN
from .markdown import plain

COPIED: Final = "copied"
JOINED: Final = "joined"
REMOVED: Final = "removed"
THING_MODEL: Final = "thing_model"
_CLOCK: Final = "clock"
_COMMAND_LOOP: Final = "command_loop"
_DATABASE: Final = "database"
_DISK: Final = "disk"
_LITTLE_ROOM: Final = "little_room"
_NO_ANSWERS: Final = "no_answers"
_NOT_SETTABLE: Final = "not_settable"
_NOT_CONNECTED: Final = "not_connected"
_PUT_OFF: Final = "put_off"
_ROOT_ENDS: Final = "root_ends"
_ROOT_ENDS_WEBSOCKET: Final = "root_ends_websocket"
_TAKEN_OVER: Final = "taken_over"
_UNENCRYPTED_COMMAND: Final = "unencrypted_command"

# The mending is a reconfiguration or, for WebSocket alone, an update that has yet to be released. Both have a year, so
# that an owner who looks at the repairs a few times a year still reads of it in time.
_AHEAD: Final = timedelta(days=365)


_KINDS: Final = (
    COPIED,
    JOINED,
    THING_MODEL,
    _CLOCK,
    _COMMAND_LOOP,
    _DATABASE,
    _DISK,
    _LITTLE_ROOM,
    _NO_ANSWERS,
    _NOT_CONNECTED,
    _NOT_SETTABLE,
    _PUT_OFF,
    _ROOT_ENDS,
    _ROOT_ENDS_WEBSOCKET,
    _TAKEN_OVER,
    _UNENCRYPTED_COMMAND,
)
_RAISED: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_raised_issues")  # ids, raised since their entry was set up


@callback
def _set(
    hass: HomeAssistant,
    entry: ConfigEntry,
    kind: str,
    *,
    is_there: bool,
    is_known: bool = False,
    is_fixable: bool = False,
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
    **placeholders: str,
) -> None:
    """Raise an issue of an entry, or withdraw it.

    An issue that the user ignores is withdrawn only once its cause is known to be over, because of `is_known` or since
    it was raised after the start. Made anew, it would be shown again.
    """
    issue_id, raised = _issue_id(kind, entry), hass.data.setdefault(_RAISED, set())
    if not is_there:
        if is_known or issue_id in raised or not _is_ignored(hass, issue_id):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        raised.discard(issue_id)
        return
    raised.add(issue_id)
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry.entry_id, "kind": kind},
        is_fixable=is_fixable,
        severity=severity,
        translation_key=kind,
        translation_placeholders={"name": entry.title, **placeholders},
    )


def _issue_id(kind: str, entry: ConfigEntry) -> str:
    return f"{kind}_{entry.entry_id}"


@callback
def _is_ignored(hass: HomeAssistant, issue_id: str) -> bool:
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    return issue is not None and issue.dismissed_version is not None


@callback
def async_create_copied_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Ask before a copy of a Home Assistant connects as the same device."""
    _set(hass, entry, COPIED, is_there=True, is_fixable=True, severity=ir.IssueSeverity.ERROR)


@callback
def async_update_issues(hass: HomeAssistant, entry: ConfigEntry, status: Status, endpoint: Endpoint) -> None:
    """Raise the issues that the status asks for, and withdraw the others."""
    _set(
        hass,
        entry,
        _TAKEN_OVER,
        is_there=status.is_contested,
        is_known=status.has_lasted,
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
    )
    end = root_ends(endpoint)
    is_near = end is not None and dt_util.utcnow() > datetime.fromisoformat(end).replace(tzinfo=UTC) - _AHEAD
    is_websocket = endpoint.transport is Transport.WSS
    _set(hass, entry, _ROOT_ENDS, is_there=is_near and not is_websocket, is_known=True, date=str(end))
    _set(hass, entry, _ROOT_ENDS_WEBSOCKET, is_there=is_near and is_websocket, is_known=True, date=str(end))
    _set(hass, entry, _NO_ANSWERS, is_there=status.answers is False, is_known=status.answers is not None)
    _set(hass, entry, _UNENCRYPTED_COMMAND, is_there=status.is_unencrypted_command)
    minutes = str(round(abs(status.clock_error or 0) / 60_000))
    is_known = status.is_clock_known
    _set(hass, entry, _CLOCK, is_there=status.clock_error is not None, is_known=is_known, minutes=minutes)


@callback
def async_update_connection_issue(hass: HomeAssistant, entry: ConfigEntry, *, problem: str | None) -> None:
    """Name the problem because of which there has been no connection for long, or withdraw the issue without one."""
    _set(hass, entry, _NOT_CONNECTED, is_there=problem is not None, is_known=True, problem=str(problem))


@callback
def async_update_put_off_issue(hass: HomeAssistant, entry: ConfigEntry, put_off: PutOff | None) -> None:
    """Name the reply with which the platform has put a message off for long, or withdraw the issue."""
    code, text = ("", "") if put_off is None else (str(put_off.code), plain(put_off.text))
    _set(hass, entry, _PUT_OFF, is_there=put_off is not None, code=code, text=text)


@callback
def async_update_loop_issue(hass: HomeAssistant, entry: ConfigEntry, entity_id: str | None) -> None:
    """Name the entity that the cloud sets again and again, or withdraw the issue without one."""
    _set(hass, entry, _COMMAND_LOOP, is_there=entity_id is not None, is_known=True, entity=str(entity_id))


@callback
def async_update_database_issue(hass: HomeAssistant, entry: ConfigEntry, *, is_there: bool) -> None:
    """Say that the recorder's database has not answered for long, or take that back."""
    _set(hass, entry, _DATABASE, is_there=is_there, is_known=True)


@callback
def async_update_room_issue(hass: HomeAssistant, entry: ConfigEntry, left: int, *, least: int) -> None:
    """Say that the thing model takes fewer than `least` further properties, or take that back."""
    is_there = left < least
    _set(hass, entry, _LITTLE_ROOM, is_there=is_there, is_known=True, left=str(left), least=str(least))


@callback
def async_update_disk_issue(hass: HomeAssistant, entry: ConfigEntry, reason: str | None) -> None:
    """Raise the issue of a disk that takes no writes, with the reason, or withdraw it without one."""
    _set(hass, entry, _DISK, is_there=reason is not None, is_known=True, reason=str(reason))


@callback
def async_update_model_issue(hass: HomeAssistant, entry: ConfigEntry, *, problems: str, is_known: bool) -> None:
    """List the properties whose values are not stored, each with its reason; an empty text withdraws the issue.

    `is_known` tells whether the platform has told its thing model since the start.
    """
    is_there = bool(problems)
    _set(hass, entry, THING_MODEL, is_there=is_there, is_known=is_known, is_fixable=True, problems=problems)


@callback
def async_update_not_settable_issue(hass: HomeAssistant, entry: ConfigEntry, *, problems: str, is_known: bool) -> None:
    """List the properties that the platform does not let the cloud set as the owner has allowed, or take that back."""
    _set(hass, entry, _NOT_SETTABLE, is_there=bool(problems), is_known=is_known, problems=problems)


@callback
def async_update_joined_issue(hass: HomeAssistant, entry: ConfigEntry, entities: str) -> None:
    """List the entities that have joined what the cloud may control and wait to be allowed; an empty text withdraws."""
    is_there = bool(entities)
    _set(hass, entry, JOINED, is_there=is_there, is_known=True, is_fixable=True, entities=entities)


@callback
def async_forget_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Withdraw the issues of an entry that is not loaded; those that the user ignores stay hidden as they are."""
    for kind in _KINDS:
        hass.data.setdefault(_RAISED, set()).discard(_issue_id(kind, entry))
        _set(hass, entry, kind, is_there=False)


@callback
def async_remove_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Withdraw all issues of an entry that is removed."""
    for kind in _KINDS:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, entry))


@callback
def async_create_removed_issue(hass: HomeAssistant, fingerprint: str) -> None:
    """Say that a removed entry leaves the device in the cloud, and its secret here.

    Home Assistant writes the issue into the diagnostics of other entries, so it does not name the device.
    """
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{REMOVED}_{fingerprint}",
        data={"kind": REMOVED, "fingerprint": fingerprint},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=REMOVED,
    )


@callback
def async_delete_removed_issue(hass: HomeAssistant, fingerprint: str) -> None:
    """Withdraw that issue when the device is set up again."""
    ir.async_delete_issue(hass, DOMAIN, f"{REMOVED}_{fingerprint}")
