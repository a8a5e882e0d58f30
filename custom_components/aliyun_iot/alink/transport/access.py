"""Everything that it takes to connect as one device, and connecting with it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..protocol.authentication import PATH, authentication_form, parse_session
from ..protocol.connection import (
    Connect,
    Session,
    connect_with_secret,
    connect_with_session,
    connect_with_token,
)
from ..protocol.endpoints import Endpoint
from ..protocol.errors import AuthenticationRefusedError, ConnectRefusedError, RemoteError
from ..protocol.identity import Credentials, SecretCredentials
from ..protocol.signing import SignMethod
from .https import post_form
from .link import Link
from .platform_clock import now_ms
from .trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who connects, where, and how.

    `https` is where the platform answers over HTTPS, if that is known. With `authenticate_first` the device logs in
    there, and the answer says where to connect; `endpoint` is not used then. Only a DeviceSecret can do that.
    """

    credentials: Credentials
    endpoint: Endpoint
    https: Endpoint | None = None
    method: SignMethod = SignMethod.HMACSHA256
    authenticate_first: bool = False


async def open_link(access: Access, trust: Trust, on_message: Callable[[str, bytes], None]) -> Link:
    """Connect with a signature that is made now.

    Raises UnreachableError, ConnectRefusedError, AuthenticationRefusedError or MalformedAnswerError; the second only
    for what has nothing to do with the credentials.
    """
    endpoint, connect = access.endpoint, _connect(access)
    if access.authenticate_first and (session := await authenticated(access, trust)) is not None:
        endpoint, connect = session.endpoint, connect_with_session(access.credentials.identity, session)
    try:
        return await Link.open(connect, endpoint, trust.mqtt, on_message)
    except ConnectRefusedError as refused:
        if not refused.is_credentials:
            raise
    raise await _reason(access, trust)


async def _reason(access: Access, trust: Trust) -> AuthenticationRefusedError:
    """Ask why: MQTT says no without a reason, HTTPS has a code for each."""
    try:
        await authenticated(access, trust)
    except AuthenticationRefusedError as error:
        if error.is_credentials:
            return error
    except RemoteError:
        pass
    return AuthenticationRefusedError()


def _connect(access: Access) -> Connect:
    if isinstance(access.credentials, SecretCredentials):
        return connect_with_secret(
            access.credentials,
            timestamp=now_ms(),
            transport=access.endpoint.transport,
            method=access.method,
        )
    return connect_with_token(access.credentials)


async def authenticated(access: Access, trust: Trust) -> Session | None:
    """Log in over HTTPS; None where there is nothing to log in with, or nowhere to go.

    Raises UnreachableError, AuthenticationRefusedError or MalformedAnswerError.
    """
    if not isinstance(access.credentials, SecretCredentials) or access.https is None:
        return None
    form = authentication_form(access.credentials, timestamp=now_ms(), method=access.method)
    answer = await asyncio.get_running_loop().run_in_executor(None, post_form, access.https, trust.https, PATH, form)
    return parse_session(answer)
