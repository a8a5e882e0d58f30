"""What the demo finds in a log: in the format of each supported Home Assistant, and as the installed one writes it."""

from pathlib import Path
import subprocess
import sys

import pytest

from .log import UNREADABLE, complaints

TRACEBACK = 'Traceback (most recent call last):\n  File "custom_components/aliyun_iot/delivery/bridge.py", line 1'
CUSTOM = (
    "WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration aliyun_iot which has not "
    "been tested by Home Assistant. This component might cause stability problems"
)
LINK = "INFO (MainThread) [custom_components.aliyun_iot.delivery.bridge] Connected"
OTHER = "ERROR (MainThread) [homeassistant.components.ffmpeg] Not found"
SLOW = "WARNING (MainThread) [custom_components.aliyun_iot.delivery.bridge] Slow"

# Sets logging up as the installed Home Assistant does, and logs what a demo with a warning would.
PROGRAM = """
import asyncio, logging, sys
from homeassistant.bootstrap import async_enable_logging
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant

async def main(config, *warnings):
    hass = HomeAssistant(config)
    await async_enable_logging(hass, log_no_color=True)
    loader = logging.getLogger("homeassistant.loader")
    loader.warning("We found a custom integration aliyun_iot which has not been tested by Home Assistant")
    integration = logging.getLogger("custom_components.aliyun_iot")
    integration.setLevel(logging.INFO)
    integration.info("Connected")
    for warning in warnings:
        integration.warning(warning)
    logging.getLogger("homeassistant.components.ffmpeg").error("Not found")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)  # the records so far are written by then
    await hass.async_stop(force=True)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(params=["03:22:56.066", "03:22:56.066+08:00", "03:22:56.066-03:30"], ids=["2026.5", "2026.11", "west"])
def stamp(request: pytest.FixtureRequest) -> str:
    """Begin a line as Home Assistant does since 2026.5, and since 2026.11."""
    return f"2026-11-21 {request.param}"


def log(stamp: str, *records: str) -> str:
    return "".join(f"{stamp} {record}\n" for record in records)


def test_a_clean_log_has_no_complaints(stamp: str) -> None:
    assert complaints(log(stamp, CUSTOM, LINK, OTHER)) == []


@pytest.mark.parametrize(
    "record",
    [
        SLOW,
        f"ERROR (MainThread) [homeassistant] Task exception was never retrieved\n{TRACEBACK}",
        "WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open by 'aliyun_iot'",
        "INFO (MainThread) [custom_components.aliyun_iot] paho says this is deprecated",
        "WARNING (Thread-7 (_run)) [custom_components.aliyun_iot] Slow",
    ],
)
def test_what_speaks_against_the_integration_is_found(stamp: str, record: str) -> None:
    assert complaints(log(stamp, CUSTOM, record, LINK, OTHER)) == [f"{stamp} {record}"]


def test_each_of_many_warnings_is_found(stamp: str) -> None:
    assert complaints(log(stamp, *[SLOW] * 60, CUSTOM, *[SLOW] * 65)) == [f"{stamp} {SLOW}"] * 125


def test_a_traceback_outside_of_logging_is_found(stamp: str) -> None:
    assert complaints(f"{TRACEBACK}\n{log(stamp, CUSTOM, LINK)}") == [TRACEBACK]


def test_any_output_before_the_first_record_is_found(stamp: str) -> None:
    assert complaints(f"Segmentation fault\n{log(stamp, CUSTOM, LINK)}") == ["Segmentation fault"]


def test_output_that_follows_home_assistants_own_warning_is_not_excused(stamp: str) -> None:
    custom = f"{stamp} {CUSTOM}\n{TRACEBACK}"
    assert complaints(f"{custom}\n{log(stamp, LINK)}") == [UNREADABLE, custom]


def test_an_expected_record_is_no_complaint(stamp: str) -> None:
    assert complaints(log(stamp, CUSTOM, SLOW), expected=["Slow"]) == []


@pytest.mark.parametrize(
    "unknown",
    ["2026-11-21T03:22:56.066", "2026-11-21 03:22:56,066", "21.11.2026 03:22:56.066", "I1121 03:22:56.066", ""],
)
def test_a_log_in_an_unknown_format_is_never_clean(unknown: str) -> None:
    text = log(unknown, CUSTOM, LINK)
    found = complaints(text, expected=["Slow", "Connected", "We found"])
    assert found[0] == UNREADABLE
    assert "\n".join(found[1:]) == text.strip()


def test_a_record_in_an_unknown_format_between_others_is_found(stamp: str) -> None:
    stray = f"2026-11-21T03:22:56Z {SLOW}"
    assert complaints(f"{log(stamp, CUSTOM, LINK)}{stray}\n{log(stamp, LINK)}", expected=["Slow"]) == [stray]


def test_an_empty_log_is_not_a_clean_one() -> None:
    assert complaints("") == [UNREADABLE]


@pytest.mark.parametrize("warnings", [[], ["Slow"], ["Slow", "Slower\nthan ever"]])
def test_the_installed_home_assistants_log_is_read(tmp_path: Path, warnings: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), *warnings], capture_output=True, text=True, check=True
    )
    for text in (done.stderr, (tmp_path / "home-assistant.log").read_text()):
        assert text.count("aliyun_iot") == 2 + len(warnings)
        assert [record.partition("[custom_components.aliyun_iot] ")[2] for record in complaints(text)] == warnings
