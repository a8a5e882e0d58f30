"""Signing: a device sorts its fields by name, joins names and values, and hashes them with a secret."""

from collections.abc import Mapping
import hmac

ALGORITHMS: Mapping[str, str] = {"hmacmd5": "md5", "hmacsha1": "sha1", "hmacsha256": "sha256"}


def is_known(method: str) -> bool:
    return method.lower() in ALGORITHMS


def signature(method: str, secret: str, parameters: Mapping[str, str]) -> str:
    content = "".join(f"{name}{parameters[name]}" for name in sorted(parameters))
    return hmac.new(secret.encode(), content.encode(), ALGORITHMS[method.lower()]).hexdigest()


def is_signed(sign: str, method: str, secret: str, parameters: Mapping[str, str]) -> bool:
    """Tell whether a signature is right; its hex digits may be of either case."""
    return hmac.compare_digest(sign.lower().encode(), signature(method, secret, parameters).encode())
