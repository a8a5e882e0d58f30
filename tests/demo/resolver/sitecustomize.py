"""Let the demo's Home Assistant find the platform's own host names on this machine.

The integration builds the host from ProductKey and region, as it does at home, and nobody types an address. So that
the demo shows exactly this, its Home Assistant alone starts with this folder on PYTHONPATH (Python imports
`sitecustomize` by itself), and names of the platform lead to the emulator: DEMO_PLATFORM_PORTS says which port stands
for which. TLS stays as it is: the certificate is checked, against the name that was asked for.

It reaches what asks Python's own resolver (sockets, paho, http.client), not aiohttp's, which Home Assistant replaces.
DEMO_PLATFORM_JOURNAL names a file that gets a line for every name of the platform that this process asks for.
"""  # noqa: INP001 - found by its name on PYTHONPATH, never imported as part of a package

import json
import os
from pathlib import Path
import socket
import time
from typing import Any

PLATFORM = ".aliyuncs.com"

_ports: dict[str, int] = json.loads(os.environ.get("DEMO_PLATFORM_PORTS", "{}"))
_journal = os.environ.get("DEMO_PLATFORM_JOURNAL")
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
