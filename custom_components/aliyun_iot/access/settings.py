"""Who the device is and how it connects, as typed in a flow and as kept in an entry."""

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
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_REGION,
    CONF_SIGN_METHOD,
    CONF_TRANSPORT,
)
from ..errors import ErrorText


class Way(StrEnum):
    """The ways to connect that a user can choose."""

    TLS = "tls"
    WSS = "wss"
    TCP = "tcp"
    HTTPS_FIRST = "https_first"

    @property
    def transport(self) -> Transport:
        """What MQTT runs over; where HTTPS assigns the endpoint, this is what registration uses."""
        return Transport.TLS if self is Way.HTTPS_FIRST else Transport(self.value)


def _text(values: Mapping[str, Any], key: str) -> str | None:
    return str(values.get(key) or "").strip() or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One device and the way to it; making one raises InvalidInputError for what cannot be."""

    identity: Identity
    region: Region
    instance_id: str | None
    host: str | None
    port: int | None
    way: Way
    method: SignMethod
    https_host: str | None

    def __post_init__(self) -> None:
        # What cannot be an endpoint shows while it is typed.
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
            port=None if port is None else int(port),
            way=Way(values.get(CONF_TRANSPORT, Way.TLS)),
            method=SignMethod(values.get(CONF_SIGN_METHOD, SignMethod.HMACSHA256)),
            https_host=_text(values, CONF_HTTPS_HOST),
        )

    @property
    def unique_id(self) -> str:
        """What no two entries may share."""
        return f"{self.identity.product_key}_{self.identity.device_name}"

    @property
    def endpoint(self) -> Endpoint:
        """Where the device connects: the platform's own address, unless another one was typed."""
        default = mqtt_host(self.identity.product_key, self.region, self.instance_id)
        transport = self.way.transport
        port = MQTT_PORTS[transport] if self.port is None else self.port
        return Endpoint(host=self.host or default, port=port, transport=transport)

    @property
    def registration_endpoint(self) -> Endpoint:
        """Where the device registers over MQTT: never in plain text, also if it connects so later."""
        if self.way.transport is not Transport.TCP:
            return self.endpoint
        port = MQTT_PORTS[Transport.TLS] if self.port is None else self.port
        return Endpoint(host=self.endpoint.host, port=port)

    @property
    def https(self) -> Endpoint:
        """Where registration and authentication over HTTPS go."""
        if self.https_host is None:
            return https_endpoint(self.region)
        try:
            return parse_endpoint(self.https_host, default_port=HTTPS_PORT)
        except InvalidInputError:
            raise InvalidInputError(CONF_HTTPS_HOST) from None

    @property
    def knows_https(self) -> bool:
        """Whether `https` belongs to the same platform as `endpoint`; not so if only one of them was typed."""
        return self.host is None or self.https_host is not None

    def misfit(self, *, is_token: bool, registers_over_https: bool) -> ErrorText | None:
        """Find a combination of settings that cannot work although each of them can.

        A device with a token was never added to its product; the platform registers such devices in Shanghai only.
        """
        if is_token and self.region is not Region.CN_SHANGHAI:
            return ErrorText(field=CONF_NETWORK, key="only_in_shanghai", placeholders={})
        if is_token and self.way is Way.HTTPS_FIRST:
            return ErrorText(field=CONF_NETWORK, key="https_first_needs_secret", placeholders={})
        if (self.way is Way.HTTPS_FIRST or registers_over_https) and not self.knows_https:
            return ErrorText(field=CONF_NETWORK, key="https_host_missing", placeholders={})
        return None

    def access(self, credentials: Credentials) -> Access:
        """Put together what it takes to connect."""
        return Access(
            credentials=credentials,
            endpoint=self.endpoint,
            https=self.https if self.knows_https else None,
            method=self.method,
            authenticate_first=self.way is Way.HTTPS_FIRST,
        )

    def entry_data(self) -> dict[str, Any]:
        """Write what an entry keeps, apart from the credentials."""
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
    """Read the DeviceName out of `Settings.unique_id`; a ProductKey consists of letters and digits."""
    return unique_id.partition("_")[2]
