"""Dynamic registration over HTTPS: `POST /auth/register/device`."""

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from aiohttp import web

from .codes import Code, RefusedError
from .registration import Application, register

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import JsonObject

REQUIRED = ("productKey", "deviceName", "random", "sign", "signMethod")


def application(cloud: Cloud) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        response = _answer(cloud, await request.text())
        # One registration, one connection: nothing lingers for a second one.
        response.force_close()
        return response

    app = web.Application()
    app.router.add_post("/auth/register/device", answer)
    return app


def _answer(cloud: Cloud, form: str) -> web.Response:
    fault = cloud.faults.take_https()
    if fault is not None and (fault.body is not None or fault.code is None):
        return web.Response(status=fault.status, text=fault.body or "", content_type="text/html")
    if fault is not None:
        return web.json_response({"code": fault.code, "message": fault.text}, status=fault.status)
    # An error is a 200, too: only the body tells.
    return web.json_response(_registered(cloud, form))


def _registered(cloud: Cloud, form: str) -> JsonObject:
    # The C SDKs send the values as they are, the others %-encode them: the sign is over the raw ones.
    pairs = (pair.partition("=") for pair in form.split("&"))
    fields = {name: unquote_plus(value) for name, _, value in pairs}
    if not all(fields.get(name) for name in REQUIRED):
        return {"code": Code.PARAMETER_ERROR, "message": "request parameter error"}
    try:
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
    except RefusedError as refused:
        return {"code": refused.code, "message": refused.text}
    data = {
        "deviceName": device.device_name,
        "deviceSecret": device.secret,
        "productKey": device.product_key,
    }
    return {"code": Code.SUCCESS, "data": data, "message": "success"}
