"""The registrar, at servers that misbehave."""

import asyncio

import pytest
import trustme

from custom_components.aliyun_iot.alink.protocol.errors import (
    MalformedAnswerError,
    NoSecretError,
    RemoteError,
    Unreachable,
    UnreachableError,
)
from custom_components.aliyun_iot.alink.protocol.identity import Identity, ProductCredentials
from custom_components.aliyun_iot.alink.transport.registrar import register_over_mqtt
from custom_components.aliyun_iot.alink.transport.trust import make_trust
from tests.alink.servers import ACCEPTED, publish, server, until_gone

PRODUCT = ProductCredentials(
    identity=Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01"), product_secret="Px7QkLm2Nv9RtYw3"
)
OTHERS = b'{"productKey":"other","deviceName":"other","deviceSecret":"x"}'


async def attempt(monkeypatch: pytest.MonkeyPatch, said: bytes, *, hangs_up: bool) -> RemoteError:
    """Register at a server that says `said`, and return the error."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        if not hangs_up:
            await until_gone(reader)

    authority = trustme.CA()
    with authority.cert_pem.tempfile() as ca_file:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        async with server(authority, talk) as endpoint:
            with pytest.raises(RemoteError) as caught:
                await asyncio.to_thread(register_over_mqtt, PRODUCT, endpoint, make_trust(), patience=0.5)
    return caught.value


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    "said",
    [
        b"\x20\x02\x00\x63",
        ACCEPTED + b"\x30\x01\x00",
        ACCEPTED + publish("/ext/register", b"<html>"),
        ACCEPTED + publish("/ext/register", OTHERS),
        ACCEPTED + 101 * publish("/ext/other", b"{}"),
        ACCEPTED + b"\x30\xff\xff\xff\x7f",
    ],
)
async def test_what_is_no_secret_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    assert isinstance(await attempt(monkeypatch, said, hangs_up=False), MalformedAnswerError)


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("hangs_up", [False, True])
async def test_a_platform_that_accepts_and_pushes_nothing_gave_no_secret(
    monkeypatch: pytest.MonkeyPatch, hangs_up: bool
) -> None:
    said = ACCEPTED + publish("/ext/other", b"{}")
    assert isinstance(await attempt(monkeypatch, said, hangs_up=hangs_up), NoSecretError)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_platform_that_never_answers_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    error = await attempt(monkeypatch, b"", hangs_up=False)
    assert isinstance(error, UnreachableError)
    assert error.reason is Unreachable.TIMEOUT
