"""The emulator's own page: the platform's view of the home, and the actions of a tester."""

import json
from pathlib import Path
import re

from playwright.async_api import ViewportSize, expect

from tests import emulator
from tests.demo.comparison import identifier_of
from tests.demo.rig import Rig

from .pictures import WIDE
from .screen import PATIENCE, Screen
from .setup import OTHERS, SENSORS
from .texts import Texts

WORDS = Path(emulator.__file__).with_name("page") / "words"
CHARTED = "living_room_temperature"
FAULT = "throttle"
# From the name of the device to the words below the chart.
TALL: ViewportSize = {"width": 1280, "height": 1080}
MISSING = "tsl parse: params not exist"


async def look(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Read the page, look at a history, and use each control that a tester has."""
    words = json.loads((WORDS / f"{texts.language}.json").read_text("utf-8"))
    await screen.open(rig.platform.console_url)
    await _read(screen, words, rig)
    await _rejected(screen, words)
    await _chart(screen, words)
    await _typing(screen, words)
    await _set(screen, words)
    await _fault(screen, words)
    await _kick(screen, words)
    await expect(screen.page.locator("#lost"), "the emulator was lost").to_be_hidden()


async def _read(screen: Screen, words: dict[str, str], rig: Rig) -> None:
    states = (await rig.client.states()).items()
    names = {name: state["attributes"].get("friendly_name") for name, state in states}
    chosen = [identifier_of(name) for name, shown in names.items() if shown in (*SENSORS, *OTHERS)]
    tabs = [text for key, text in words.items() if key.startswith("tab.")]
    said = [words[key] for key in ("platform", "emulator", "online", "activated", "panel.faults", "import")]
    await screen.shows(rig.platform.typed["device_name"], *said, *tabs, *chosen)
    await screen.keep("console", narrow=True)


async def _rejected(screen: Screen, words: dict[str, str]) -> None:
    """Read the values that were not stored before the repair, and the reason."""
    tab = screen.page.get_by_role("tab", name=words["tab.rejected"])
    await tab.click()
    await expect(tab).to_have_attribute("aria-selected", "true")
    await screen.shows(CHARTED, words["over"], MISSING)
    await screen.keep("console-rejected", narrow=True)
    await screen.page.get_by_role("tab", name=words["tab.properties"]).click()


async def _chart(screen: Screen, words: dict[str, str]) -> None:
    """Open a history, move along it with the keyboard, and show it as a table."""
    await screen.page.get_by_role("button", name=CHARTED).click()
    plot = screen.page.get_by_role("slider")
    last = re.compile(re.escape(words["last"].partition("{")[0]))
    await expect(plot, "the words of the chart").to_have_attribute("aria-label", last)
    await plot.press("Home")
    first = await plot.get_attribute("aria-valuetext")
    await plot.press("End")
    assert await plot.get_attribute("aria-valuetext") != first, "the cursor does not move"
    await screen.page.set_viewport_size(TALL)
    await screen.page.evaluate("scrollTo(0, 0)")
    await screen.keep("console-chart")
    await screen.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await plot.scroll_into_view_if_needed()
    await screen.keep("console-chart-end", narrow=True)
    await screen.button(words["as_table"]).click()
    await screen.shows(words["came_as"], words["history"])
    await screen.keep("console-table")
    await screen.button(words["as_chart"]).click()


async def _typing(screen: Screen, words: dict[str, str]) -> None:
    """Type while the page is updated: no letter may be lost."""
    clock = screen.page.locator("#facts")
    field = screen.page.get_by_role("searchbox", name=words["filter"])
    await field.fill(CHARTED)
    before = await clock.inner_text()
    await expect(clock, "the page stands still").not_to_have_text(before)
    await expect(field).to_be_focused()
    await expect(field).to_have_value(CHARTED)
    await expect(screen.page.get_by_role("slider"), "the chart that was open").to_be_visible()


async def _set(screen: Screen, words: dict[str, str]) -> None:
    """Set a property; the home lets nothing be set, and says so."""
    panel = screen.page.locator(".property", has=screen.page.get_by_role("slider"))
    await panel.get_by_text(words["set_property"]).click()
    value = panel.get_by_role("spinbutton")
    await value.fill("21.5")
    await panel.get_by_role("button", name=words["set"], exact=True).click()
    refusal = words["device_refuses"].partition("{answer}")[0] + "403 "
    await expect(panel.locator("output"), "the answer").to_contain_text(refusal, timeout=PATIENCE)
    await expect(value, "what was typed").to_have_value("21.5")
    await panel.locator("output").scroll_into_view_if_needed()
    await screen.keep("console-set", narrow=True)


async def _fault(screen: Screen, words: dict[str, str]) -> None:
    """Switch a fault on, read it above everything else, and end it there."""
    active = screen.page.locator("#active")
    fault = screen.page.locator(".faults details").filter(has_text=words[f"fault.{FAULT}"])
    await fault.locator("summary").click()
    await fault.get_by_role("button", name=words["switch_on"]).click()
    await expect(active).to_contain_text(words[f"fault.{FAULT}"])
    await active.scroll_into_view_if_needed()
    await screen.keep("console-fault", narrow=True)
    await active.get_by_role("button", name=words["clear_all"]).click()
    await expect(active, "what is not as usual").to_be_hidden()


async def _kick(screen: Screen, words: dict[str, str]) -> None:
    """Close the connection; the home comes back by itself."""
    await screen.page.get_by_role("tab", name=words["tab.connection"]).click()
    attempts = screen.page.locator(".connects tbody tr")
    await expect(attempts.first).to_be_visible()
    before = await attempts.count()
    await screen.button(words["kick"]).click()
    await expect(attempts, "the home does not come back").to_have_count(before + 1, timeout=60_000)
    await screen.shows(words["online"])
    await screen.keep("console-connection", narrow=True)
