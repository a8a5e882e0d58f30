"""Let the demo's Home Assistant find the platform's own host names on this machine.

The integration builds the host from ProductKey and region, as it does at home, and no address is typed. To show exactly
this, the demo's Home Assistant alone starts with this folder on PYTHONPATH (Python imports `sitecustomize` by itself),
and the platform's names lead to the emulator: DEMO_PLATFORM_PORTS maps the platform's ports to the emulator's. TLS
stays as it is: the certificate is checked against the name that was asked for.

The patch works for callers of Python's own resolver (sockets, paho, http.client), not for aiohttp's, which Home
Assistant replaces. DEMO_PLATFORM_JOURNAL names a file that gets a line for every name of the platform that this process
asks for.

DEMO_FULL_DISK names a file. While it exists, the disk is full for every other file whose name begins with its text:
opening such a file to write, or moving another one there, fails with ENOSPC. The file gets a line each time.
"""  # noqa: INP001 - found by its name on PYTHONPATH, never imported as part of a package

import errno
import json
import os
from pathlib import Path
import socket
import sys
import time
from typing import Any

PLATFORM = ".aliyuncs.com"

_ports: dict[str, int] = json.loads(os.environ.get("DEMO_PLATFORM_PORTS", "{}"))
_journal = os.environ.get("DEMO_PLATFORM_JOURNAL")
_full = os.environ.get("DEMO_FULL_DISK")
_getaddrinfo = socket.getaddrinfo


def _resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or not name.lower().rstrip(".").endswith(PLATFORM):
        return _getaddrinfo(host, port, *args, **kwargs)
    if _journal is not None:
        with Path(_journal).open("a") as journal:
            journal.write(json.dumps({"time": time.time_ns() // 1_000_000, "host": name, "port": port}) + "\n")
    if (mapped := _ports.get(str(port))) is None:
        # The demo never talks to the real platform, not even by mistake.
        raise socket.gaierror(socket.EAI_NONAME, f"the emulator stands in for no port {port} of {name}")
    return _getaddrinfo("127.0.0.1", mapped, *args, **kwargs)


socket.getaddrinfo = _resolve


def _hold_off(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse writes as a full disk does: an exception in an audit hook becomes the exception of the audited call."""
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        target = arguments[0]
    elif event == "os.rename":
        target = arguments[1]
    else:
        return
    if not isinstance(target, str | bytes | os.PathLike) or target == _full:
        return
    name = os.path.basename(os.fsdecode(target))  # noqa: PTH119  # cheap: every file that is opened comes by here
    if not name.startswith("aliyun_iot.") or not os.path.exists(str(_full)):  # noqa: PTH110  # as above
        return
    sign = Path(str(_full))
    if name.startswith(sign.read_text().partition("\n")[0]):
        with sign.open("a") as lines:
            lines.write(f"{event} {name}\n")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


if _full is not None:
    sys.addaudithook(_hold_off)
