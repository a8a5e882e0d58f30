"""Authentication over HTTPS, the older way in: a signature by the DeviceSecret buys a session, and says where.

Open in the sources, and chosen here: `iotId` stays the device's own for ever, a new `iotToken` voids the one before,
and `resources` are told whether they were asked for or not.
"""

from collections.abc import Mapping
from ipaddress import ip_address
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .codes import Code, RefusedError
from .device import now_ms
from .identity import LONGEST_BARE_ID
from .proofs import DEFAULT_METHOD
from .signing import is_known, is_signed

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import Device, JsonObject

REQUIRED = ("productKey", "deviceName", "clientId", "sign")
# Every other field is signed, also one that no document names. `signmethod` is in small letters only.
UNSIGNED = frozenset({"sign", "signmethod", "version", "resources"})
MQTT_PORT = 1883


def authenticate(cloud: Cloud, fields: Mapping[str, str], host: str) -> JsonObject:
    """Return the `data` of the answer; `host` is what the request called this host, with or without a port."""
    device = _verified(cloud, fields)
    device.iot_id = device.iot_id or secrets.token_hex(15)
    device.iot_token = secrets.token_hex(16)
    device.iot_token_issued = now_ms()
    device.authentications += 1
    cloud.save()
    assigned_host, assigned_port = _assigned(cloud, device, host)
    return {
        "iotId": device.iot_id,
        "iotToken": device.iot_token,
        "resources": {"mqtt": {"host": assigned_host, "port": assigned_port}},
    }


def _verified(cloud: Cloud, fields: Mapping[str, str]) -> Device:
    well_formed = all(fields.get(name) for name in REQUIRED) and len(fields["clientId"]) <= LONGEST_BARE_ID
    # Of the timestamp only the form: there is no window that it must be in.
    if not well_formed or not fields.get("timestamp", "0").isdecimal():
        raise RefusedError(Code.PARAMETER_ERROR, "request parameter error")
    if fields["productKey"] not in cloud.products:
        raise RefusedError(Code.PRODUCT_NOT_FOUND, "product not found")
    method = fields.get("signmethod") or DEFAULT_METHOD
    if not is_known(method):
        raise RefusedError(Code.SIGN_METHOD_UNKNOWN, "sign method is not supported")
    device = cloud.find(fields["productKey"], fields["deviceName"])
    if device is None or device.deleted:
        raise RefusedError(Code.DEVICE_NOT_FOUND, "device not found")
    signed = {name: value for name, value in fields.items() if name not in UNSIGNED}
    if not is_signed(fields["sign"], method, device.secret, signed):
        raise RefusedError(Code.WRONG_SIGN, "sign check failed")
    if device.disabled:
        raise RefusedError(Code.DEVICE_DISABLED, "device is disabled")
    return device


def _assigned(cloud: Cloud, device: Device, host: str) -> tuple[str, int]:
    """Return where the session is to be used: as configured, else here, else at the region's public host."""
    if cloud.assign is not None:
        return cloud.assign
    if name := _name_of_this_machine(host):
        return name, cloud.mqtt_port
    return f"public.iot-as-mqtt.{cloud.region_of(device.product_key)}.aliyuncs.com", MQTT_PORT


def _name_of_this_machine(host: str) -> str:
    """Return what was asked for, if it is an address or localhost, without the port."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name if name == "localhost" else str(ip_address(name))
    except ValueError:
        return ""
