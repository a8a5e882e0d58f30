"""Healed: whether a home is as it should be after the faults, without a person's help."""

from dataclasses import dataclass, field
from typing import Any

from ..faults.house import ENTRY
from ..faults.ledger import Counts
from ..faults.patient import Patient
from ..log import complaints
from ..polling import LateError, polled

DOMAIN = "aliyun_iot"
# s, for a reload that was the last fault, and for issues that are withdrawn by the next look at their cause.
SECONDS = 30
# Faults deserve the first: properties that the thing model lacks, and values of the future. A slow update means nothing
# on a busy machine.
EXPECTED = ("The platform does not take ", "[homeassistant.helpers.entity] Updating state for")
# The listener's exceptions are logged, by the integration's guard or by Home Assistant itself.
CHAOS = "ChaosError"
GUARD = "Unexpected error while telling entity of chaos_listener"
OURS = "custom_components/aliyun_iot/"
TRACEBACK = "Traceback (most recent call last)"
BLOCKING = "Detected blocking call"


@dataclass(slots=True, kw_only=True)
class Healed:
    """Everything that is wrong, and the figures for the record."""

    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    raised: int = 0
    wrong: list[str] = field(default_factory=list)


async def look_at_home(patient: Patient, healed: Healed) -> None:
    """Look at the entry, the connection, the dialogs and the issues."""
    try:
        await polled("the entry is as it should be", lambda: _is_well(patient), SECONDS)
    except LateError:
        healed.wrong += await _ailments(patient)


async def _is_well(patient: Patient) -> bool | None:
    return not await _ailments(patient) or None


async def _ailments(patient: Patient) -> list[str]:
    client = patient.client
    (entry,) = [entry for entry in await client.get(ENTRY) if entry["domain"] == DOMAIN]
    found = [] if entry["state"] == "loaded" else [f"the entry is {entry['state']}: {entry['reason']}"]
    connections = [_connection(state["attributes"]) for state in (await client.states()).values()]
    if connections.count("connected") != 1:
        found.append(f"the connection is {[one for one in connections if one]}")
    flows = await client.command("config_entries/flow/progress")
    found += [f"a dialog waits: {flow['context']['source']}" for flow in flows if flow["handler"] == DOMAIN]
    issues = (await client.command("repairs/list_issues"))["issues"]
    found += [f"an issue: {issue['translation_key']}" for issue in issues if issue["domain"] == DOMAIN]
    return found


def _connection(attributes: dict[str, Any]) -> str | None:
    return attributes.get("connection") if "unreadable_messages" in attributes else None


def look_at_log(text: str, healed: Healed, loads: int) -> None:
    """Look at the whole log of a home whose entry was loaded so many times."""
    found = [record for record in complaints(text, EXPECTED) if not _is_excused(record)]
    healed.wrong += [f"in the log: {record}" for record in found]
    healed.raised = text.count(f"{CHAOS}: ")
    if BLOCKING in text:
        healed.wrong.append(f"in the log: {text[text.index(BLOCKING) :][:1000]}")
    if (guarded := text.count(GUARD)) > loads:
        healed.wrong.append(f"{guarded} errors of one listener logged by an entry that was loaded {loads} times")


def _is_excused(record: str) -> bool:
    """Tell whether a record is of the listener's error, caught by the guard or before it came to the integration."""
    # The last one is the exception that was caught.
    caught = record.rpartition(TRACEBACK)[2]
    return CHAOS in caught.splitlines()[-1] and (GUARD in record or OURS not in caught)
