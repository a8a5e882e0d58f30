"""Endpoints: the hosts and ports at which the platform listens."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from .errors import InvalidInputError

HTTPS_PORT: Final = 443

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_PORT_MAX = 65535


class Region(StrEnum):
    """Regions that have an IoT Platform ("Regions and zones"); the last two have Enterprise instances only."""

    CN_SHANGHAI = "cn-shanghai"
    AP_SOUTHEAST_1 = "ap-southeast-1"
    AP_NORTHEAST_1 = "ap-northeast-1"
    US_WEST_1 = "us-west-1"
    US_EAST_1 = "us-east-1"
    EU_CENTRAL_1 = "eu-central-1"
    CN_BEIJING = "cn-beijing"
    CN_SHENZHEN = "cn-shenzhen"


class Transport(StrEnum):
    """The transports of MQTT."""

    TLS = "tls"
    WSS = "wss"
    TCP = "tcp"


# The certificate at 8883 does not end in 2028; 443 is the port that firewalls let through; 1883 takes TCP and TLS
# ("Establish MQTT connections over TCP", "... over TLS", "... over WebSocket").
MQTT_PORTS: Final = {Transport.TLS: 8883, Transport.WSS: 443, Transport.TCP: 1883}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A host and a port; raises InvalidInputError when one of them cannot be."""

    host: str
    port: int
    transport: Transport = Transport.TLS

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise InvalidInputError("host")
        if not 0 < self.port <= _PORT_MAX:
            raise InvalidInputError("port")


def mqtt_host(product_key: str, region: Region, instance_id: str | None = None) -> str:
    """Return the host at which a device of a product connects ("Establish MQTT connections over TCP").

    An instance with an id has a host of its own, named alike in every region; an old public instance has one host per
    product. Raises InvalidInputError for an id that cannot be one.
    """
    if instance_id is None:
        return f"{product_key}.iot-as-mqtt.{region}.aliyuncs.com"
    if not _INSTANCE_ID.fullmatch(instance_id):
        raise InvalidInputError("instance_id")
    return f"{instance_id}.mqtt.iothub.aliyuncs.com"


def https_endpoint(region: Region) -> Endpoint:
    """Return the endpoint for registration and authentication over HTTPS ("HTTPS-based dynamic registration")."""
    return Endpoint(host=f"iot-auth.{region}.aliyuncs.com", port=HTTPS_PORT)


def console_url(region: Region, instance_id: str | None = None) -> str:
    """Return the address of the console's page with the products of a region.

    The address of a region is the one in the platform's own guides ("Server-side subscription"). That it opens the
    instance with the id is not documented; where it does not, the console shows the instances of the region.
    """
    page = f"https://iot.console.aliyun.com/product/region/{region}"
    return page if instance_id is None else f"{page}?instanceId={instance_id}"


def parse_endpoint(text: str, *, default_port: int) -> Endpoint:
    """Read `host` or `host:port`; raises InvalidInputError with the half that cannot be."""
    host, separator, port = text.strip().partition(":")
    if not separator:
        return Endpoint(host=host, port=default_port)
    if not port.isascii() or not port.isdigit() or len(port) > len(str(_PORT_MAX)):
        raise InvalidInputError("port")
    return Endpoint(host=host, port=int(port))
