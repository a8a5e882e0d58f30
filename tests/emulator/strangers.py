"""Strangers: refuses requests that a page of another site makes a browser send."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from .tester import complaint

HTTP_PORT = 80
READING = {"GET", "HEAD"}


@web.middleware
async def refuse_strangers(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer requests for this machine's own host, and let only its own pages and tools change anything."""
    if not _is_for_this_machine(request):
        # Any name can be made to lead here, and its pages would count as ours.
        return complaint(web.HTTPForbidden.status_code, PermissionError("not the emulator's own host"))
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    foreign |= request.headers.get("Origin", f"http://{request.host}") != f"http://{request.host}"
    if foreign and request.method not in READING:
        return complaint(web.HTTPForbidden.status_code, PermissionError("not from another site"))
    response: web.StreamResponse = await handler(request)
    return response


def _is_for_this_machine(request: web.Request) -> bool:
    assert request.transport is not None
    address, port, *_ = request.transport.get_extra_info("sockname")
    try:
        host = urlsplit(f"//{request.host}")
        own_port = (host.port or HTTP_PORT) == port
        return own_port and (host.hostname in {"localhost", address} or ip_address(host.hostname or "").is_loopback)
    except ValueError:
        return False
