"""Control without the pauses that the budget makes between commands, and with patience for a busy machine."""

import pytest

from custom_components.aliyun_iot.alink import control
from custom_components.aliyun_iot.control import carrier


@pytest.fixture(autouse=True)
def _no_command_waits_for_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MESSAGES_PER_SECOND", 1000)


@pytest.fixture(autouse=True)
def _no_command_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_PATIENCE", 9.0)
    monkeypatch.setattr(carrier, "_LATE", 30.0)
