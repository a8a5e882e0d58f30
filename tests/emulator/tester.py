"""Tester: reads a tester's requests, and answers malformed ones with a sentence."""

from collections.abc import Mapping
import json
from typing import Any

from aiohttp import web

from .device import JsonObject


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004  # a mistake in a request, not in our code
    return value


async def content(request: web.Request, largest: int) -> bytes:
    """Read a file to its end; of a file that is too large, keep just enough to see that it is."""
    read = bytearray()
    async for chunk in request.content.iter_any():
        if len(read) <= largest:
            read += chunk
    return bytes(read)


async def json_object(request: web.Request) -> JsonObject:
    body: Any = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # a mistake in a request, not in our code
    return body


@web.middleware
async def speak_json(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer a wrong request with a sentence instead of a page."""
    try:
        response: web.StreamResponse = await handler(request)
    except ValueError as error:
        return complaint(web.HTTPBadRequest.status_code, error)
    except LookupError as error:
        return complaint(web.HTTPNotFound.status_code, error)
    return response


def complaint(status: int, error: Exception) -> web.Response:
    body: Mapping[str, object] = {"code": status, "message": str(error)}
    return web.json_response(body, status=status)
