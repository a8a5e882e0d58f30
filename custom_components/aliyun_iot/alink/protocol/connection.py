"""What an MQTT CONNECT to the platform carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .endpoints import Endpoint, Transport
from .identity import Identity, SecretCredentials, TokenCredentials
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What authentication over HTTPS gave: who to connect as, and where."""

    iot_id: str
    iot_token: str = field(repr=False)
    endpoint: Endpoint


def client_id(bare: str, pairs: Mapping[str, str]) -> str:
    """Join the bare client id and its pairs as the platform writes them: `bare|name=value,name=value|`."""
    return f"{bare}|{','.join(f'{name}={value}' for name, value in pairs.items())}|"


def connect_with_secret(
    credentials: SecretCredentials,
    *,
    timestamp: int,
    transport: Transport = Transport.TLS,
    method: SignMethod = SignMethod.HMACSHA256,
) -> Connect:
    """Connect with a DeviceSecret ("Establish MQTT connections over TCP", direct connection).

    `timestamp` is in milliseconds UTC; the platform signs it with the rest and does not compare it with its own clock.
    Only the bare client id is signed. `_ss=1` asks for the system topics without a SUBSCRIBE, as the C and Python SDKs
    do.
    """
    identity = credentials.identity
    bare = bare_client_id(identity)
    signed = {
        "clientId": bare,
        "deviceName": identity.device_name,
        "productKey": identity.product_key,
        "timestamp": str(timestamp),
    }
    mode = "3" if transport is Transport.TCP else "2"
    pairs = {"securemode": mode, "signmethod": method, "timestamp": str(timestamp), "_ss": "1"}
    return Connect(
        client_id=client_id(bare, pairs),
        username=identity.username,
        password=sign(signed, credentials.device_secret, method),
    )


def connect_with_token(credentials: TokenCredentials) -> Connect:
    """Connect with what registration without pre-registration gave: nothing is signed, the token is the password."""
    pairs = {"securemode": "-2", "authType": "connwl", "_ss": "1"}
    return Connect(
        client_id=client_id(credentials.client_id, pairs),
        username=credentials.identity.username,
        password=credentials.device_token,
    )


def connect_with_session(identity: Identity, session: Session) -> Connect:
    """Connect after authentication over HTTPS: the session it gave stands in for name and signature."""
    pairs = {"securemode": "-1", "_ss": "1"}
    return Connect(
        client_id=client_id(bare_client_id(identity), pairs), username=session.iot_id, password=session.iot_token
    )


def bare_client_id(identity: Identity) -> str:
    """Name the client; the platform tells devices apart by user name, so any stable text will do."""
    return f"{identity.product_key}.{identity.device_name}"
