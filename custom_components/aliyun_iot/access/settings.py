"""Settings: one device and the way to it, as typed in a flow and as kept in an entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ..alink import (
    HTTPS_PORT,
    MQTT_PORTS,
    Access,
    Credentials,
    Endpoint,
    Identity,
    InvalidInputError,
    Region,
    SignMethod,
    Transport,
    https_endpoint,
    mqtt_host,
    parse_endpoint,
)
from ..const import (
    CONF_DEVICE_NAME,
    CONF_HOST,
    CONF_HTTPS_HOST,
    CONF_INSTANCE_ID,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_REGION,
    CONF_SIGN_METHOD,
    CONF_TRANSPORT,
)


class Way(StrEnum):
    """The ways to connect that a user can choose."""

    TLS = "tls"
    WSS = "wss"
    TCP = "tcp"
    HTTPS_FIRST = "https_first"

    @property
    def transport(self) -> Transport:
        """The transport of MQTT; where HTTPS assigns the endpoint, only registration uses it."""
        return Transport.TLS if self is Way.HTTPS_FIRST else Transport(self.value)


def _text(values: Mapping[str, Any], key: str) -> str | None:
    return str(values.get(key) or "").strip() or None


def _port(value: Any) -> int:
    """Read a port; a form makes a float of it, which may be NaN as well."""
    try:
        if float(value).is_integer():
            return int(value)
    except OverflowError, TypeError, ValueError:
        pass
    raise InvalidInputError(CONF_PORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One device and the way to it; the constructor raises InvalidInputError for a value that is not possible."""

    identity: Identity
    region: Region
    instance_id: str | None
    host: str | None
    port: int | None
    way: Way
    method: SignMethod
    https_host: str | None

    def __post_init__(self) -> None:
        # Building both endpoints validates the hosts while the form can still show the error.
        _ = self.endpoint, self.https

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Read a flow's input or an entry's data."""
        port = values.get(CONF_PORT)
        return cls(
            identity=Identity(
                product_key=_text(values, CONF_PRODUCT_KEY) or "", device_name=_text(values, CONF_DEVICE_NAME) or ""
            ),
            region=Region(values[CONF_REGION]),
            instance_id=_text(values, CONF_INSTANCE_ID),
            host=_text(values, CONF_HOST),
            port=None if port is None else _port(port),
            way=Way(values.get(CONF_TRANSPORT, Way.TLS)),
            method=SignMethod(values.get(CONF_SIGN_METHOD, SignMethod.HMACSHA256)),
            https_host=_text(values, CONF_HTTPS_HOST),
        )

    @property
    def unique_id(self) -> str:
        """The id that no two entries may share."""
        return f"{self.identity.product_key}_{self.identity.device_name}"

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint of the device: the platform's own address, unless another one was typed."""
        default = mqtt_host(self.identity.product_key, self.region, self.instance_id)
        transport = self.way.transport
        port = MQTT_PORTS[transport] if self.port is None else self.port
        return Endpoint(host=self.host or default, port=port, transport=transport)

    @property
    def registration_endpoint(self) -> Endpoint:
        """The endpoint of a registration over MQTT, which never runs in plain text, even if the device connects so."""
        if self.way.transport is not Transport.TCP:
            return self.endpoint
        port = MQTT_PORTS[Transport.TLS] if self.port is None else self.port
        return Endpoint(host=self.endpoint.host, port=port)

    @property
    def https(self) -> Endpoint:
        """The endpoint of registration and authentication over HTTPS."""
        if self.https_host is None:
            return https_endpoint(self.region)
        try:
            return parse_endpoint(self.https_host, default_port=HTTPS_PORT)
        except InvalidInputError:
            raise InvalidInputError(CONF_HTTPS_HOST) from None

    @property
    def knows_https(self) -> bool:
        """True if `https` and `endpoint` belong to one platform; with `host` alone typed, that is unknown."""
        return self.host is None or self.https_host is not None

    def access(self, credentials: Credentials) -> Access:
        """Combine the way with credentials."""
        return Access(
            credentials=credentials,
            endpoint=self.endpoint,
            https=self.https if self.knows_https else None,
            method=self.method,
            authenticate_first=self.way is Way.HTTPS_FIRST,
        )

    def entry_data(self) -> dict[str, Any]:
        """Write the part of an entry's data that is no credential."""
        data = {
            CONF_PRODUCT_KEY: self.identity.product_key,
            CONF_DEVICE_NAME: self.identity.device_name,
            CONF_REGION: self.region.value,
            CONF_INSTANCE_ID: self.instance_id,
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_TRANSPORT: self.way.value,
            CONF_SIGN_METHOD: self.method.value,
            CONF_HTTPS_HOST: self.https_host,
        }
        return {key: value for key, value in data.items() if value is not None}


def device_name_of(unique_id: str) -> str:
    """Read the DeviceName out of `Settings.unique_id`; a ProductKey has no underscore."""
    return unique_id.partition("_")[2]
