"""Replier: a process that answers posts on the broker as the platform does, and counts the messages.

`python -m tests.benchmark.replier BROKER_PORT CONTROL_PORT`. A client of the control port sends lines of JSON and gets
a line for each: `{"do": "take"}` returns the counts since the last one, `{"do": "wait", "values": n, "timeout": s}`
returns them without starting over, as soon as there are n values or s seconds are over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
import json
import socketserver
import sys
import threading
import time
from typing import Any, Final, override

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

FILTERS: Final = (
    "/sys/+/+/thing/event/property/post",
    "/sys/+/+/thing/event/property/batch/post",
    "/sys/+/+/thing/event/property/history/post",
    "/ext/ntp/+/+/request",
    "statestream/#",
    "probe/#",
)
_MOST_ARRIVALS: Final = 1000


@dataclass(slots=True)
class Counted:
    """The counts since the last request."""

    messages: int = 0
    values: int = 0
    bytes: int = 0  # of whole PUBLISH packets
    history: int = 0  # values that came as history
    late: int = 0  # ms from the time of a live value to its arrival, the longest
    last: float = 0.0  # when the latest message came, on the clock of time.monotonic
    arrivals: list[float] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def answer(self) -> dict[str, Any]:
        """Return the counts as the control port sends them."""
        names = ("messages", "values", "bytes", "history", "late", "last", "arrivals")
        return {**{name: getattr(self, name) for name in names}, "distinct": len(self.seen)}


def packet_size(topic: str, payload: bytes) -> int:
    """Bytes of an MQTT 3.1.1 PUBLISH with QoS 1."""
    rest = 2 + len(topic.encode()) + 2 + len(payload)
    return 1 + max(1, (rest.bit_length() + 6) // 7) + rest


def samples(topic: str, params: Any) -> Iterator[tuple[str, int]]:
    """Read identifier and time of everything in a post."""
    if topic.endswith("/history/post"):
        for part in params:
            for properties in part["properties"]:
                for identifier, item in properties.items():
                    yield identifier, item["time"]
    elif topic.endswith("/batch/post"):
        for identifier, series in params["properties"].items():
            for item in series:
                yield identifier, item["time"]
    else:
        for identifier, item in params.items():
            yield identifier, item["time"]


class Replier:
    """The platform, as far as a post goes."""

    def __init__(self, port: int) -> None:
        self._counted = Counted()
        self._changed = threading.Condition()
        self.ready = threading.Event()
        self._client = client = Client(CallbackAPIVersion.VERSION2, client_id="replier")
        client.on_connect = self._connected
        client.on_subscribe = lambda *_: self.ready.set()
        client.on_message = self._received
        client.connect("127.0.0.1", port)
        client.loop_start()

    def take(self) -> Counted:
        """Return the counts, and start over."""
        with self._changed:
            counted, self._counted = self._counted, Counted()
        return counted

    def wait(self, values: int, timeout: float) -> Counted:
        """Return the counts as soon as there are that many values."""
        with self._changed:
            self._changed.wait_for(lambda: self._counted.values >= values, timeout)
            return self._counted

    @staticmethod
    def _connected(client: Client, *_: Any) -> None:
        client.subscribe([(topic, 1) for topic in FILTERS])

    def _received(self, client: Client, _userdata: Any, message: MQTTMessage) -> None:
        now = time.monotonic()
        topic, payload = message.topic, message.payload
        if topic.startswith("/ext/ntp/"):
            sent = json.loads(payload)["deviceSendTime"]
            clock = str(int(time.time() * 1000))
            times = {"deviceSendTime": sent, "serverRecvTime": clock, "serverSendTime": clock}
            client.publish(topic.replace("/request", "/response"), json.dumps(times))
            return
        found: list[tuple[str, int]] = []
        if topic.startswith("/sys/"):
            document = json.loads(payload)
            found = list(samples(topic, document["params"]))
            reply = {
                "code": 200,
                "data": {},
                "id": document["id"],
                "message": "success",
                "method": document["method"],
                "version": "1.0",
            }
            client.publish(topic + "_reply", json.dumps(reply), qos=1)
        is_history = topic.endswith("/history/post")
        with self._changed:
            counted = self._counted
            counted.messages += 1
            counted.values += len(found) or 1
            counted.bytes += packet_size(topic, payload)
            counted.last = now
            counted.seen.update(found)
            if len(counted.arrivals) < _MOST_ARRIVALS:
                counted.arrivals.append(now)
            if is_history:
                counted.history += len(found)
            elif found:
                counted.late = max(counted.late, int(time.time() * 1000) - min(at for _, at in found))
            self._changed.notify_all()


class Control(socketserver.StreamRequestHandler):
    """One client of the control port."""

    @override
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, ControlServer)
        for line in self.rfile:
            question = json.loads(line)
            if question["do"] == "take":
                counted = server.replier.take()
            else:
                counted = server.replier.wait(question["values"], question["timeout"])
            self.wfile.write(json.dumps(counted.answer()).encode() + b"\n")


class ControlServer(socketserver.ThreadingTCPServer):
    """The control port."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, replier: Replier) -> None:
        super().__init__(("127.0.0.1", port), Control)
        self.replier = replier


def main(broker_port: int, control_port: int) -> None:
    replier = Replier(broker_port)
    if not replier.ready.wait(10):
        sys.exit("replier: no answer from the broker")
    with ControlServer(control_port, replier) as server:
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
