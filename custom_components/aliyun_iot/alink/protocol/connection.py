"""What an MQTT CONNECT to the platform carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .identity import DeviceCredentials
from .signing import SignMethod, sign

KEEP_ALIVE: Final = 60  # s; short enough to notice a dead link, and within the platform's 30 to 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """The fields of an MQTT 3.1.1 CONNECT that the platform looks at."""

    client_id: str
    username: str
    password: str = field(repr=False)
    keep_alive: int = KEEP_ALIVE  # s
    clean_session: bool = True


def client_id(bare: str, pairs: Mapping[str, str]) -> str:
    """Join the bare client id and its pairs as the platform writes them: `bare|name=value,name=value|`."""
    return f"{bare}|{','.join(f'{name}={value}' for name, value in pairs.items())}|"


def connect_with_secret(
    credentials: DeviceCredentials, *, timestamp: int, method: SignMethod = SignMethod.HMACSHA256
) -> Connect:
    """Connect a registered device over TLS ("Establish MQTT connections over TCP", direct connection).

    `timestamp` is in milliseconds UTC; the platform signs it with the rest and does not compare it with its own clock.
    Only the bare client id is signed. `_ss=1` asks for the system topics without a SUBSCRIBE, as the C and Python SDKs
    do.
    """
    identity = credentials.identity
    bare = f"{identity.product_key}.{identity.device_name}"
    signed = {
        "clientId": bare,
        "deviceName": identity.device_name,
        "productKey": identity.product_key,
        "timestamp": str(timestamp),
    }
    pairs = {"securemode": "2", "signmethod": method, "timestamp": str(timestamp), "_ss": "1"}
    return Connect(
        client_id=client_id(bare, pairs),
        username=identity.username,
        password=sign(signed, credentials.device_secret, method),
    )
