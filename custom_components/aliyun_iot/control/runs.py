"""Runs: the contexts of automations that have started by themselves.

A call without a user comes from an automation, or just as well from a bridge that lets anybody in (Hue emulation,
HomeKit, a voice satellite). Only an automation announces its context when it starts.
"""

import time
from typing import Final

from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

# The automation component's own constant; importing the component from here would make it a dependency.
_TRIGGERED: Final = "automation_triggered"

# An automation acts at once, or after a short wait. Both bounds keep the memory small, and an id that leaks out (each
# state that a run has set shows it) useless soon.
_RUNS_MAX: Final = 100
_LASTING: Final = 600.0  # s

_RUNS: Final[HassKey[dict[str, float]]] = HassKey(f"{DOMAIN}_runs")  # start by context id, in s of the running time


@callback
def async_watch_runs(hass: HomeAssistant) -> None:
    """Note each automation that starts by itself, for as long as Home Assistant runs."""
    runs = hass.data[_RUNS] = {}

    @callback
    def started(event: Event) -> None:
        if not _is_bare(event.context):
            return
        runs[event.context.id] = time.monotonic()
        if len(runs) > _RUNS_MAX:
            del runs[next(iter(runs))]

    hass.bus.async_listen(_TRIGGERED, started)


@callback
def is_run(hass: HomeAssistant, context: Context) -> bool:
    """Tell whether a context is that of an automation that has started by itself, not long ago."""
    since = hass.data[_RUNS].get(context.id)
    return since is not None and _is_bare(context) and time.monotonic() - since < _LASTING


def _is_bare(context: Context) -> bool:
    return context.user_id is None and context.parent_id is None
