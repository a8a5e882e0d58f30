"""What a person has to decide or mend."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .alink import Connection, Endpoint, Status, Transport, root_ends
from .const import DOMAIN

COPIED: Final = "copied"
THING_MODEL: Final = "thing_model"
_TAKEN_OVER: Final = "taken_over"
REMOVED: Final = "removed"
_CLOCK: Final = "clock"
_DISK: Final = "disk"
_NO_ANSWERS: Final = "no_answers"
_ROOT_ENDS: Final = "root_ends"
_ROOT_ENDS_WEBSOCKET: Final = "root_ends_websocket"
_YEAR: Final = timedelta(days=365)


def _issue_id(kind: str, entry: ConfigEntry) -> str:
    return f"{kind}_{entry.entry_id}"


@callback
def _create(
    hass: HomeAssistant,
    entry: ConfigEntry,
    kind: str,
    *,
    is_fixable: bool,
    severity: ir.IssueSeverity | None = None,
    **placeholders: str,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(kind, entry),
        data={"entry_id": entry.entry_id, "kind": kind},
        is_fixable=is_fixable,
        severity=severity or (ir.IssueSeverity.ERROR if is_fixable else ir.IssueSeverity.WARNING),
        translation_key=kind,
        translation_placeholders={"name": entry.title, **placeholders},
    )


@callback
def _set(hass: HomeAssistant, entry: ConfigEntry, kind: str, *, is_there: bool, **more: Any) -> None:
    if is_there:
        _create(hass, entry, kind, **more)
    else:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, entry))


@callback
def async_create_copied_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Ask before a copy of a Home Assistant connects as the same device."""
    _create(hass, entry, COPIED, is_fixable=True)


@callback
def async_update_issues(hass: HomeAssistant, entry: ConfigEntry, status: Status, endpoint: Endpoint) -> None:
    """Raise what the status asks for, and take away what it does not."""
    _set(
        hass,
        entry,
        _TAKEN_OVER,
        is_there=status.connection is Connection.TAKEN_OVER,
        is_fixable=True,
    )
    end = root_ends(endpoint)
    is_near = end is not None and dt_util.utcnow() > datetime.fromisoformat(end).replace(tzinfo=UTC) - _YEAR
    is_websocket = endpoint.transport is Transport.WSS
    _set(hass, entry, _ROOT_ENDS, is_there=is_near and not is_websocket, is_fixable=False, date=str(end))
    _set(hass, entry, _ROOT_ENDS_WEBSOCKET, is_there=is_near and is_websocket, is_fixable=False, date=str(end))
    _set(hass, entry, _NO_ANSWERS, is_there=status.answers is False, is_fixable=False)
    minutes = str(round(abs(status.clock_error or 0) / 60_000))
    _set(hass, entry, _CLOCK, is_there=status.clock_error is not None, is_fixable=False, minutes=minutes)


@callback
def async_update_disk_issue(hass: HomeAssistant, entry: ConfigEntry, reason: str | None) -> None:
    """Say that the disk takes no writes, or take that back."""
    _set(hass, entry, _DISK, is_there=reason is not None, is_fixable=False, reason=str(reason))


@callback
def async_update_model_issue(hass: HomeAssistant, entry: ConfigEntry, *, problems: str) -> None:
    """Say of which properties values are not stored, and why; or take that back."""
    _set(
        hass,
        entry,
        THING_MODEL,
        is_there=bool(problems),
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        problems=problems,
    )


@callback
def async_forget_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take all issues of an entry away."""
    for kind in (COPIED, THING_MODEL, _TAKEN_OVER, _CLOCK, _DISK, _NO_ANSWERS, _ROOT_ENDS, _ROOT_ENDS_WEBSOCKET):
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, entry))


@callback
def async_create_removed_issue(hass: HomeAssistant, fingerprint: str) -> None:
    """Say what is left of an entry that was removed: the device in the cloud, and its secret here.

    Home Assistant writes the issue into the diagnostics of other entries, so the device is not named in it.
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
    """Take that back when the device is set up again."""
    ir.async_delete_issue(hass, DOMAIN, f"{REMOVED}_{fingerprint}")
