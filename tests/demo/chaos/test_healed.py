"""The chaos run's judge of the log: it excuses the listener's errors, and nothing else."""

import pytest

from .healed import Healed, look_at_log

STAMP = "2026-11-28 03:22:56.066"
CUSTOM = (
    f"{STAMP} WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration aliyun_iot which has not "
    "been tested by Home Assistant\n"
)
GUARDED = f"""{STAMP} ERROR (A) [custom_components.aliyun_iot] Unexpected error while telling entity of chaos_listener
Traceback (most recent call last):
  File "custom_components/aliyun_iot/coordinator.py", line 103, in _guarded
custom_components.chaos_listener.ChaosError: an entity
"""
BECAUSE = f"""{GUARDED}
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "custom_components/aliyun_iot/coordinator.py", line 105, in _guarded
KeyError: 'part'
"""
ELSEWHERE = GUARDED.replace("entity of chaos_listener", "of the device's status")
BLOCKING = f"{STAMP} WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open\n"
LACKS = (
    f"{STAMP} WARNING (MainThread) [custom_components.aliyun_iot.coordinator] The platform does not take property a\n"
)
OTHER = f"{STAMP} WARNING (MainThread) [custom_components.aliyun_iot.coordinator] Something else\n"


def looked(text: str, loads: int = 1) -> Healed:
    healed = Healed()
    look_at_log(CUSTOM + text, healed, loads)
    return healed


@pytest.mark.parametrize(("text", "raised"), [("", 0), (GUARDED, 1), (LACKS, 0)], ids=["none", "guarded", "lacks"])
def test_the_listeners_errors_are_counted_and_excused(text: str, raised: int) -> None:
    assert looked(text) == Healed(raised=raised)


@pytest.mark.parametrize(
    "text", [BECAUSE, ELSEWHERE, BLOCKING, OTHER], ids=["because", "elsewhere", "blocking", "other"]
)
def test_everything_else_is_found(text: str) -> None:
    assert len(looked(text).wrong) == 1


def test_a_listener_that_is_logged_twice_by_one_entry_is_found() -> None:
    assert looked(GUARDED * 2, loads=2).wrong == []
    assert len(looked(GUARDED * 2).wrong) == 1
