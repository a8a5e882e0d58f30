"""Grants: walks the pages of the options on which an owner says what the cloud may control."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..client import Client
from ..flow import FlowError

OPTIONS = "/api/config/config_entries/options/flow"
# The fastest that the form takes; half of it is what commands may have.
RATE = 10


async def grant(client: Client, entry_id: str, entity_ids: Sequence[str]) -> dict[str, str]:
    """Grant entities one by one, and return the preview's texts."""
    review = await _page(client, entry_id, "control", {"target": {"entity_id": [*entity_ids]}})
    if review["step_id"] != "control_review":
        raise FlowError(f"the grants ended with {review}")
    await _finish(client, review, {"next_step_id": "control_save"})
    return dict(review["description_placeholders"])


async def quicken(client: Client, entry_id: str) -> None:
    """Choose the fastest delivery, so that the run takes a minute instead of five."""
    done = await _page(client, entry_id, "delivery", {"mode": "every_change", "rate": RATE, "burst": RATE})
    if done["type"] != "create_entry":
        raise FlowError(f"the delivery page ended with {done}")


async def _page(client: Client, entry_id: str, name: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    menu = await client.post(OPTIONS, {"handler": entry_id})
    here = f"{OPTIONS}/{menu['flow_id']}"
    if menu["step_id"] != "init":  # the first dialog after the set-up begins with the file
        await client.post(here, {"next_step_id": "init"})
    form = await client.post(here, {"next_step_id": name})
    if form["type"] != "form" or form["step_id"] != name:
        raise FlowError(f"the page {name} is {form}")
    return dict(await client.post(here, typed))


async def _finish(client: Client, step: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    done = await client.post(f"{OPTIONS}/{step['flow_id']}", answer)
    if done["type"] != "create_entry":
        raise FlowError(f"{step['step_id']} ended with {done}")
