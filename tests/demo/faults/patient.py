"""Patient: one Home Assistant with the integration, its platform, and the ledger between them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
import time
from typing import Any

import aiohttp

from ..client import AnswerError, Client
from ..databases import Server
from ..flow import configure
from ..home_assistant import HomeAssistant
from ..log import complaints
from ..platform import PRODUCT_KEY, Platform
from ..polling import polled
from ..processes import lasting_port
from .clock import SteppedClock
from .home import LATE, LIVES, OTHERS, SENSORS, TICK, lives, write
from .ledger import Ledger
from .recorded import Recorded
from .stored import Stored

ENTRY = "/api/config/config_entries/entry"
OPTIONS = "/api/config/config_entries/options/flow"
HISTORY = "thing/event/property/history/post"
# messages a second; the platform takes ten
RATE = 5
SECONDS = 60
# A full disk deserves an error in the log, and a property that the thing model lacks a warning. A slow update means
# nothing here: several homes share two processors, and one of them asks libfaketime for every time.
EXPECTED = (
    "No space left on device",
    "The platform does not take ",
    "[homeassistant.helpers.entity] Updating state for",
)
# A database server that is away deserves a warning, and the recorder's own errors show what it could not write.
EXPECTED_OF_SERVER = ("The recorder's database cannot be read", "[homeassistant.components.recorder")
# The recorder waits for a server at its start, a second each time.
RETRIES = 30


def now_ms() -> float:
    return time.time() * 1000


class Patient:
    """The home and the platform that the faults happen to."""

    client: Client
    ledger: Ledger
    entry_id: str

    def __init__(
        self,
        folder: Path,
        http: aiohttp.ClientSession,
        clock: SteppedClock | None,
        server: Server | None = None,
    ) -> None:
        self.http = http
        self.clock = clock
        self.server = server
        self.platform = Platform(folder)
        self._ports = {name: lasting_port() for name in ("mqtts", "mqtt", "https", "console")}
        self.home = HomeAssistant(folder, lasting_port(), write(folder / "home", recorder(server)))
        self.recorded = Recorded(self.home.config / "home-assistant_v2.db", None if server is None else server.url)
        self.stored = Stored(self.platform.data / "history.jsonl")
        # Counts the files that could not be written because the disk was full.
        self.refusals = 0
        self._complaints = 0
        self._full_disk = folder / "full-disk"
        self.not_in_model: Collection[str] = frozenset()
        self._lacks_since = 0.0  # ms UTC, when that import was

    # The two programs

    async def platform_up(self) -> None:
        """Start the platform; after the first time on the same ports and with its old data."""
        self.stored.mend()
        await self.platform.start(self._ports)
        # These minutes stand for weeks at home, so the limit of five CONNECTs a minute does not apply.
        await self.platform.post(self.http, "/api/limits", {"connects_per_minute": None})

    async def home_up(self, more: Mapping[str, str] | None = None) -> None:
        """Start Home Assistant, with `more` in its environment."""
        stepped = self.clock.environment if self.clock else {}
        full = {"DEMO_FULL_DISK": str(self._full_disk)}
        await self.home.start({**self.platform.environment, **full, **stepped, **(more or {})})
        self.client = await self.home.ready(self.http)

    async def kill_home(self) -> None:
        # Home Assistant writes its registry some time after the entities came, and a new entry a second later; the
        # published entities are named by the registry.
        await polled("the registry and the entry are on disk", self._is_registered, SECONDS)
        await self.home.kill()
        self.look()
        self.ledger.killed(now_ms())

    # The entry

    async def set_up(self) -> None:
        """Set the integration up, and expect every value from then on."""
        await polled("every entity has a state", self._is_alive, SECONDS)
        await self.add_entry()
        await self._hurry()
        await polled("values arrive", self._has_values, SECONDS)
        self.ledger = Ledger(now_ms())
        await self.import_model()

    async def add_entry(self, history_days: float = 0) -> None:
        entry = await configure(self.client, self.platform.typed, SENSORS, OTHERS, SECONDS, history_days=history_days)
        self.entry_id = entry["entry_id"]

    async def import_model(self, without: Collection[str] = frozenset()) -> None:
        """Import the home's thing model, with some properties left out."""
        query = {"config_entry_id": self.entry_id}
        answer = await self.client.post("/api/services/aliyun_iot/get_thing_model?return_response", query)
        (model,) = answer["service_response"]["files"].values()
        known = [one for one in model["properties"] if one["identifier"] not in without]
        await self.platform.post(self.http, f"/api/products/{PRODUCT_KEY}/thing_model", {**model, "properties": known})
        now = now_ms()
        self.ledger.imported(now, self.not_in_model, since=self._lacks_since)
        self.not_in_model, self._lacks_since = without, now

    async def reject_some(self) -> None:
        """Import a thing model that lacks some properties, and wait until values of all of these are rejected."""
        before = await self._rejected()
        await self.import_model(without=LATE)
        await polled("values are rejected", partial(self._rejects, before), SECONDS)

    async def _rejects(self, before: Mapping[str, int]) -> bool | None:
        rejected = await self._rejected()
        return all(rejected[name] > before[name] for name in LATE) or None

    async def _rejected(self) -> Counter[str]:
        rejected = (await self.platform.device(self.http))["rejected"]
        return Counter({name: one["count"] for name, one in rejected.items()})

    async def _hurry(self) -> None:
        """Choose a higher rate."""
        step = await self.client.post(OPTIONS, {"handler": self.entry_id})
        here = f"{OPTIONS}/{step['flow_id']}"
        if step["step_id"] != "init":  # the first dialog after the set-up begins with the file
            await self.client.post(here, {"next_step_id": "init"})
        await self.client.post(here, {"next_step_id": "delivery"})
        await self.client.post(here, {"rate": RATE})

    async def remove_entry(self) -> None:
        await self.client.delete(f"{ENTRY}/{self.entry_id}")

    async def send_history(self, days: float) -> None:
        await self.act("aliyun_iot", "send_history", config_entry_id=self.entry_id, days=days)

    async def sent_history(self) -> int:
        """Return the number of values that have come in messages of history since the platform's start."""
        return int((await self.platform.device(self.http))["values"].get(HISTORY, 0))

    async def _is_alive(self) -> bool | None:
        return lives(await self.client.states()) or None

    async def _has_values(self) -> bool | None:
        return (await self.platform.device(self.http))["history"] > 100 or None

    async def _is_registered(self) -> bool | None:
        wanted = {"core.entity_registry": SENSORS[0], "core.config_entries": self.entry_id}
        files = {self.home.config / ".storage" / name: text for name, text in wanted.items()}
        return all(file.exists() and text in file.read_text("utf-8") for file, text in files.items()) or None

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
        expected = EXPECTED if self.server is None else EXPECTED + EXPECTED_OF_SERVER
        log = self.home.program.log
        found = complaints(log.read_text(errors="replace"), expected)
        known, self._complaints = self._complaints, len(found)
        return found[known:]


def recorder(server: Server | None) -> Mapping[str, Any]:
    """Return what the recorder's settings have for a server: it is waited for at the start, for half a minute."""
    return {} if server is None else {"db_url": server.url, "db_max_retries": RETRIES, "db_retry_wait": 1}


@asynccontextmanager
async def patient(
    folder: Path, clock: SteppedClock | None = None, server: Server | None = None
) -> AsyncIterator[Patient]:
    """Start the programs and set the integration up; stop them at the end whatever happens."""
    async with aiohttp.ClientSession() as http:
        one = Patient(folder, http, clock, server)
        try:
            if server is not None:
                await server.start()
            await one.platform_up()
            one.home.prepare()
            await one.home_up()
            await one.set_up()
            yield one
        finally:
            await asyncio.gather(one.home.stop(), one.platform.stop())
            if server is not None:
                await server.stop()
