"""Cloud: the platform's emulator in a process of its own, whose clock tells when each message passed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
import os
from pathlib import Path
import ssl
import tempfile
from typing import Any, Final

import aiohttp
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.demo.platform import Platform
from tests.emulator.client import normal

from .home import DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY

BARE: Final = "bare"
SET: Final = "thing/service/property/set"


class Cloud:
    """Sets properties, and reads when the messages passed."""

    def __init__(self, platform: Platform, http: aiohttp.ClientSession) -> None:
        self.platform = platform
        self._http = http

    @property
    def port(self) -> int:
        """The port for MQTT over TLS."""
        return self.platform.ports["mqtts"]

    async def set(self, params: Mapping[str, Any], device: str = DEVICE_NAME) -> Mapping[str, Any]:
        """Set properties and return the device's reply."""
        url = f"{self.platform.console_url}api/devices/{PRODUCT_KEY}/{device}/set"
        async with self._http.post(url, json={"params": params}) as response:
            return dict(await response.json())

    async def faults(self, **faults: Any) -> None:
        await self.platform.post(self._http, "/api/faults", faults)

    async def import_models(self, models: Sequence[Mapping[str, Any]]) -> None:
        for model in models:
            await self.platform.post(self._http, f"/api/products/{PRODUCT_KEY}/thing_model", model)

    async def shown(self) -> dict[str, Any]:
        return await self.platform.device(self._http, DEVICE_NAME, PRODUCT_KEY)

    async def stored(self, identifier: str) -> list[dict[str, Any]]:
        """Return the newest values of a property."""
        return await self.platform.history(self._http, identifier, DEVICE_NAME, limit=5, product_key=PRODUCT_KEY)

    async def passages(self, since: float, device: str = DEVICE_NAME) -> list[dict[str, Any]]:
        """Return the messages of a device since a moment of the monotonic clock, with the ends of their topics."""
        path = f"/api/devices/{PRODUCT_KEY}/{device}/passages"
        prefix = f"/sys/{PRODUCT_KEY}/{device}/"
        seen = await self.platform.get(self._http, path, since=str(since))
        return [{**one, "topic": one["topic"].removeprefix(prefix)} for one in seen]


@asynccontextmanager
async def cloud() -> AsyncIterator[Cloud]:
    """Start the platform, and let this process trust it."""
    devices = [{"device_name": name, "device_secret": DEVICE_SECRET} for name in (DEVICE_NAME, BARE)]
    product = {"product_key": PRODUCT_KEY, "product_secret": "Px7QkLm2Nv9RtYw3", "devices": devices}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        platform = Platform(Path(folder))
        try:
            await platform.start(products=[product])
            os.environ["REQUESTS_CA_BUNDLE"] = str(platform.facts["ca_file"])
            async with aiohttp.ClientSession() as http:
                yield Cloud(platform, http)
        finally:
            await platform.stop()


@asynccontextmanager
async def bare(cloud: Cloud) -> AsyncIterator[None]:
    """Connect a device that is nothing but paho and answers at once."""
    credentials = normal(DEVICE_SECRET, extra=",_ss=1", device_name=BARE)
    client = Client(CallbackAPIVersion.VERSION2, credentials.client_id, reconnect_on_failure=False)
    client.username_pw_set(credentials.username, credentials.password)
    client.tls_set_context(ssl.create_default_context(cafile=str(cloud.platform.facts["ca_file"])))
    client.on_message = _answer
    loop = asyncio.get_running_loop()
    connected = asyncio.Event()

    def accepted(*_: Any) -> None:
        loop.call_soon_threadsafe(connected.set)

    client.on_connect = accepted
    await loop.run_in_executor(None, client.connect, "127.0.0.1", cloud.port)
    client.loop_start()
    try:
        await connected.wait()
        yield
    finally:
        client.disconnect()
        await loop.run_in_executor(None, client.loop_stop)


def _answer(client: Client, _userdata: Any, message: MQTTMessage) -> None:
    number = message.payload.partition(b'"id":"')[2].partition(b'"')[0]
    client.publish(f"{message.topic}_reply", b'{"id":"%b","code":200,"data":{}}' % number, qos=1)
