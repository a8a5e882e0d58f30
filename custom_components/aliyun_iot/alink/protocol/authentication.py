"""Authentication over HTTPS: the older way in, whose answer also says where to connect."""

from typing import Any, Final
from urllib.parse import urlencode

from .connection import HttpsLogin, bare_client_id
from .document import integer, json_object
from .endpoints import Endpoint
from .errors import AuthenticationRefusedError, InvalidInputError, MalformedAnswerError, PlatformCode
from .identity import SecretCredentials
from .signing import SignMethod, sign

PATH: Final = "/auth/devicename"


def authentication_form(
    credentials: SecretCredentials, *, timestamp: int, method: SignMethod = SignMethod.HMACSHA256
) -> bytes:
    """Return the form to post to `PATH`; `timestamp` in milliseconds UTC ("HTTPS authentication", older documents)."""
    identity = credentials.identity
    signed = {
        "clientId": bare_client_id(identity),
        "deviceName": identity.device_name,
        "productKey": identity.product_key,
        "timestamp": str(timestamp),
    }
    return urlencode(
        {
            **signed,
            "sign": sign(signed, credentials.device_secret, method),
            "signmethod": method,
            "version": "default",
            "resources": "mqtt",
        }
    ).encode()


def parse_session(payload: bytes) -> HttpsLogin:
    """Read the answer ("HTTPS authentication"); raises AuthenticationRefusedError or MalformedAnswerError."""
    document = json_object(payload)
    code = integer(document.get("code"))
    if code is None:
        raise MalformedAnswerError("no code")
    if code != PlatformCode.SUCCESS:
        raise AuthenticationRefusedError(code)
    data = _object(document, "data")
    mqtt = _object(_object(data, "resources"), "mqtt")
    iot_id, iot_token, host, port = data.get("iotId"), data.get("iotToken"), mqtt.get("host"), integer(mqtt.get("port"))
    if not (isinstance(iot_id, str) and isinstance(iot_token, str) and isinstance(host, str) and port is not None):
        raise MalformedAnswerError("no session")
    if not (iot_id and iot_token):
        raise MalformedAnswerError("an empty session")
    try:
        return HttpsLogin(iot_id=iot_id, iot_token=iot_token, endpoint=Endpoint(host=host, port=port))
    except InvalidInputError:
        raise MalformedAnswerError("no place to connect to") from None


def _object(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    if not isinstance(value, dict):
        raise MalformedAnswerError(f"no {key}")
    return value
