"""Dynamic registration: ProductSecret in, DeviceSecret out, over MQTT or HTTPS."""

from typing import Any, Final
from urllib.parse import urlencode

from .connection import Connect, client_id
from .document import integer, json_object
from .errors import InvalidInputError, MalformedAnswerError, RegistrationCode, RegistrationRefusedError
from .identity import DeviceCredentials, Identity, ProductCredentials
from .signing import SignMethod, sign

HTTPS_PATH: Final = "/auth/register/device"
PUSH_TOPIC: Final = "/ext/register"


def _signature(credentials: ProductCredentials, random: str, method: SignMethod) -> str:
    identity = credentials.identity
    parameters = {"deviceName": identity.device_name, "productKey": identity.product_key, "random": random}
    return sign(parameters, credentials.product_secret, method)


def registration_connect(
    credentials: ProductCredentials,
    *,
    random: str,
    instance_id: str | None = None,
    method: SignMethod = SignMethod.HMACSHA256,
) -> Connect:
    """Register with a CONNECT ("MQTT-based dynamic registration"); the secret is pushed right after CONNACK 0.

    `random` is any text without `,` and `|`; the client id is not signed. Each successful CONNECT makes a new
    DeviceSecret and voids the one before, so that nothing may connect again by itself.
    """
    identity = credentials.identity
    pairs = {
        "securemode": "2" if instance_id is None else "-2",
        "authType": "register",
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


def _credentials(document: dict[str, Any], identity: Identity) -> DeviceCredentials:
    if (document.get("productKey"), document.get("deviceName")) != (identity.product_key, identity.device_name):
        raise MalformedAnswerError("a secret for another device")
    secret = document.get("deviceSecret")
    if not isinstance(secret, str):
        raise MalformedAnswerError("no secret")
    try:
        return DeviceCredentials(identity=identity, device_secret=secret)
    except InvalidInputError:
        raise MalformedAnswerError("not a secret") from None


def parse_push(payload: bytes, identity: Identity) -> DeviceCredentials:
    """Read what the platform pushed on `PUSH_TOPIC`; raises MalformedAnswerError."""
    return _credentials(json_object(payload), identity)


def parse_answer(payload: bytes, identity: Identity) -> DeviceCredentials:
    """Read the answer over HTTPS; raises RegistrationRefusedError or MalformedAnswerError."""
    document = json_object(payload)
    code = integer(document.get("code"))
    if code is None:
        raise MalformedAnswerError("no code")
    if code != RegistrationCode.SUCCESS:
        raise RegistrationRefusedError(code)
    data = document.get("data")
    if not isinstance(data, dict):
        raise MalformedAnswerError("no data")
    return _credentials(data, identity)
