"""A plain registration over HTTPS, as a person does it with a script to get a DeviceSecret for pasting."""

import hmac
import ssl

import aiohttp

from .platform import Platform

RANDOM = "567345"


class RegistrationError(Exception):
    """The platform handed out nothing."""


async def device_secret(http: aiohttp.ClientSession, platform: Platform, typed: dict[str, str]) -> str:
    """Register a device that has been added to its product, and return its DeviceSecret."""
    form = {"productKey": typed["product_key"], "deviceName": typed["device_name"], "random": RANDOM}
    content = "".join(name + form[name] for name in sorted(form))
    sign = hmac.digest(typed["product_secret"].encode(), content.encode(), "sha256").hex()
    url = f"https://localhost:{platform.ports['https']}/auth/register/device"
    trusted = ssl.create_default_context(cafile=platform.facts["ca_file"])
    async with http.post(url, data={**form, "sign": sign, "signMethod": "hmacsha256"}, ssl=trusted) as response:
        answer = await response.json()
    if answer["code"] != 200:
        raise RegistrationError(f"{typed['device_name']}: {answer}")
    return str(answer["data"]["deviceSecret"])
