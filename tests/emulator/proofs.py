"""Proofs: checks the signature, the token or the HTTPS session of a CONNECT that is no registration.

The documents name a securemode for each proof, and no code for a wrong one. Here a wrong one is an ill-formed client ID
(CONNACK 2), the strictest reading, so that no client comes to depend on a lax one. The documents also leave
open if a token or a session needs TLS; here neither does.
"""

import hmac
from typing import TYPE_CHECKING

from .codes import ConnectRefusedError
from .packets import Connack, Connect
from .signing import is_known, is_signed

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import Device, Transport
    from .identity import ClientId

SIGNED_SECURE_MODES = ("2",)
# The console prints securemode 2 beside port 1883, and devices send it over TCP.
SIGNED_SECURE_MODES_WITHOUT_TLS = ("2", "3")
SESSION_SECURE_MODE = "-1"
TOKEN_SECURE_MODE = "-2"
# For a client that names none.
DEFAULT_METHOD = "hmacmd5"


def proves(cloud: Cloud, device: Device | None, connect: Connect, client_id: ClientId, transport: Transport) -> bool:
    """Tell whether a CONNECT comes from the device that it names; ConnectRefusedError for an ill-formed one."""
    if client_id.auth_type == "connwl":
        _demand(client_id, TOKEN_SECURE_MODE)
        return device is not None and _has_token(device, connect, client_id)
    in_session = device is not None and device.iot_id == connect.username
    if in_session or client_id.secure_mode == SESSION_SECURE_MODE:
        _demand(client_id, SESSION_SECURE_MODE)
        return device is not None and in_session and _has_session(cloud, device, connect)
    _demand(client_id, *(SIGNED_SECURE_MODES if transport.is_secure else SIGNED_SECURE_MODES_WITHOUT_TLS))
    method = client_id.sign_method or DEFAULT_METHOD
    if not is_known(method):
        raise ConnectRefusedError(Connack.IDENTIFIER_REJECTED)
    return device is not None and _has_signed(device, connect, client_id, method)


def _demand(client_id: ClientId, *secure_modes: str) -> None:
    if client_id.secure_mode not in secure_modes:
        raise ConnectRefusedError(Connack.IDENTIFIER_REJECTED)


def _has_token(device: Device, connect: Connect, client_id: ClientId) -> bool:
    known = device.token and client_id.bare == device.token_client_id
    return bool(known) and _same(connect.password, device.token)


def _has_session(cloud: Cloud, device: Device, connect: Connect) -> bool:
    return cloud.is_session_valid(device) and _same(connect.password, device.iot_token)


def _has_signed(device: Device, connect: Connect, client_id: ClientId, method: str) -> bool:
    signed = {"clientId": client_id.bare, "deviceName": device.device_name, "productKey": device.product_key}
    if "timestamp" in client_id.pairs:
        # Any text passes, because the platform does not check the time itself.
        signed["timestamp"] = client_id.pairs["timestamp"]
    return is_signed(connect.password, method, device.secret, signed)


def _same(password: str, secret: str) -> bool:
    return hmac.compare_digest(password.encode(), secret.encode())
