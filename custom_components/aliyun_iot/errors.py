"""The one place where the library's errors become texts for the user."""

from dataclasses import dataclass
from typing import Final

from .alink.protocol.errors import (
    AlinkError,
    Connack,
    ConnectRefusedError,
    InvalidInputError,
    NoSecretError,
    RegistrationCode,
    RegistrationRefusedError,
    UnreachableError,
)
from .const import (
    CONF_DEVICE_NAME,
    CONF_HOST,
    CONF_INSTANCE_ID,
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_PRODUCT_SECRET,
    CONF_REGISTRATION_HOST,
)

BASE: Final = "base"

_SECTION_FIELDS: Final = frozenset({CONF_HOST, CONF_INSTANCE_ID, CONF_PORT, CONF_REGISTRATION_HOST})

_CONNACK: Final = {
    Connack.PROTOCOL_VERSION: "malformed_answer",
    Connack.IDENTIFIER_REJECTED: "identifier_rejected",
    Connack.SERVER_UNAVAILABLE: "server_unavailable",
    Connack.BAD_CREDENTIALS: "refused",
    Connack.NOT_AUTHORIZED: "refused",
}

_REGISTRATION: Final = {
    RegistrationCode.BAD_REQUEST: (BASE, "request_failed"),
    RegistrationCode.THROTTLED: (BASE, "throttled"),
    RegistrationCode.BAD_PARAMETER: (BASE, "bad_parameter"),
    RegistrationCode.SERVER_ERROR: (BASE, "server_error"),
    RegistrationCode.PRODUCT_QUERY_FAILED: (CONF_PRODUCT_KEY, "product_query_failed"),
    RegistrationCode.LORA_QUERY_FAILED: (CONF_PRODUCT_KEY, "lora_query_failed"),
    RegistrationCode.DEVICE_NOT_FOUND: (CONF_DEVICE_NAME, "device_not_found"),
    RegistrationCode.TOPIC_NOT_PARSED: (BASE, "topic_not_parsed"),
    RegistrationCode.DEVICE_DISABLED: (CONF_DEVICE_NAME, "device_disabled"),
    RegistrationCode.PRODUCT_NOT_FOUND: (CONF_PRODUCT_KEY, "product_not_found"),
    RegistrationCode.BAD_DEVICE_NAME: (CONF_DEVICE_NAME, "invalid_device_name"),
    RegistrationCode.REGISTRATION_OFF: (CONF_PRODUCT_KEY, "registration_off"),
    RegistrationCode.ALREADY_ACTIVE: (CONF_DEVICE_NAME, "already_active"),
    RegistrationCode.BAD_SIGN_METHOD: (BASE, "bad_sign_method"),
    RegistrationCode.BAD_SIGNATURE: (CONF_PRODUCT_SECRET, "bad_signature"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A translated text: the field it belongs to, its key, and what fills its placeholders."""

    field: str
    key: str
    placeholders: dict[str, str]


def problem_of(error: AlinkError) -> Problem:
    """Find the text for an error."""
    match error:
        case InvalidInputError():
            field = CONF_NETWORK if error.field in _SECTION_FIELDS else error.field
            return Problem(field=field, key=f"invalid_{error.field}", placeholders={})
        case ConnectRefusedError():
            return Problem(field=BASE, key=_CONNACK[error.code], placeholders={})
        case RegistrationRefusedError():
            code = {"code": str(error.code)}
            if error.code not in _REGISTRATION:
                return Problem(field=BASE, key="registration_refused", placeholders=code)
            field, key = _REGISTRATION[RegistrationCode(error.code)]
            return Problem(field=field, key=key, placeholders=code)
        case NoSecretError():
            return Problem(field=BASE, key="no_secret", placeholders={})
        case UnreachableError():
            placeholders = {"host": error.host, "port": str(error.port)}
            return Problem(field=BASE, key=f"unreachable_{error.reason}", placeholders=placeholders)
        case _:
            return Problem(field=BASE, key="malformed_answer", placeholders={})


def problem_key(error: AlinkError | None) -> str | None:
    """Name what is wrong with a connection, for an attribute."""
    return None if error is None else problem_of(error).key
