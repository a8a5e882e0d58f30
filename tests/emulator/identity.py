"""Identity: parses the client ID and the user name of a CONNECT."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_BARE_ID = 64


class MalformedIdentityError(Exception):
    """A client id or user name that the platform cannot read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientId:
    """The two halves of `{bare}|{name}={value},...|`, of which only the bare one is signed."""

    bare: str
    pairs: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> ClientId:
        bare, bar, extension = text.partition("|")
        if not bar or len(bare) > LONGEST_BARE_ID:
            raise MalformedIdentityError(text)
        pairs = (pair.partition("=") for pair in extension.removesuffix("|").split(","))
        return cls(bare=bare, pairs={name: value for name, _, value in pairs if name})

    @property
    def auth_type(self) -> str:
        return self.pairs.get("authType", self.pairs.get("authtype", ""))

    @property
    def secure_mode(self) -> str:
        return self.pairs.get("securemode", "")

    @property
    def ext(self) -> int:
        """Return the bitmap of extensions."""
        bits = self.pairs.get("ext", "")
        return int(bits) if bits.isdecimal() else 0

    @property
    def sign_method(self) -> str:
        return self.pairs.get("signmethod", self.pairs.get("signMethod", ""))


def split_username(username: str) -> tuple[str, str]:
    """Return ProductKey and DeviceName of `{dn}&{pk}`."""
    device_name, ampersand, product_key = username.rpartition("&")
    if not ampersand or not device_name or not product_key:
        raise MalformedIdentityError(username)
    return product_key, device_name
