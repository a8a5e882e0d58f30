"""A recorder that leaves one entity out."""

from typing import Any

import pytest


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    return {"commit_interval": 0, "exclude": {"entities": ["sensor.secret"]}}
