"""Unbroken: a step that goes to its end although its caller is cancelled."""

import asyncio
from collections.abc import Coroutine
import logging
from typing import Any

from homeassistant.core import HomeAssistant

_LOGGER = logging.getLogger(__name__)


async def async_unbroken[T](hass: HomeAssistant, step: Coroutine[Any, Any, T], name: str) -> T:
    """Await a step that a cancel of the caller does not reach; a thread, for one, cannot be cancelled anyway."""
    task = hass.async_create_task(step, name)
    try:
        await asyncio.wait((task,))
    except asyncio.CancelledError:
        task.add_done_callback(_say_failure)
        raise
    return task.result()


def _say_failure(task: asyncio.Task[Any]) -> None:
    """Log an error that the caller is not there to take."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOGGER.warning("%s failed after it was given up: %s", task.get_name(), error)
