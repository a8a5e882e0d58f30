"""The MQTT CONNECT: the fields that the platform looks at, for each kind of credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .endpoints import Endpoint, Transport
from .identity import Identity, SecretCredentials, TokenCredentials
from .signing import SignMethod, sign

# s; within the platform's 30 to 1200, and short: home routers forget a silent connection after some minutes, and the
# values of a link that is dead without saying so wait as long.
KEEP_ALIVE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """The fields of an MQTT 3.1.1 CONNECT that the platform looks at ("Establish MQTT connections over TCP")."""

    client_id: str
    username: str
    password: str = field(repr=False)
    keep_alive: int = KEEP_ALIVE  # s
    clean_session: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsLogin:
    """The answer to authentication over HTTPS: a user name, a password and an endpoint to connect with."""

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

    `timestamp` is in milliseconds UTC. It is signed with the rest, and the platform does not compare it with its clock.
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
    """Connect with the token of a registration without pre-registration ("MQTT-based dynamic registration").

    Nothing is signed; the token is the password.
    """
    pairs = {"securemode": "-2", "authType": "connwl", "_ss": "1"}
    return Connect(
        client_id=client_id(credentials.client_id, pairs),
        username=credentials.identity.username,
        password=credentials.device_token,
    )


def connect_with_session(identity: Identity, session: HttpsLogin) -> Connect:
    """Connect after authentication over HTTPS: its session stands in for name and signature."""
    pairs = {"securemode": "-1", "_ss": "1"}
    return Connect(
        client_id=client_id(bare_client_id(identity), pairs), username=session.iot_id, password=session.iot_token
    )


def bare_client_id(identity: Identity) -> str:
    """Name the client; the platform tells devices apart by user name, so any stable text will do."""
    return f"{identity.product_key}.{identity.device_name}"
