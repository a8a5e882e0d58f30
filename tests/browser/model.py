"""The repair for values that the platform does not store."""

from tests.demo.rig import Rig

from .dialogs import INTEGRATION, submit
from .newcomer import import_model
from .options import to_property
from .screen import Screen
from .texts import CONFIG_FLOW, Texts

ISSUE = "issues.thing_model"


async def repair(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Make a range too narrow, and let the repair lead to a thing model that the platform takes."""
    page = "options.step"
    await screen.go(INTEGRATION)
    await to_property(screen, texts)
    await screen.type(texts.own(f"{page}.property.data.high"), "1", role="spinbutton")
    await submit(screen, texts)
    await screen.choose(texts.own(f"{page}.init.menu_options.file"))
    await import_model(screen, rig)
    await screen.go("/config/repairs")
    await screen.choose(texts.own(f"{ISSUE}.title"))
    here = f"{ISSUE}.fix_flow.step"
    widen = [texts.own(f"{here}.adapt.{text}.widen") for text in ("data", "data_description")]
    await screen.shows(texts.own(f"{here}.adapt.title"), *_read(texts, "adapt", "{changes}"), *widen)
    await screen.keep("repair-model-adapt", narrow=True)
    await submit(screen, texts)
    await screen.shows(texts.own(f"{here}.file.title"), *_read(texts, "file", "{problems}"))
    await screen.keep("repair-model", narrow=True)
    await screen.choose(texts.own(f"{here}.file.menu_options.check"))
    await screen.shows(texts.own(f"{here}.checked.title"), texts.own("selector.check.options.different"))
    await screen.keep("repair-model-missing", narrow=True)
    await screen.choose(texts.own(f"{here}.checked.menu_options.file"))
    await import_model(screen, rig)
    await screen.choose(texts.own(f"{here}.file.menu_options.check"))
    await screen.shows(texts.own("selector.check.options.stored"))
    await screen.keep("repair-model-done", narrow=True)
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.close"))


def _read(texts: Texts, step: str, listed: str) -> list[str]:
    """Return the fixed texts of a page; its list of properties varies and is left out."""
    return [text for text in texts.paragraphs(f"{ISSUE}.fix_flow.step.{step}.description") if text != listed]
