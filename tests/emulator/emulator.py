"""Emulator: the whole platform as one object, to start, inspect, break and stop."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
import tempfile
from typing import TYPE_CHECKING, Self

from . import authority
from .archive import Archive
from .authority import Authority
from .cloud import Cloud
from .device import Device, JsonObject, Product
from .downlink import call, call_service, push
from .limits import Limits
from .ports import Ports
from .thing_model import Tsl

if TYPE_CHECKING:
    from .faults import Faults


class Emulator:
    """Use with `async with`; the end of the block closes everything that it opened."""

    mqtts_port: int
    mqtt_port: int
    https_port: int
    console_port: int
    ca_file: Path

    def __init__(
        self,
        *,
        products: Iterable[Product] = (Product(),),
        devices: Iterable[tuple[str, str] | tuple[str, str, str | None]] = (),
        limits: Limits | None = None,
        registration_cut: float = 15.0,
        session_lifetime: float = 7 * 24 * 60 * 60,
        assign: tuple[str, int] | None = None,
        region: str = "cn-shanghai",
        data: Path | None = None,
        host: str = "127.0.0.1",
        ports: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> None:
        """Prepare; `ports` are MQTT over TLS, the "1883" port, HTTPS and the console, 0 for a free one.

        `devices` are ProductKey, DeviceName and optionally DeviceSecret; `session_lifetime` is in seconds;
        `assign` is the host and port that authentication over HTTPS gives to all devices.
        """
        self._data = data
        self._host = host
        self._ports = ports
        self._stack = AsyncExitStack()
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        self._cloud = Cloud(
            products=products,
            region=region,
            limits=limits or Limits(),
            registration_cut=registration_cut,
            session_lifetime=session_lifetime,
            assign=assign,
            archive=Archive(data) if data else None,
        )
        for product_key, device_name, *secret in devices:
            if self._cloud.find(product_key, device_name) is None:
                self._cloud.add_device(product_key, device_name, *secret)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            # Last of all: aborted transports call back in the loop's next round.
            stack.push_async_callback(asyncio.sleep, 0)
            directory = self._data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emulator-")))
            issued = Authority.kept_in(directory) if self._data else authority.OF_THIS_PROCESS
            self.ca_file = issued.write(directory)
            ports = Ports(self._cloud, authority.server_context(directory), self._host)
            opened = await ports.open(stack, self._ports)
            self.mqtts_port, self.mqtt_port, self.https_port, self.console_port = opened
            self._cloud.mqtt_port = self.mqtt_port
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # State

    @property
    def region(self) -> str:
        return self._cloud.region

    @property
    def products(self) -> list[Product]:
        return list(self._cloud.products.values())

    @property
    def devices(self) -> list[Device]:
        return list(self._cloud.devices.values())

    @property
    def faults(self) -> Faults:
        return self._cloud.faults

    @property
    def limits(self) -> Limits:
        return self._cloud.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._cloud.limits = limits

    @property
    def clock_offset(self) -> int:
        """The platform's clock minus this machine's, in milliseconds."""
        return self._cloud.clock_offset

    @clock_offset.setter
    def clock_offset(self, milliseconds: int) -> None:
        self._cloud.clock_offset = milliseconds

    @property
    def session_lifetime(self) -> float:
        """The lifetime in seconds of a session from authentication over HTTPS; a change holds for old sessions, too."""
        return self._cloud.session_lifetime

    @session_lifetime.setter
    def session_lifetime(self, seconds: float) -> None:
        self._cloud.session_lifetime = seconds

    @property
    def assign(self) -> tuple[str, int] | None:
        """The host and port from authentication over HTTPS; None for this machine or the region's public host."""
        return self._cloud.assign

    @assign.setter
    def assign(self, place: tuple[str, int] | None) -> None:
        self._cloud.assign = place

    def device(self, product_key: str, device_name: str) -> Device:
        """Return a device, live and not as a copy; KeyError for an unknown one."""
        return self._cloud.devices[product_key, device_name]

    async def wait_for(
        self,
        predicate: Callable[[], bool],
        timeout: float = 30.0,  # noqa: ASYNC109  # reads well in a test
    ) -> None:
        """Return as soon as the predicate holds, checked at every change; TimeoutError if it does not."""
        async with asyncio.timeout(timeout):
            await self._cloud.wait_for(predicate)

    # A person's acts in the IoT Platform console

    def add_device(self, product_key: str, device_name: str, secret: str | None = None) -> Device:
        """Register a device beforehand, replacing one of the same name."""
        return self._cloud.add_device(product_key, device_name, secret)

    def import_thing_model(self, product_key: str, model: bytes | Tsl) -> None:
        """Replace the modules that a file has; ImportRefusedError for a file that breaks a rule.

        An object instead of a file is one module, taken without a check: a test may give only the parts that it needs.
        """
        if isinstance(model, bytes):
            self._cloud.import_thing_model(product_key, model)
        else:
            self._cloud.set_thing_model(product_key, model)

    async def set_properties(
        self,
        product_key: str,
        device_name: str,
        params: JsonObject,
        timeout: float = 10.0,  # noqa: ASYNC109  # as above
    ) -> JsonObject:
        """Set properties and return the device's set_reply; CallFailedError without one."""
        device = self.device(product_key, device_name)
        return await call(self._cloud, device, "thing/service/property/set", params, timeout=timeout)

    async def call_service(
        self,
        product_key: str,
        device_name: str,
        identifier: str,
        params: JsonObject,
        timeout: float = 10.0,  # noqa: ASYNC109  # as above
    ) -> JsonObject:
        """Invoke a service as its thing model says and return the device's reply; CallFailedError without one."""
        device = self.device(product_key, device_name)
        return await call_service(self._cloud, device, identifier, params, timeout=timeout)

    async def push(self, product_key: str, device_name: str, topic: str, payload: bytes) -> None:
        """Send a device any bytes on any topic, subscribed or not; CallFailedError for an offline device."""
        await push(self.device(product_key, device_name), topic, payload)

    async def kick(self, product_key: str, device_name: str) -> None:
        """Close a device's connection."""
        self._cloud.kick(self.device(product_key, device_name))

    async def cut(self) -> None:
        """Close the connections of all devices."""
        self._cloud.cut_all()

    async def reset(self, product_key: str, device_name: str) -> None:
        """Allow a new dynamic registration, as the cloud's ResetThing does."""
        self._cloud.reset(self.device(product_key, device_name))

    async def disable(self, product_key: str, device_name: str) -> None:
        self._cloud.disable(self.device(product_key, device_name))

    async def enable(self, product_key: str, device_name: str) -> None:
        self._cloud.enable(self.device(product_key, device_name))

    async def delete(self, product_key: str, device_name: str) -> None:
        self._cloud.delete(self.device(product_key, device_name))
