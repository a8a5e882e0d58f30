"""`python -m tests.demo`: the demo for a person, or with --check the same without one."""

import argparse
import asyncio
import fcntl
import json
from pathlib import Path
import shutil
import sys

from homeassistant.const import RESTART_EXIT_CODE

from .check import check
from .client import PASSWORD, USER
from .control.check import control
from .home_assistant import INTEGRATION
from .interruption import until_signal
from .matrix import matrix
from .platform import REPOSITORY
from .processes import StartError
from .rig import Rig, running
from .ways import FULL, SHORT

FOLDER = REPOSITORY / ".demo"
WAYS = {"full": FULL, "short": SHORT}
INTRODUCTION = {
    "en": """
  Home Assistant   {home}    (user {user}, password {password})
  The platform     {platform}

  Set it up: Settings > Devices & services > Add integration > Alibaba Cloud IoT Platform (search for
  "aliyun"), or open
    {home}/config/integrations/dashboard/add?domain=aliyun_iot
  and type

    ProductKey     {product_key}
    ProductSecret  {product_secret}
    DeviceName     {device_name}
    Region         {region}

  Ctrl-C stops everything.
""",
    "zh-Hans": """
  Home Assistant   {home}    （用户名 {user}，密码 {password}）
  物联网平台       {platform}

  添加集成：“设置 > 设备与服务 > 添加集成 > 阿里云物联网平台”，或打开
    {home}/config/integrations/dashboard/add?domain=aliyun_iot
  然后填写

    ProductKey     {product_key}
    ProductSecret  {product_secret}
    DeviceName     {device_name}
    地域           {region}

  按 Ctrl-C 即可全部停止。
""",  # noqa: RUF001  # Chinese punctuation
}


async def _demo(folder: Path, language: str) -> int:
    """Run until a signal ends the demo; a restart from Home Assistant's own menu is honoured."""
    print("Starting the platform's emulator and Home Assistant ...", flush=True)
    async with running(folder, preferred_port=8123, language=language) as rig:
        print(_introduction(rig, language), flush=True)
        emulator = asyncio.ensure_future(rig.platform.program.wait())
        while True:
            house = asyncio.ensure_future(rig.home_assistant.program.wait())
            await asyncio.wait({emulator, house}, return_when=asyncio.FIRST_COMPLETED)
            if emulator.done():
                raise StartError(f"the emulator ended by itself\n{rig.platform.program.tail()}")
            if house.result() != RESTART_EXIT_CODE:
                raise StartError(f"Home Assistant ended by itself\n{rig.home_assistant.program.tail()}")
            await rig.home_assistant.start(rig.platform.environment)


def _introduction(rig: Rig, language: str) -> str:
    texts = json.loads((INTEGRATION / "translations" / f"{language}.json").read_text("utf-8"))
    typed = rig.platform.typed
    return INTRODUCTION[language].format_map(
        {
            **typed,
            "region": texts["selector"]["region"]["options"][typed["region"]],
            "home": rig.home_assistant.url,
            "platform": rig.platform.console_url,
            "user": USER,
            "password": PASSWORD,
        }
    )


async def _main(options: argparse.Namespace) -> int:
    if options.check:
        # An interrupted check has no result, so it returns a code of its own.
        if options.matrix:
            work = matrix(WAYS[options.matrix])
        else:
            work = control(options.language) if options.control else check(options.language)
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
    parser.add_argument(
        "--control", action="store_true", help="with --check: set every kind of thing from the platform instead"
    )
    parser.add_argument("--keep", action="store_true", help="go on with the home and the platform of the last run")
    parser.add_argument("--language", default="en", choices=("en", "zh-Hans"), help="language of the user")
    options = parser.parse_args()
    if (options.matrix or options.control) and not options.check:
        parser.error("--matrix and --control are kinds of --check")
    if options.matrix and options.control:
        parser.error("--matrix or --control, not both")
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
