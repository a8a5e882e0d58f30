"""Device: the platform's view of products and devices, with the values that devices sent."""

from bisect import insort
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
import time
from typing import TYPE_CHECKING, Any

from .codes import Code
from .inbox import Inbox
from .limits import Window

if TYPE_CHECKING:
    from .link import Link

type JsonObject = dict[str, Any]
type DeviceKey = tuple[str, str]

RECENT_CONNECTS = 1000
RECENT_PASSAGES = 20_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Kind(StrEnum):
    """The kind of post that carried a value."""

    PROPERTY = "property"
    BATCH = "batch"
    HISTORY = "history"
    PACK = "pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product; without an instance ID it belongs to the old public instance."""

    product_key: str = "a1B2c3D4e5F"
    product_secret: str = field(default="Px7QkLm2Nv9RtYw3", repr=False)
    instance_id: str | None = None
    # None for the emulator's own region.
    region: str | None = None
    # The default module; `modules` holds the others by their IDs.
    thing_model: Mapping[str, Any] | None = field(default=None, repr=False)
    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    dynamic_registration: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One stored value; times in milliseconds."""

    identifier: str
    value: Any
    time: int
    received: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """The latest rejected value of a property, with the reason and the number of rejections."""

    code: int
    text: str
    value: Any
    time: Any
    received: int
    count: int
    # True once the platform has stored a value that is no older.
    over: bool = False


class Transport(StrEnum):
    """The layers below MQTT."""

    TLS = "tls"
    TCP = "tcp"
    WSS = "wss"
    WS = "ws"

    @property
    def is_secure(self) -> bool:
        return self in (Transport.TLS, Transport.WSS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A CONNECT and its answer; the time is by this machine's clock, which no test shifts."""

    time: int
    code: int
    client_id: str
    transport: Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A message to or from a device; the time is in seconds of this machine's monotonic clock."""

    time: float
    topic: str
    is_up: bool


@dataclass(slots=True, kw_only=True)
class Device:
    product_key: str
    device_name: str
    secret: str = field(repr=False)
    # From a registration without preregistration, which hands out no secret.
    token_client_id: str = ""
    token: str = field(default="", repr=False)
    # The session from authentication over HTTPS, which ends with its lifetime.
    iot_id: str = ""
    iot_token: str = field(default="", repr=False)
    iot_token_issued: int = 0
    # The kind of its last dynamic registration over any transport: "register", "regnwl", or empty.
    registration: str = ""
    activated: bool = False
    disabled: bool = False
    deleted: bool = False
    link: Link | None = field(default=None, repr=False)
    # The time of its last coming or going, by this machine's clock.
    link_changed: int | None = None

    authentications: int = 0
    connects: int = 0
    recent_connects: deque[Attempt] = field(default_factory=lambda: deque(maxlen=RECENT_CONNECTS))
    last_client_id: str = ""
    keep_alive: int = 0
    # From `ext=` of its last CONNECT: it takes synchronous calls on `/ext/rrpc/...`.
    takes_rrpc_on_any_topic: bool = False
    inbox: Inbox = field(default_factory=Inbox, repr=False)

    properties: dict[str, Sample] = field(default_factory=dict)
    # In order of arrival; `series` has the same by property, oldest first.
    history: list[Sample] = field(default_factory=list)
    series: dict[str, list[Sample]] = field(default_factory=dict, repr=False)
    events: list[Sample] = field(default_factory=list)
    rejected: dict[str, Rejection] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    # By topic without the `/sys/{pk}/{dn}/` in front.
    messages: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    # Its answers to sets and calls by their code, as a text.
    answers: Counter[str] = field(default_factory=Counter)
    passages: deque[Passage] = field(default_factory=lambda: deque(maxlen=RECENT_PASSAGES), repr=False)
    throttled: int = 0
    dropped: int = 0

    qos_windows: tuple[Window, Window] = field(default_factory=lambda: (Window(1.0), Window(1.0)), repr=False)
    connect_window: Window = field(default_factory=lambda: Window(60.0), repr=False)

    @property
    def key(self) -> DeviceKey:
        return self.product_key, self.device_name

    @property
    def online(self) -> bool:
        return self.link is not None

    def connects_in(self, seconds: float) -> int:
        """Return the highest number of recent CONNECTs in any window of that length."""
        times = [attempt.time for attempt in self.recent_connects]
        return max((sum(start <= time < start + seconds * 1000 for time in times) for start in times), default=0)

    def history_of(self, identifier: str) -> list[Sample]:
        return [sample for sample in self.history if sample.identifier == identifier]

    def store(self, sample: Sample) -> None:
        """Keep a value; the current one is the newest by its own time, not by its arrival."""
        self.history.append(sample)
        insort(self.series.setdefault(sample.identifier, []), sample, key=lambda one: one.time)
        current = self.properties.get(sample.identifier)
        if current is None or sample.time >= current.time:
            self.properties[sample.identifier] = sample
        rejection = self.rejected.get(sample.identifier)
        # A malformed time cannot be compared.
        if rejection is not None and (rejection.code == Code.TIME or sample.time >= rejection.time):
            self.rejected[sample.identifier] = replace(rejection, over=True)

    def reject(self, identifier: str, *, code: int, text: str, value: Any, at: Any, received: int) -> None:
        before = self.rejected.get(identifier)
        self.rejected[identifier] = Rejection(
            code=code, text=text, value=value, time=at, received=received, count=before.count + 1 if before else 1
        )

    def attach(self, link: Link | None) -> None:
        """Mark the device as online over this link, or as offline for None."""
        if self.online != (link is not None):
            self.link_changed = now_ms()
        self.link = link

    def note_passage(self, topic: str, *, is_up: bool) -> None:
        self.passages.append(Passage(time=time.monotonic(), topic=topic, is_up=is_up))

    def note_connect(self, attempt: Attempt) -> None:
        self.connects += 1
        self.recent_connects.append(attempt)
        self.last_client_id = attempt.client_id
