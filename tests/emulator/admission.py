"""Admission: answers a CONNECT with a CONNACK code."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .codes import ConnectRefusedError, RefusedError
from .device import Attempt, Device, Transport, now_ms
from .faults import Only
from .hosts import is_platform_name, serves
from .identity import ClientId, MalformedIdentityError, split_username
from .packets import Connack, Connect
from .proofs import proves
from .registration import Application, register, register_without_list
from .signing import is_known

if TYPE_CHECKING:
    from .cloud import Cloud

REGISTRATIONS = {"register": register, "regnwl": register_without_list}
REGISTRATION_SECURE_MODES = ("2", "-2")
# A bit of `ext=`.
RRPC_ON_ANY_TOPIC = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    code: int
    device: Device | None = None
    # "register" or "regnwl"; empty for a CONNECT that is no registration.
    registration: str = ""
    # The device receives the system's own topics without a SUBSCRIBE.
    system_subscribe: bool = False
    # The device takes synchronous calls on `/ext/rrpc/...`.
    rrpc_on_any_topic: bool = False


def judge(cloud: Cloud, connect: Connect, transport: Transport, host: str) -> Verdict:
    """Decide about a CONNECT to a host, if its name is known, and note it on the device that it names."""
    try:
        verdict = _judge(cloud, connect, transport, host)
    except ConnectRefusedError as refused:
        verdict = Verdict(code=refused.code)
    device = verdict.device or _named(cloud, connect)
    if device is not None:
        device.note_connect(Attempt(time=now_ms(), code=verdict.code, client_id=connect.client_id, transport=transport))
        cloud.changed()
    return verdict


def _judge(cloud: Cloud, connect: Connect, transport: Transport, host: str) -> Verdict:
    try:
        client_id = ClientId.parse(connect.client_id)
    except MalformedIdentityError:
        raise ConnectRefusedError(Connack.IDENTIFIER_REJECTED) from None
    registration = client_id.auth_type if client_id.auth_type in REGISTRATIONS else ""
    if fault := cloud.faults.take_connack(Only.REGISTRATION if registration else Only.NORMAL):
        return Verdict(code=fault.code)
    named = _named(cloud, connect)
    now = asyncio.get_running_loop().time()
    if named is not None and not named.connect_window.admits(cloud.limits.connects_per_minute, now):
        raise ConnectRefusedError(Connack.SERVER_UNAVAILABLE)
    if _is_elsewhere(cloud, connect, host):
        raise ConnectRefusedError(Connack.BAD_USERNAME_OR_PASSWORD)
    if registration:
        device = _registered(cloud, connect, client_id, transport)
        return Verdict(code=Connack.ACCEPTED, device=device, registration=registration)
    if cloud.faults.overdue or not cloud.limits.admit_keep_alive(connect.keep_alive):
        raise ConnectRefusedError(Connack.IDENTIFIER_REJECTED)
    device = _authenticated(cloud, named, connect, client_id, transport)
    return Verdict(
        code=Connack.ACCEPTED,
        device=device,
        system_subscribe=client_id.pairs.get("_ss") == "1",
        rrpc_on_any_topic=client_id.ext & RRPC_ON_ANY_TOPIC != 0,
    )


def _is_elsewhere(cloud: Cloud, connect: Connect, host: str) -> bool:
    """Tell whether the host is of another region or instance than the product."""
    try:
        product_key, _ = split_username(connect.username)
    except MalformedIdentityError:
        # A session from authentication over HTTPS: the platform itself named the host.
        return False
    asked = host if is_platform_name(host) else cloud.faults.mqtt_host
    product = cloud.products.get(product_key)
    return product is not None and not serves(asked, product, cloud.region_of(product_key))


def _named(cloud: Cloud, connect: Connect) -> Device | None:
    if device := cloud.find_session(connect.username):
        return device
    try:
        return cloud.find(*split_username(connect.username))
    except MalformedIdentityError:
        return None


def _registered(cloud: Cloud, connect: Connect, client_id: ClientId, transport: Transport) -> Device:
    pairs = client_id.pairs
    complete = pairs.get("random") and connect.password and is_known(client_id.sign_method)
    if not transport.is_secure or not complete or client_id.secure_mode not in REGISTRATION_SECURE_MODES:
        raise ConnectRefusedError(Connack.IDENTIFIER_REJECTED)
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
        # MQTT has no code for the exact reason.
        raise ConnectRefusedError(Connack.BAD_USERNAME_OR_PASSWORD) from None


def _authenticated(
    cloud: Cloud, device: Device | None, connect: Connect, client_id: ClientId, transport: Transport
) -> Device:
    proven = proves(cloud, device, connect, client_id, transport)
    # The platform does not tell a disabled device from a wrong secret.
    if device is None or not proven or device.disabled or device.deleted:
        raise ConnectRefusedError(Connack.BAD_USERNAME_OR_PASSWORD)
    return device
