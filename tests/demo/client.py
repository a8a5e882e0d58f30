"""Client: speaks to Home Assistant over HTTP and WebSocket, as its own frontend does."""

import itertools
from typing import Any, Self

import aiohttp

USER = "demo"
PASSWORD = "demo"


class AnswerError(Exception):
    """Home Assistant answered with an error, or not at all as expected."""


class Client:
    """A logged-in user's view of one Home Assistant."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.url = url
        self.tokens: dict[str, Any] = {}
        self._http = http
        self._ids = itertools.count(1)

    async def answers(self) -> bool:
        """Return whether the frontend can be loaded."""
        try:
            async with self._http.get(f"{self.url}/manifest.json") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def sign_in(self, language: str = "en") -> Self:
        """Create the demo user in a new Home Assistant, or log in to one that has it; fill `tokens`."""
        client_id = f"{self.url}/"
        user = {"client_id": client_id, "name": "Demo", "username": USER, "password": PASSWORD, "language": language}
        async with self._http.post(f"{self.url}/api/onboarding/users", json=user) as response:
            # Gone (404) or done (403): a former run has created the user, so its name and password are known.
            code = (await response.json())["auth_code"] if response.ok else await self._log_in(client_id)
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        async with self._http.post(f"{self.url}/auth/token", data=grant) as response:
            tokens = await _read(response)
        self.tokens = tokens | {"hassUrl": self.url, "clientId": client_id}
        return self

    async def _log_in(self, client_id: str) -> str:
        flow = {"client_id": client_id, "handler": ["homeassistant", None], "redirect_uri": client_id}
        async with self._http.post(f"{self.url}/auth/login_flow", json=flow) as response:
            step = await _read(response)
        answer = {"client_id": client_id, "username": USER, "password": PASSWORD}
        async with self._http.post(f"{self.url}/auth/login_flow/{step['flow_id']}", json=answer) as response:
            return str((await _read(response))["result"])

    async def get(self, path: str, **query: str) -> Any:
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self._ask("POST", path, json=body)

    async def delete(self, path: str) -> Any:
        return await self._ask("DELETE", path)

    async def states(self) -> dict[str, dict[str, Any]]:
        return {state["entity_id"]: state for state in await self.get("/api/states")}

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send one WebSocket command, on a connection of its own, and return its result."""
        async with self._http.ws_connect(f"{self.url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.tokens["access_token"]})
            await socket.receive_json()
            await socket.send_json({"id": next(self._ids), "type": kind, **fields})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise AnswerError(f"{kind}: {answer['error']}")
        return answer["result"]

    async def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        async with self._http.request(method, f"{self.url}{path}", headers=bearer, **arguments) as response:
            return await _read(response)


async def _read(response: aiohttp.ClientResponse) -> Any:
    if not response.ok:
        raise AnswerError(f"{response.method} {response.url.path}: {response.status} {await response.text()}")
    return await response.json()
