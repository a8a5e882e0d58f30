"""Who may connect: a CONNECT in, a CONNACK code out."""

import asyncio
from dataclasses import dataclass
import hmac
from typing import TYPE_CHECKING

from .codes import RefusedError
from .device import Attempt, Device, Transport, now_ms
from .identity import ClientId, MalformedIdentityError, split_username
from .packets import Connack, Connect
from .registration import Application, register, register_without_list
from .signing import is_known, is_signed

if TYPE_CHECKING:
    from .cloud import Cloud

REGISTRATIONS = {"register": register, "regnwl": register_without_list}
REGISTRATION_SECURE_MODES = ("2", "-2")
SIGNED_SECURE_MODES = ("2", "3")
TOKEN_SECURE_MODE = "-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    code: int
    device: Device | None = None
    # "register" or "regnwl" where the CONNECT was a registration.
    registration: str = ""
    # The system's own topics need no SUBSCRIBE.
    system_subscribe: bool = False


class _RejectedError(Exception):
    def __init__(self, code: Connack) -> None:
        super().__init__(code)
        self.code = code


def judge(cloud: Cloud, connect: Connect, transport: Transport) -> Verdict:
    """Decide about a CONNECT and note it on the device that it names."""
    try:
        verdict = _judge(cloud, connect, transport)
    except _RejectedError as rejected:
        verdict = Verdict(code=rejected.code)
    device = verdict.device or _named(cloud, connect)
    if device is not None:
        device.note_connect(Attempt(time=now_ms(), code=verdict.code, client_id=connect.client_id, transport=transport))
        cloud.changed()
    return verdict


def _judge(cloud: Cloud, connect: Connect, transport: Transport) -> Verdict:
    try:
        client_id = ClientId.parse(connect.client_id)
    except MalformedIdentityError:
        raise _RejectedError(Connack.IDENTIFIER_REJECTED) from None
    registration = client_id.auth_type if client_id.auth_type in REGISTRATIONS else ""
    if fault := cloud.faults.take_connack(registration=bool(registration)):
        return Verdict(code=fault.code)
    named = _named(cloud, connect)
    now = asyncio.get_running_loop().time()
    if named is not None and not named.connect_window.admits(cloud.limits.connects_per_minute, now):
        raise _RejectedError(Connack.SERVER_UNAVAILABLE)
    if registration:
        device = _registered(cloud, connect, client_id, transport)
        return Verdict(code=Connack.ACCEPTED, device=device, registration=registration)
    if not cloud.limits.admit_keep_alive(connect.keep_alive):
        raise _RejectedError(Connack.SERVER_UNAVAILABLE)
    device = _authenticated(named, connect, client_id)
    return Verdict(
        code=Connack.ACCEPTED,
        device=device,
        system_subscribe=client_id.pairs.get("_ss") == "1",
    )


def _named(cloud: Cloud, connect: Connect) -> Device | None:
    try:
        return cloud.find(*split_username(connect.username))
    except MalformedIdentityError:
        return None


def _registered(cloud: Cloud, connect: Connect, client_id: ClientId, transport: Transport) -> Device:
    pairs = client_id.pairs
    complete = pairs.get("random") and connect.password and is_known(client_id.sign_method)
    if not transport.is_secure or not complete or pairs.get("securemode") not in REGISTRATION_SECURE_MODES:
        raise _RejectedError(Connack.IDENTIFIER_REJECTED)
    try:
        product_key, device_name = split_username(connect.username)
        application = Application(
            product_key=product_key,
            device_name=device_name,
            random=pairs["random"],
            sign=connect.password,
            sign_method=client_id.sign_method,
            instance_id=pairs.get("instanceId", ""),
        )
        return REGISTRATIONS[client_id.auth_type](cloud, application)
    except MalformedIdentityError, RefusedError:
        # There is no finer answer over MQTT.
        raise _RejectedError(Connack.BAD_USERNAME_OR_PASSWORD) from None


def _authenticated(device: Device | None, connect: Connect, client_id: ClientId) -> Device:
    check = _has_token if client_id.auth_type == "connwl" else _has_signed
    proven = check(device, connect, client_id)
    if device is None or not proven:
        raise _RejectedError(Connack.BAD_USERNAME_OR_PASSWORD)
    if device.disabled or device.deleted:
        raise _RejectedError(Connack.NOT_AUTHORIZED)
    return device


def _has_token(device: Device | None, connect: Connect, client_id: ClientId) -> bool:
    if client_id.pairs.get("securemode") != TOKEN_SECURE_MODE:
        raise _RejectedError(Connack.IDENTIFIER_REJECTED)
    if device is None or not device.token or client_id.bare != device.token_client_id:
        return False
    return hmac.compare_digest(connect.password.encode(), device.token.encode())


def _has_signed(device: Device | None, connect: Connect, client_id: ClientId) -> bool:
    method = client_id.sign_method or "hmacmd5"
    if client_id.pairs.get("securemode") not in SIGNED_SECURE_MODES or not is_known(method):
        raise _RejectedError(Connack.IDENTIFIER_REJECTED)
    if device is None:
        return False
    signed = {"clientId": client_id.bare, "deviceName": device.device_name, "productKey": device.product_key}
    if "timestamp" in client_id.pairs:
        # Any text will do: the platform does not look at the time itself.
        signed["timestamp"] = client_id.pairs["timestamp"]
    return is_signed(connect.password, method, device.secret, signed)
