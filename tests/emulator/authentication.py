"""Authentication over HTTPS, the older way in: trades a signature by the DeviceSecret for a session and its host.

The sources leave three points open. Here, a device keeps its `iotId` for ever, a new `iotToken` voids the one before,
and the answer always has `resources`.
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
# All other fields are signed, even undocumented ones. `signmethod` is spelled in small letters only.
UNSIGNED = frozenset({"sign", "signmethod", "version", "resources"})
MQTT_PORT = 1883


def authenticate(cloud: Cloud, fields: Mapping[str, str], host: str) -> JsonObject:
    """Return the `data` of the answer; `host` is the request's Host header, with or without a port."""
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
    # Only the timestamp's form counts: no document limits its age.
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
    """Return the session's host and port: the configured ones, else this machine's, else the region's public ones."""
    if cloud.assign is not None:
        return cloud.assign
    if name := _name_of_this_machine(host):
        return name, cloud.mqtt_port
    return f"public.iot-as-mqtt.{cloud.region_of(device.product_key)}.aliyuncs.com", MQTT_PORT


def _name_of_this_machine(host: str) -> str:
    """Return an address or localhost without its port, an empty text for any other name."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name if name == "localhost" else str(ip_address(name))
    except ValueError:
        return ""
