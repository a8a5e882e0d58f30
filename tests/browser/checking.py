"""Checking: the page with the thing model behind its doors, and what it tells while the values are not stored."""

from collections.abc import Mapping
import json
from typing import Any

from tests.demo.platform import DEVICE_NAME, PRODUCT_KEY
from tests.demo.rig import Rig

from .newcomer import import_model, to_file
from .screen import Screen
from .texts import Texts
from .troubles import online

FILE = "options.step.file"
CHECKED = "options.step.checked"
SEEN = "selector.check.options"
MODEL = f"/api/products/{PRODUCT_KEY}/thing_model"
NOTHING: Mapping[str, Any] = {
    "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
    "profile": {"productKey": PRODUCT_KEY},
    "properties": [],
    "events": [],
    "services": [],
}


async def outcomes(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Come to the page by the set-up, and read each thing that can be missing until nothing is."""
    await screen.go("/")
    await to_file(screen, texts, rig)
    await screen.shows(*texts.under(f"{FILE}.menu_options", f"{FILE}.menu_option_descriptions"))
    await _refused(screen, texts, rig)
    await _draft(screen, texts, rig)
    await _others(screen, texts, rig)
    await _away(screen, texts, rig)
    await import_model(screen, rig)
    await _check(screen, texts)
    await screen.shows(texts.own(f"{SEEN}.stored"))
    await screen.keep("check-stored", narrow=True)


async def _check(screen: Screen, texts: Texts) -> None:
    await screen.choose(texts.own(f"{FILE}.menu_options.check"))


async def _missing(screen: Screen, texts: Texts, found: str, picture: str) -> None:
    """Check, read the reason first while it goes on and then at its end, and come back to the steps."""
    await _check(screen, texts)
    await screen.shows(texts.own("options.progress.check").partition("\n")[0])
    await screen.shows(texts.own(f"{CHECKED}.title"), texts.own(f"{SEEN}.{found}"))
    await screen.keep(f"check-{picture}", narrow=True)
    await screen.choose(texts.own(f"{CHECKED}.menu_options.file"))
    await screen.shows(texts.own(f"{FILE}.title"))


async def _refused(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Try to import into a product that is published."""
    await rig.platform.post(rig.http, "/api/faults", {"published": True})
    await import_model(screen, rig, outcome="bad")
    await _check(screen, texts)
    await screen.shows(texts.own(f"{SEEN}.unknown"))  # the check goes on for some seconds
    await screen.keep("check-progress", narrow=True)
    await screen.shows(texts.own(f"{CHECKED}.title"))
    await screen.keep("check-published", narrow=True)
    await screen.choose(texts.own(f"{CHECKED}.menu_options.file"))
    await rig.platform.post(rig.http, "/api/faults", {"published": False})


async def _draft(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Import, and forget to release the draft."""
    await rig.platform.post(rig.http, "/api/faults", {"unreleased": True})
    await import_model(screen, rig)
    await _missing(screen, texts, "unknown", "draft")
    await rig.platform.post(rig.http, "/api/faults", {"unreleased": False})


async def _others(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Find the models that are wrong: an older one, a narrower one, and that of another product."""
    whole = await rig.platform.get(rig.http, MODEL)
    first, *others = whole["properties"]
    narrow = json.loads(json.dumps(first))
    narrow["dataType"]["specs"] |= {"min": "0", "max": "1"}
    foreign = [{**one, "identifier": f"foreign{number}"} for number, one in enumerate(others)]
    for found, properties in {"partly": others, "different": [narrow, *others], "foreign": foreign}.items():
        await rig.platform.post(rig.http, MODEL, {**NOTHING, "properties": properties})
        await _missing(screen, texts, found, found)


async def _away(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Check while the platform cannot be reached."""
    await rig.platform.post(rig.http, "/api/faults", {"refuse_tcp": True, "cut": "now"})
    await _missing(screen, texts, "not_connected", "away")
    await rig.platform.post(rig.http, "/api/faults", {"clear": True})
    await online(rig, DEVICE_NAME)
