"""Link: one MQTT connection, from its CONNECT to its end."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from . import packets, rules, uplink
from .admission import Verdict, judge
from .alink import Answer, encode
from .delivery import deliver
from .device import Device, JsonObject, Transport, now_ms
from .faults import DownlinkFault
from .limits import MOST_FILTERS_PER_SUBSCRIBE, MOST_SUBSCRIPTIONS
from .packets import Connack, Connect, Disconnect, Ping, Publish, Subscribe, Unsubscribe
from .topics import is_subscribable

if TYPE_CHECKING:
    from .cloud import Cloud

# Seconds for a peer's CONNECT, and for its close after a refusal.
PATIENCE = 10.0
REFUSED = 0x80


class Link:
    """Serve one peer; a device's newest link is its only one."""

    # Set by the accepted CONNECT.
    device: Device

    def __init__(
        self,
        cloud: Cloud,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        transport: Transport,
        host: str = "",
    ) -> None:
        """Prepare; `host` is the name that the peer asked for, if it told one."""
        self._cloud = cloud
        self._reader = reader
        self._writer = writer
        self._transport = transport
        self._host = host
        self._calls: dict[str, asyncio.Future[JsonObject]] = {}
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        try:
            await self._serve()
        except packets.MalformedPacketError, OSError:
            # The platform closes without a word on a peer that breaks the protocol, stays silent or is gone.
            pass
        finally:
            self.cut()
            for task in self._later:
                task.cancel()
            await asyncio.gather(*self._later, return_exceptions=True)

    def cut(self) -> None:
        """Close at once, without TLS's goodbye, as the platform does."""
        self._writer.transport.abort()
        for call in self._calls.values():
            if not call.done():
                call.set_exception(ConnectionAbortedError("the link ended"))
        if (device := getattr(self, "device", None)) and device.link is self:
            device.attach(None)
        self._cloud.changed()

    async def _serve(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                connect = await packets.read_packet(self._reader)
        except packets.UnacceptableProtocolError:
            return await self._refuse(Connack.UNACCEPTABLE_PROTOCOL)
        await self._cloud.flowing.wait()
        if not isinstance(connect, Connect):
            return None
        verdict = judge(self._cloud, connect, self._transport, self._host)
        if verdict.device is None:
            return await self._refuse(verdict.code)
        if verdict.registration:
            return await self._hand_over(verdict.device, verdict.registration)
        return await self._admit(verdict, verdict.device, connect)

    async def _refuse(self, code: int) -> None:
        await self.send(packets.connack(code))
        # An abort could take the code from the peer along with the connection.
        self._writer.close()
        async with asyncio.timeout(PATIENCE):
            await self._writer.wait_closed()

    # Registration

    async def _hand_over(self, device: Device, registration: str) -> None:
        """Push the new credentials, and end the connection after the registration cut."""
        await self.send(packets.connack(Connack.ACCEPTED))
        fault = self._cloud.faults.take_push()
        body = {"productKey": device.product_key, "deviceName": device.device_name}
        if registration == "register":
            body |= {"deviceSecret": device.secret}
        else:
            body |= {"clientId": device.token_client_id, "deviceToken": device.token}
        async with asyncio.timeout(self._cloud.registration_cut):
            await asyncio.sleep(fault.delay)
            if not fault.lost:
                payload = encode(body) if fault.body is None else fault.body.encode()
                await self.send(packets.publish(f"/ext/{registration}", payload))
            while (packet := await packets.read_packet(self._reader)) and not isinstance(packet, Disconnect):
                if isinstance(packet, Ping):
                    await self.send(packets.pingresp())

    # A device's session

    async def _admit(self, verdict: Verdict, device: Device, connect: Connect) -> None:
        if device.link is not None:
            device.link.cut()
        self.device = device
        device.inbox.open(
            clean=connect.clean_session,
            system_subscribe=verdict.system_subscribe,
            is_kept=self._cloud.faults.unclean,
        )
        device.attach(self)
        device.keep_alive = connect.keep_alive
        device.takes_rrpc_on_any_topic = verdict.rrpc_on_any_topic
        if not device.activated:
            device.activated = True
            self._cloud.save()
        await self.send(packets.connack(Connack.ACCEPTED))
        for packet_id, message in device.inbox.take_waiting(now_ms()).items():
            again = packets.publish(message.topic, message.payload, qos=1, packet_id=packet_id, again=message.sent)
            await self.send(again)
        self._start(rules.flood(self._cloud, device))
        self._cloud.changed()
        # Without a limit a device may ask for 0, which means for ever.
        silence = connect.keep_alive * 1.5 or None
        while True:
            async with asyncio.timeout(silence):
                packet = await packets.read_packet(self._reader)
            await self._cloud.flowing.wait()
            if device.link is not self or not await self._took(packet):
                return

    async def _took(self, packet: packets.Packet | None) -> bool:
        """Handle a packet; return False when it ends the session."""
        match packet:
            case Publish(qos=0 | 1):
                return await self._publish(packet)
            case Subscribe():
                granted = self._subscribe(packet.filters)
                if not self._cloud.faults.suback_lost:
                    await self.send(packets.suback(packet.packet_id, granted))
            case Unsubscribe():
                self.device.inbox.unsubscribe(packet.filters)
                await self.send(packets.unsuback(packet.packet_id))
            case Ping():
                await self.send(packets.pingresp())
            case packets.Acknowledgement() if not self._cloud.faults.pubacks_lost:
                self.device.inbox.acknowledge(packet.packet_id)
                self._cloud.changed()
            case packets.Acknowledgement():
                pass
            case _:
                # The end of the stream, a DISCONNECT, a second CONNECT, or QoS 2, which the platform does not support.
                return False
        return True

    async def _publish(self, message: Publish) -> bool:
        self.device.note_passage(message.topic, is_up=True)
        cut, stored = self._cloud.faults.take_cut(), len(self.device.history)
        answer = uplink.take(self._cloud, self, message)
        if cut:
            return False
        if message.qos:
            await self.send(packets.puback(message.packet_id))
        if answer is not None and not answer.fault.lost:
            if answer.fault.delay:
                self._start(self._answer(answer))
            else:
                await self._answer(answer)
        if self._cloud.faults.echo and (settable := rules.settable(self._cloud, self.device, stored)):
            self._start(rules.echo(self._cloud, self.device, settable))
        return True

    async def _answer(self, answer: Answer) -> None:
        await asyncio.sleep(answer.fault.delay)
        for _ in range(answer.fault.copies):
            await deliver(self._cloud, self.device, answer.topic, answer.payload, qos=answer.qos)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _subscribe(self, filters: tuple[tuple[str, int], ...]) -> list[int]:
        if len(filters) > MOST_FILTERS_PER_SUBSCRIBE:
            return [REFUSED] * len(filters)
        return [self._granted(topic_filter, qos) for topic_filter, qos in filters]

    def _granted(self, topic_filter: str, qos: int) -> int:
        device = self.device
        if not is_subscribable(topic_filter, device.key):
            return REFUSED
        return min(qos, 1) if device.inbox.subscribe(topic_filter, MOST_SUBSCRIPTIONS) else REFUSED

    # To the device

    async def push(self, topic: str, payload: bytes) -> None:
        """Send a message without regard to subscriptions and limits."""
        self.device.note_passage(topic, is_up=False)
        await self.send(packets.publish(topic, payload))

    def repeat(self, data: bytes) -> None:
        """Send a packet again, as the fault in deliveries says."""
        fault = self._cloud.faults.take_downlink()
        if fault.copies > 1 and self.device.link is self:
            self._start(self._repeat(data, fault))

    async def _repeat(self, data: bytes, fault: DownlinkFault) -> None:
        for _ in range(fault.copies - 1):
            await asyncio.sleep(fault.delay)
            await self.send(data)

    def expect(self, key: str) -> asyncio.Future[JsonObject]:
        """Return the answer to come; its exception is a ConnectionError when the link ends first."""
        self._calls[key] = asyncio.get_running_loop().create_future()
        return self._calls[key]

    def forget(self, key: str) -> None:
        self._calls.pop(key, None)

    def settle_call(self, key: str, reply: JsonObject) -> None:
        call = self._calls.get(key)
        if call is not None and not call.done():
            call.set_result(reply)

    async def send(self, data: bytes) -> None:
        await self._cloud.flowing.wait()
        with suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()
