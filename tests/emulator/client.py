"""Client: a device for the emulator's own tests, raw paho on its own network thread."""

import asyncio
from dataclasses import dataclass, field
import hmac
import json
from pathlib import Path
import ssl
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

PK = "a1B2c3D4e5F"
DN = "ha-gateway-01"
PS = "Px7QkLm2Nv9RtYw3"
DS = "0123456789abcdef0123456789abcdef"
IID = "iot-0a1b2c3d"
USERNAME = f"{DN}&{PK}"
SYS = f"/sys/{PK}/{DN}"


def sign(content: str, secret: str, method: str = "sha256") -> str:
    return hmac.new(secret.encode(), content.encode(), method).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    client_id: str
    password: str = field(repr=False)
    username: str = USERNAME


def registration(*, auth_type: str = "register", secret: str = PS, device_name: str = DN) -> Credentials:
    extension = f"random=567345,authType={auth_type},securemode=2,signmethod=hmacsha256"
    return Credentials(
        client_id=f"{device_name}.{PK}|{extension}|",
        username=f"{device_name}&{PK}",
        password=sign(f"deviceName{device_name}productKey{PK}random567345", secret),
    )


def normal(secret: str, *, extra: str = "", device_name: str = DN, secure_mode: int = 2) -> Credentials:
    return Credentials(
        client_id=f"test|securemode={secure_mode},signmethod=hmacsha256,timestamp=1700000000000{extra}|",
        username=f"{device_name}&{PK}",
        password=sign(f"clientIdtestdeviceName{device_name}productKey{PK}timestamp1700000000000", secret),
    )


class Client:
    """Connect, and let the test's loop await the events of paho's thread."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        port: int,
        ca_file: Path | None,
        keep_alive: int = 60,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
        path: str | None = None,
        clean_session: bool = True,
    ) -> None:
        """Prepare; a path makes it MQTT over WebSocket."""
        self._loop = asyncio.get_running_loop()
        self._port = port
        self._keep_alive = keep_alive
        self._connack: asyncio.Future[int] = self._loop.create_future()
        self._acknowledged: dict[int, asyncio.Future[list[int]]] = {}
        self.messages: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        # As they came.
        self.payloads: list[bytes] = []
        self.qos: list[int] = []
        # For each of them its DUP flag.
        self.repeated: list[bool] = []
        self.ended = asyncio.Event()
        self._paho = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            credentials.client_id,
            clean_session=clean_session,
            protocol=protocol,
            transport="tcp" if path is None else "websockets",
            reconnect_on_failure=False,
        )
        self._paho.username_pw_set(credentials.username, credentials.password)
        if path is not None:
            self._paho.ws_set_options(path)
        if ca_file is not None:
            context = ssl.create_default_context(cafile=ca_file)
            assert context.verify_flags & ssl.VERIFY_X509_STRICT
            self._paho.tls_set_context(context)
        self._paho.on_connect = lambda _c, _u, _f, reason, _p: self._settle(self._connack, _connack_code(reason))
        self._paho.on_disconnect = self._on_disconnect
        self._paho.on_message = self._on_message
        self._paho.on_subscribe = lambda _c, _u, mid, codes, _p: self._on_acknowledged(mid, [c.value for c in codes])
        self._paho.on_unsubscribe = lambda _c, _u, mid, _r, _p: self._on_acknowledged(mid, [])
        self._paho.on_publish = lambda _c, _u, mid, _r, _p: self._on_acknowledged(mid, [])

    def _settle[T](self, future: asyncio.Future[T], value: T) -> None:
        def settle() -> None:
            if not future.done():
                future.set_result(value)

        self._loop.call_soon_threadsafe(settle)

    def _on_disconnect(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self.ended.set)

    def _on_message(self, _: object, __: object, message: mqtt.MQTTMessage) -> None:
        self.payloads.append(message.payload)
        self.qos.append(message.qos)
        self.repeated.append(message.dup)
        item = message.topic, _decoded(message.payload)
        self._loop.call_soon_threadsafe(self.messages.put_nowait, item)

    def _on_acknowledged(self, mid: int, codes: list[int]) -> None:
        self._loop.call_soon_threadsafe(lambda: self._acknowledgement(mid).set_result(codes))

    def _acknowledgement(self, mid: int) -> asyncio.Future[list[int]]:
        return self._acknowledged.setdefault(mid, self._loop.create_future())

    async def __aenter__(self) -> Self:
        await self._loop.run_in_executor(None, self._paho.connect, "127.0.0.1", self._port, self._keep_alive)
        self._paho.loop_start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._paho.disconnect()
        await self._loop.run_in_executor(None, self._paho.loop_stop)

    async def connack(self) -> int:
        async with asyncio.timeout(10):
            return await self._connack

    async def message(self) -> tuple[str, Any]:
        async with asyncio.timeout(10):
            return await self.messages.get()

    async def end(self) -> None:
        async with asyncio.timeout(10):
            await self.ended.wait()

    async def publish(
        self,
        topic: str,
        body: Any,
        *,
        qos: int = 1,
        timeout: float = 10.0,  # noqa: ASYNC109  # some tests expect the timeout
    ) -> None:
        """Publish and wait until it is acknowledged (QoS 1) or sent (QoS 0)."""
        payload = body if isinstance(body, (str, bytes)) else json.dumps(body)
        info = self._paho.publish(topic, payload, qos=qos)
        async with asyncio.timeout(timeout):
            await self._acknowledgement(info.mid)

    async def subscribe(
        self,
        *filters: str,
        timeout: float = 10.0,  # noqa: ASYNC109  # as above
    ) -> list[int]:
        _, mid = self._paho.subscribe([(one, 1) for one in filters])
        assert mid is not None
        async with asyncio.timeout(timeout):
            return await self._acknowledgement(mid)

    async def unsubscribe(self, topic_filter: str) -> None:
        _, mid = self._paho.unsubscribe(topic_filter)
        assert mid is not None
        async with asyncio.timeout(10):
            await self._acknowledgement(mid)

    def allow_malformed_filters(self) -> None:
        """Switch off paho's own check of filters, so that the emulator has to refuse them."""
        self._paho._filter_wildcard_len_check = lambda _: mqtt.MQTT_ERR_SUCCESS  # type: ignore[assignment,method-assign]  # on purpose

    async def request(self, function: str, params: Any, *, qos: int = 1, **envelope: Any) -> Any:
        """Post and return the reply."""
        await self.post(function, params, qos=qos, **envelope)
        topic, reply = await self.message()
        assert topic == f"{SYS}/{function}_reply"
        return reply

    async def post(
        self,
        function: str,
        params: Any,
        *,
        qos: int = 1,
        timeout: float = 10.0,  # noqa: ASYNC109  # as above
        **envelope: Any,
    ) -> None:
        method = function.replace("/", ".")
        body = {"id": "1", "version": "1.0", "params": params, "method": method, **envelope}
        await self.publish(f"{SYS}/{function}", body, qos=qos, timeout=timeout)


def _decoded(payload: bytes) -> Any:
    """Return the value of JSON, any other payload as it is."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def _connack_code(reason: Any) -> int:
    """Undo paho's translation of a code from MQTT 3.1.1 to MQTT 5."""
    return {0: 0, 0x84: 1, 0x85: 2, 0x88: 3, 0x86: 4, 0x87: 5}[reason.value]
