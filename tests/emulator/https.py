"""HTTPS host: dynamic registration and authentication."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from aiohttp import web

from .authentication import authenticate
from .codes import Code, RefusedError
from .faults import HttpsFault, Only
from .registration import Application, register

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import JsonObject

REQUIRED = ("productKey", "deviceName", "random", "sign", "signMethod")

type Service = Callable[[Cloud, Mapping[str, str], str], JsonObject]


def application(cloud: Cloud) -> web.Application:
    def serving(service: Service, kind: Only) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            form = _fields(await request.text())
            fault = cloud.faults.take_https(kind)
            response = _broken(fault) if fault else _answer(lambda: service(cloud, form, request.host))
            # One request a connection: no connection lingers for a second one.
            response.force_close()
            return response

        return answer

    app = web.Application()
    app.router.add_post("/auth/register/device", serving(_register, Only.REGISTRATION))
    app.router.add_post("/auth/devicename", serving(authenticate, Only.AUTHENTICATION))
    return app


def _fields(form: str) -> dict[str, str]:
    # The C SDKs send raw values, the others %-encode them; all sign the raw ones.
    pairs = (pair.partition("=") for pair in form.split("&"))
    return {name: unquote_plus(value) for name, _, value in pairs if name}


def _broken(fault: HttpsFault) -> web.Response:
    if fault.body is not None or fault.code is None:
        return web.Response(status=fault.status, text=fault.body or "", content_type="text/html")
    return web.json_response({"code": fault.code, "message": fault.text}, status=fault.status)


def _answer(service: Callable[[], JsonObject]) -> web.Response:
    # An error has status 200, too; only the body tells.
    try:
        return web.json_response({"code": Code.SUCCESS, "data": service(), "message": "success"})
    except RefusedError as refused:
        return web.json_response({"code": refused.code, "message": refused.text})


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
