"""Official SDK device: runs in the environment of the platform's official Python SDK, not in ours.

Reads one JSON object from stdin, and prints one JSON object per finished step.
"""

from contextlib import suppress
from functools import wraps
import json
import queue
import ssl
import sys
import threading
from typing import Any

from linkkit.linkkit import LinkKit  # type: ignore[import-not-found]  # only there in the SDK's environment

PATIENCE = 30.0


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


def say(step: str, **facts: Any) -> None:
    print(json.dumps({"step": step, **facts}), flush=True)


def linked(task: dict[str, Any], name: str, **options: Any) -> Any:
    options = {"device_secret": None, "product_secret": task["product_secret"], **options}
    device = LinkKit(host_name=task["region"], product_key=task["product_key"], device_name=name, **options)
    with open(task["ca_file"], encoding="ascii") as ca_file:  # noqa: PTH123  # the SDK's Python may be an old one
        device.config_mqtt(port=task["mqtts_port"], cadata=ca_file.read(), endpoint="127.0.0.1")
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


def register_without_list(task: dict[str, Any], name: str) -> dict[str, str]:
    answers: queue.Queue[tuple[int, str, str, str]] = queue.Queue()
    device = linked(task, name, auth_type="regnwl")
    device.on_device_dynamic_register_nwl_reply = lambda *answer: answers.put(answer)
    device.connect_async()
    code, client_id, username, password = answers.get(timeout=PATIENCE)
    end(device)
    say("register without list", code=code)
    return {"client_id": client_id, "username": username, "password": password}


def connect(device: Any, step: str) -> None:
    codes: queue.Queue[int] = queue.Queue()
    device.on_connect = lambda _session, code, _user: codes.put(code)
    device.connect_async()
    say(step, code=codes.get(timeout=PATIENCE))


def main() -> None:
    lock_tls()
    task = json.loads(sys.stdin.readline())
    secret = register(task)
    replies: queue.Queue[tuple[int, Any]] = queue.Queue()
    changes: queue.Queue[Any] = queue.Queue()
    device = linked(task, task["device_name"], device_secret=secret)
    device.thing_setup(task["thing_model"])
    device.on_thing_prop_post = lambda _id, code, data, _message, _user: replies.put((code, data))
    device.on_thing_prop_changed = lambda params, _user: changes.put(params)
    connect(device, "connect")
    for properties in task["posts"]:
        device.thing_post_property(properties)
        code, data = replies.get(timeout=PATIENCE)
        say("post", code=code, data=data)
    say("set", params=changes.get(timeout=PATIENCE))
    sys.stdin.readline()
    end(device)

    credentials = register_without_list(task, task["newcomer"])
    newcomer = linked(task, task["newcomer"], product_secret=None, **credentials)
    connect(newcomer, "connect with token")
    end(newcomer)


if __name__ == "__main__":
    main()
