"""The integration's config flow, walked as the frontend walks it."""

import asyncio
from collections.abc import Sequence
import time
from typing import Any

from .client import Client

FLOW = "/api/config/config_entries/flow"


class FlowError(Exception):
    """The flow showed something else than the next step."""


async def configure(
    client: Client, typed: dict[str, str], sensors: Sequence[str], others: Sequence[str], seconds: float = 30
) -> dict[str, Any]:
    """Type the four values, choose entities and return the entry that was created."""
    step = await client.post(FLOW, {"handler": "aliyun_iot"})
    _expect(step, "form", "user")
    here = f"{FLOW}/{step['flow_id']}"
    step = await client.post(here, {**typed, "network": {}})
    deadline = time.monotonic() + seconds
    while step["type"] == "progress" and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        # The frontend waits for an event; a GET gives the step that is current, and the next one once it is there.
        step = await client.get(here)
    _expect(step, "form", "entities")
    step = await client.post(here, {"sensors": list(sensors), "others": list(others)})
    _expect(step, "create_entry")
    return dict(step["result"])


def _expect(step: dict[str, Any], kind: str, step_id: str | None = None) -> None:
    if step["type"] != kind or (step_id and step["step_id"] != step_id) or step.get("errors"):
        shown = {name: step.get(name) for name in ("type", "step_id", "errors", "reason") if step.get(name)}
        raise FlowError(f"the config flow should show {step_id or kind}, and shows {shown}")
