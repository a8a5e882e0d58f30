"""What a tester's requests hold, and what is answered to those that hold something else."""

from collections.abc import Mapping
import json
from typing import Any

from aiohttp import web

from .device import JsonObject


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004  # what the caller sent is no type of ours
    return value


async def content(request: web.Request, largest: int) -> bytes:
    """Read a file to its end, and keep of one that is too large just enough for that to be seen."""
    read = bytearray()
    async for chunk in request.content.iter_any():
        if len(read) <= largest:
            read += chunk
    return bytes(read)


async def json_object(request: web.Request) -> JsonObject:
    body: Any = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # what the caller sent is no type of ours
    return body


@web.middleware
async def speak_json(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer what the caller got wrong with a sentence instead of a page."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        # Any page that is open in the same browser could send this.
        return _complaint(web.HTTPForbidden.status_code, PermissionError("not from another site"))
    try:
        response: web.StreamResponse = await handler(request)
    except ValueError as error:
        return _complaint(web.HTTPBadRequest.status_code, error)
    except LookupError as error:
        return _complaint(web.HTTPNotFound.status_code, error)
    return response


def _complaint(status: int, error: Exception) -> web.Response:
    body: Mapping[str, object] = {"code": status, "message": str(error)}
    return web.json_response(body, status=status)
