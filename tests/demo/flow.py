"""The integration's config flow, walked as the frontend walks it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import time
from typing import Any

from .client import AnswerError, Client

FLOW = "/api/config/config_entries/flow"


class FlowError(Exception):
    """The flow did not show the expected step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A walked flow: its steps by name in order, and the last one as Home Assistant returned it."""

    steps: tuple[str, ...]
    last: dict[str, Any]

    @property
    def entry(self) -> dict[str, Any] | None:
        return dict(self.last["result"]) if self.last["type"] == "create_entry" else None

    @property
    def problems(self) -> set[str]:
        """Return the keys of the texts that the last step complained with."""
        reason = {str(self.last["reason"])} if self.last["type"] == "abort" else set()
        return reason | {str(key) for key in (self.last.get("errors") or {}).values()}

    def __str__(self) -> str:
        """Return the end of the flow in words: its type, its reason and its complaints."""
        ended = self.last.get("step_id") or self.last["type"]
        return f"{ended} ({', '.join(sorted(self.problems))})" if self.problems else str(ended)


def answers(
    typed: Mapping[str, str],
    sensors: Sequence[str] = (),
    others: Sequence[str] = (),
    *,
    network: Mapping[str, Any] | None = None,
    device_secret: str | None = None,
    history_days: float = 0,
) -> dict[str, dict[str, Any]]:
    """Return a person's answer to each step; a DeviceSecret stands in for the ProductSecret."""
    user = {**typed, "network": dict(network or {})}
    if device_secret is not None:
        user.pop("product_secret", None)
    known: dict[str, dict[str, Any]] = {"user": user, "unencrypted": {"understood": True}, "kept": {}}
    known["publish"] = {"next_step_id": "entities"}
    if device_secret is not None:
        known["device_secret"] = {"device_secret": device_secret}
    if sensors or others:
        known["entities"] = {"target": {"entity_id": [*sensors, *others]}, "exclude": {}}
        if history_days:
            known["entities"]["history_days"] = history_days
        known["preview"] = {"next_step_id": "save"}
    return known


async def walk(client: Client, known: Mapping[str, Mapping[str, Any]], seconds: float = 30) -> Walk:
    """Answer each step once, and stop at the first without an answer: a complaint, a menu, or the entry."""
    deadline = time.monotonic() + seconds
    left = dict(known)
    steps: list[str] = []
    step = await client.post(FLOW, {"handler": "aliyun_iot"})
    here = f"{FLOW}/{step['flow_id']}"
    while True:
        if step["type"] == "progress" and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            # The frontend waits for an event; a GET returns the current step, and the next one as soon as it is there.
            step = await client.get(here)
            continue
        if (name := step.get("step_id")) and (not steps or steps[-1] != name):
            steps.append(name)
        if step["type"] not in {"form", "menu"} or step.get("errors") or name not in left:
            return Walk(steps=tuple(steps), last=step)
        step = await client.post(here, left.pop(name))


async def configure(
    client: Client,
    typed: Mapping[str, str],
    sensors: Sequence[str],
    others: Sequence[str],
    seconds: float = 30,
    *,
    history_days: float = 0,
) -> dict[str, Any]:
    """Type the four values, choose entities and return the entry that was created."""
    walked = await walk(client, answers(typed, sensors, others, history_days=history_days), seconds)
    if walked.entry is None:
        await give_up(client, walked)
        raise FlowError(f"the config flow ended with {walked}")
    return walked.entry


async def give_up(client: Client, walked: Walk) -> None:
    """Close the dialog."""
    if walked.last["type"] in {"form", "menu", "progress"}:
        try:
            await client.delete(f"{FLOW}/{walked.last['flow_id']}")
        except AnswerError as error:
            raise FlowError(f"the config flow cannot be closed: {error}") from None
