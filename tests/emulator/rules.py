"""Rules: sets that the cloud sends to a device by itself, as an automation there does."""

import asyncio
from typing import TYPE_CHECKING

from .device import Device, JsonObject, Kind
from .downlink import tell

if TYPE_CHECKING:
    from .cloud import Cloud

SET = "thing/service/property/set"
# A rule does not see the values of history.
LIVE = (Kind.PROPERTY, Kind.BATCH, Kind.PACK)


def settable(cloud: Cloud, device: Device, since: int) -> JsonObject:
    """Return the values that were stored since the history had that length, if they can be set."""
    model = cloud.model(device.product_key)
    return {
        sample.identifier: sample.value
        for sample in device.history[since:]
        if sample.kind in LIVE and (model is None or model.is_settable(sample.identifier))
    }


async def echo(cloud: Cloud, device: Device, params: JsonObject) -> None:
    """Set properties to the values that a device has posted."""
    if (fault := cloud.faults.take_echo()) is not None:
        await asyncio.sleep(fault.delay)
        await tell(cloud, device, SET, params)


async def flood(cloud: Cloud, device: Device) -> None:
    """Send a device sets as long as that fault lasts, each time anew."""
    loop = asyncio.get_running_loop()
    while True:
        await cloud.wait_for(lambda: cloud.faults.flood is not None)
        due = loop.time()
        while fault := cloud.faults.take_flood():
            await tell(cloud, device, SET, dict(fault.params))
            due += 1 / fault.per_second
            await asyncio.sleep(due - loop.time())
