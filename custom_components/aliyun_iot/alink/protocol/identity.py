"""Identity: the platform's triple, split into a public half and the secrets."""

from dataclasses import dataclass, field
import re

from .errors import InvalidInputError
from .limits import DEVICE_NAME_LENGTH_MAX, DEVICE_NAME_LENGTH_MIN, PRODUCT_KEY_LENGTH_MAX, SECRET_LENGTH_MAX

_PRODUCT_KEY = re.compile(rf"[A-Za-z0-9]{{1,{PRODUCT_KEY_LENGTH_MAX}}}")
_DEVICE_NAME = re.compile(rf"[A-Za-z0-9_@.:-]{{{DEVICE_NAME_LENGTH_MIN},{DEVICE_NAME_LENGTH_MAX}}}")
_CLIENT_ID = re.compile(r"[!-{}~]{1,256}")  # without the | that ends it in a CONNECT
_TOKEN = re.compile(r"[!-~]{1,1024}")
_SECRET = re.compile(rf"[!-~]{{1,{SECRET_LENGTH_MAX}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """ProductKey and DeviceName of one device.

    Raises InvalidInputError for a name that the platform would not allow ("Create a device").
    """

    product_key: str
    device_name: str

    def __post_init__(self) -> None:
        if not _PRODUCT_KEY.fullmatch(self.product_key):
            raise InvalidInputError("product_key")
        if not _DEVICE_NAME.fullmatch(self.device_name):
            raise InvalidInputError("device_name")

    @property
    def username(self) -> str:
        """The user name of every CONNECT: DeviceName first."""
        return f"{self.device_name}&{self.product_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCredentials:
    """A ProductSecret: the proof of a device that has no DeviceSecret yet."""

    identity: Identity
    product_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _SECRET.fullmatch(self.product_secret):
            raise InvalidInputError("product_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretCredentials:
    """A DeviceSecret: the proof of a device that was added to its product beforehand."""

    identity: Identity
    device_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _SECRET.fullmatch(self.device_secret):
            raise InvalidInputError("device_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCredentials:
    """A token and the client id that belongs to it: the proof of a device that was not added to its product."""

    identity: Identity
    client_id: str
    device_token: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _CLIENT_ID.fullmatch(self.client_id):
            raise InvalidInputError("client_id")
        if not _TOKEN.fullmatch(self.device_token):
            raise InvalidInputError("device_token")


type Credentials = SecretCredentials | TokenCredentials
