"""Official SDK device: runs in the environment of the platform's official Python SDK, not in ours.

Reads one JSON object from stdin, then a line before each step that has to wait for the prover, and prints one JSON
object per finished step.
"""

from contextlib import suppress
from functools import wraps
import hashlib
import hmac
import json
import queue
import ssl
import sys
import threading
from typing import Any

from linkkit.linkkit import LinkKit  # type: ignore[import-not-found]  # only there in the SDK's environment

PATIENCE = 30.0
# The C SDKs offer nothing else.
RSA_ONLY = "RSA+AESGCM:RSA+AES"


def lock_tls() -> None:
    """Keep the SDK's threads from reading and writing one TLS connection at once.

    Before 3.13, Python leaves the locking to its callers; one run in ten broke the connection with a bad record.
    """
    lock = threading.RLock()

    def locked(call: Any) -> Any:
        @wraps(call)
        def one_at_a_time(*args: Any, **options: Any) -> Any:
            with lock:
                return call(*args, **options)

        return one_at_a_time

    # paho's sockets do not block, so the lock is never held for long.
    for name in ("recv", "send"):
        setattr(ssl.SSLSocket, name, locked(getattr(ssl.SSLSocket, name)))


def restrict_to_rsa() -> None:
    """Let the SDK offer only suites with RSA key exchange from now on."""
    make = ssl.create_default_context

    def made(*args: Any, **options: Any) -> ssl.SSLContext:
        context = make(*args, **options)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(RSA_ONLY)
        return context

    ssl.create_default_context = made


def note_blanks() -> list[str]:
    """Return the list that takes each text which the SDK reads and which is not compact."""
    blanks: list[str] = []
    loads = json.loads

    def noting(text: Any, **options: Any) -> Any:
        value = loads(text, **options)
        plain = text.decode() if isinstance(text, bytes) else text
        # The file of the thing model is read, too.
        if "\n" not in plain and plain != json.dumps(value, ensure_ascii=False, separators=(",", ":")):
            blanks.append(plain)
        return value

    json.loads = noting  # type: ignore[assignment]  # the SDK uses no more of its options
    return blanks


def say(step: str, **facts: Any) -> None:
    print(json.dumps({"step": step, **facts}), flush=True)


def linked(task: dict[str, Any], name: str, *, tls: bool = True, clean_session: bool = True, **options: Any) -> Any:
    options = {"device_secret": None, "product_secret": task["product_secret"], **options}
    device = LinkKit(host_name=task["region"], product_key=task["product_key"], device_name=name, **options)
    with open(task["ca_file"], encoding="ascii") as ca_file:  # noqa: PTH123  # the SDK's Python may be an old one
        device.config_mqtt(
            port=task["mqtts_port" if tls else "mqtt_port"],
            secure="TLS" if tls else "",
            cadata=ca_file.read(),
            endpoint="127.0.0.1",
            clean_session=clean_session,
        )
    return device


def end(device: Any) -> None:
    # Both threads of the SDK close the connection; the later one finds it gone.
    with suppress(OSError):
        device.destruct()


def register(task: dict[str, Any]) -> str:
    answers: queue.Queue[tuple[int, str]] = queue.Queue()
    device = linked(task, task["device_name"], auth_type="register")
    device.on_device_dynamic_register = lambda code, secret, _: answers.put((code, secret))
    device.connect_async()
    code, secret = answers.get(timeout=PATIENCE)
    end(device)
    say("register", code=code, secret_length=len(secret or ""))
    return secret


def register_without_list(task: dict[str, Any], name: str) -> dict[str, Any]:
    answers: queue.Queue[tuple[int, str, str, str]] = queue.Queue()
    device = linked(task, name, auth_type="regnwl")
    device.on_device_dynamic_register_nwl_reply = lambda *answer: answers.put(answer)
    device.connect_async()
    code, client_id, username, password = answers.get(timeout=PATIENCE)
    end(device)
    say("register without list", code=code)
    return {"client_id": client_id, "username": username, "password": password}


def connect(device: Any, step: str, **facts: Any) -> None:
    codes: queue.Queue[int] = queue.Queue()
    device.on_connect = lambda _session, code, _user: codes.put(code)
    device.connect_async()
    say(step, code=codes.get(timeout=PATIENCE), **facts)


def try_in_vain(task: dict[str, Any], secret: str) -> None:
    """Connect until the prover has seen the refusal, of which the SDK does not tell its user."""
    sys.stdin.readline()
    device = linked(task, task["device_name"], device_secret=secret)
    device.connect_async()
    sys.stdin.readline()
    end(device)


def connect_as_the_console_says(task: dict[str, Any], secret: str) -> None:
    """Use the MQTT parameters of the IoT Platform console: securemode 2 and port 1883, here without TLS."""
    name, product_key = task["device_name"], task["product_key"]
    content = f"clientId{product_key}.{name}deviceName{name}productKey{product_key}timestamp1700000000000"
    device = linked(
        task,
        name,
        tls=False,
        product_secret=None,
        client_id=f"{product_key}.{name}|securemode=2,signmethod=hmacsha256,timestamp=1700000000000|",
        username=f"{name}&{product_key}",
        password=hmac.new(secret.encode(), content.encode(), hashlib.sha256).hexdigest(),
    )
    connect(device, "connect as the console says")
    end(device)


class Home:
    """The device that posts, is set, is called and comes back to its session."""

    def __init__(self, task: dict[str, Any], secret: str) -> None:
        self.topic = "/{product_key}/{device_name}/user/get".format(**task)
        self.replies: queue.Queue[tuple[int, Any]] = queue.Queue()
        self.changes: queue.Queue[Any] = queue.Queue()
        self.calls: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.granted: queue.Queue[Any] = queue.Queue()
        self.messages: queue.Queue[tuple[str, str]] = queue.Queue()
        self.goodbyes: queue.Queue[int] = queue.Queue()
        self.device = linked(task, task["device_name"], device_secret=secret, clean_session=False)
        self.device.thing_setup(task["thing_model"])
        self.device.on_thing_prop_post = lambda _id, code, data, _message, _user: self.replies.put((code, data))
        self.device.on_thing_prop_changed = lambda params, _user: self.changes.put(params)
        self.device.on_thing_call_service = self.answer
        self.device.on_subscribe_topic = lambda _mid, granted, _user: self.granted.put(granted)
        self.device.on_topic_message = lambda topic, payload, _qos, _user: self.messages.put((topic, payload.decode()))
        self.device.on_disconnect = lambda code, _user: self.goodbyes.put(code)

    def answer(self, service: str, number: str, params: Any, _: Any) -> None:
        self.calls.put((service, params))
        self.device.thing_answer_service(service, number, 200, {"seen": 1})

    def post(self, properties: Any) -> None:
        self.device.thing_post_property(properties)
        code, data = self.replies.get(timeout=PATIENCE)
        say("post", code=code, data=data)

    def be_set(self) -> None:
        say("set", params=self.changes.get(timeout=PATIENCE))

    def be_called(self) -> None:
        service, params = self.calls.get(timeout=PATIENCE)
        say("service", service=service, params=params)

    def subscribe(self) -> None:
        self.device.subscribe_topic(self.topic)
        say("subscribe", granted=list(self.granted.get(timeout=PATIENCE)))

    def publish(self, text: str) -> None:
        self.device.publish_topic(self.topic, text)
        topic, payload = self.messages.get(timeout=PATIENCE)
        say("own topic", is_own=topic == self.topic, payload=payload)

    def leave(self) -> None:
        self.device.disconnect()
        self.goodbyes.get(timeout=PATIENCE)
        say("leave")


def main() -> None:
    lock_tls()
    task = json.loads(sys.stdin.readline())
    blanks = note_blanks()
    secret = register(task)
    home = Home(task, secret)
    connect(home.device, "connect")
    for properties in task["posts"]:
        home.post(properties)
    home.be_set()
    home.be_called()
    home.subscribe()
    home.publish("hello")
    sys.stdin.readline()

    home.leave()
    sys.stdin.readline()
    connect(home.device, "connect")
    home.be_set()
    home.publish("again")
    end(home.device)
    say("read", blanks=blanks)

    connect_as_the_console_says(task, secret)
    for _ in range(task["refusals"]):
        try_in_vain(task, secret)

    restrict_to_rsa()
    credentials = register_without_list(task, task["newcomer"])
    newcomer = linked(task, task["newcomer"], product_secret=None, **credentials)
    connect(newcomer, "connect with token")
    end(newcomer)


if __name__ == "__main__":
    main()
