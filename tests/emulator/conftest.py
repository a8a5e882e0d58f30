from collections.abc import AsyncGenerator, Callable

import pytest

from . import Device, Emulator
from .client import DN, PK, Client, Credentials, normal

type Connect = Callable[..., Client]


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Let the tests open sockets, to this machine only."""


@pytest.fixture
async def emulator() -> AsyncGenerator[Emulator]:
    async with Emulator(devices=[(PK, DN)]) as running:
        yield running


@pytest.fixture
def device(emulator: Emulator) -> Device:
    return emulator.device(PK, DN)


@pytest.fixture
def connect(emulator: Emulator) -> Connect:
    """Return a factory of clients, which connect to the port for MQTT over TLS."""

    def to_emulator(credentials: Credentials, **options: object) -> Client:
        return Client(credentials, **{"port": emulator.mqtts_port, "ca_file": emulator.ca_file, **options})  # type: ignore[arg-type]  # the client's own keywords

    return to_emulator


@pytest.fixture
async def client(connect: Connect, device: Device) -> AsyncGenerator[Client]:
    """Return a connected client that receives the system's topics without subscribing."""
    async with connect(normal(device.secret, extra=",_ss=1")) as connected:
        assert await connected.connack() == 0
        yield connected
