"""Downlink: sends the cloud's requests to a device and awaits the answers."""

import asyncio
import secrets
from typing import TYPE_CHECKING

from .alink import encode
from .codes import Code
from .delivery import deliver
from .limits import RRPC_SECONDS

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import Device, JsonObject


# MQTT stores a string's length in two bytes.
LONGEST_STRING = 0xFFFF
# Public logs show long decimal numbers.
RRPC_IDS = range(10**18, 10**19)


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


async def tell(cloud: Cloud, device: Device, function: str, params: JsonObject) -> None:
    """Send an asynchronous request for whose reply nobody waits."""
    _, payload = _request(cloud, function, params)
    await deliver(cloud, device, "/sys/{}/{}/{}".format(*device.key, function), payload, qos=1)


async def call(
    cloud: Cloud,
    device: Device,
    function: str,
    params: JsonObject,
    *,
    timeout: float,  # noqa: ASYNC109  # passed on from a tester's request
) -> JsonObject:
    """Send an asynchronous request to a device and return its reply; CallFailedError without one.

    The request has QoS 1: a device that is away may get it later, although its caller has been told that it failed.
    """
    number, payload = _request(cloud, function, params)
    topic = "/sys/{}/{}/{}".format(*device.key, function)
    return await _answered(cloud, device, topic, payload, qos=1, key=number, timeout=timeout)


async def call_service(
    cloud: Cloud,
    device: Device,
    identifier: str,
    params: JsonObject,
    *,
    timeout: float,  # noqa: ASYNC109  # as above
) -> JsonObject:
    """Invoke a service as its thing model says, a synchronous one over RRPC; CallFailedError without an answer.

    Without a thing model each service is asynchronous.
    """
    function = f"thing/service/{identifier}"
    model = cloud.model(device.product_key)
    if model is None or not model.is_synchronous(identifier):
        return await call(cloud, device, function, params, timeout=timeout)
    _, payload = _request(cloud, function, params)
    own, number = "/sys/{}/{}".format(*device.key), secrets.choice(RRPC_IDS)
    if device.takes_rrpc_on_any_topic:
        topic = answer = f"/ext/rrpc/{number}{own}/{function}"
    else:
        topic, answer = f"{own}/rrpc/request/{number}", f"{own}/rrpc/response/{number}"
    timeout = min(timeout, RRPC_SECONDS)
    return await _answered(cloud, device, topic, payload, qos=0, key=answer, timeout=timeout)


def _request(cloud: Cloud, function: str, params: JsonObject) -> tuple[str, bytes]:
    number = str(next(cloud.call_numbers))
    method = function.replace("/", ".")
    return number, encode({"method": method, "id": number, "params": params, "version": "1.0"})


async def _answered(
    cloud: Cloud,
    device: Device,
    topic: str,
    payload: bytes,
    *,
    qos: int,
    key: str,
    timeout: float,  # noqa: ASYNC109  # as above
) -> JsonObject:
    if not device.activated:
        raise CallFailedError(Code.NOT_ACTIVATED, "device not activated")
    link = device.link
    answer = None if link is None else link.expect(key)
    try:
        async with asyncio.timeout(timeout):
            await deliver(cloud, device, topic, payload, qos=qos)
            if answer is None:
                raise CallFailedError(Code.OFFLINE, "device offline")
            return await answer
    except TimeoutError:
        raise CallFailedError(None, "the device did not reply") from None
    except ConnectionError:
        raise CallFailedError(Code.OFFLINE, "device went offline") from None
    finally:
        if link is not None:
            link.forget(key)
