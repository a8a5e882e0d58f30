"""Access: credentials and endpoint of one device, and opening a link with them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..protocol.authentication import PATH, authentication_form, parse_session
from ..protocol.connection import (
    Connect,
    HttpsLogin,
    connect_with_secret,
    connect_with_session,
    connect_with_token,
)
from ..protocol.endpoints import Endpoint
from ..protocol.errors import (
    AuthenticationRefusedError,
    ConnectRefusedError,
    MisdirectedError,
    RemoteError,
)
from ..protocol.identity import Credentials, SecretCredentials
from ..protocol.signing import SignMethod
from .https import post_form
from .link import Link
from .platform_clock import now_ms
from .trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything that it takes to connect as one device."""

    credentials: Credentials
    endpoint: Endpoint  # for MQTT
    https: Endpoint | None = None  # for authentication over HTTPS, if it is known
    method: SignMethod = SignMethod.HMACSHA256
    # Log in over HTTPS first, and connect where the answer says instead of at `endpoint`; only with a DeviceSecret
    # ("HTTPS authentication").
    authenticate_first: bool = False


async def open_link(
    access: Access, trust: Trust, on_message: Callable[[str, bytes], None], *, is_watched: bool = False
) -> Link:
    """Connect with a signature that is made now.

    `on_message` takes topic and payload of each message, on the event loop. A link that is watched ends when this
    machine was asleep or stuck. Raises UnreachableError, AuthenticationRefusedError, MisdirectedError,
    MalformedAnswerError, or ConnectRefusedError for a refusal that has nothing to do with the credentials.
    """
    endpoint, connect = access.endpoint, _connect(access)
    if access.authenticate_first and (session := await authenticated(access, trust)) is not None:
        endpoint, connect = session.endpoint, connect_with_session(access.credentials.identity, session)
    try:
        return await Link.open(connect, endpoint, trust.mqtt, on_message, is_watched=is_watched)
    except ConnectRefusedError as refused:
        if not refused.is_credentials:
            raise
    raise await _reason(access, trust, endpoint.host)


async def _reason(access: Access, trust: Trust, host: str) -> RemoteError:
    """Ask over HTTPS for the reason: CONNACK gives none, HTTPS has a code for each."""
    try:
        is_accepted = await authenticated(access, trust) is not None
    except AuthenticationRefusedError as error:
        return error if error.is_explained else AuthenticationRefusedError()
    except RemoteError:
        return AuthenticationRefusedError()
    return MisdirectedError(host) if is_accepted else AuthenticationRefusedError()


def _connect(access: Access) -> Connect:
    if isinstance(access.credentials, SecretCredentials):
        return connect_with_secret(
            access.credentials,
            timestamp=now_ms(),
            transport=access.endpoint.transport,
            method=access.method,
        )
    return connect_with_token(access.credentials)


async def authenticated(access: Access, trust: Trust) -> HttpsLogin | None:
    """Log in over HTTPS ("HTTPS authentication"); None without a DeviceSecret or without an endpoint for it.

    Raises UnreachableError, AuthenticationRefusedError or MalformedAnswerError.
    """
    if not isinstance(access.credentials, SecretCredentials) or access.https is None:
        return None
    form = authentication_form(access.credentials, timestamp=now_ms(), method=access.method)
    answer = await asyncio.get_running_loop().run_in_executor(None, post_form, access.https, trust.https, PATH, form)
    return parse_session(answer)
