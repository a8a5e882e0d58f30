"""Faults: the troubles that the emulator makes on command.

In process, call `emulator.faults.set`, as in `set(throttle=True)`; an assignment would go unnoticed. Over HTTP,
`POST /api/faults` takes a JSON object with any of:

    {"clear": true}                                               end all faults
    {"connack": {"code": 3, "times": 2, "only": "registration"}}  answer CONNECTs with 2, 3, 4 or 5
    {"push": {"lost": true}}      or {"push": {"delay": 2.5}}     the secret after a registration over MQTT
    {"push": {"body": "{"}}                                       the same with this text, JSON or not
    {"reply": {"lost": true}}                                     stored, but never answered
    {"reply": {"delay": 1.5}}                                     stored, and answered seconds later
    {"reply": {"copies": 2}}                                      stored once, answered twice
    {"reply": {"code": 429, "text": "too many requests"}}         not stored, answered with 429, 500, ...
    {"https": {"code": 6288, "text": "off"}}                      the answer to calls over HTTPS
    {"https": {"status": 500}}    or {"https": {"body": "<html>"}}  the same, not even the platform's JSON
    {"https": {"drip": 1.0}}                                      the usual answer, or the one above, a byte each second
    {"clock": {"lost": true}}     or {"clock": {"delay": 130.0}}  the answer to a question about the time
    {"clock": {"offset": 172800000}}                              the same with a time that is wrong by so many ms
    {"clock": {"echo": "1"}}                                      the same as if to a question that nobody asked
    {"suback_lost": true}                                         SUBSCRIBEs take effect and are never acknowledged
    {"ask_for_history": true}                                     `_ss=1` does not cover the replies to history posts
    {"overdue": true}                                             CONNACK 2: the account is overdue or suspended
    {"mqtt_host": "iot-x.mqtt.iothub.aliyuncs.com"}               another instance's or region's host, for devices that
                                                                  ask for none of the platform's by its name
    {"downlink": {"copies": 3, "delay": 0.5}}                     each message of QoS 1 to a device again, with the same
                                                                  packet ID and marked as a repeat, seconds later
    {"pubacks_lost": true}                                        devices' acknowledgements are lost, so their next link
                                                                  may bring the same messages again
    {"unclean": true}                                             a clean CONNECT ends no session: unacknowledged
                                                                  messages come again, and those to a device that is
                                                                  away wait for it
    {"flood": {"params": {"a": 1}, "per_second": 20}}             sets for which nobody waits, to each connected device
    {"echo": {"delay": 0.5}}                                      a rule of the cloud sets what a device has posted, if
                                                                  it can be set, to the same value
    {"foreign": {"topic": "/any", "text": "{", "times": 2}}       publish this to all connected devices, subscribed or
                                                                  not; "base64" instead of "text" for any bytes
    {"cut": "now"}                                                close all MQTT connections
    {"cut_after_publish": 1}                                      store this many PUBLISHes and close unanswered
    {"half_open": true}                                           TCP stays open, nothing is read, answered or accepted
    {"refuse_tcp": true}                                          all device ports refuse connections
    {"throttle": true}                                            acknowledge PUBLISHes and forget them
    {"unreleased": true}                                          imported thing models stay drafts
    {"published": true}                                           the products are published: no import is taken

`connack`, `push`, `reply`, `https`, `clock`, `downlink`, `flood` and `echo` take "times", after which the fault is over
(absent or null: until cleared).
`only` is "registration" or "normal" for `connack`, "registration" or "authentication" for `https` (absent or null:
both). Null ends a fault. Half-open links go on from where they stopped once the fault is over; drafts are released
then.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypedDict, Unpack


class Only(StrEnum):
    REGISTRATION = "registration"
    AUTHENTICATION = "authentication"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnackFault:
    code: int
    only: Only | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushFault:
    lost: bool = False
    delay: float = 0.0
    # Sent instead of the platform's JSON.
    body: str | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFault:
    lost: bool = False
    delay: float = 0.0
    copies: int = 1
    code: int | None = None
    text: str = "forced by the emulator"
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsFault:
    code: int | None = None
    text: str = "forced by the emulator"
    status: int = 200
    body: str | None = None
    # Seconds between two bytes of the answer.
    drip: float = 0.0
    only: Only | None = None
    times: int | None = None

    @property
    def replaces_answer(self) -> bool:
        """Tell whether another answer goes out than the platform's own."""
        return not self.drip or self.code is not None or self.body is not None or self.status != HTTPStatus.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFault:
    lost: bool = False
    delay: float = 0.0
    # Milliseconds.
    offset: int = 0
    # Sent instead of the `deviceSendTime` of the question.
    echo: str | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownlinkFault:
    copies: int = 2
    # Seconds between two of them.
    delay: float = 0.0
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodFault:
    params: Mapping[str, Any]
    per_second: float = 20.0
    times: int | None = None

    def __post_init__(self) -> None:
        if not self.per_second > 0:
            raise ValueError("per_second: not above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoFault:
    delay: float = 0.0
    times: int | None = None


_KINDS: Mapping[str, Callable[..., Any]] = {
    "connack": ConnackFault,
    "push": PushFault,
    "reply": ReplyFault,
    "https": HttpsFault,
    "clock": ClockFault,
    "downlink": DownlinkFault,
    "flood": FloodFault,
    "echo": EchoFault,
}

_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "body": str,
    "code": int,
    "copies": int,
    "delay": float,
    "drip": float,
    "echo": str,
    "lost": bool,
    "offset": int,
    "only": Only,
    "params": dict,
    "per_second": float,
    "status": int,
    "text": str,
    "times": int,
}


class Changes(TypedDict, total=False):
    connack: ConnackFault | None
    push: PushFault | None
    reply: ReplyFault | None
    https: HttpsFault | None
    clock: ClockFault | None
    downlink: DownlinkFault | None
    flood: FloodFault | None
    echo: EchoFault | None
    pubacks_lost: bool
    unclean: bool
    suback_lost: bool
    ask_for_history: bool
    overdue: bool
    mqtt_host: str
    cut_after_publish: int
    half_open: bool
    refuse_tcp: bool
    throttle: bool
    unreleased: bool
    published: bool


@dataclass(kw_only=True)
class Faults:
    connack: ConnackFault | None = None
    push: PushFault | None = None
    reply: ReplyFault | None = None
    https: HttpsFault | None = None
    clock: ClockFault | None = None
    downlink: DownlinkFault | None = None
    flood: FloodFault | None = None
    echo: EchoFault | None = None
    pubacks_lost: bool = False
    unclean: bool = False
    suback_lost: bool = False
    ask_for_history: bool = False
    overdue: bool = False
    mqtt_host: str = ""
    cut_after_publish: int = 0
    half_open: bool = False
    refuse_tcp: bool = False
    throttle: bool = False
    unreleased: bool = False
    published: bool = False

    def __post_init__(self) -> None:
        self._watcher: Callable[[], None] | None = None

    def watch(self, watcher: Callable[[], None] | None) -> None:
        """Call the watcher after every change by `set`, `clear` or `update`."""
        self._watcher = watcher

    def set(self, **changes: Unpack[Changes]) -> None:
        """Set these faults and leave the others."""
        self._take(changes)

    def clear(self) -> None:
        self._take(_DEFAULTS)

    def take_connack(self, kind: Only) -> ConnackFault | None:
        fault = self.connack
        if fault is None or fault.only not in (None, kind):
            return None
        self.connack = _spent(fault)
        return fault

    def take_push(self) -> PushFault:
        fault, self.push = self.push, _spent(self.push)
        return fault or PushFault()

    def take_reply(self) -> ReplyFault:
        fault, self.reply = self.reply, _spent(self.reply)
        return fault or ReplyFault()

    def take_https(self, kind: Only) -> HttpsFault | None:
        fault = self.https
        if fault is None or fault.only not in (None, kind):
            return None
        self.https = _spent(fault)
        return fault

    def take_clock(self) -> ClockFault:
        fault, self.clock = self.clock, _spent(self.clock)
        return fault or ClockFault()

    def take_downlink(self) -> DownlinkFault:
        fault, self.downlink = self.downlink, _spent(self.downlink)
        return fault or DownlinkFault(copies=1)

    def take_flood(self) -> FloodFault | None:
        fault, self.flood = self.flood, _spent(self.flood)
        return fault

    def take_echo(self) -> EchoFault | None:
        fault, self.echo = self.echo, _spent(self.echo)
        return fault

    def take_cut(self) -> bool:
        if self.cut_after_publish == 0:
            return False
        self.cut_after_publish -= 1
        return True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def update(self, changes: Mapping[str, Any]) -> None:
        """Take a JSON object as above; raise ValueError for one that is not, and change nothing."""
        changes = dict(changes)
        taken = dict(_DEFAULTS) if changes.pop("clear", False) else {}
        if unknown := changes.keys() - _DEFAULTS.keys():
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            if value is None:
                taken[name] = _DEFAULTS[name]
            elif name in _KINDS:
                taken[name] = _made(name, value)
            elif isinstance(value, str if isinstance(_DEFAULTS[name], str) else int):
                taken[name] = type(_DEFAULTS[name])(value)
            else:
                raise ValueError(f"{name}: not of its type")
        self._take(taken)

    def _take(self, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        if self._watcher:
            self._watcher()


_DEFAULTS: Mapping[str, Any] = {item.name: item.default for item in fields(Faults)}


def _made(name: str, body: Any) -> Any:
    try:
        values = {key: None if value is None else _TYPES[key](value) for key, value in body.items()}
        return _KINDS[name](**values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


type _Counted = ConnackFault | PushFault | ReplyFault | HttpsFault | ClockFault | DownlinkFault | FloodFault | EchoFault


def _spent[F: _Counted](fault: F | None) -> F | None:
    if fault is None or fault.times is None:
        return fault
    return replace(fault, times=fault.times - 1) if fault.times > 1 else None
