"""Screen: looks for texts, clicks, types and saves pictures."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import re
import time
from typing import Literal

from playwright.async_api import Locator, Page, expect

from .pictures import Pictures

PATIENCE = 60_000  # ms
PAUSE = 0.1  # s

# Matches a translation's key in place of its text, a placeholder in place of its value, and JavaScript's leftovers.
RAW = r"\b(?:component|ui)\.[a-z_]+\.[a-z_.]+|\{[a-z_]+\}|\bundefined\b|\[object Object\]"

SPECIAL = re.compile(r"[\\^$.*+?()\[\]{}|/]")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")

# Imitates a click on one of the frontend's own links, which closes open dialogs and changes the page without loading it
# anew.
FOLLOW = """path => {
  const link = Object.assign(document.createElement("a"), {href: path});
  document.body.append(link);
  link.click();
  link.remove();
}"""

# Looks once for all visible texts, each in one piece: the whole text of every element that has any of its own. Asking
# the browser for each text by itself would take it most of its time.
READ = r"""([wanted, raw]) => {
  const pieces = new Set();
  const range = document.createRange();
  const isSeen = text => {
    range.selectNode(text);
    return range.getClientRects().length > 0 && getComputedStyle(text.parentElement).visibility === "visible";
  };
  const look = root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.shadowRoot) look(node.shadowRoot);
      const isText = node.nodeType === Node.TEXT_NODE && node.parentElement && node.data.trim();
      if (isText && isSeen(node)) pieces.add(node.parentElement.textContent.replace(/\s+/g, " ").trim());
    }
  };
  look(document);
  const without = patterns => patterns.filter(pattern => ![...pieces].some(text => new RegExp(pattern).test(text)));
  return {missing: without(wanted), raw: [...pieces].filter(text => new RegExp(raw).test(text))};
}"""


class ScreenError(Exception):
    """The screen does not show the expected texts."""


@dataclass(slots=True)
class Effort:
    """The clicks and keystrokes of a user."""

    clicks: int = 0
    pastes: int = 0
    fields: int = 0
    characters: int = 0

    def __str__(self) -> str:
        """Say it in words."""
        typed = f"{self.fields} typed fields with {self.characters} characters"
        return f"{self.clicks} clicks, {self.pastes} pasted, {typed}"


class Screen:
    """One page of the browser, signed in to Home Assistant, and the user's actions on it."""

    def __init__(self, page: Page, home: str, pictures: Pictures) -> None:
        self.page = page
        self.pictures = pictures
        self._home = home
        self._effort = Effort()
        page.set_default_timeout(PATIENCE)

    @contextmanager
    def counted(self) -> Iterator[Effort]:
        """Count clicks and typed characters from now on."""
        self._effort = counted = Effort()
        yield counted
        self._effort = Effort()

    def text(self, text: str) -> Locator:
        """Return the place of a text; each of its {placeholders} matches any word."""
        return self.page.get_by_text(re.compile(_pattern(text))).locator("visible=true").first

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name).locator("visible=true").first

    async def open(self, url: str) -> None:
        await self.page.goto(url)

    async def go(self, path: str, *, anew: bool = False) -> None:
        """Open a page of Home Assistant; load the whole frontend only if it is not open yet, or on request."""
        if self.page.url.startswith(self._home) and not anew:
            await self.page.evaluate(FOLLOW, path)
        else:
            await self.open(f"{self._home}{path}")
            # The frontend takes over from its launch screen.
            await self.page.wait_for_selector("home-assistant", state="attached")
            await self.page.wait_for_selector("#ha-launch-screen", state="detached")

    async def shows(self, *texts: str) -> None:
        """Wait until every text can be read, in one piece each, and no untranslated text stands beside them."""
        wanted = {_pattern(text): text for text in texts}
        deadline = time.monotonic() + PATIENCE / 1000
        while (seen := await self.page.evaluate(READ, [list(wanted), RAW]))["missing"]:
            if time.monotonic() > deadline:
                raise ScreenError("nobody can read: " + "\n".join(wanted[pattern] for pattern in seen["missing"]))
            await asyncio.sleep(PAUSE)
        if seen["raw"]:
            raise ScreenError(f"not translated: {seen['raw']}")

    async def hides(self, text: str) -> None:
        """Wait until a text has gone."""
        await expect(self.text(text), f"it is still there: {text}").to_be_hidden(timeout=PATIENCE)

    async def click(self, place: Locator) -> None:
        self._effort.clicks += 1
        await place.click()

    async def choose(self, text: str) -> None:
        """Click on a text."""
        await self.click(self.text(text))

    async def press(self, name: str, within: Locator | None = None) -> None:
        """Click on a button."""
        await self.click(self.button(name, within))

    async def type(self, label: str, text: str, role: Literal["textbox", "spinbutton"] = "textbox") -> None:
        """Click into the field and replace its content, as a user does who pastes it."""
        field = self.page.get_by_role(role, name=label).locator("visible=true").first
        await self.click(field)
        await expect(field).to_be_focused()
        await field.fill(text)
        self._note(text)

    async def paste_and_enter(self, label: str, text: str) -> None:
        """Click into a field, paste, and send the form off by the Enter key, as with any form of one paste."""
        field = self.page.get_by_role("textbox", name=label).locator("visible=true").first
        await self.click(field)
        await expect(field).to_be_focused()
        await self.page.keyboard.insert_text(text)
        await expect(field).to_have_value(text)
        await self.page.keyboard.press("Enter")
        self._effort.pastes += 1

    async def search(self, within: Locator, text: str) -> None:
        """Type into the search field of a list that has just opened."""
        # Before the field has the focus, single letters open other dialogs.
        await self.pictures.settled()
        field = within.get_by_role("textbox")
        await expect(field).to_be_focused()
        await self.page.keyboard.type(text)
        await expect(field).to_have_value(text)
        self._note(text)

    def _note(self, typed: str) -> None:
        self._effort.fields += 1
        self._effort.characters += len(typed)

    async def keep(self, name: str, *, narrow: bool = False) -> None:
        """Save a picture as the next one of this walk, on request also at the width of a phone."""
        await self.pictures.keep(name, narrow=narrow)


def _pattern(text: str) -> str:
    """Return a regular expression that Python and the browser both understand."""
    return r"\S+".join(SPECIAL.sub(r"\\\g<0>", part) for part in PLACEHOLDER.split(text))
