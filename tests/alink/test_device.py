"""The device as a whole."""

from typing import Final

from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.alink.status import Connection
from tests.emulator import Emulator

from .client import IDENTITY, Client, running

NUMBER: Final = {"accessMode": "r", "dataType": {"type": "double", "specs": {}}}


async def test_values_are_confirmed_and_counted(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    client.offer(1.0, 2.0, 2.0, 3.0)
    assert client.device.status.connection is Connection.CONNECTING
    async with running(client):
        await client.until(lambda status: status.confirmed == 3)
    assert client.stored == [3.0, 1.0, 2.0]  # the present comes before the past
    assert client.device.status.waiting == 0
    assert client.device.status.last_confirmed is not None


async def test_a_flush_ends_when_everything_of_the_present_is_confirmed(emulator: Emulator) -> None:
    client = Client(emulator=emulator, pace=Pace(rate=10.0, interval=3600.0))
    async with running(client):
        await client.device.flush()  # without a connection
        await client.until(lambda status: status.connection is Connection.CONNECTED)
        client.offer(1.0, 2.0)
        assert client.device.status.waiting == 0
        await client.device.flush()
        assert client.stored == [2.0]


async def test_within_an_interval_only_the_last_value_counts(emulator: Emulator) -> None:
    client = Client(emulator=emulator, pace=Pace(rate=10.0, interval=0.5))
    async with running(client):
        client.offer(1.0, 2.0, 3.0)
        client.offer(4.0, start=60_000)
        await client.until(lambda status: status.confirmed == 2)
    assert set(client.stored) == {3.0, 4.0}


async def test_it_is_told_of_which_properties_the_platform_has_taken_values(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    emulator.import_thing_model(IDENTITY.product_key, {"properties": [NUMBER | {"identifier": name} for name in "tu"]})
    async with running(client):
        client.offer(1.0)
        client.offer(2.0, identifier="u")
        client.offer(3.0, identifier="unknown")
        await client.until(lambda status: status.confirmed == 2 and status.rejected == 1)
    assert set().union(*client.taken) == {"t", "u"}


async def test_values_that_were_taken_back_are_not_sent(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    client.offer("old", "older")
    client.device.withdraw({"t"})
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 1)
    assert client.stored == [1.0]
