"""Cloud: the instance, with its products, devices, limits and faults, and the waiters for a change."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
import itertools
import secrets

from . import tsl_file
from .archive import Archive
from .device import Device, DeviceKey, Product, Sample, now_ms
from .faults import Faults
from .limits import Limits, Window
from .thing_model import ThingModel, Tsl
from .tsl_problems import refused


class Cloud:
    def __init__(
        self,
        *,
        products: Iterable[Product],
        region: str,
        limits: Limits,
        registration_cut: float,
        session_lifetime: float,
        assign: tuple[str, int] | None,
        archive: Archive | None,
    ) -> None:
        self.products: dict[str, Product] = {}
        self.devices: dict[DeviceKey, Device] = {}
        self.region = region
        self.limits = limits
        self.registration_cut = registration_cut
        self.session_lifetime = session_lifetime
        self.assign = assign
        # Set once the port is open.
        self.mqtt_port = 0
        # The platform's clock minus this machine's, in milliseconds.
        self.clock_offset = 0
        self.faults = Faults()
        # The `id` of the cloud's next request, unique among all devices and links.
        self.call_numbers = itertools.count(1)
        # Cleared while links are half open.
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._instance_window = Window(1.0)
        self._models: dict[str, ThingModel] = {}
        # The number of changes of each product's thing model.
        self.revisions: Counter[str] = Counter()
        self._imported: dict[str, dict[str, Tsl]] = {}
        self._drafts: dict[str, Mapping[str, Tsl]] = {}
        self._archive = archive
        self._waiters: set[asyncio.Future[None]] = set()
        for product in products:
            self._put(product)
        if archive is not None:
            self._restore(archive)

    def _restore(self, archive: Archive) -> None:
        devices, thing_models = archive.load()
        self.devices |= {device.key: device for device in devices}
        for product_key, modules in thing_models.items():
            self._take(product_key, modules)
        for key, sample in archive.load_history():
            self.devices[key].store(sample)

    # Changes

    def changed(self) -> None:
        """Wake all waiters, to look at their conditions again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def wait_for(self, predicate: Callable[[], bool]) -> None:
        while not predicate():
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)

    def save(self) -> None:
        """Keep the devices; call after every change that a restart must not undo."""
        if self._archive is not None:
            self._archive.save(self.devices.values(), self._imported)
        self.changed()

    # Products and devices

    def now_ms(self) -> int:
        """Return the time by the platform's own clock."""
        return now_ms() + self.clock_offset

    def region_of(self, product_key: str) -> str:
        product = self.products.get(product_key)
        return (product and product.region) or self.region

    def model(self, product_key: str) -> ThingModel | None:
        if product_key in self._drafts and not self.faults.unreleased:
            self._take(product_key, self._drafts.pop(product_key))
            self.save()
        return self._models.get(product_key)

    def import_thing_model(self, product_key: str, content: bytes) -> Mapping[str, Tsl]:
        """Replace the modules that a file has and return them by their ids, "" for the default one.

        ImportRefusedError for a file that breaks a rule or comes at a wrong time, KeyError for an unknown product.
        """
        product = self.products[product_key]
        if self.faults.published:
            raise refused("is for a product that is published: unpublish it first")
        kept = dict(product.modules)
        if product.thing_model is not None:
            kept[tsl_file.DEFAULT] = product.thing_model
        modules = tsl_file.read(content, product_key, kept)
        if self.faults.unreleased:
            self._drafts[product_key] = modules
            return modules
        self._drafts.pop(product_key, None)
        self._take(product_key, modules)
        self.save()
        return modules

    def set_thing_model(self, product_key: str, tsl: Tsl) -> None:
        """Replace one module by one that may be incomplete; KeyError for one without an identifier or a data type."""
        self._take(product_key, {tsl.get("functionBlockId", tsl_file.DEFAULT): tsl})
        self.save()

    def _take(self, product_key: str, modules: Mapping[str, Tsl]) -> None:
        product = self.products[product_key]
        others = {module_id: tsl for module_id, tsl in modules.items() if module_id != tsl_file.DEFAULT}
        default = modules.get(tsl_file.DEFAULT, product.thing_model)
        self._put(replace(product, thing_model=default, modules={**product.modules, **others}))
        self._imported.setdefault(product_key, {}).update(modules)

    def _put(self, product: Product) -> None:
        if product.thing_model is not None or product.modules:
            self._models[product.product_key] = ThingModel(product.thing_model, product.modules)
            self.revisions[product.product_key] += 1
        self.products[product.product_key] = product

    def add_device(self, product_key: str, device_name: str, secret: str | None = None) -> Device:
        """Register a device beforehand, as the IoT Platform console does, with a secret from the start."""
        device = Device(product_key=product_key, device_name=device_name, secret=secret or secrets.token_hex(16))
        self.devices[device.key] = device
        self.save()
        return device

    def find(self, product_key: str, device_name: str) -> Device | None:
        return self.devices.get((product_key, device_name))

    def find_session(self, iot_id: str) -> Device | None:
        sessions = (device for device in self.devices.values() if iot_id and device.iot_id == iot_id)
        return next(sessions, None)

    def is_session_valid(self, device: Device) -> bool:
        return bool(device.iot_token) and now_ms() - device.iot_token_issued < self.session_lifetime * 1000

    def kick(self, device: Device) -> None:
        if device.link is not None:
            device.link.cut()

    def reset(self, device: Device) -> None:
        """Allow a new dynamic registration, as the cloud's ResetThing does."""
        device.activated = False
        self.save()

    def disable(self, device: Device) -> None:
        device.disabled = True
        self.kick(device)
        self.save()

    def enable(self, device: Device) -> None:
        device.disabled = False
        self.save()

    def delete(self, device: Device) -> None:
        device.deleted = True
        self.kick(device)
        self.save()

    def cut_all(self) -> None:
        for device in self.devices.values():
            self.kick(device)

    # Data

    def admits_message(self, now: float) -> bool:
        return self._instance_window.admits(self.limits.instance_per_second, now)

    def store(self, device: Device, samples: list[Sample]) -> None:
        for sample in samples:
            device.store(sample)
        if self._archive is not None and samples:
            self._archive.append(device, samples)
