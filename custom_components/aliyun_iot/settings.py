"""Who the device is and where it connects, as typed in a flow and as kept in an entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from .alink.protocol.endpoints import (
    HTTPS_PORT,
    Endpoint,
    Region,
    mqtt_endpoint,
    parse_endpoint,
    registration_endpoint,
)
from .alink.protocol.errors import InvalidInputError
from .alink.protocol.identity import DeviceCredentials, Identity
from .const import (
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HOST,
    CONF_INSTANCE_ID,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_REGION,
    CONF_REGISTRATION_HOST,
)


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
    registration_host: str | None

    def __post_init__(self) -> None:
        # What cannot be an endpoint shows while it is typed.
        _ = self.endpoint, self.registration_endpoint

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
            registration_host=_text(values, CONF_REGISTRATION_HOST),
        )

    @property
    def unique_id(self) -> str:
        """What no two entries may share."""
        return f"{self.identity.product_key}_{self.identity.device_name}"

    @property
    def endpoint(self) -> Endpoint:
        """Where the device connects: the platform's own address, unless another one was typed."""
        default = mqtt_endpoint(self.identity.product_key, self.region, self.instance_id)
        return Endpoint(host=self.host or default.host, port=default.port if self.port is None else self.port)

    @property
    def registration_endpoint(self) -> Endpoint:
        """Where registration over HTTPS goes."""
        if self.registration_host is None:
            return registration_endpoint(self.region)
        try:
            return parse_endpoint(self.registration_host, default_port=HTTPS_PORT)
        except InvalidInputError:
            raise InvalidInputError(CONF_REGISTRATION_HOST) from None

    def entry_data(self, credentials: DeviceCredentials) -> dict[str, Any]:
        """Write what an entry keeps."""
        data = {
            CONF_PRODUCT_KEY: self.identity.product_key,
            CONF_DEVICE_NAME: self.identity.device_name,
            CONF_DEVICE_SECRET: credentials.device_secret,
            CONF_REGION: self.region.value,
            CONF_INSTANCE_ID: self.instance_id,
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_REGISTRATION_HOST: self.registration_host,
        }
        return {key: value for key, value in data.items() if value is not None}
