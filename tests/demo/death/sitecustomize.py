"""Let one Home Assistant end itself by SIGKILL at a chosen instant, as a power cut would.

DEMO_DEATH holds the instant as JSON: before or after (`when`) the `nth` `event` with a name that ends in `name`;
`contains` is a text that a replacing file, or what is sent or read, must have. The file that DEMO_DEATH_MARK names
proves that the instant was reached. If there is a DEMO_DEATH_ARMED, nothing counts until the file of that name exists.

    connect   to a host of the platform
    send      over TLS: the name is the packet's first byte in hex (MQTT's CONNECT is 10), or its first word (POST)
    read      from TLS, only "after": 20 is MQTT's CONNACK, 30 a PUBLISH, HTTP an answer over HTTPS
    open, fsync, replace    a file

This folder comes first on PYTHONPATH, so the next `sitecustomize` on it, if there is one, is run from here.
"""  # noqa: INP001 - found by its name on PYTHONPATH, never imported as part of a package

from collections.abc import Iterator
from contextlib import contextmanager
import importlib.machinery
import importlib.util
import json
import os
from pathlib import Path
import signal
import socket
import ssl
import threading
from typing import Any

PLATFORM = ".aliyuncs.com"

_death: dict[str, Any] = json.loads(os.environ["DEMO_DEATH"])
_left = [_death["nth"]]
_armed = os.environ.get("DEMO_DEATH_ARMED")
_lock = threading.Lock()

_open, _fsync, _replace = os.open, os.fsync, os.replace
_create_connection = socket.create_connection
_send, _sendall, _recv, _recv_into = (
    ssl.SSLSocket.send,
    ssl.SSLSocket.sendall,
    ssl.SSLSocket.recv,
    ssl.SSLSocket.recv_into,
)


def _strike(when: str, event: str, name: str, content: str = "") -> None:
    if (when, event) != (_death["when"], _death["event"]) or not name.endswith(_death["name"]):
        return
    if _death["contains"] not in content or not (_armed is None or Path(_armed).exists()):
        return
    with _lock:
        _left[0] -= 1
        if _left[0] == 0:
            mark = _open(os.environ["DEMO_DEATH_MARK"], os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(mark, f"{when} {event} {name}".encode())
            os.kill(os.getpid(), signal.SIGKILL)
            # The process is dead from here on; this only waits for the kernel.
            signal.pause()


@contextmanager
def _passing(event: str, name: str, content: str = "") -> Iterator[None]:
    _strike("before", event, name, content)
    yield
    _strike("after", event, name, content)


def _first(data: Any) -> str:
    """Return HTTP's first word, or MQTT's first byte in hex."""
    start = bytes(data[:4])
    return start.decode() if start in {b"POST", b"HTTP"} else start[:1].hex()


def _text(data: Any) -> str:
    return bytes(data).decode(errors="replace") if _death["contains"] else ""


def _content(path: Any) -> str:
    return Path(path).read_text(errors="replace") if _death["contains"] else ""


def _mortal_open(path: Any, *args: Any, **kwargs: Any) -> int:
    with _passing("open", os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""):
        return _open(path, *args, **kwargs)


def _mortal_fsync(fd: Any) -> None:
    descriptor = fd if isinstance(fd, int) else fd.fileno()
    with _passing("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())):
        _fsync(fd)


def _mortal_replace(src: Any, dst: Any, **kwargs: Any) -> None:
    with _passing("replace", os.fsdecode(dst), _content(src)):
        _replace(src, dst, **kwargs)


def _mortal_create_connection(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
    host = str(address[0])
    with _passing("connect", host if host.endswith(PLATFORM) else ""):
        return _create_connection(address, *args, **kwargs)


def _mortal_send(self: ssl.SSLSocket, data: Any, *args: Any) -> int:
    with _passing("send", _first(data), _text(data)):
        return _send(self, data, *args)


def _mortal_sendall(self: ssl.SSLSocket, data: Any, *args: Any) -> None:
    with _passing("send", _first(data), _text(data)):
        _sendall(self, data, *args)


def _mortal_recv(self: ssl.SSLSocket, *args: Any) -> bytes:
    data = _recv(self, *args)
    _strike("after", "read", _first(data), _text(data))
    return data


def _mortal_recv_into(self: ssl.SSLSocket, buffer: Any, *args: Any) -> int | None:
    count = _recv_into(self, buffer, *args)
    data = memoryview(buffer)[: count or 0]
    _strike("after", "read", _first(data), _text(data))
    return count


def _follow() -> None:
    """Run the `sitecustomize` that this one hides."""
    folders = [folder for folder in os.environ["PYTHONPATH"].split(os.pathsep) if Path(folder) != Path(__file__).parent]
    found = importlib.machinery.PathFinder.find_spec("sitecustomize", folders)
    if found is not None and found.loader is not None:
        found.loader.exec_module(importlib.util.module_from_spec(found))


os.open, os.fsync, os.replace = _mortal_open, _mortal_fsync, _mortal_replace
socket.create_connection = _mortal_create_connection
ssl.SSLSocket.send = _mortal_send  # type: ignore[assignment,method-assign]  # patched on purpose
ssl.SSLSocket.sendall = _mortal_sendall  # type: ignore[assignment,method-assign]  # patched on purpose
ssl.SSLSocket.recv = _mortal_recv  # type: ignore[assignment,method-assign]  # patched on purpose
ssl.SSLSocket.recv_into = _mortal_recv_into  # type: ignore[assignment,method-assign]  # patched on purpose
_follow()
