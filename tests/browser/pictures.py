"""Pictures: screenshots of a walk, wide and narrow."""

from pathlib import Path

from playwright.async_api import Page

WIDE = (1280, 800)
NARROW = (400, 800)

# Two frames: the first one lays out, the second one is drawn. Spinners turn for ever and are not waited for.
SETTLED = """async () => {
  const finite = animation => animation.effect?.getComputedTiming().endTime !== Infinity;
  await document.fonts.ready;
  await Promise.allSettled(document.getAnimations().filter(finite).map(animation => animation.finished));
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""


class Pictures:
    """The pictures of one walk, numbered in its order."""

    def __init__(self, page: Page, folder: Path, part: str) -> None:
        self._page = page
        self._folder = folder
        self._part = part
        self._count = 0

    async def keep(self, name: str, *, narrow: bool) -> None:
        """Save the next picture, on request also at the width of a phone."""
        self._count += 1
        await self._save(f"{self._part}-{self._count:02}-{name}")
        if narrow:
            await self._resize(NARROW)
            await self._save(f"{self._part}-{self._count:02}-{name}-narrow")
            await self._resize(WIDE)

    async def keep_failure(self) -> Path:
        """Save the unexpected screen, as a picture and as a screen reader hears it."""
        path = self._folder / f"{self._part}-failure.png"
        await self._page.screenshot(path=path)
        path.with_suffix(".txt").write_text(await self._page.locator("body").aria_snapshot())
        return path

    async def settled(self) -> None:
        """Wait until nothing moves any more."""
        await self._page.evaluate(SETTLED)

    async def _save(self, name: str) -> None:
        await self.settled()
        await self._page.screenshot(path=self._folder / f"{name}.png", animations="disabled")

    async def _resize(self, size: tuple[int, int]) -> None:
        await self._page.set_viewport_size({"width": size[0], "height": size[1]})
        await self._page.wait_for_function("width => innerWidth === width", arg=size[0])
