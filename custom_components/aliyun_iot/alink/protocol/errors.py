"""Errors, as data; the words for people are made elsewhere."""

from enum import IntEnum, StrEnum


class AlinkError(Exception):
    """The base of every error that this library raises on purpose."""


class InvalidInputError(AlinkError):
    """The caller handed over something that the platform cannot take."""

    def __init__(self, field: str) -> None:
        """Name the field; its value may be a secret and is left out."""
        super().__init__(f"invalid {field}")
        self.field = field


class UnexpectedError(AlinkError):
    """A fault of this library; its text is in the log and is left out here."""

    def __init__(self, kind: str) -> None:
        """Name the type of the exception."""
        super().__init__(f"unexpected {kind}")


class RemoteError(AlinkError):
    """The other side refused, or gave no answer that could be read."""


class Connack(IntEnum):
    """Return codes of CONNACK (MQTT 3.1.1, section 3.2.2.3)."""

    ACCEPTED = 0
    PROTOCOL_VERSION = 1
    IDENTIFIER_REJECTED = 2
    SERVER_UNAVAILABLE = 3
    BAD_CREDENTIALS = 4
    NOT_AUTHORIZED = 5


class ConnectRefusedError(RemoteError):
    """The platform answered CONNECT with a code other than 0."""

    def __init__(self, code: Connack) -> None:
        """Keep the code."""
        super().__init__(f"CONNACK {code.value} ({code.name.lower()})")
        self.code = code

    @property
    def is_credentials(self) -> bool:
        """True if the credentials may be wrong; region, instance, host or the platform's own trouble may be as well."""
        return self.code in (Connack.BAD_CREDENTIALS, Connack.NOT_AUTHORIZED)


class PlatformCode(IntEnum):
    """Codes in the platform's answers over HTTPS ("Error codes for device SDKs")."""

    SUCCESS = 200
    BAD_REQUEST = 400
    THROTTLED = 429
    BAD_PARAMETER = 460
    SERVER_ERROR = 500
    PRODUCT_QUERY_FAILED = 5005
    LORA_QUERY_FAILED = 5244
    DEVICE_NOT_FOUND = 6100
    TOPIC_NOT_PARSED = 6203
    DEVICE_DISABLED = 6204
    PRODUCT_NOT_FOUND = 6250
    BAD_DEVICE_NAME = 6280
    BAD_LOGIN_SIGNATURE = 6287
    REGISTRATION_OFF = 6288
    ALREADY_ACTIVE = 6289
    BAD_SIGN_METHOD = 6292
    BAD_SIGNATURE = 6600


class RegistrationRefusedError(RemoteError):
    """The platform answered a registration over HTTPS with a code other than 200."""

    def __init__(self, code: int) -> None:
        """Keep the code as it came; `PlatformCode` names the known ones."""
        super().__init__(f"registration refused with code {code}")
        self.code = code


class AuthenticationRefusedError(RemoteError):
    """The platform refused a device's own credentials."""

    def __init__(self, code: int | None = None) -> None:
        """Keep the code as it came; there is none where the platform gives no reason."""
        super().__init__("credentials refused" + ("" if code is None else f" with code {code}"))
        self.code = code

    @property
    def is_final(self) -> bool:
        """True if the platform has named the credentials as wrong, so that only others will do.

        A device that is disabled may be enabled again, and a product that is not found is one of another region.
        """
        return self.code in (
            PlatformCode.DEVICE_NOT_FOUND,
            PlatformCode.BAD_LOGIN_SIGNATURE,
            PlatformCode.BAD_SIGNATURE,
        )

    @property
    def is_explained(self) -> bool:
        """True if the code explains a refusal over MQTT; others speak of the request, or of the platform's state."""
        return self.is_final or self.code in (PlatformCode.DEVICE_DISABLED, PlatformCode.PRODUCT_NOT_FOUND)


class MisdirectedError(RemoteError):
    """The platform refuses credentials over MQTT at a host, and accepts the same ones over HTTPS."""

    def __init__(self, host: str) -> None:
        """Keep the host of MQTT."""
        super().__init__(f"credentials refused at {host}, and accepted over HTTPS")
        self.host = host


class NoSecretError(RemoteError):
    """The platform accepted the registration and then pushed no secret."""


class MalformedAnswerError(RemoteError):
    """The answer does not have the form that the platform documents; its text is left out, it may hold a secret."""


class Unreachable(StrEnum):
    """Reasons why no conversation takes place."""

    NAME = "name"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    WRONG_HOST = "wrong_host"
    NOT_TLS = "not_tls"
    NO_WEBSOCKET = "no_websocket"
    CLOSED = "closed"
    NETWORK = "network"


class UnreachableError(RemoteError):
    """The host could not be reached, or it could not be trusted."""

    def __init__(self, reason: Unreachable, host: str, port: int) -> None:
        """Keep the endpoint and the reason."""
        super().__init__(f"{host}:{port} unreachable ({reason})")
        self.reason = reason
        self.host = host
        self.port = port
