"""The demo's own judgement: what the log must not say, and what a recorded state should be sent as."""

from typing import Any

import pytest

from .comparison import Value, compared, converted
from .log import complaints

STAMP = "2026-11-21 03:22:56.066"
CUSTOM = (
    f"{STAMP} WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration aliyun_iot which has not "
    "been tested by Home Assistant. This component might cause stability problems"
)
TRACEBACK = 'Traceback (most recent call last):\n  File "custom_components/aliyun_iot/bridge.py", line 1'
LINK = f"{STAMP} INFO (MainThread) [custom_components.aliyun_iot.bridge] Connected"
OTHER = f"{STAMP} ERROR (MainThread) [homeassistant.components.ffmpeg] Not found"


def test_a_clean_log_has_no_complaints() -> None:
    assert complaints(f"{CUSTOM}\n{LINK}\n{OTHER}\n") == []


@pytest.mark.parametrize(
    "record",
    [
        f"{STAMP} WARNING (MainThread) [custom_components.aliyun_iot.bridge] Slow",
        f"{STAMP} ERROR (MainThread) [homeassistant] Task exception was never retrieved\n{TRACEBACK}",
        f"{STAMP} WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open by 'aliyun_iot'",
        f"{STAMP} INFO (MainThread) [custom_components.aliyun_iot] paho says this is deprecated",
    ],
)
def test_what_speaks_against_the_integration_is_found(record: str) -> None:
    assert complaints(f"{CUSTOM}\n{record}\n{LINK}\n{OTHER}\n") == [record]


def test_a_traceback_outside_of_logging_is_found() -> None:
    assert complaints(f"{TRACEBACK}\n{LINK}\n") == [TRACEBACK]


@pytest.mark.parametrize(
    ("state", "attributes", "value"),
    [
        ("21.35", {"device_class": "temperature"}, 21.35),
        ("on", {}, 1),
        ("off", {}, 0),
        ("rinsing", {"options": ["idle", "rinsing"]}, 1),
        ("1970-01-01T00:00:01+00:00", {"device_class": "timestamp"}, "1000"),
        ("茉莉花", {}, "茉莉花"),
        ("unavailable", {}, None),
    ],
)
def test_a_state_is_converted_by_simple_rules(state: str, attributes: dict[str, Any], value: Any) -> None:
    assert converted(state, attributes) == value


@pytest.mark.parametrize(("stored", "time", "equal"), [(21.5, 1500, True), (21.6, 1500, False), (21.5, 1499, False)])
def test_only_the_same_value_of_the_same_millisecond_is_equal(stored: float, time: int, equal: bool) -> None:
    state = {"entity_id": "sensor.a", "state": "21.5", "last_updated": "1970-01-01T00:00:01.500200+00:00"}
    value = Value(entity_id="sensor.a", identifier="a", time=time, stored=stored)
    assert [found.equal for found in compared([value], [[state]], {"sensor.a": {}})] == [equal]
