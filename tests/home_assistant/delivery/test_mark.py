"""The mark: whatever damage its file has, the entry loads and counts from what can be believed."""

import json
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers.json import json_bytes
import pytest

from custom_components.aliyun_iot.diagnostics import async_get_config_entry_diagnostics

from .. import VALUES_LOST, Home

WATT = {"unit_of_measurement": "W"}
NOW = 1_760_000_000_000
MISSED = {"first": NOW - 2, "last": NOW - 1, "code": 6106, "text": "no", "is_over": False}


def write(home: Home, entry_id: str, content: str) -> None:
    path = Path(home.hass.config.path(".storage", f"aliyun_iot.delivery_{entry_id}"))
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"until": None},
        {"until": float("nan")},
        {"until": float("inf")},
        {"until": 10**400},
        {"until": -1},
        {"until": NOW, "lost": {"gone": 10**400}},
        {"until": NOW, "lost": {"gone": -1}},
        {"until": NOW, "lost": ["gone"]},
        {"until": NOW, "missed": {"t": {**MISSED, "code": 10**400}}},
        {"until": NOW, "missed": {"t": {**MISSED, "last": 10**400}}},
        {"until": NOW, "missed": [MISSED]},
        {"until": NOW, "owed": {"t": [[2, 1]]}},
        {"until": NOW, "owed": {"t": [[1, 2, 3]]}},
        {"until": NOW, "owed": {"t": 7}},
    ],
)
async def test_an_entry_loads_with_a_mark_that_cannot_be(
    home: Home, caplog: pytest.LogCaptureFixture, document: Any
) -> None:
    await loads_with(home, caplog, json.dumps(document))


@pytest.mark.parametrize("content", [pytest.param("[" * 100_000, id="nested"), "{", ""])
async def test_an_entry_loads_with_a_mark_that_is_no_json(
    home: Home, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    await loads_with(home, caplog, content)


async def loads_with(home: Home, caplog: pytest.LogCaptureFixture, content: str) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    write(home, entry.entry_id, content)
    await home.set_up(entry)
    assert entry.state is ConfigEntryState.LOADED
    await home.emulator.wait_for(lambda: home.stored("t") == [1.0])
    await home.until_state(VALUES_LOST, "0")
    assert not [record for record in caplog.records if record.exc_info and record.levelno > logging.DEBUG]


@pytest.mark.parametrize(
    ("kept", "lost"), [({"gone": 2, "purged": 3, "from somewhere else": 10**400}, "5"), (4, "4"), (None, "0")]
)
async def test_counts_that_can_be_believed_are_kept(home: Home, kept: Any, lost: str) -> None:
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    write(home, entry.entry_id, json.dumps({"until": NOW, "lost": kept}))
    await home.set_up(entry)
    await home.until_state(VALUES_LOST, lost)


async def test_half_of_a_surrogate_pair_in_a_kept_text_can_be_shown(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = home.entry(["sensor.t"], home=await home.instance_id())
    write(home, entry.entry_id, json.dumps({"until": NOW, "missed": {"t": {**MISSED, "text": "half \ud83d"}}}))
    await home.set_up(entry)
    assert json_bytes([state.as_dict() for state in home.hass.states.async_all()])
    assert json_bytes(await async_get_config_entry_diagnostics(home.hass, entry))
