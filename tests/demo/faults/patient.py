"""Patient: one Home Assistant with the integration, its platform, and the ledger between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import time
from typing import Any

import aiohttp

from ..client import AnswerError, Client
from ..flow import configure
from ..home_assistant import HomeAssistant
from ..log import complaints
from ..platform import Platform
from ..polling import polled
from ..processes import lasting_port
from .clock import SteppedClock
from .home import LIVES, OTHERS, SENSORS, TICK, lives, write
from .ledger import Ledger
from .recorded import Recorded
from .stored import Stored

OPTIONS = "/api/config/config_entries/options/flow"
# messages a second; the platform takes ten
RATE = 5
SECONDS = 60
# A full disk deserves an error in the log. A slow update means nothing here: several homes share two processors, and
# one of them asks libfaketime for every time.
EXPECTED = ("No space left on device", "[homeassistant.helpers.entity] Updating state for")


def now_ms() -> float:
    return time.time() * 1000


class Patient:
    """The home and the platform that the faults happen to."""

    client: Client
    ledger: Ledger
    entry_id: str

    def __init__(self, folder: Path, http: aiohttp.ClientSession, clock: SteppedClock | None) -> None:
        self.http = http
        self.clock = clock
        self.platform = Platform(folder)
        self._ports = {name: lasting_port() for name in ("mqtts", "mqtt", "https", "console")}
        self.home = HomeAssistant(folder, lasting_port(), write(folder / "home"))
        self.recorded = Recorded(self.home.config / "home-assistant_v2.db")
        self.stored = Stored(self.platform.data / "history.jsonl")
        # Counts the files that could not be written because the disk was full.
        self.refusals = 0
        self._complaints = 0
        self._full_disk = folder / "full-disk"

    # The two programs

    async def platform_up(self) -> None:
        """Start the platform; after the first time on the same ports and with its old data."""
        self.stored.mend()
        await self.platform.start(self._ports)
        # These minutes stand for weeks at home, so the limit of five CONNECTs a minute does not apply.
        await self.platform.post(self.http, "/api/limits", {"connects_per_minute": None})

    async def home_up(self) -> None:
        stepped = self.clock.environment if self.clock else {}
        await self.home.start({**self.platform.environment, "DEMO_FULL_DISK": str(self._full_disk), **stepped})
        self.client = await self.home.ready(self.http)

    async def kill_home(self) -> None:
        # Home Assistant writes its registry some time after the entities came; the published entities are named by it.
        await polled("the registry is on disk", self._is_registered, SECONDS)
        await self.home.kill()
        self.ledger.killed(now_ms())

    # The entry

    async def set_up(self) -> None:
        """Set the integration up, and expect every value from then on."""
        await polled("every entity has a state", self._is_alive, SECONDS)
        entry = await configure(self.client, self.platform.typed, SENSORS, OTHERS)
        self.entry_id = entry["entry_id"]
        await self._hurry()
        await polled("values arrive", self._has_values, SECONDS)
        self.ledger = Ledger(now_ms())

    async def _hurry(self) -> None:
        """Choose a higher rate."""
        step = await self.client.post(OPTIONS, {"handler": self.entry_id})
        here = f"{OPTIONS}/{step['flow_id']}"
        await self.client.post(here, {"next_step_id": "delivery"})
        await self.client.post(here, {"rate": RATE})

    async def _is_alive(self) -> bool | None:
        return lives(await self.client.states()) or None

    async def _has_values(self) -> bool | None:
        return (await self.platform.device(self.http))["history"] > 100 or None

    async def _is_registered(self) -> bool | None:
        registry = self.home.config / ".storage" / "core.entity_registry"
        return (registry.exists() and SENSORS[0] in registry.read_text("utf-8")) or None

    # For the faults

    async def break_(self, **faults: Any) -> None:
        await self.platform.post(self.http, "/api/faults", faults)

    async def is_over(self, fault: str) -> bool | None:
        """Return whether the platform has used a fault up."""
        return not (await self.platform.get(self.http, "/api/faults"))[fault] or None

    async def is_online(self) -> bool:
        try:
            return bool((await self.platform.device(self.http))["online"])
        except aiohttp.ClientError:
            return False

    def fill_disk(self, beginning: str) -> None:
        """Leave no room on the disk for files whose names begin like this."""
        self._full_disk.write_text(f"{beginning}\n")

    def empty_disk(self) -> None:
        self.refusals += len(self._full_disk.read_text().splitlines()) - 1
        self._full_disk.unlink()

    async def live(self, *, alive: bool) -> None:
        await self.act("input_boolean", "turn_on" if alive else "turn_off", entity_id=LIVES)

    async def act(self, domain: str, service: str, **data: Any) -> None:
        await self.client.post(f"/api/services/{domain}/{service}", data)

    async def hurry_through(self, ticks: int) -> None:
        """Let the home live through `ticks` ticks as fast as it can."""
        async with self.http.ws_connect(f"{self.client.url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.client.tokens["access_token"]})
            await socket.receive_json()
            for number in range(1, ticks + 1):
                await socket.send_json({"id": number, "type": "fire_event", "event_type": TICK})
                answer = await socket.receive_json()
                if not answer["success"]:
                    raise AnswerError(f"fire_event: {answer['error']}")

    # For the judge

    def look(self) -> None:
        """Take the new rows and samples."""
        self.ledger.take(self.recorded.read(), self.stored.read())

    def new_complaints(self) -> list[str]:
        """Return the log's unexpected records about the integration since the last time."""
        found = complaints(self.home.program.log.read_text(errors="replace"), EXPECTED)
        known, self._complaints = self._complaints, len(found)
        return found[known:]


@asynccontextmanager
async def patient(folder: Path, clock: SteppedClock | None = None) -> AsyncIterator[Patient]:
    """Start both programs and set the integration up; stop them at the end whatever happens."""
    async with aiohttp.ClientSession() as http:
        one = Patient(folder, http, clock)
        try:
            await one.platform_up()
            one.home.prepare()
            await one.home_up()
            await one.set_up()
            yield one
        finally:
            await asyncio.gather(one.home.stop(), one.platform.stop())
