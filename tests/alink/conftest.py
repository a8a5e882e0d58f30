"""The platform's emulator, for the tests of a whole device."""

from collections.abc import AsyncGenerator

import pytest

from tests.emulator import Emulator

from .client import IDENTITY


@pytest.fixture
async def emulator(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Emulator]:
    async with Emulator(devices=[(IDENTITY.product_key, IDENTITY.device_name)]) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
        yield running
