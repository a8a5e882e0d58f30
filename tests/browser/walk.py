"""Walks: a user adds the integration and looks at each of its pages; another one mends all that can go wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.demo.platform import DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET
from tests.demo.rig import Rig, running

from . import checking, console, mended, model, options, pages, registered, repairs, setup
from .newcomer import SECRET, arrive
from .prepared import troubled
from .screen import Screen
from .setup import SECOND_DEVICE, SECOND_PRODUCT
from .texts import Texts

SWITCHING = "automation.somebody_switches_the_living_room_light"
LIGHT = "light.living_room_light"

type Steps = Callable[[Screen, Texts, Rig], Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One way through the user interface, in a Home Assistant of its own."""

    name: str
    running: Callable[[Path, str], AbstractAsyncContextManager[Rig]]
    steps: tuple[Steps, ...]


@asynccontextmanager
async def everyday(folder: Path, language: str) -> AsyncIterator[Rig]:
    """Start a new home beside a product that is new as well: it has no properties yet."""
    product = {
        "product_key": PRODUCT_KEY,
        "product_secret": PRODUCT_SECRET,
        "thing_model": {"properties": [], "events": [], "services": []},
        "devices": [{"device_name": DEVICE_NAME, "device_secret": SECRET}],
    }
    second = {**product, "product_key": SECOND_PRODUCT, "devices": [SECOND_DEVICE]}
    async with running(folder, language=language, products=[product, second]) as rig:
        # The walk connects more often in a minute than the platform allows.
        await rig.platform.post(rig.http, "/api/limits", {"connects_per_minute": None})
        # The content of a page should not depend on the moment of the picture.
        for action, entity_id in (("automation/turn_off", SWITCHING), ("light/turn_on", LIGHT)):
            await rig.client.post(f"/api/services/{action}", {"entity_id": entity_id})
        yield rig


async def newcomer(screen: Screen, texts: Texts, rig: Rig) -> str:
    """Return the effort that the first value takes."""
    return f"{await arrive(screen, texts, rig)} until all values are stored"


EVERYDAY = Walk(
    name="everyday",
    running=everyday,
    steps=(newcomer, options.change, model.repair, pages.look, console.look, setup.look, registered.come_again),
)
TROUBLES = Walk(
    name="troubles",
    running=troubled,
    steps=(
        repairs.told,
        repairs.failed,
        repairs.clock,
        repairs.copied,
        mended.reauthenticated,
        mended.reconfigured,
        repairs.taken_over,
    ),
)
CHECKS = Walk(name="checks", running=everyday, steps=(checking.outcomes,))
WALKS = (EVERYDAY, CHECKS, TROUBLES)
