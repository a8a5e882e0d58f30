"""Two devices beside each other: `python -m tests.demo.control.official_sdk`.

The one is a real Home Assistant with the integration, the other the platform's official Python SDK. The platform sends
both the same, and the replies are printed side by side. The SDK looks at nothing and answers each set with 200 before
anything has happened; the integration tells the truth. Exits 1 where either is not as expected.
"""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import Any

from tests.emulator.official_sdk import environment, line_of, started

from ..check import import_model
from ..flow import configure
from ..interruption import until_signal
from ..platform import DEVICE_NAME, PRODUCT_KEY
from ..polling import polled
from ..rig import Rig
from ..table import aligned
from ..verdict import CheckError, Clock, judged
from .check import EARLY, written
from .grants import grant
from .home import GARAGE, write

TWIN = "official-twin"
TWIN_PROGRAM = Path(__file__).parents[2] / "emulator" / "official_sdk_twin.py"
LAMP, SWITCH = "light.bed_light", "switch.ac"
# s; a set of the usual budget has room in it
PAUSE = 2.2
SECONDS = 3
SET, GET = "property/set", "property/get"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A message to both, and the code of each reply; None for no reply."""

    what: str
    params: Any
    ours: int | None
    theirs: int | None = 200
    function: str = SET


REQUESTS = (
    Request(what="a number", params={"bed_light_brightness": 128}, ours=200),
    Request(what="a number as a text", params={"bed_light_brightness": "64"}, ours=200),
    Request(what="several properties", params={"ac": 0, "bed_light": 1}, ours=200),
    Request(what="a number out of range", params={"bed_light_brightness": 256}, ours=460),
    Request(what="a text that is no number", params={"bed_light_brightness": "bright"}, ours=460),
    Request(what="a property that nobody knows", params={"nobody": 1}, ours=460),
    Request(what="a property that is not granted", params={"garage_door": 0}, ours=403),
    Request(what="one good and one bad property", params={"ac": 1, "nobody": 1}, ours=460),
    Request(what="nothing", params={}, ours=400),
    Request(what="an array", params=[1], ours=400),
    Request(what="a question", params=["ac", "bed_light"], ours=200, theirs=None, function=GET),
)


async def compare() -> int:
    """Compare both and return the exit code."""
    return await judged(_compare, extra=["--device", TWIN], furnished=write)


async def _compare(rig: Rig, since: Clock) -> None:
    entry = await configure(rig.client, rig.platform.typed, [GARAGE], [])
    await grant(rig.client, entry["entry_id"], [LAMP, SWITCH])
    model = await polled("the model with both", partial(written, rig, 2), 20, 0.2)
    await import_model(rig, model)
    await polled("the home takes commands", partial(_is_ready, rig), 60, PAUSE)
    python = await environment()
    with TemporaryDirectory(prefix="official-sdk-") as folder:
        file = Path(folder, "model.json")
        file.write_text(json.dumps(model, ensure_ascii=False), "utf-8")
        async with started(str(python), str(TWIN_PROGRAM)) as twin:
            assert twin.stdin is not None
            task = {
                **rig.platform.facts,
                **rig.platform.facts["product"],
                "device_name": TWIN,
                "thing_model": str(file),
            }
            twin.stdin.write(json.dumps(task).encode() + b"\n")
            for step in ("register", "connect"):
                said = await line_of(twin)
                if (said["step"], said["code"]) != (step, 0):
                    raise CheckError(f"the SDK said {said}")
            print(f"{since()} both are online", flush=True)
            await _side_by_side(rig)
            twin.stdin.close()


async def _side_by_side(rig: Rig) -> None:
    rows, wrong = [("", "sent to both", "the integration's reply", "the SDK's reply")], []
    for request in REQUESTS:
        await asyncio.sleep(PAUSE)
        ours, theirs = await asyncio.gather(*(_asked(rig, name, request) for name in (DEVICE_NAME, TWIN)))
        is_good = (ours.get("code"), theirs.get("code")) == (request.ours, request.theirs)
        # The platform finds a reply by its id, and the C SDKs refuse one without `data`.
        is_good = is_good and {"id", "code", "data"} <= ours.keys()
        rows.append(("ok" if is_good else "BAD", request.what, _words(ours), _words(theirs)))
        wrong += [] if is_good else [request.what]
    print("", aligned(rows), "", sep="\n")
    if wrong:
        raise CheckError(f"not as expected: {', '.join(wrong)}")


async def _asked(rig: Rig, name: str, request: Request) -> dict[str, Any]:
    url = f"{rig.platform.console_url}api/devices/{PRODUCT_KEY}/{name}/service"
    body = {"identifier": request.function, "params": request.params, "timeout": SECONDS}
    async with rig.http.post(url, json=body) as response:
        return dict(await response.json())


async def _is_ready(rig: Rig) -> bool | None:
    ready = Request(what="", params={"ac": 1}, ours=200)
    return (await _asked(rig, DEVICE_NAME, ready)).get("code") not in EARLY or None


def _words(reply: Mapping[str, Any]) -> str:
    if reply.get("code") is None:
        return "none"
    parts = (reply["code"], reply.get("message"), reply.get("data") or "")
    return " ".join(str(part) for part in parts if part)


async def _main() -> int:
    return await until_signal(asyncio.ensure_future(compare()), 130)


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m tests.demo.control.official_sdk", description=__doc__).parse_args()
    sys.exit(asyncio.run(_main()))
