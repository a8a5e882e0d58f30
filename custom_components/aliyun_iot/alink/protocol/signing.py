"""Signing: the one rule behind every signature that the platform verifies."""

from collections.abc import Mapping
from enum import StrEnum
import hmac


class SignMethod(StrEnum):
    """The hash algorithms that the platform takes, spelled as in a client id."""

    HMACMD5 = "hmacmd5"
    HMACSHA1 = "hmacsha1"
    HMACSHA256 = "hmacsha256"


def sign(parameters: Mapping[str, str], secret: str, method: SignMethod = SignMethod.HMACSHA256) -> str:
    """Sign parameters with a ProductSecret or DeviceSecret; the result is lower-case hex.

    The names and values are joined without separators in the order of the names ("Establish MQTT connections over
    TCP"). The key is the secret's text, also when it looks like hex.
    """
    content = "".join(name + parameters[name] for name in sorted(parameters))
    return hmac.digest(secret.encode(), content.encode(), method.removeprefix("hmac")).hex()
