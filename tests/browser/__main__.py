"""`python -m tests.browser`: walk through the user interface in each language, and say whether it could be read."""

import argparse
import asyncio
from pathlib import Path
import shutil
import sys
import tempfile
import time

import aiohttp
from playwright.async_api import Error as PlaywrightError

from tests.demo.client import AnswerError
from tests.demo.platform import REPOSITORY
from tests.demo.processes import StartError
from tests.demo.rig import running

from .chromium import LOCALES, MissingBrowserError, signed_in
from .screen import WIDE, Screen, ScreenError
from .texts import Texts
from .walk import walk

SCREENSHOTS = REPOSITORY / ".cache" / "screenshots"
FAILURES = (
    AnswerError,
    AssertionError,
    MissingBrowserError,
    PlaywrightError,
    ScreenError,
    StartError,
    aiohttp.ClientError,
)


async def _walked(language: str) -> bool:
    """Walk once in a fresh Home Assistant; say what was wrong."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="aliyun-iot-browser-"))
    pictures = SCREENSHOTS / language
    print(f"{language}: starting Home Assistant and the platform", flush=True)
    try:
        async with running(folder, language=language) as rig, signed_in(rig.client.tokens, language, WIDE) as page:
            screen = Screen(page, pictures)
            try:
                await walk(screen, Texts(language), rig)
            except AssertionError, PlaywrightError, ScreenError:
                print(f"{language}: see {(await screen.keep_failure()).relative_to(REPOSITORY)}", file=sys.stderr)
                raise
    except FAILURES as error:
        print(f"{language}: FAILED. {type(error).__name__}: {error}", file=sys.stderr)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    count = len(list(pictures.glob("*.png")))
    where = pictures.relative_to(REPOSITORY)
    print(f"{language}: all could be read; {count} screenshots in {where}, {time.monotonic() - began:.0f} s")
    return True


async def _main(languages: list[str]) -> int:
    # One after the other: two at once would wait for each other's processor.
    return 0 if all([await _walked(language) for language in languages]) else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/browser", description=__doc__)
    parser.add_argument("--language", choices=tuple(LOCALES), help="only this one")
    options = parser.parse_args()
    return asyncio.run(_main([options.language] if options.language else list(LOCALES)))


if __name__ == "__main__":
    sys.exit(main())
