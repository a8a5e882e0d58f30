"""Errors: the data that they carry, and the text that a log shows of them."""

from collections.abc import Callable

import pytest

from custom_components.aliyun_iot.alink.protocol.errors import (
    AlinkError,
    AuthenticationRefusedError,
    Connack,
    ConnectRefusedError,
    InvalidInputError,
    RegistrationRefusedError,
    Unreachable,
    UnreachableError,
)
from custom_components.aliyun_iot.alink.protocol.rules import BrokenRuleError, Rule


@pytest.mark.parametrize(
    ("error", "arguments", "text"),
    [
        (InvalidInputError, ("host",), "invalid host"),
        (ConnectRefusedError, (Connack.BAD_CREDENTIALS,), "CONNACK 4 (bad_credentials)"),
        (RegistrationRefusedError, (6289,), "registration refused with code 6289"),
        (AuthenticationRefusedError, (), "credentials refused"),
        (AuthenticationRefusedError, (6600,), "credentials refused with code 6600"),
        (UnreachableError, (Unreachable.TIMEOUT, "example.com", 8883), "example.com:8883 unreachable (timeout)"),
        (BrokenRuleError, (Rule.STEP,), "step"),
    ],
)
def test_an_error_tells_its_data_in_a_few_words(
    error: Callable[..., AlinkError], arguments: tuple[object, ...], text: str
) -> None:
    assert str(error(*arguments)) == text


def test_an_error_keeps_its_data() -> None:
    assert InvalidInputError("host").field == "host"
    assert ConnectRefusedError(Connack.SERVER_UNAVAILABLE).code is Connack.SERVER_UNAVAILABLE
    assert RegistrationRefusedError(6289).code == 6289
    assert (AuthenticationRefusedError().code, AuthenticationRefusedError(429).code) == (None, 429)
    unreachable = UnreachableError(Unreachable.TIMEOUT, "iot.example.com", 8883)
    assert (unreachable.reason, unreachable.host, unreachable.port) == (Unreachable.TIMEOUT, "iot.example.com", 8883)


@pytest.mark.parametrize(
    ("code", "is_credentials"),
    [
        (Connack.PROTOCOL_VERSION, False),
        (Connack.IDENTIFIER_REJECTED, False),
        (Connack.SERVER_UNAVAILABLE, False),
        (Connack.BAD_CREDENTIALS, True),
        (Connack.NOT_AUTHORIZED, True),
    ],
)
def test_two_codes_of_connack_speak_of_the_credentials(code: Connack, is_credentials: bool) -> None:
    assert ConnectRefusedError(code).is_credentials is is_credentials


@pytest.mark.parametrize(
    ("code", "is_final"),
    [(None, False), (6100, True), (6287, True), (6600, True), (6204, False), (6250, False), (429, False), (500, False)],
)
def test_only_a_code_that_names_the_credentials_is_final(code: int | None, is_final: bool) -> None:
    assert AuthenticationRefusedError(code).is_final is is_final
