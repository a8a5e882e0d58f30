"""HTTPS host: dynamic registration and authentication."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from aiohttp import web

from .alink import encode
from .authentication import authenticate
from .codes import Code, RefusedError
from .faults import HttpsFault, Only
from .hosts import serves
from .registration import Application, register

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import JsonObject

REQUIRED = ("productKey", "deviceName", "random", "sign", "signMethod")

type Service = Callable[[Cloud, Mapping[str, str], str], JsonObject]


def application(cloud: Cloud) -> web.Application:
    def serving(service: Service, kind: Only) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            form = _fields(await request.text())
            fault = cloud.faults.take_https(kind)
            if fault and fault.replaces_answer:
                response = _broken(fault)
            else:
                response = _answer(lambda: _served(cloud, service, form, request.host))
            # One request a connection: no connection lingers for a second one.
            response.force_close()
            return await _dripped(request, response, fault.drip) if fault and fault.drip else response

        return answer

    app = web.Application()
    app.router.add_post("/auth/register/device", serving(_register, Only.REGISTRATION))
    app.router.add_post("/auth/devicename", serving(authenticate, Only.AUTHENTICATION))
    return app


def _fields(form: str) -> dict[str, str]:
    # The C SDKs send raw values, the others %-encode them; all sign the raw ones.
    pairs = (pair.partition("=") for pair in form.split("&"))
    return {name: unquote_plus(value) for name, _, value in pairs if name}


def _served(cloud: Cloud, service: Service, form: Mapping[str, str], host: str) -> JsonObject:
    product = cloud.products.get(form.get("productKey", ""))
    name, _, _ = host.lower().partition(":")
    if product and not serves(name, product, cloud.region_of(product.product_key)):
        # The sources name no code for the host of another region.
        raise RefusedError(Code.PRODUCT_NOT_FOUND, "product not found")
    return service(cloud, form, host)


async def _dripped(request: web.Request, response: web.Response, pause: float) -> web.StreamResponse:
    """Send an answer with a pause before each byte of its body."""
    assert isinstance(response.body, bytes)
    slow = web.StreamResponse(status=response.status, headers=response.headers)
    slow.content_length = len(response.body)
    slow.force_close()
    await slow.prepare(request)
    # A peer that gives up is no error of the emulator.
    with suppress(ConnectionError):
        for number in response.body:
            await asyncio.sleep(pause)
            await slow.write(bytes([number]))
    return slow


def _broken(fault: HttpsFault) -> web.Response:
    if fault.body is not None or fault.code is None:
        return web.Response(status=fault.status, text=fault.body or "", content_type="text/html")
    return _json({"code": fault.code, "message": fault.text}, status=fault.status)


def _answer(service: Callable[[], JsonObject]) -> web.Response:
    # An error has status 200, too; only the body tells.
    try:
        return _json({"code": Code.SUCCESS, "data": service(), "message": "success"})
    except RefusedError as refused:
        return _json({"code": refused.code, "message": refused.text})


def _json(body: JsonObject, *, status: int = web.HTTPOk.status_code) -> web.Response:
    return web.Response(status=status, body=encode(body), content_type="application/json", charset="utf-8")


def _register(cloud: Cloud, fields: Mapping[str, str], _: str) -> JsonObject:
    if not all(fields.get(name) for name in REQUIRED):
        raise RefusedError(Code.PARAMETER_ERROR, "request parameter error")
    device = register(
        cloud,
        Application(
            product_key=fields["productKey"],
            device_name=fields["deviceName"],
            random=fields["random"],
            sign=fields["sign"],
            sign_method=fields["signMethod"],
        ),
    )
    return {
        "deviceName": device.device_name,
        "deviceSecret": device.secret,
        "productKey": device.product_key,
    }
