"""What is on the screen: look for texts, click, type, and keep a picture."""

from pathlib import Path
import re
import shutil
from typing import Literal

from playwright.async_api import Locator, Page, expect

WIDE = (1280, 800)
NARROW = (400, 800)
PATIENCE = 20_000

# A key of a translation that nobody translated, and the placeholder of one that nobody filled in.
RAW = re.compile(r"\b(?:component|ui)\.[a-z_]+\.[a-z_.]+|\{[a-z_]+\}|\bundefined\b|\[object Object\]")

PLACEHOLDER = re.compile(r"\{[a-z_]+\}")

# Two frames: the first one lays out, the second one is drawn. Spinners turn for ever and are not waited for.
SETTLED = """async () => {
  const finite = animation => animation.effect?.getComputedTiming().endTime !== Infinity;
  await document.fonts.ready;
  await Promise.allSettled(document.getAnimations().filter(finite).map(animation => animation.finished));
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""


class ScreenError(Exception):
    """The user reads something else than what should be there."""


class Screen:
    """One page of the browser, and the folder its pictures go to."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder
        self._count = 0
        page.set_default_timeout(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def text(self, text: str) -> Locator:
        """Return the place where a text can be read; whatever stands for its {placeholders} will do."""
        pattern = re.compile(r"\S+".join(re.escape(part) for part in PLACEHOLDER.split(text)))
        return self.page.get_by_text(pattern).locator("visible=true").first

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name).locator("visible=true").first

    async def open(self, url: str) -> None:
        await self.page.goto(url)

    async def loaded(self) -> None:
        """Wait until Home Assistant's frontend has taken over from its launch screen."""
        await self.page.wait_for_selector("home-assistant", state="attached")
        await self.page.wait_for_selector("#ha-launch-screen", state="detached")

    async def shows(self, *texts: str) -> None:
        """Wait until every text can be read, in one piece each, and nothing untranslated stands beside them."""
        for text in texts:
            await expect(self.text(text), f"nobody can read: {text}").to_be_visible(timeout=PATIENCE)
        raw = self.page.get_by_text(RAW).locator("visible=true")
        if await raw.count():
            raise ScreenError(f"not translated: {await raw.all_inner_texts()}")

    async def type(self, label: str, text: str, role: Literal["textbox", "spinbutton"] = "textbox") -> None:
        """Click into the field, empty it and type."""
        field = self.page.get_by_role(role, name=label).locator("visible=true").first
        await field.click()
        await field.press("ControlOrMeta+a")
        await self._type(field, text)

    async def search(self, within: Locator, text: str) -> None:
        """Type into the search field of what has just opened."""
        # Single letters open other dialogs as long as the field does not have the focus.
        await self._settled()
        await self._type(within.get_by_role("textbox"), text)

    async def _type(self, field: Locator, text: str) -> None:
        await expect(field).to_be_focused()
        await self.page.keyboard.type(text)
        await expect(field).to_have_value(text)

    async def keep(self, name: str, *, narrow: bool = False) -> None:
        """Save a picture as the next one of this walk, on request also as a phone shows it."""
        self._count += 1
        await self._picture(f"{self._count:02}-{name}")
        if narrow:
            await self._resize(NARROW)
            await self._picture(f"{self._count:02}-{name}-narrow")
            await self._resize(WIDE)

    async def keep_failure(self) -> Path:
        """Save what was there instead, as a picture and as a screen reader hears it."""
        path = self._folder / "failure.png"
        await self.page.screenshot(path=path)
        path.with_suffix(".txt").write_text(await self.page.locator("body").aria_snapshot())
        return path

    async def _picture(self, name: str) -> None:
        await self._settled()
        await self.page.screenshot(path=self._folder / f"{name}.png", animations="disabled")

    async def _settled(self) -> None:
        await self.page.evaluate(SETTLED)

    async def _resize(self, size: tuple[int, int]) -> None:
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.page.wait_for_function("width => innerWidth === width", arg=size[0])
