"""`python -m tests.browser`: walk through the user interface in each language and check its texts."""

import argparse
import asyncio
from collections.abc import Sequence
import itertools
from pathlib import Path
import shutil
import sys
import tempfile
import time

import aiohttp
from playwright.async_api import Error as PlaywrightError

from tests.demo.client import AnswerError
from tests.demo.platform import REPOSITORY
from tests.demo.polling import LateError
from tests.demo.processes import StartError

from . import readme
from .chromium import LOCALES, MissingBrowserError, signed_in
from .pictures import WIDE, Pictures
from .screen import Screen, ScreenError
from .texts import Texts
from .walk import EVERYDAY, WALKS, Steps, Walk

SCREENSHOTS = REPOSITORY / ".cache" / "screenshots"
# Walks mostly wait, so more of them run at once than there are processors.
AT_ONCE = 3
FAILURES = (
    AnswerError,
    AssertionError,
    LateError,
    MissingBrowserError,
    PlaywrightError,
    ScreenError,
    StartError,
    aiohttp.ClientError,
)


def _words(steps: Steps) -> str:
    return f"{steps.__module__.rpartition('.')[2]}.{steps.__name__}"


async def _walked(walk: Walk, language: str) -> bool:
    """Walk once in a fresh Home Assistant; print the failure, if there is one."""
    began = time.monotonic()
    who = f"{language}, {walk.name}"
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-browser-"))
    try:
        async with walk.running(folder, language) as rig, signed_in(rig.client.tokens, language, WIDE) as page:
            pictures = Pictures(page, SCREENSHOTS / language, walk.name)
            screen = Screen(page, rig.home_assistant.url, pictures)
            try:
                for steps in walk.steps:
                    started = time.monotonic()
                    said = await steps(screen, Texts(language), rig)
                    print(f"{who}: {said or _words(steps)}, {time.monotonic() - started:.0f} s", flush=True)
            except AssertionError, LateError, PlaywrightError, ScreenError:
                print(f"{who}: see {(await pictures.keep_failure()).relative_to(REPOSITORY)}", file=sys.stderr)
                raise
    except FAILURES as error:
        print(f"{who}: FAILED. {type(error).__name__}: {error}", file=sys.stderr)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{who}: all could be read, {time.monotonic() - began:.0f} s")
    return True


async def _main(languages: Sequence[str], walks: Sequence[Walk], *, for_readme: bool) -> int:
    free = asyncio.Semaphore(AT_ONCE)

    async def run(walk: Walk, language: str) -> bool:
        async with free:
            return await _walked(walk, language)

    for language in languages:
        shutil.rmtree(SCREENSHOTS / language, ignore_errors=True)
        (SCREENSHOTS / language).mkdir(parents=True)
    began = time.monotonic()
    well = await asyncio.gather(*itertools.starmap(run, itertools.product(walks, languages)))
    count = sum(len(list((SCREENSHOTS / language).glob("*.png"))) for language in languages)
    where = SCREENSHOTS.relative_to(REPOSITORY)
    print(f"{sum(well)} of {len(well)} walks, {count} screenshots in {where}, {time.monotonic() - began:.0f} s")
    if not all(well):
        return 1
    if for_readme:
        for language in languages:
            readme.update(SCREENSHOTS / language, REPOSITORY / "docs" / language)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/browser", description=__doc__)
    parser.add_argument("--language", choices=tuple(LOCALES), help="only this one")
    parser.add_argument("--walk", choices=tuple(walk.name for walk in WALKS), help="only this one")
    parser.add_argument("--readme", action="store_true", help="let the READMEs show the pictures of the everyday walk")
    options = parser.parse_args()
    if options.readme and options.walk not in (None, EVERYDAY.name):
        parser.error("the pictures of the READMEs are those of the everyday walk")
    languages = [options.language] if options.language else list(LOCALES)
    return asyncio.run(
        _main(languages, [walk for walk in WALKS if options.walk in (None, walk.name)], for_readme=options.readme)
    )


if __name__ == "__main__":
    sys.exit(main())
