"""The platform and a Home Assistant that finds it, both running."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from .client import Client
from .home import furnish
from .home_assistant import HOME, HomeAssistant
from .platform import Platform
from .processes import free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The two running programs, with a client that is signed in to Home Assistant."""

    platform: Platform
    home_assistant: HomeAssistant
    http: aiohttp.ClientSession
    client: Client


type Preparation = Callable[[Platform, HomeAssistant, aiohttp.ClientSession], Awaitable[Mapping[str, str]]]


@asynccontextmanager
async def running(
    folder: Path,
    *,
    preferred_port: int = 0,
    language: str = "en",
    extra: Iterable[str] = (),
    products: Sequence[Mapping[str, Any]] | None = None,
    prepared: Preparation | None = None,
    home: Path = HOME,
) -> AsyncIterator[Rig]:
    """Start both with their data in `folder`, and stop both at the end whatever happens.

    `extra` and `products` are the platform's. `prepared` runs before Home Assistant starts, and returns additions to
    its environment. `home` is the folder with the configuration.
    """
    platform = Platform(folder)
    home_assistant = HomeAssistant(folder, free_port(preferred_port), home)
    try:
        await platform.start(extra=extra, products=products)
        home_assistant.prepare(language)
        async with aiohttp.ClientSession() as http:
            more = {} if prepared is None else await prepared(platform, home_assistant, http)
            await home_assistant.start({**platform.environment, **more})
            client = await home_assistant.ready(http, language)
            await furnish(client, language)
            yield Rig(platform=platform, home_assistant=home_assistant, http=http, client=client)
    finally:
        await home_assistant.stop()
        await platform.stop()
