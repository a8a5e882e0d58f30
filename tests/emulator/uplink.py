"""Uplink: checks a device's PUBLISH against topics and limits, and dispatches it."""

import asyncio
from typing import TYPE_CHECKING

from . import alink
from .alink import Answer
from .codes import RefusedError
from .device import Device
from .faults import ReplyFault
from .packets import Publish
from .topics import is_custom, is_publishable, is_rrpc_answer, tail

if TYPE_CHECKING:
    from .cloud import Cloud
    from .link import Link


def take(cloud: Cloud, link: Link, message: Publish) -> Answer | None:
    """Carry out a message; drop and count one that the platform would lose."""
    device = link.device
    try:
        return _take(cloud, link, device, message)
    finally:
        cloud.changed()


def _take(cloud: Cloud, link: Link, device: Device, message: Publish) -> Answer | None:
    limits = cloud.limits
    now = asyncio.get_running_loop().time()
    oversized = limits.largest_payload is not None and len(message.payload) > limits.largest_payload
    if oversized or not is_publishable(message.topic, device.key):
        device.dropped += 1
        return None
    limit = limits.qos1_per_second if message.qos else limits.qos0_per_second
    admitted = device.qos_windows[message.qos].admits(limit, now) and cloud.admits_message(now)
    if cloud.faults.throttle or not admitted:
        device.throttled += 1
        return None
    if is_rrpc_answer(message.topic, device.key):
        device.messages["rrpc/response"] += 1
        _settle_call(link, message, key=message.topic)
        return None
    function = tail(message.topic, device.key)
    device.messages[function] += 1
    if message.topic == "/ext/ntp/{}/{}/request".format(*device.key):
        return _time(cloud, message)
    if function.endswith("_reply"):
        _settle_call(link, message)
        return None
    if is_custom(message.topic, device.key):
        return Answer(topic=message.topic, payload=message.payload, qos=message.qos)
    return alink.request(cloud, device, message.topic, function, message.payload)


def _time(cloud: Cloud, message: Publish) -> Answer | None:
    try:
        sent = alink.parse(message.payload).get("deviceSendTime")
    except RefusedError:
        return None
    fault = cloud.faults.take_clock()
    now = str(cloud.now_ms() + fault.offset)
    echoed = sent if fault.echo is None else fault.echo
    body = {"deviceSendTime": echoed, "serverRecvTime": now, "serverSendTime": now}
    return Answer(
        topic=f"{message.topic.removesuffix('request')}response",
        payload=alink.encode(body),
        fault=ReplyFault(lost=fault.lost, delay=fault.delay),
    )


def _settle_call(link: Link, message: Publish, *, key: str | None = None) -> None:
    """Hand an answer to its call, found by the topic of RRPC or by the `id` in the body."""
    try:
        body = alink.parse(message.payload)
        link.device.answers[str(body.get("code"))] += 1
        link.settle_call(key or str(body.get("id")), body)
    except RefusedError:
        link.device.dropped += 1
