"""The least that batching can cost: a set, `float()`, a list, and one PUBLISH for 200 values."""

import asyncio
import json
from typing import Any, Final

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

_BATCH: Final = 200
_TOPIC: Final = "/sys/a1B2c3D4e5F/ha-gateway-01/thing/event/property/batch/post"


class Wire:
    """Runs paho on the event loop, through the same hooks as the integration."""

    def __init__(self, client_id: str) -> None:
        self._loop = asyncio.get_running_loop()
        self.client = client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, reconnect_on_failure=False)
        client.on_socket_register_write = self._register_write
        client.on_socket_unregister_write = self._unregister_write

    async def connect(self, port: int) -> None:
        accepted = asyncio.Event()
        self.client.on_connect = lambda *_: accepted.set()
        self.client.connect("127.0.0.1", port)
        sock = self.client.socket()
        assert sock is not None
        self._loop.add_reader(sock, self._read)
        await accepted.wait()

    def close(self) -> None:
        sock = self.client.socket()
        self.client.disconnect()
        self.client.loop_write()
        if sock is not None:
            self._loop.remove_reader(sock)

    def _register_write(self, _client: Client, _userdata: Any, sock: Any) -> None:
        self._loop.add_writer(sock, self._write)

    def _unregister_write(self, _client: Client, _userdata: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _read(self) -> None:
        self.client.loop_read()

    def _write(self) -> None:
        self.client.loop_write()


class Least:
    """An exporter without a queue, a budget, a retry or an answer."""

    def __init__(self, hass: HomeAssistant, wire: Wire, identifiers: dict[str, str]) -> None:
        self._client = wire.client
        self._identifiers = identifiers
        self._chosen = set(identifiers)
        self._waiting: list[tuple[str, float, int]] = []
        self._number = 0
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._changed, event_filter=self._is_chosen)

    @callback
    def _is_chosen(self, data: EventStateChangedData) -> bool:
        return data["entity_id"] in self._chosen

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        assert state is not None
        moment = int(state.last_updated_timestamp * 1000)
        self._waiting.append((self._identifiers[state.entity_id], float(state.state), moment))
        if len(self._waiting) == _BATCH:
            self._publish()

    def _publish(self) -> None:
        properties: dict[str, list[dict[str, Any]]] = {}
        for identifier, value, moment in self._waiting:
            properties.setdefault(identifier, []).append({"value": value, "time": moment})
        self._waiting = []
        self._number += 1
        document = {
            "id": str(self._number),
            "version": "1.0",
            "sys": {"ack": 1},
            "params": {"properties": properties},
            "method": "thing.event.property.batch.post",
        }
        self._client.publish(_TOPIC, json.dumps(document, separators=(",", ":")), qos=1)
