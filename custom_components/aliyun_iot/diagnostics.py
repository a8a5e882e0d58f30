"""Diagnostics: the file that a user attaches to a report. It identifies no home and quotes no value of one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
import re
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.util import dt as dt_util
import paho.mqtt

from .alink import SEPARATOR, Rejection, Status
from .const import (
    CONF_AVAILABILITY,
    CONF_DEVICE_CLASSES,
    CONF_DOMAINS,
    CONF_ENTITIES,
    CONF_EXCLUDE,
    CONF_HISTORY_DAYS,
    CONF_INCLUDE,
    CONF_MEASURING,
    CONF_PORT,
    CONF_REGION,
    CONF_SELECTION,
    CONF_SIGN_METHOD,
    CONF_TRANSPORT,
)
from .control.permission import ALL, async_permission
from .coordinator import AliyunIotConfigEntry
from .delivery.options import Delivery
from .errors import error_key
from .selection.live import Selection
from .selection.targets import TARGETS
from .verdict.problems import type_words
from .verdict.proof import Proof

# The platform's known texts of a rejection, in which only the limit is a number. Any other text could quote the value.
_WITHOUT_VALUE: Final = re.compile(
    r"tsl parse: (?:params not exist|data type is not [a-z0-9]+|[a-z0-9]+ specs error|time [a-z ]+"
    r"|[a-z0-9]+ value is (?:bigger than max|smaller than min) \S+|value of [a-z0-9]+ type must be [a-z0-9]+)"
    rf" -> {re.escape(REDACTED)}"
)

# The shown fields of an entry's data. All others are hidden, so that a future field is hidden until somebody lists it.
_SHOWN: Final = frozenset({CONF_HISTORY_DAYS, CONF_PORT, CONF_REGION, CONF_SIGN_METHOD, CONF_TRANSPORT})


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> Mapping[str, Any]:
    """Return the state of an entry, without names, identities and secrets."""
    document: dict[str, Any] = {
        "paho_mqtt": paho.mqtt.__version__,
        "entry": {
            "state": entry.state.value,
            "reason": entry.error_reason_translation_key,
            "data": {key: value if key in _SHOWN else REDACTED for key, value in entry.data.items()},
        },
        "selection": _selection(entry.options.get(CONF_SELECTION, {})),
        "delivery": asdict(Delivery.read(entry.options)),
        "recorder": "recorder" in hass.config.components,
    }
    if entry.state is ConfigEntryState.LOADED:
        coordinator = entry.runtime_data
        document |= {
            "status": _status(coordinator.data),
            "properties": _properties(coordinator.bridge.selection),
            "problems": list(_problems(coordinator.bridge.selection, coordinator.data, coordinator.proof)),
            "misfits": coordinator.bridge.misfits.total,
            "is_kept": coordinator.is_kept,
            "control": await _async_control(hass, entry),
        }
    secrets = (str(value) for key, value in entry.data.items() if key not in _SHOWN and value)
    hidden: dict[str, Any] = _hidden(document, sorted(secrets, key=len, reverse=True))
    return hidden


async def _async_control(hass: HomeAssistant, entry: AliyunIotConfigEntry) -> dict[str, Any]:
    """Count what the cloud has commanded; no entity and no value is named."""
    permission, counts, status = (
        await async_permission(hass),
        entry.runtime_data.journal.counts,
        entry.runtime_data.data,
    )
    return {
        "is_on": permission.is_on(entry.entry_id),
        "is_on_for_all": permission.is_on(ALL),
        "executed": counts.executed,
        "refused": {cause.value: count for cause, count in counts.refused.items()},
        "unencrypted": status.is_unencrypted_command,
        "subscribe_dropped": status.is_subscribe_dropped,
    }


def _selection(selection: Mapping[str, Any]) -> dict[str, Any]:
    """Count the criteria of each kind; the ids of entities, areas and labels are names that people gave."""
    halves = {}
    for half in (CONF_INCLUDE, CONF_EXCLUDE):
        chosen = selection.get(half, {})
        halves[half] = {
            **{key: len(chosen.get(key, ())) for key in (CONF_ENTITIES, *TARGETS)},
            **{key: sorted(chosen.get(key, ())) for key in (CONF_DOMAINS, CONF_DEVICE_CLASSES)},
            CONF_MEASURING: bool(chosen.get(CONF_MEASURING)),
        }
    return {**halves, CONF_AVAILABILITY: bool(selection.get(CONF_AVAILABILITY))}


def _status(status: Status) -> dict[str, Any]:
    return {
        "connection": status.connection.value,
        "problem": error_key(status.problem),
        "waiting": status.waiting,
        "oldest_waiting": _moment(status.oldest_waiting),
        "confirmed": status.confirmed,
        "last_confirmed": _moment(status.last_confirmed),
        "rejected": status.rejected,
        "lost": status.lost,
        "messages": status.messages,
        "unreadable": status.unreadable,
        "clock_error": status.clock_error,
        "answers": status.answers,
        "properties_in_the_cloud": None if status.model is None else len(status.model),
    }


def _moment(time: int | None) -> str | None:
    return None if time is None else dt_util.utc_from_timestamp(time / 1000).isoformat()


def _properties(selection: Selection) -> dict[str, Any]:
    several = [one for properties in selection.properties.values() for one in properties]
    return {
        "by_domain": _counted(split_entity_id(entity_id)[0] for entity_id in selection.properties),
        "by_type": _counted(type_words(one.definition.data_type).partition(" ")[0] for one in several),
        "by_module": _counted(one.definition.module or "default" for one in several),
        "incomplete": len(selection.incomplete),
        "without_room": len(selection.without_room),
        "places_left": selection.places_left,
    }


def _counted(items: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(items).items()))


def _problems(selection: Selection, status: Status, proof: Proof) -> Iterator[dict[str, Any]]:
    """Describe each property that is not stored by its type and the reason, without its identifier."""
    for identifier, problem in proof.problems.items():
        _, property_ = selection.sources.get(identifier, (None, None))
        yield {
            "domain": split_entity_id(problem.entity_id)[0],
            "reason": problem.reason.value,
            "type": None if property_ is None else type_words(property_.definition.data_type),
            "unit": None if property_ is None else property_.definition.unit,
            "in_the_cloud": problem.words.get("theirs"),
            "rejected": _rejected(identifier, status.rejections.get(identifier)),
        }


def _rejected(identifier: str, rejection: Rejection | None) -> dict[str, Any] | None:
    if rejection is None:
        return None
    text = rejection.latest.text
    for name in (identifier, identifier.rpartition(SEPARATOR)[2]):
        text = text.replace(name, REDACTED)
    if not _WITHOUT_VALUE.fullmatch(text):
        text = REDACTED
    return {"count": rejection.count, "code": rejection.latest.code, "text": text, "is_over": rejection.is_over}


def _hidden(item: Any, secrets: Iterable[str]) -> Any:
    """Hide the entry's private values wherever they appear, for instance in a text of the platform."""
    if isinstance(item, Mapping):
        return {key: _hidden(value, secrets) for key, value in item.items()}
    if isinstance(item, list):
        return [_hidden(value, secrets) for value in item]
    if isinstance(item, str):
        for secret in secrets:
            item = item.replace(secret, REDACTED)
    return item
