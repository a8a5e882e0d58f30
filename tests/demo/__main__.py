"""`python -m tests.demo`: the demo for a person, or with --check the same without one."""

import argparse
import asyncio
import fcntl
from pathlib import Path
import shutil
import sys

from homeassistant.const import RESTART_EXIT_CODE

from .check import check
from .client import PASSWORD, USER
from .interruption import until_signal
from .matrix import matrix
from .platform import REPOSITORY
from .processes import StartError
from .rig import Rig, running
from .ways import FULL, SHORT

FOLDER = REPOSITORY / ".demo"
LABELS = {
    "product_key": "ProductKey",
    "product_secret": "ProductSecret",
    "device_name": "DeviceName",
    "region": "Region",
}
WAYS = {"full": FULL, "short": SHORT}


async def _demo(folder: Path, language: str) -> int:
    """Run until somebody ends it; a restart from Home Assistant's own menu is honoured."""
    print("Starting the platform's emulator and Home Assistant ...", flush=True)
    async with running(folder, preferred_port=8123, language=language) as rig:
        print(_introduction(rig), flush=True)
        emulator = asyncio.ensure_future(rig.platform.program.wait())
        while True:
            house = asyncio.ensure_future(rig.home_assistant.program.wait())
            await asyncio.wait({emulator, house}, return_when=asyncio.FIRST_COMPLETED)
            if emulator.done():
                raise StartError(f"the emulator ended by itself\n{rig.platform.program.tail()}")
            if house.result() != RESTART_EXIT_CODE:
                raise StartError(f"Home Assistant ended by itself\n{rig.home_assistant.program.tail()}")
            await rig.home_assistant.start(rig.platform.environment)


def _introduction(rig: Rig) -> str:
    typed = "\n".join(f"    {LABELS[name]:<15}{value}" for name, value in rig.platform.typed.items())
    return f"""
  Home Assistant   {rig.home_assistant.url}    (user {USER}, password {PASSWORD})
  The platform     {rig.platform.console_url}

  Set it up: Settings > Devices & services > Add integration > Alibaba Cloud IoT Platform, or open
    {rig.home_assistant.url}/config/integrations/dashboard/add?domain=aliyun_iot
  and type

{typed}

  Ctrl-C stops everything.
"""


async def _main(options: argparse.Namespace) -> int:
    if options.check:
        # Nobody knows what a check that was interrupted would have found.
        work = matrix(WAYS[options.matrix]) if options.matrix else check(options.language)
        return await until_signal(asyncio.ensure_future(work), 130)
    return await until_signal(asyncio.ensure_future(_demo(FOLDER, options.language)), 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="walk through it without a person, exit 0 or 1")
    parser.add_argument(
        "--matrix",
        nargs="?",
        const="full",
        choices=WAYS,
        help="with --check: every way to register with every way to connect, or each way once",
    )
    parser.add_argument("--keep", action="store_true", help="go on with the home and the platform of the last run")
    parser.add_argument("--language", default="en", choices=("en", "zh-Hans"), help="language of the user")
    options = parser.parse_args()
    if options.matrix and not options.check:
        parser.error("--matrix is a kind of --check")
    if options.check:
        return asyncio.run(_main(options))
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("A demo is running already.", file=sys.stderr)
            return 1
        if not options.keep:
            for leftover in FOLDER.iterdir():
                if leftover.is_dir():
                    shutil.rmtree(leftover)
                elif leftover.name != "lock":
                    leftover.unlink()
        return asyncio.run(_main(options))


if __name__ == "__main__":
    sys.exit(main())
