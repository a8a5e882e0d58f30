"""Repairs, except for those of the thing model and of a removed device: their texts, and how they go away."""

from tests.demo.rig import Rig

from .dialogs import ENTRIES, INTEGRATION, fix
from .prepared import (
    BROKEN_DISK,
    COPIED,
    FULL_DISK,
    PORT_443,
    SILENT,
    WEBSOCKET,
    WRONG_CLOCK,
    full_disk,
    set_clock,
)
from .screen import Screen
from .texts import CONFIG_FLOW, Texts
from .troubles import CONTESTED, Issues, online

FULL = "No space left on device"
ROOT_ENDS = "2028-01-28"
MINUTES = 21
FAILURES = ("copied", "model_not_read")


async def told(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Read the issues without a button; they go away when their cause does."""
    issues = Issues(rig)
    await issues.come("disk", FULL_DISK)
    await screen.go("/config/repairs")
    await screen.shows(texts.own("issues.copied.title", name=COPIED))
    await screen.keep("repairs", narrow=True)
    await _read(screen, texts, "root_ends", name=PORT_443, date=ROOT_ENDS)
    await _read(screen, texts, "root_ends_websocket", name=WEBSOCKET, date=ROOT_ENDS)
    await _read(screen, texts, "disk", name=FULL_DISK, reason=FULL)
    full_disk(rig.home_assistant).unlink()
    await _read(screen, texts, "no_answers", name=SILENT)
    await rig.platform.post(rig.http, "/api/faults", {"clear": True})
    await issues.go("no_answers", SILENT)


async def failed(screen: Screen, texts: Texts, _rig: Rig) -> None:
    """Read the reasons why entries are not set up."""
    await screen.go(INTEGRATION)
    await screen.shows(COPIED, BROKEN_DISK, *(texts.own(f"exceptions.{name}.message") for name in FAILURES))
    await screen.keep("not-set-up", narrow=True)


async def copied(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Decide that this Home Assistant is the one to connect."""
    await fix(screen, texts, "copied", COPIED)
    await online(rig, COPIED)
    await Issues(rig).go("copied", COPIED)


async def clock(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Let the clock be wrong, and right again."""
    issues = Issues(rig)
    await set_clock(rig.platform, rig.http, behind=MINUTES * 60)
    await _reload(rig, WRONG_CLOCK)
    await issues.come("clock", WRONG_CLOCK)
    await screen.go("/config/repairs")
    await _read(screen, texts, "clock", name=WRONG_CLOCK, minutes=str(MINUTES))
    await set_clock(rig.platform, rig.http)
    await _reload(rig, WRONG_CLOCK)
    await online(rig, WRONG_CLOCK)
    await issues.go("clock", WRONG_CLOCK)


async def taken_over(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Take a device back, and check that the disk is written to again by now."""
    await Issues(rig).come("taken_over", CONTESTED)
    await fix(screen, texts, "taken_over", CONTESTED)
    await online(rig, CONTESTED)
    await Issues(rig).go("taken_over", CONTESTED)
    await Issues(rig).go("disk", FULL_DISK)


async def _read(screen: Screen, texts: Texts, kind: str, **values: str) -> None:
    """Open the dialog of an issue without a button, read it and close it."""
    issue = f"issues.{kind}"
    await screen.choose(texts.own(f"{issue}.title", **values))
    said = texts.paragraphs(f"{issue}.description", **values)
    await screen.shows(*said)
    await screen.keep(f"repair-{kind}", narrow=True)
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.close"))
    await screen.hides(said[0])


async def _reload(rig: Rig, name: str) -> None:
    await rig.client.post(f"{ENTRIES}/{name}/reload")
