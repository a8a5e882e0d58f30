"""`python -m tests.demo.two_homes`: two real Home Assistants with the identity of one device.

A new Home Assistant with another one's `.storage` asks before it connects. A full copy cannot tell that it is one: both
connect, and one of them has to give up, within the platform's limits.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
import shutil
import sys
import tempfile
import time

import aiohttp

from .client import AnswerError
from .connects import StrangerError, attributed, most_in_a_minute
from .flow import FlowError, configure
from .home import SENSORS
from .house import House, copied
from .interruption import until_signal
from .log import complaints
from .platform import Platform
from .polling import LateError, polled
from .processes import StartError
from .rig import running
from .table import aligned

OTHER_UUID = "0123456789abcdef0123456789abcdef"
LIMIT = 5  # CONNECTs a minute, of one device
ALONE_SECONDS = 20
FIGHT_SECONDS = 100
PEACE_SECONDS = 30
LONGEST_SECONDS = 300
EXPECTED = ("copied", "another Home Assistant")  # in the log


class HomesError(Exception):
    """The two homes did not behave as they should."""


def _now() -> int:
    return time.time_ns() // 1_000_000


def _wanted(what: str, *, holds: bool) -> None:
    print(f"  {'ok    ' if holds else 'FAILED'} {what}", flush=True)
    if not holds:
        raise HomesError(what)


class Watch:
    """Notes changes in the houses and at the platform, with their times."""

    def __init__(self, platform: Platform, http: aiohttp.ClientSession, houses: Sequence[House]) -> None:
        self.began = _now()
        self.events: list[tuple[int, str, str]] = []
        self._platform = platform
        self._http = http
        self._houses = houses
        self._last: dict[str, str] = {}

    async def look(self) -> dict[str, str]:
        """Return each house's connection state and its issues."""
        for house in self._houses:
            issues = await house.issues()
            self._note(house.name, " + issue ".join([await house.state(), *issues]))
        device = await self._platform.device(self._http)
        self._note("platform", "online" if device["online"] else "offline")
        return dict(self._last)

    def _note(self, who: str, what: str) -> None:
        if self._last.get(who) != what:
            self._last[who] = what
            self.events.append((_now(), who, what))

    def timeline(self) -> str:
        rows = [(f"{(moment - self.began) / 1000:7.2f}", who, what) for moment, who, what in sorted(self.events)]
        return aligned([("s", "who", "what"), *rows])


async def _copy_of_a_new_home(platform: Platform, http: aiohttp.ClientSession, first: House, second: House) -> None:
    """Check that the second does not even look for the platform, and says why."""
    watch = Watch(platform, http, (first, second))
    before = await platform.device(http)
    while _now() - watch.began < ALONE_SECONDS * 1000:
        last = await watch.look()
        await asyncio.sleep(0.5)
    print("\nA copy with another uuid:\n", watch.timeline(), "", sep="\n")
    after = await platform.device(http)
    _wanted("the first stays connected", holds=last["first"] == "connected" and after["connects"] == before["connects"])
    _wanted("its values still arrive", holds=after["history"] > before["history"])
    _wanted("the second never asks for the platform's address", holds=not second.asked())
    _wanted("the second shows one issue, copied", holds=last["second"] == "setup_error + issue copied")


async def _fight(platform: Platform, http: aiohttp.ClientSession, first: House, second: House, began: int) -> None:
    """Check that one of two full copies gives up, and that neither exceeds the platform's limit."""
    houses = (first, second)
    watch = Watch(platform, http, houses)
    watch.began = began
    over, values = None, 0
    while over is None or _now() < max(over + PEACE_SECONDS * 1000, began + FIGHT_SECONDS * 1000):
        last = await watch.look()
        gave_up = [house for house in houses if last[house.name] == "taken_over + issue taken_over"]
        if gave_up and over is None:
            over = _now()
            values = (await platform.device(http))["history"]
        if _now() > began + LONGEST_SECONDS * 1000:
            raise HomesError(f"nobody gave up within {LONGEST_SECONDS} s\n{watch.timeline()}")
        await asyncio.sleep(0.25)
    device = await platform.device(http)
    attempts = attributed(device["recent_connects"], {house.name: house.asked() for house in houses}, began)
    watch.events += [(one.time, one.house, f"CONNECT, answered with {one.code}") for one in attempts]
    print("\nA full copy:\n", watch.timeline(), "", sep="\n")
    _wanted("exactly one gave up, with one issue taken_over", holds=len(gave_up) == 1)
    _wanted("the other is connected, without an issue", holds=min(last.values()) == "connected")
    offline = [
        moment for moment, who, what in watch.events if who == "platform" and what == "offline" and moment > over
    ]
    _wanted(
        f"the device stayed online for {(_now() - over) / 1000:.0f} s since", holds=device["online"] and not offline
    )
    _wanted(f"{device['history'] - values} values arrived since", holds=device["history"] > values)
    for house in houses:
        most = most_in_a_minute([one.time for one in attempts if one.house == house.name])
        _wanted(f"{house.name}: {most} CONNECTs in its busiest minute, at most {LIMIT}", holds=most <= LIMIT)


async def _both(folder: Path) -> None:
    async with running(folder / "first") as rig:
        platform, http, original = rig.platform, rig.http, rig.home_assistant
        await configure(rig.client, platform.typed, SENSORS, ())
        await polled("a value", lambda: _has_values(platform, http), 30)
        await original.stop()
        stranger = copied(original, folder / "stranger", OTHER_UUID)
        twin = copied(original, folder / "twin")
        try:
            first = await House.start("first", original, platform.environment, http)
            second = await House.start("second", stranger, platform.environment, http)
            await _copy_of_a_new_home(platform, http, first, second)
            await stranger.stop()
            began = _now()
            second = await House.start("second", twin, platform.environment, http)
            await _fight(platform, http, first, second, began)
        finally:
            for home in (stranger, twin):
                await home.stop()
    for home in (original, stranger, twin):
        found = complaints(home.program.log.read_text(errors="replace"), EXPECTED)
        _wanted(f"the log of {home.config.parent.name} is clean{found or ''}", holds=not found)


async def _has_values(platform: Platform, http: aiohttp.ClientSession) -> bool | None:
    return (await platform.device(http))["history"] > 0 or None


async def _run(folder: Path) -> int:
    try:
        await _both(folder)
    except (
        HomesError,
        StrangerError,
        LateError,
        FlowError,
        StartError,
        AnswerError,
        aiohttp.ClientError,
    ) as error:
        print(f"FAILED {type(error).__name__}: {error}")
        return 1
    return 0


async def _main(folder: Path) -> int:
    return await until_signal(asyncio.ensure_future(_run(folder)), 130)


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.demo.two_homes", description=__doc__).parse_args()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-homes-"))
    try:
        code = asyncio.run(_main(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
