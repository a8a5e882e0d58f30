"""A device under test, at the platform's emulator."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from custom_components.aliyun_iot.alink.device import Device
from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.alink.outbox.spool import Spool
from custom_components.aliyun_iot.alink.protocol.commands import CommandHandler
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint
from custom_components.aliyun_iot.alink.protocol.identity import Identity, SecretCredentials
from custom_components.aliyun_iot.alink.protocol.messages import Sample, Value
from custom_components.aliyun_iot.alink.status import Status
from custom_components.aliyun_iot.alink.transport.access import Access
from custom_components.aliyun_iot.alink.transport.trust import make_trust
from tests.emulator import Device as PlatformDevice, Emulator

IDENTITY = Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01")


@dataclass(kw_only=True)
class Client:
    """A device under test, and every status that it has told."""

    emulator: Emulator
    reply_timeout: float = 10.0
    pace: Pace = field(default_factory=lambda: Pace(rate=10.0))
    spool: Spool | None = None
    on_command: CommandHandler | None = None
    endpoint: Endpoint | None = None
    asks_over_https: bool = False
    logs_in_over_https: bool = False
    fails: bool = False  # whether each status that it is told raises an error
    statuses: list[Status] = field(default_factory=list)
    taken: list[set[str]] = field(default_factory=list)  # identifiers of each message's values that were taken
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        secret = self.emulator.device(IDENTITY.product_key, IDENTITY.device_name).secret
        self.device = Device(
            Access(
                credentials=SecretCredentials(identity=IDENTITY, device_secret=secret),
                endpoint=self.endpoint or Endpoint(host="127.0.0.1", port=self.emulator.mqtts_port),
                https=Endpoint(host="127.0.0.1", port=self.emulator.https_port) if self.asks_over_https else None,
                authenticate_first=self.logs_in_over_https,
            ),
            make_trust(),
            on_status=self._told,
            on_taken=self._taken,
            on_command=self.on_command,
            pace=self.pace,
            spool=self.spool,
            reply_timeout=self.reply_timeout,
        )

    def _told(self, status: Status) -> None:
        self.statuses.append(status)
        self.changed.set()
        if self.fails:
            raise RuntimeError("a listener's fault")

    def _taken(self, identifiers: Collection[str]) -> None:
        self.taken.append(set(identifiers))
        if self.fails:
            raise RuntimeError("a listener's fault")

    def offer(self, *values: Value, identifier: str = "t", start: int = 0) -> None:
        for number, value in enumerate(values):
            self.device.offer(Sample(identifier=identifier, value=value, time=1_700_000_000_000 + start + number))

    async def until(self, predicate: Callable[[Status], bool]) -> None:
        async with asyncio.timeout(20):
            while not predicate(self.device.status):
                self.changed.clear()
                await self.changed.wait()

    async def until_posted(self, topic: str, times: int) -> None:
        await self.emulator.wait_for(lambda: self.platform.messages[topic] >= times)

    @property
    def platform(self) -> PlatformDevice:
        return self.emulator.device(IDENTITY.product_key, IDENTITY.device_name)

    @property
    def stored(self) -> list[Value]:
        device = self.emulator.device(IDENTITY.product_key, IDENTITY.device_name)
        return [sample.value for sample in device.history_of("t")]


@asynccontextmanager
async def running(client: Client) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.ensure_future(client.device.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
