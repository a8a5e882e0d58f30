"""Downlink: sends the cloud's requests to a device and awaits the answers."""

import asyncio
from typing import TYPE_CHECKING

from .codes import Code

if TYPE_CHECKING:
    from .device import Device, JsonObject


# MQTT stores a string's length in two bytes.
LONGEST_STRING = 0xFFFF


class CallFailedError(Exception):
    """The device did not answer; the code is None after a timeout."""

    def __init__(self, code: Code | None, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


async def push(device: Device, topic: str, payload: bytes) -> None:
    """Send any bytes on any topic; CallFailedError without a device, ValueError for a topic that MQTT cannot carry."""
    if len(topic.encode()) > LONGEST_STRING:
        raise ValueError("too long for MQTT")
    if device.link is None:
        raise CallFailedError(Code.OFFLINE, "device offline")
    await device.link.push(topic, payload)


async def call(
    device: Device,
    function: str,
    params: JsonObject,
    *,
    timeout: float,  # noqa: ASYNC109  # passed on from a tester's request
) -> JsonObject:
    """Send a request to a device and return its reply; CallFailedError without one."""
    if not device.activated:
        raise CallFailedError(Code.NOT_ACTIVATED, "device not activated")
    if device.link is None:
        raise CallFailedError(Code.OFFLINE, "device offline")
    try:
        async with asyncio.timeout(timeout):
            return await device.link.call(function, params)
    except TimeoutError:
        raise CallFailedError(None, "the device did not reply") from None
    except ConnectionError:
        raise CallFailedError(Code.OFFLINE, "device went offline") from None
