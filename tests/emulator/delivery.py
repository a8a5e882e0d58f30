"""Delivery: carries a message to a device that has subscribed to its topic, or keeps it for one that is away."""

import asyncio
from typing import TYPE_CHECKING

from . import packets
from .device import Device, now_ms
from .inbox import Unacknowledged

if TYPE_CHECKING:
    from .cloud import Cloud


async def deliver(cloud: Cloud, device: Device, topic: str, payload: bytes, *, qos: int = 0) -> None:
    """Send a message within the limits to a device that has subscribed to it; drop any other.

    At QoS 1, a device that is away with a session that is not clean gets it when it is back.
    """
    largest = cloud.limits.largest_payload
    if largest is not None and len(payload) > largest:
        device.dropped += 1
        cloud.changed()
        return
    if not device.inbox.reaches(topic, device.key, history=not cloud.faults.ask_for_history):
        return
    if device.link is None and not (qos and (device.inbox.outlives_links or cloud.faults.unclean)):
        return
    if not cloud.admits_message(asyncio.get_running_loop().time()):
        return
    message = Unacknowledged(topic=topic, payload=payload, since=now_ms(), sent=device.online)
    packet_id = device.inbox.keep(message) if qos else 0
    if (link := device.link) is not None:
        device.note_passage(topic, is_up=False)
        await link.send(packets.publish(topic, payload, qos=qos, packet_id=packet_id))
        if qos:
            link.repeat(packets.publish(topic, payload, qos=qos, packet_id=packet_id, again=True))
