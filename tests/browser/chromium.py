"""A headless Chromium that is signed in to Home Assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import shutil
import time
from typing import Any

from playwright.async_api import Page, async_playwright

LOCALES = {"en": "en-GB", "zh-Hans": "zh-CN"}
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)


class MissingBrowserError(Exception):
    """There is no Chromium on this machine."""


def executable() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise MissingBrowserError("no chromium found: install it, or start scripts/browser, which does")


@asynccontextmanager
async def signed_in(tokens: dict[str, Any], language: str, size: tuple[int, int]) -> AsyncIterator[Page]:
    """Open a page of a browser that is signed in; it reaches nothing outside of this machine."""
    expires = round(time.time() + tokens["expires_in"]) * 1000
    stored = json.dumps(json.dumps(tokens | {"expires": expires}))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                locale=LOCALES[language],
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",
                # The frontend's service worker would answer from its cache.
                service_workers="block",
            )
            await context.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
            await context.add_init_script(f"localStorage.setItem('hassTokens', {stored})")
            yield await context.new_page()
        finally:
            await browser.close()
