"""Dynamic registration: ProductSecret in, DeviceSecret out, over MQTT or HTTPS."""

from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from .connection import Connect, client_id
from .document import integer, json_object
from .errors import InvalidInputError, MalformedAnswerError, PlatformCode, RegistrationRefusedError
from .identity import Credentials, Identity, ProductCredentials, SecretCredentials, TokenCredentials
from .signing import SignMethod, sign

HTTPS_PATH: Final = "/auth/register/device"


class AuthType(StrEnum):
    """The two kinds of dynamic registration ("MQTT-based dynamic registration")."""

    REGISTER = "register"  # the device was added to its product beforehand
    REGNWL = "regnwl"  # it was not; only in China (Shanghai)

    @property
    def push_topic(self) -> str:
        """The topic on which the platform pushes the secret, without a subscription."""
        return f"/ext/{self}"


def _signature(credentials: ProductCredentials, random: str, method: SignMethod) -> str:
    identity = credentials.identity
    parameters = {"deviceName": identity.device_name, "productKey": identity.product_key, "random": random}
    return sign(parameters, credentials.product_secret, method)


def registration_connect(
    credentials: ProductCredentials,
    *,
    random: str,
    auth_type: AuthType = AuthType.REGISTER,
    instance_id: str | None = None,
    method: SignMethod = SignMethod.HMACSHA256,
) -> Connect:
    """Register with a CONNECT ("MQTT-based dynamic registration"); the secret is pushed right after CONNACK 0.

    `random` is any text without `,` and `|`; the client id is not signed. Each successful CONNECT makes a new secret
    and voids the one before, so that nothing may connect again by itself.
    """
    identity = credentials.identity
    pairs = {
        "securemode": "2" if instance_id is None else "-2",
        "authType": auth_type,
        "random": random,
        "signmethod": method,
    }
    if instance_id is not None:
        pairs["instanceId"] = instance_id
    return Connect(
        client_id=client_id(f"{identity.device_name}.{identity.product_key}", pairs),
        username=identity.username,
        password=_signature(credentials, random, method),
    )


def registration_form(
    credentials: ProductCredentials, *, random: str, method: SignMethod = SignMethod.HMACSHA256
) -> bytes:
    """Return the form to post to `HTTPS_PATH` ("HTTPS-based dynamic registration")."""
    identity = credentials.identity
    return urlencode(
        {
            "productKey": identity.product_key,
            "deviceName": identity.device_name,
            "random": random,
            "sign": _signature(credentials, random, method),
            "signMethod": method,
        }
    ).encode()


def _is_for(document: dict[str, Any], identity: Identity) -> bool:
    return (document.get("productKey"), document.get("deviceName")) == (identity.product_key, identity.device_name)


def _text(document: dict[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        raise MalformedAnswerError(f"no {key}")
    return value


def _credentials(document: dict[str, Any], identity: Identity, auth_type: AuthType) -> Credentials:
    if not _is_for(document, identity):
        raise MalformedAnswerError("a secret for another device")
    try:
        if auth_type is AuthType.REGISTER:
            return SecretCredentials(identity=identity, device_secret=_text(document, "deviceSecret"))
        return TokenCredentials(
            identity=identity,
            client_id=_text(document, "clientId"),
            device_token=_text(document, "deviceToken"),
        )
    except InvalidInputError:
        raise MalformedAnswerError("not a secret") from None


def parse_push(payload: bytes, identity: Identity, auth_type: AuthType = AuthType.REGISTER) -> Credentials:
    """Read the secret that the platform pushed; raises MalformedAnswerError."""
    return _credentials(json_object(payload), identity, auth_type)


def parse_answer(payload: bytes, identity: Identity) -> Credentials:
    """Read the answer over HTTPS ("HTTPS-based dynamic registration").

    Raises RegistrationRefusedError or MalformedAnswerError.
    """
    document = json_object(payload)
    code = integer(document.get("code"))
    if code is None:
        raise MalformedAnswerError("no code")
    if code != PlatformCode.SUCCESS:
        raise RegistrationRefusedError(code)
    data = document.get("data")
    if not isinstance(data, dict):
        raise MalformedAnswerError("no data")
    return _credentials(data, identity, AuthType.REGISTER)
