"""Kinds: every fault of the chaos run, with the details that are drawn anew each time."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from ..faults.home import ENTITY_OF
from .foreign import PAYLOADS, message
from .mischief import Act, Mischief
from .strain import Weight

TWO_DAYS = 2 * 24 * 3600 * 1000
TEXTS = ("", "system error", "月亮" * 500, "a\nb\r\n\u202e# [x](http://y)", "x" * 10_000)
# Codes that ask to try later, in replies to posts.
LATER = (429, 500, 6250, 6313)
# None of these names the credentials as wrong: then only a person can help.
HTTPS_CODES = (429, 460, 500, 5005, 6204, 6250, 6288)
BODIES = ("", "<html>", "null", "[]", "[" * 10_000, '{"code": 200}', '{"code": 200, "data": {"iotId": 1}}')

NONE = Weight()

type Begin = Callable[[Mischief, float], Act]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault: `begin` draws the details, for a fault of so many seconds."""

    name: str
    begin: Begin
    weight: Weight = NONE
    # True if values flow again within seconds after it.
    is_quick: bool = True


def _held(name: str, draw: Callable[[Random], Any]) -> Kind:
    field = name.partition(" ")[0]
    return Kind(name=name, begin=lambda own, seconds: own.held({field: draw(own.dice)}, seconds))


def _greeted(name: str, draw: Callable[[Random], Any], *, quick: bool = True) -> Kind:
    field = name.partition(" ")[0]
    return Kind(
        name=name,
        begin=lambda own, seconds: own.greeted({field: draw(own.dice)}, seconds),
        weight=Weight(kicks=1),
        is_quick=quick,
    )


def _https(dice: Random) -> dict[str, Any] | None:
    """Draw the answer over HTTPS, which is asked for after a CONNACK 4 or 5; None for the platform's own."""
    return dice.choice(
        (
            None,
            {"code": dice.choice(HTTPS_CODES), "text": dice.choice(TEXTS)},
            {"status": dice.choice((302, 404, 500, 503))},
            {"body": dice.choice(BODIES)},
            # A byte each: the whole answer takes some seconds.
            {"drip": dice.uniform(0.005, 0.03)},
        )
    )


def _refused(code: int) -> Kind:
    return Kind(
        name=f"connack {code}, https",
        begin=lambda own, seconds: own.greeted({"connack": {"code": code}, "https": _https(own.dice)}, seconds),
        # No fault lasts as long as three attempts.
        weight=Weight(kicks=1, refusals=2),
        is_quick=False,
    )


def _put_off(code: int) -> Kind:
    return _held(f"reply {code}", lambda dice: {"code": code, "text": dice.choice(TEXTS)})


def _down(name: str, *, killed: bool) -> Kind:
    return Kind(
        name=name,
        begin=lambda own, seconds: own.down(seconds, killed=killed),
        weight=Weight(kicks=1),
        is_quick=False,
    )


def _foreign(payload: str) -> Kind:
    return Kind(name=f"foreign: {payload}", begin=lambda own, _: own.said(message(own.dice, payload)))


def _few(dice: Random) -> frozenset[str]:
    return frozenset(dice.sample(sorted(ENTITY_OF), dice.randint(1, len(ENTITY_OF) // 2)))


RELOADED = Kind(name="entry reloaded", begin=lambda own, _: own.reload)

KINDS = (
    RELOADED,
    _held("reply lost", lambda dice: {"lost": True, "times": dice.randint(1, 3)}),
    _held("reply late", lambda dice: {"delay": dice.uniform(0.5, 12.0)}),
    _held("reply twice", lambda dice: {"copies": dice.randint(2, 5)}),
    *map(_put_off, LATER),
    _held("throttle", lambda _: True),
    _held("half_open", lambda _: True),
    Kind(name="cut", begin=lambda own, _: own.cut(), weight=Weight(kicks=1)),
    Kind(
        name="cut_after_publish",
        begin=lambda own, seconds: own.held({"cut_after_publish": 1}, seconds),
        weight=Weight(kicks=1),
    ),
    Kind(
        name="refuse_tcp",
        begin=lambda own, seconds: own.refusing(seconds),
        weight=Weight(kicks=1),
        is_quick=False,
    ),
    _greeted("connack 2", lambda _: {"code": 2}, quick=False),
    _greeted("connack 3", lambda dice: {"code": 3, "times": dice.randint(1, 2)}, quick=False),
    _refused(4),
    _refused(5),
    _greeted("overdue", lambda _: True, quick=False),
    _greeted("suback_lost", lambda _: True),
    _greeted("ask_for_history", lambda _: True),
    _greeted("clock lost", lambda _: {"lost": True}),
    _greeted("clock late", lambda dice: {"delay": dice.choice((1.0, 3.0, 9.0, 11.0, 130.0))}),
    # Less than a minute is not corrected.
    _greeted("clock wrong by seconds", lambda dice: {"offset": dice.randint(-50_000, 50_000)}),
    _greeted("clock of another question", lambda _: {"echo": "1"}),
    # A lie that the platform itself contradicts. After one of some hours, or into the past, it would store what nobody
    # has recorded.
    Kind(
        name="clock two days ahead",
        begin=lambda own, seconds: own.lying_ahead(ENTITY_OF, {"clock": {"offset": TWO_DAYS}}, seconds),
        weight=Weight(kicks=1),
        is_quick=False,
    ),
    *map(_foreign, PAYLOADS),
    Kind(
        name="device disabled",
        begin=lambda own, seconds: own.disabled(seconds),
        weight=Weight(kicks=1, refusals=2),
        is_quick=False,
    ),
    Kind(name="thing model lacks some", begin=lambda own, seconds: own.lacking(_few(own.dice), seconds)),
    _down("platform killed", killed=True),
    _down("platform restarted", killed=False),
)
# The emulator has further faults: "push" concerns registrations only, "mqtt_host" devices that do not ask for a host
# by its name, as this home does, "published" and "unreleased" imports of thing models, and the others commands, of
# which this home grants none.
ELSEWHERE = frozenset(
    {"push", "mqtt_host", "published", "unreleased", "downlink", "pubacks_lost", "unclean", "flood", "echo"}
)
