"""Ways: every way to register and to connect, and the connection that the platform should see for each."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from .platform import PRODUCT_KEY, PRODUCT_SECRET

REGION = "cn-shanghai"
INSTANCE_ID = "iot-demo0home"
# The platform sends devices here that authenticate over HTTPS first.
ASSIGNED = (f"public.iot-as-mqtt.{REGION}.aliyuncs.com", 443)


class Register(StrEnum):
    """The device's way to its credentials."""

    MQTT = "MQTT"
    NOT_ADDED = "MQTT, not added"
    HTTPS = "HTTPS"
    PASTED = "pasted DeviceSecret"


class Connect(StrEnum):
    """The device's way to connect."""

    TLS_8883 = "TLS 8883"
    TLS_443 = "TLS 443"
    TLS_1883 = "TLS 1883"
    WSS_443 = "WebSocket 443"
    TCP_1883 = "TCP 1883"
    HTTPS_FIRST = "HTTPS first"


class Instance(StrEnum):
    """The kind of instance that has the product."""

    OLD = "old public"
    NEW = "with an id"


PRODUCTS = {Instance.OLD: (PRODUCT_KEY, PRODUCT_SECRET), Instance.NEW: ("k1DemoHome2", "DemoHomeSecret02")}

_REGISTRATION = {Register.MQTT: "mqtt", Register.NOT_ADDED: "mqtt_not_added", Register.HTTPS: "https"}
_NETWORK: dict[Connect, dict[str, Any]] = {
    Connect.TLS_8883: {"transport": "tls"},
    Connect.TLS_443: {"transport": "tls", "port": 443},
    Connect.TLS_1883: {"transport": "tls", "port": 1883},
    Connect.WSS_443: {"transport": "wss"},
    Connect.TCP_1883: {"transport": "tcp"},
    Connect.HTTPS_FIRST: {"transport": "https_first"},
}
_PORT = {
    Connect.TLS_8883: 8883,
    Connect.TLS_443: 443,
    Connect.TLS_1883: 1883,
    Connect.WSS_443: 443,
    Connect.TCP_1883: 1883,
}
_OVER_MQTT = {Register.MQTT, Register.NOT_ADDED}
_CAN_REGISTER = {Connect.TLS_8883, Connect.TLS_443, Connect.TLS_1883, Connect.WSS_443}
_CARRIER = {Connect.WSS_443: "wss", Connect.TCP_1883: "tcp"}
_SECURE_MODE = {Connect.TCP_1883: "3", Connect.HTTPS_FIRST: "-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One row of the matrix."""

    register: Register
    connect: Connect
    instance: Instance

    @property
    def device_name(self) -> str:
        words = (self.register.name, self.connect.name, self.instance.name)
        return "-".join(words).lower().replace("_", "-")[:32]

    @property
    def typed(self) -> dict[str, str]:
        """Return the values that a person types from the console."""
        product_key, product_secret = PRODUCTS[self.instance]
        typed = {
            "product_key": product_key,
            "product_secret": product_secret,
            "device_name": self.device_name,
            "region": REGION,
        }
        return typed | ({"instance_id": INSTANCE_ID} if self.instance is Instance.NEW else {})

    @property
    def device_secret(self) -> str | None:
        """Return the DeviceSecret that the platform's console shows for pasting."""
        if self.register is not Register.PASTED:
            return None
        return self.device_name.encode().hex()[-32:]

    @property
    def network(self) -> dict[str, Any]:
        """Return the values for the section about the network."""
        typed = dict(_NETWORK[self.connect])
        if self.register in _REGISTRATION:
            typed["registration"] = _REGISTRATION[self.register]
        return typed

    @property
    def refusal(self) -> str | None:
        """Return the key of the text with which the flow refuses this way, if it should."""
        refused = self.register is Register.NOT_ADDED and self.connect is Connect.HTTPS_FIRST
        return "https_first_needs_secret" if refused else None

    @property
    def carrier(self) -> str:
        """Return the carrier of MQTT that the platform should see."""
        return _CARRIER.get(self.connect, "tls")

    @property
    def pairs(self) -> dict[str, str]:
        """Return the pairs that the last client id should contain."""
        if self.register is Register.NOT_ADDED:
            return {"securemode": "-2", "authType": "connwl"}
        return {"securemode": _SECURE_MODE.get(self.connect, "2")}

    @property
    def places(self) -> set[tuple[str, int]]:
        """Return the hosts and ports that should be asked for; no others may be."""
        old = f"{PRODUCTS[self.instance][0]}.iot-as-mqtt.{REGION}.aliyuncs.com"
        host = old if self.instance is Instance.OLD else f"{INSTANCE_ID}.mqtt.iothub.aliyuncs.com"
        places = {ASSIGNED if self.connect is Connect.HTTPS_FIRST else (host, _PORT[self.connect])}
        if self.register is Register.HTTPS or self.connect is Connect.HTTPS_FIRST:
            places.add((f"iot-auth.{REGION}.aliyuncs.com", 443))
        if self.register in _OVER_MQTT and self.connect not in _CAN_REGISTER:
            # Registration goes over TLS, whatever the connection uses later.
            places.add((host, 8883))
        return places


def products(ways: Iterable[Way]) -> list[dict[str, Any]]:
    """Return the platform's stock for these ways: a product for each kind of instance, and their devices."""
    found: list[dict[str, Any]] = []
    chosen = list(ways)
    for instance, (product_key, product_secret) in PRODUCTS.items():
        own = [way for way in chosen if way.instance is instance and way.register is not Register.NOT_ADDED]
        devices = [
            {"device_name": way.device_name} | ({"device_secret": secret} if (secret := way.device_secret) else {})
            for way in own
        ]
        one = {"product_key": product_key, "product_secret": product_secret, "devices": devices}
        found.append(one | ({"instance_id": INSTANCE_ID} if instance is Instance.NEW else {}))
    return found


def _way(register: Register, connect: Connect, instance: Instance) -> Way:
    return Way(register=register, connect=connect, instance=instance)


FULL = [_way(*row) for row in product(Register, Connect, Instance)]
# Each of the ways once.
SHORT = [
    _way(Register.MQTT, Connect.TLS_8883, Instance.OLD),
    _way(Register.NOT_ADDED, Connect.TLS_443, Instance.NEW),
    _way(Register.HTTPS, Connect.WSS_443, Instance.NEW),
    _way(Register.PASTED, Connect.TCP_1883, Instance.OLD),
    _way(Register.HTTPS, Connect.HTTPS_FIRST, Instance.OLD),
    _way(Register.MQTT, Connect.TLS_1883, Instance.NEW),
]
