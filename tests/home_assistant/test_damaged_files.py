"""Damaged files: with any damage to the files of ours, an entry loads, can be looked at, and sends.

The suite damages 90 files; `DAMAGED_FILES=700 pytest tests/home_assistant/test_damaged_files.py` damages 2,100.
"""

from collections.abc import AsyncGenerator
import json
import logging
import os
from pathlib import Path
import random
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.access.secret_file import fingerprint_of, secret_file
from custom_components.aliyun_iot.diagnostics import async_get_config_entry_diagnostics
from tests.emulator import Emulator, Limits, Product

from . import DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home

CASES: Final = int(os.environ.get("DAMAGED_FILES", "15"))  # of each of the three kinds
TOGETHER: Final = 35  # cases with one Home Assistant, which takes longer to start than a case
SEED: Final = 2026
DEVICE: Final = f"{PRODUCT_KEY}_{DEVICE_NAME}"
DEEP: Final = "a place for brackets"
BRACKETS: Final = "[" * 100_000 + "]" * 100_000
ODD: Final[list[Any]] = [
    None, True, False, 0, -1, 1, 7, 0.5, 2**31, 2**63, -(2**63), 10**400, 1e308, 5e-324, float("nan"), float("inf"), "",
    "0", "nan", "inf", "-1", "1e400", "9" * 400, "9" * 5000, "²", "\x00", "\n## x", "half \ud83d", "😀" * 300, "../x",
    "home_2", "home_99", "a:b", "x" * 100_000, DEEP, [], [[]], [1, 2], ["", ""], {}, {"": None}, {"a": {"b": []}},
    {"type": "array", "specs": {}}, {"type": "struct", "specs": []}, {"type": "enum", "specs": {}},
    {"type": "int", "specs": {"min": "nan", "max": "inf", "step": "-0"}},
    {"type": "text", "specs": {"length": "9" * 400}},
]  # fmt: skip
STATES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "sensor.watt": ("7", {"unit_of_measurement": "W"}),
    "sensor.text": ("warm", {}),
    "sensor.enum": ("idle", {"device_class": "enum", "options": ["idle", "washing"]}),
    "sensor.moment": ("2026-11-21T08:00:00+08:00", {"device_class": "timestamp"}),
    "counter.count": ("3", {}),
    "switch.socket": ("on", {}),
    "light.lamp": ("on", {"brightness": 255}),
    "device_tracker.phone": ("home", {"latitude": 31.2, "longitude": 121.5, "gps_accuracy": 5}),
}


@pytest.fixture
async def emulator(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Emulator]:
    """Run a platform that counts no attempts to connect."""
    async with Emulator(
        products=[Product(product_key=PRODUCT_KEY)],
        devices=[(PRODUCT_KEY, DEVICE_NAME)],
        registration_cut=0.2,
        limits=Limits(connects_per_minute=None),
    ) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
        yield running


def places(document: Any) -> list[tuple[Any, Any]]:
    """Return every place in a document: a container, and a key or an index in it."""
    found: list[tuple[Any, Any]] = []
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        found.append((document, key))
        if isinstance(value, dict | list):
            found += places(value)
    return found


def bent(document: Any, dice: random.Random) -> Any:
    """Return a document with something in it replaced, removed, renamed, doubled or put inside something else."""
    result: Any = json.loads(json.dumps(document))
    if not result or not isinstance(result, dict | list) or dice.random() < 0.03:
        return dice.choice(ODD)
    container, key = dice.choice(places(result))
    match dice.randrange(6):
        case 0:
            del container[key]
        case 1 if isinstance(container, dict):
            container[dice.choice(["", "state", "../x", "half \ud83d", str(key).upper()])] = container.pop(key)
        case 2:
            container[key] = [container[key]]
        case 3:
            other, name = dice.choice(places(result))
            container[key] = json.loads(json.dumps(other[name]))
        case _:
            container[key] = dice.choice(ODD)
    return result


def broken(payload: bytes, dice: random.Random) -> bytes:
    """Return a file with bytes changed, cut, doubled or put into it."""
    at = dice.randrange(len(payload) + 1)
    match dice.randrange(5):
        case 0:
            return payload[:at]
        case 1:
            return payload[:at] + dice.randbytes(dice.randrange(1, 9)) + payload[at:]
        case 2:
            return payload[:at] + payload[at + dice.randrange(1, 9) :]
        case 3:
            return payload[:at] + bytes(dice.choice(payload) for _ in range(3)) + payload[at + 3 :]
        case _:
            return payload * 2


def damaged(document: Any, dice: random.Random) -> bytes:
    for _ in range(dice.randrange(4)):
        document = bent(document, dice)
    text = json.dumps(document, ensure_ascii=dice.random() < 0.5).replace(f'"{DEEP}"', BRACKETS)
    payload = text.encode(errors="surrogatepass")
    return broken(payload, dice) if dice.random() < 0.4 else payload


def file(home: Home, name: str) -> Path:
    path = Path(home.hass.config.path(".storage", f"aliyun_iot.{name}"))
    path.parent.mkdir(exist_ok=True)
    return path


async def sound_files(home: Home) -> tuple[Any, Any]:
    """Let an entry write its model and its mark, and add to the mark what takes an outage to get there."""
    for entity_id, (state, attributes) in STATES.items():
        home.hass.states.async_set(entity_id, state, attributes)
    entry = await home.add_entry(STATES)
    await home.emulator.wait_for(lambda: home.stored("watt") == [7.0])
    await home.hass.config_entries.async_unload(entry.entry_id)
    model = json.loads(file(home, f"thing_model_{entry.entry_id}").read_text())
    mark = json.loads(file(home, f"delivery_{entry.entry_id}").read_text())
    await home.hass.config_entries.async_remove(entry.entry_id)
    missed = {
        "first": 1_795_000_000_000,
        "last": 1_795_000_060_000,
        "code": 6106,
        "text": "tsl parse",
        "is_over": False,
    }
    mark |= {
        "lost": {"gone": 3, "purged": 1},
        "owed": {"watt": [[1_795_000_000_000, 1_795_000_060_000]], "text": [[1, 2], [5, 9]]},
        "missed": {"watt": missed, "text": {**missed, "code": None}},
    }
    return model, mark


async def look_at(home: Home, entry: MockConfigEntry) -> None:
    """Look at an entry from each side that writes out what the files say; each must be something that JSON can hold."""
    assert json_bytes(await async_get_config_entry_diagnostics(home.hass, entry))
    answer = await home.hass.services.async_call(
        "aliyun_iot", "get_thing_model", {"config_entry_id": entry.entry_id}, blocking=True, return_response=True
    )
    assert json_bytes(answer)
    assert json_bytes([state.as_dict() for state in home.hass.states.async_all()])
    for page in ("preview", "properties", "attributes", "file"):
        menu = await home.hass.config_entries.options.async_init(entry.entry_id)
        shown = await home.hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": page})
        assert shown["type"] in (FlowResultType.MENU, FlowResultType.FORM)
        assert json_bytes(dict(shown.get("description_placeholders") or {}))
        home.hass.config_entries.options.async_abort(menu["flow_id"])


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the messages with a traceback; those that asyncio has for the debugging of sockets are the emulator's."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno > logging.DEBUG and (record.exc_info or "Traceback" in record.getMessage())
    ]


def batches() -> list[int]:
    return list(range(0, CASES, TOGETHER))


@pytest.mark.parametrize("kind", ["model", "mark"])
@pytest.mark.parametrize("first", batches())
async def test_an_entry_loads_and_sends_whatever_its_files_say(
    home: Home, caplog: pytest.LogCaptureFixture, kind: str, first: int
) -> None:
    model, mark = await sound_files(home)
    for number in range(first, min(first + TOGETHER, CASES)):
        dice = random.Random(f"{kind} {number} {SEED}")
        entry = home.entry(STATES, home=await home.instance_id(), delivery={"rate": 10})
        content = {"model": json.dumps(model).encode(), "mark": json.dumps(mark).encode()}
        content[kind] = damaged({"model": model, "mark": mark}[kind], dice)
        file(home, f"thing_model_{entry.entry_id}").write_bytes(content["model"])
        file(home, f"delivery_{entry.entry_id}").write_bytes(content["mark"])
        await home.set_up(entry)
        assert entry.state is ConfigEntryState.LOADED, (number, content[kind][:2000])
        await home.until(VALUES_CONFIRMED, lambda state: float(state.state) > 0)
        await look_at(home, entry)
        await home.hass.config_entries.async_unload(entry.entry_id)
        assert tracebacks(caplog) == [], (number, content[kind][:2000])
        assert isinstance(json.loads(file(home, f"thing_model_{entry.entry_id}").read_text()), dict)
        assert isinstance(json.loads(file(home, f"delivery_{entry.entry_id}").read_text()), dict)
        await home.hass.config_entries.async_remove(entry.entry_id)
        assert [path.name for path in file(home, "x").parent.glob(f"*{entry.entry_id}*")] == []


@pytest.mark.parametrize("first", batches())
async def test_a_device_is_set_up_whatever_the_file_of_secrets_says(
    home: Home, caplog: pytest.LogCaptureFixture, first: int
) -> None:
    secret = home.emulator.device(PRODUCT_KEY, DEVICE_NAME).secret
    token = {"client_id": "abc", "device_token": "t" * 32}
    sound = {DEVICE: {"device_secret": secret}, f"{PRODUCT_KEY}_other": token, "x_y": {"device_secret": "z" * 32}}
    for number in range(first, min(first + TOGETHER, CASES)):
        content = damaged(sound, random.Random(f"secrets {number} {SEED}"))
        file(home, "credentials").write_bytes(content)
        flow_id = await home.start_flow()
        page = await home.submit(flow_id, home.typed())
        is_ahead = (page["type"], page.get("step_id")) in (
            (FlowResultType.FORM, "entities"),
            (FlowResultType.FORM, "kept"),
            (FlowResultType.MENU, "already_active"),
        )
        assert is_ahead, (number, content[:2000], page)
        home.hass.config_entries.flow.async_abort(flow_id)
        await secret_file(home.hass).async_forget(fingerprint_of(DEVICE))
        assert await secret_file(home.hass).async_recall(DEVICE) is None
        assert not await secret_file(home.hass).async_is_set_aside()
        assert tracebacks(caplog) == [], (number, content[:2000])
