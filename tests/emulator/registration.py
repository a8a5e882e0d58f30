"""Registration: trades a signature by the ProductSecret for a new DeviceSecret, until the device is activated."""

from dataclasses import dataclass
import secrets
from typing import TYPE_CHECKING

from .codes import Code, RefusedError
from .signing import is_known, is_signed

if TYPE_CHECKING:
    from .cloud import Cloud
    from .device import Device

# The only region that registers devices without adding them beforehand.
REGION_WITHOUT_LIST = "cn-shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A device's application, the same over MQTT and HTTPS."""

    product_key: str
    device_name: str
    random: str
    sign: str
    sign_method: str
    instance_id: str = ""


def register(cloud: Cloud, application: Application) -> Device:
    """Give a device that was added beforehand a new secret, and void the old one."""
    _verify(cloud, application)
    device = cloud.find(application.product_key, application.device_name)
    if device is None or device.deleted:
        raise RefusedError(Code.DEVICE_NOT_FOUND, "device not found")
    _check_open(device)
    device.secret = secrets.token_hex(16)
    # A session opened with the void secret is void as well.
    device.iot_token = ""
    device.registration = "register"
    cloud.save()
    return device


def register_without_list(cloud: Cloud, application: Application) -> Device:
    """Give any device a client id and a token."""
    if cloud.region_of(application.product_key) != REGION_WITHOUT_LIST:
        raise RefusedError(Code.REGISTRATION_OFF, "not in this region")
    _verify(cloud, application)
    device = cloud.find(application.product_key, application.device_name)
    if device is None or device.deleted:
        device = cloud.add_device(application.product_key, application.device_name)
    _check_open(device)
    device.token_client_id = secrets.token_urlsafe(12)
    device.token = secrets.token_urlsafe(24)
    device.registration = "regnwl"
    cloud.save()
    return device


def _verify(cloud: Cloud, application: Application) -> None:
    product = cloud.products.get(application.product_key)
    if product is None:
        raise RefusedError(Code.PRODUCT_NOT_FOUND, "product not found")
    if not product.dynamic_registration:
        raise RefusedError(Code.REGISTRATION_OFF, "dynamic register is not enabled")
    if application.instance_id and product.instance_id and application.instance_id != product.instance_id:
        raise RefusedError(Code.PRODUCT_NOT_FOUND, "product not found in this instance")
    if not is_known(application.sign_method):
        raise RefusedError(Code.SIGN_METHOD_UNKNOWN, "sign method is not supported")
    signed = {
        "deviceName": application.device_name,
        "productKey": application.product_key,
        "random": application.random,
    }
    if not is_signed(application.sign, application.sign_method, product.product_secret, signed):
        raise RefusedError(Code.WRONG_SIGN, "sign check failed")


def _check_open(device: Device) -> None:
    if device.disabled:
        raise RefusedError(Code.DEVICE_DISABLED, "device is disabled")
    if device.activated:
        raise RefusedError(Code.ALREADY_ACTIVE, "device is already active")
