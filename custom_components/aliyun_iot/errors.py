"""Errors: the one place where the library's errors become texts for the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field as dataclass_field
from typing import Final

from .alink import (
    AlinkError,
    AuthenticationRefusedError,
    Connack,
    ConnectRefusedError,
    InvalidInputError,
    MisdirectedError,
    NoSecretError,
    PlatformCode,
    RegistrationRefusedError,
    UnexpectedError,
    UnreachableError,
)
from .const import (
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HOST,
    CONF_HTTPS_HOST,
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_PRODUCT_SECRET,
)

BASE: Final = "base"

_SECTION_FIELDS: Final = frozenset({CONF_HOST, CONF_HTTPS_HOST, CONF_PORT})

_CONNACK: Final = {
    Connack.PROTOCOL_VERSION: "malformed_answer",
    Connack.IDENTIFIER_REJECTED: "identifier_rejected",
    Connack.SERVER_UNAVAILABLE: "server_unavailable",
    Connack.BAD_CREDENTIALS: "refused",
    Connack.NOT_AUTHORIZED: "refused",
}

_REGISTRATION: Final = {
    PlatformCode.BAD_REQUEST: (BASE, "request_failed"),
    PlatformCode.THROTTLED: (BASE, "throttled"),
    PlatformCode.BAD_PARAMETER: (BASE, "bad_parameter"),
    PlatformCode.SERVER_ERROR: (BASE, "server_error"),
    PlatformCode.PRODUCT_QUERY_FAILED: (CONF_PRODUCT_KEY, "product_query_failed"),
    PlatformCode.LORA_QUERY_FAILED: (CONF_PRODUCT_KEY, "lora_query_failed"),
    PlatformCode.DEVICE_NOT_FOUND: (CONF_DEVICE_NAME, "device_not_found"),
    PlatformCode.TOPIC_NOT_PARSED: (BASE, "topic_not_parsed"),
    PlatformCode.DEVICE_DISABLED: (CONF_DEVICE_NAME, "device_disabled"),
    PlatformCode.PRODUCT_NOT_FOUND: (CONF_PRODUCT_KEY, "product_not_found"),
    PlatformCode.BAD_DEVICE_NAME: (CONF_DEVICE_NAME, "invalid_device_name"),
    PlatformCode.REGISTRATION_OFF: (CONF_PRODUCT_KEY, "registration_off"),
    PlatformCode.ALREADY_ACTIVE: (CONF_DEVICE_NAME, "already_active"),
    PlatformCode.BAD_SIGN_METHOD: (BASE, "bad_sign_method"),
    PlatformCode.BAD_SIGNATURE: (CONF_PRODUCT_SECRET, "bad_signature"),
}

_AUTHENTICATION: Final = {
    PlatformCode.DEVICE_NOT_FOUND: (CONF_DEVICE_NAME, "device_not_found"),
    PlatformCode.DEVICE_DISABLED: (CONF_DEVICE_NAME, "device_disabled"),
    PlatformCode.PRODUCT_NOT_FOUND: (CONF_PRODUCT_KEY, "product_not_found"),
    PlatformCode.BAD_LOGIN_SIGNATURE: (CONF_DEVICE_SECRET, "bad_device_secret"),
    PlatformCode.BAD_SIGNATURE: (CONF_DEVICE_SECRET, "bad_device_secret"),
}


class SecretFileError(Exception):
    """The secret file cannot be read or written; the reason is the operating system's."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        super().__init__(f"secrets cannot be kept: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorText:
    """A translated text: the field of the form that it belongs to, its key, and the values of its placeholders."""

    field: str
    key: str
    placeholders: dict[str, str] = dataclass_field(default_factory=dict)


def error_text(error: AlinkError | SecretFileError) -> ErrorText:
    """Find the text for an error."""
    match error:
        case InvalidInputError():
            field = CONF_NETWORK if error.field in _SECTION_FIELDS else error.field
            return ErrorText(field=field, key=f"invalid_{error.field}")
        case SecretFileError():
            return ErrorText(field=BASE, key="secret_not_kept", placeholders={"reason": error.reason})
        case ConnectRefusedError():
            return ErrorText(field=BASE, key=_CONNACK[error.code])
        case AuthenticationRefusedError():
            unknown = "credentials_refused" if error.code is None else "authentication_refused"
            return _by_code(_AUTHENTICATION, error.code, unknown)
        case MisdirectedError():
            return ErrorText(field=BASE, key="misdirected", placeholders={"host": error.host})
        case RegistrationRefusedError():
            return _by_code(_REGISTRATION, error.code, "registration_refused")
        case UnexpectedError():
            return ErrorText(field=BASE, key="unknown")
        case NoSecretError():
            return ErrorText(field=BASE, key="no_secret")
        case UnreachableError():
            placeholders = {"host": error.host, "port": str(error.port)}
            return ErrorText(field=BASE, key=f"unreachable_{error.reason}", placeholders=placeholders)
        case _:
            return ErrorText(field=BASE, key="malformed_answer")


def not_added_text(error: AlinkError | SecretFileError) -> ErrorText:
    """Find the text for an error of a device that was not added to its product in the console."""
    if isinstance(error, ConnectRefusedError) and error.is_credentials:
        return ErrorText(field=BASE, key="refused_not_added")
    return error_text(error)


def _by_code(texts: Mapping[PlatformCode, tuple[str, str]], code: int | None, otherwise: str) -> ErrorText:
    field, key = next((text for known, text in texts.items() if known == code), (BASE, otherwise))
    return ErrorText(field=field, key=key, placeholders={"code": str(code)})


def error_key(error: AlinkError | None) -> str | None:
    """Return the key of an error's text, for an attribute."""
    return None if error is None else error_text(error).key


def is_spent(error: Exception) -> bool:
    """Tell whether the platform has handed the device's secret out before: it does not do so twice."""
    return isinstance(error, RegistrationRefusedError) and error.code == PlatformCode.ALREADY_ACTIVE
