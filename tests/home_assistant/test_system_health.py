"""System health: the integration's part of Home Assistant's system information."""

import asyncio
from contextlib import ExitStack
import socket
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info

from tests.emulator import Emulator

from . import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home

UNREACHABLE = {"type": "failed", "error": "unreachable"}


@pytest.fixture(autouse=True)
async def _served(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "system_health", {})


async def told(home: Home) -> dict[str, Any]:
    """Return the information, with the parts awaited that take a while."""
    info = await get_system_health_info(home.hass, "aliyun_iot")
    return {key: await value if asyncio.iscoroutine(value) else value for key, value in info.items()}


async def test_it_says_that_the_platform_can_be_reached_and_who_is_connected(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", {"unit_of_measurement": "W"})
    await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    assert await told(home) == {
        "can_reach_platform": "ok",
        "connected": "1 / 1",
        "values_waiting": 0,
        "values_rejected": 0,
        "values_lost": 0,
    }


async def test_it_says_that_the_platform_cannot_be_reached(home: Home, emulator: Emulator) -> None:
    await home.add_entry()
    await home.until_state(CONNECTION, "on")
    emulator.faults.set(refuse_tcp=True)
    await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
    await home.until_state(CONNECTION, "off")
    said = await told(home)
    assert said["can_reach_platform"] == UNREACHABLE
    assert said["connected"] == "0 / 1"


async def test_it_says_that_the_platform_does_not_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.system_health._PATIENCE", 0.5)
    with ExitStack() as sockets:
        silent = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # This connection fills the queue of the listener, so the kernel answers no further one.
        sockets.enter_context(socket.create_connection(silent.getsockname()))
        await home.add_entry(port=silent.getsockname()[1])
        assert (await told(home))["can_reach_platform"] == {"type": "failed", "error": "timeout"}


async def test_without_an_entry_there_is_nothing_to_reach(home: Home) -> None:
    assert await async_setup_component(home.hass, "aliyun_iot", {})
    said = await told(home)
    assert said["connected"] == "0 / 0"
    assert "can_reach_platform" not in said


@pytest.mark.parametrize(("transport", "expected"), [("https_first", "ok"), ("tls", UNREACHABLE)])
async def test_it_tries_what_is_asked_first(home: Home, transport: str, expected: str | dict[str, str]) -> None:
    await home.add_entry(transport=transport, port=1)
    assert (await told(home))["can_reach_platform"] == expected
